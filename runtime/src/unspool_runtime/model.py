"""Exported models: loading, checking and predicting."""

import hashlib
import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import Answers, Floats
from unspool_runtime.archive import Archive, open_archive
from unspool_runtime.characters import refuse_unreadable
from unspool_runtime.engines import Engine, read_engine
from unspool_runtime.errors import InputError, ModelError
from unspool_runtime.golden import Check, Golden
from unspool_runtime.node import Arrays, Node
from unspool_runtime.rounded import joined
from unspool_runtime.stream import Stream
from unspool_runtime.tensors import read_tensors
from unspool_runtime.translation import Translation, TranslationEngine

FORMAT, VERSIONS = "unspool model", (1, 2, 3, 4)
DESCRIPTION, WEIGHTS, GOLDEN = "model.json", "weights.safetensors", "golden.safetensors"
MOST_JSON = 1 << 24
_READ_AT_ONCE = 1 << 20
_FEW = 64
_log = logging.getLogger(__name__)
_Float = TypeVar("_Float", bound=np.floating[Any])


@dataclass(frozen=True, eq=False)
class Model:
    """A model that `unspool export` wrote. It may be used by several threads at once.

    Attributes:
        path: of its file.
        description: the content of `model.json` (docs/portable.md has its schema).

    Example:
        >>> Model.load("missing.unspool")
        Traceback (most recent call last):
        ...
        unspool_runtime.errors.ModelError: missing.unspool cannot be read: No such file or directory.
    """

    path: str
    description: dict[str, Any]
    _archive: Archive
    _answers: Answers
    _engine: Engine

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Model":
        """Read a model. Nothing in the file is executed, and nothing outside it is read.

        Raises:
            ModelError: it is not a model, is damaged or altered, or has a version or kind that this package does not
                know.
        """
        archive = open_archive(path, (DESCRIPTION, WEIGHTS, GOLDEN))
        description = _described(archive)
        weights = _arrays(archive, description, WEIGHTS)
        answers = Answers(Node(description.get("task"), weights, "task"))
        try:
            engine = read_engine(Node(description, weights, "model.json"), answers)
        except (TypeError, IndexError, OverflowError) as error:
            raise ModelError(f"{archive.path}: its description is damaged ({error}). Export it again.") from error
        return cls(archive.path, description, archive, answers, engine)

    @property
    def task(self) -> str:
        """What it predicts: "binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging",
        "translation", "forecasting" or "super_resolution".
        """
        return self._answers.kind

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of `probabilities`; empty if it predicts numbers."""
        return self._answers.labels

    @property
    def reads(self) -> str:
        """The kind of examples: "texts", "rows", "words", "series", "ids" or "histories"."""
        return self._engine.reads

    def predict(self, examples: Sequence[Any]) -> list[Any]:
        """Predict the label of each of N examples.

        Args:
            examples: depending on `reads`: texts; rows, which are dicts with the text and the columns beside it; lists
                of words; series, each (T, C), or (T,) with one channel, NaN for a missing number; images, (T, D) grey
                values from 0 to 1; lists of token ids; or histories, which are lists of numbers, or dicts with
                "history", (T, C) numbers, and, if the model reads such, "ahead", (H, K) numbers known for the steps
                ahead, and "start", the time of the first step.

        Returns:
            N labels. For multilabel, and for a model that tags, N lists of labels; for regression, numbers; for an
            autoencoder, reconstruction errors; for translation and captions, texts; for a forecaster, a list of
            (forecast, lower end, upper end) for each step ahead; for super-resolution, rows of grey values from 0 to
            255.

        A model that translates logs a warning the first time that a text is longer than it reads.

        Raises:
            InputError: the model cannot read an example, or it is too large; says which, counted from 0.
        """
        if isinstance(self._engine, TranslationEngine):
            return [best[0].text for best in self._translated(examples, 1, None, None, scored=False)]
        return self.decide(self.outputs(examples))

    def translate(
        self, texts: Sequence[Any], count: int = 1, beam: int | None = None, maximum: int | None = None
    ) -> list[list[Translation]]:
        """Return the best translations of each of N texts, with scores; for a model that reads series, captions.

        Args:
            texts: N texts, or series.
            count: the number of translations for each text, from 1 to 100.
            beam: the width of the beam search, from `count` to 100; None takes the model's own, or `count` if that is
                larger.
            maximum: the most tokens of a translation, its end included, from 1 to 4,096; None takes the model's own.

        Returns:
            For each text its translations, the best first, each once; fewer than `count` if the search finds no more.

        Raises:
            InputError: as for `predict`, or the model does not translate, or a number is out of bounds.
        """
        return self._translated(texts, count, beam, maximum, scored=True)

    def _translated(
        self, texts: Sequence[Any], count: int, beam: int | None, maximum: int | None, scored: bool
    ) -> list[list[Translation]]:
        if not isinstance(self._engine, TranslationEngine):
            raise InputError(f"This model does not translate: its task is {self.task}. Use predict.")
        given = checked_examples(texts, self.reads)
        with _quiet():
            found = self._engine.translate(given, count, beam, maximum, scored)
        if note := self._engine.note_on_cut(given):
            _log.warning("%s", note)
        return found

    def probabilities(self, examples: Sequence[Any]) -> Floats:
        """Return the probability of each label, (N, L), in the order of `labels`.

        For a model that tags, (N, T, L), where T is the length of the longest example, with zeros after shorter ones.

        Raises:
            InputError: as for `predict`, or the model predicts numbers.
        """
        return self.probabilities_of(self.outputs(examples))

    def decide(self, outputs: Floats) -> list[Any]:
        """The predictions for these `outputs`."""
        return self._answers.decide(outputs)

    def probabilities_of(self, outputs: Floats) -> Floats:
        """The `probabilities` for these `outputs`."""
        return self._answers.probabilities(outputs)

    def outputs(self, examples: Sequence[Any]) -> Floats:
        """(N, K) outputs behind the predictions: probabilities of the second of two labels, or of each; or numbers.

        For a model that tags, (N, T, K); for translation, the scores of the best translations; for a forecaster,
        (N, H, 3) quantiles 0.1, 0.5 and 0.9.

        Raises:
            InputError: as for `predict`.
        """
        given = checked_examples(examples, self.reads)
        if self.reads == "rows":
            refuse_rows_without_text(given, self.description["reader"]["text"])
        if not given:
            return np.zeros((0, *self._engine.shape))
        with _quiet():
            return _finite(self._engine.outputs(given))

    def encode(self, examples: Sequence[Any]) -> NDArray[np.float32]:
        """Return the latent vector of each of N sequences, (N, L).

        Raises:
            InputError: as for `predict`, or the model is not an autoencoder.
        """
        given = checked_examples(examples, self.reads)
        with _quiet():
            return _finite(self._engine.encode(given))

    def decode(self, vectors: Any) -> NDArray[np.float32]:
        """Decode N latent vectors (N, L) to sequences (N, T, D) in the units of the data.

        Raises:
            InputError: they are not such vectors, or the model is not an autoencoder.
        """
        with _quiet():
            return _finite(self._engine.decode(vectors))

    def stream(self, sessions: int = 1, saved: bytes | None = None) -> Stream:
        """Start to read series step by step.

        Args:
            sessions: the number of series to read at once.
            saved: a state of as many series to resume from, see `Stream.save`.

        Raises:
            InputError: the model looks ahead or does not read series, or the state is of another model.
        """
        found = self._engine.stream(sessions, self.description["files"][WEIGHTS])
        if saved is not None:
            found.restore(saved)
        return found

    def check(self) -> Check:
        """Predict the golden examples in the file, and compare with the trainer's answers.

        Raises:
            ModelError: the file was altered.
        """
        with _quiet():
            return self._golden.check(self._engine, self.decide)

    @cached_property
    def _golden(self) -> Golden:
        arrays = _arrays(self._archive, self.description, GOLDEN)
        return Golden(Node(self.description.get("golden"), arrays, "golden"), self._answers.kind)


def checked_examples(examples: Any, reads: str) -> list[Any]:
    """Return the examples as a list; refuse the texts that `unspool predict` refuses in files.

    Args:
        examples: what `Model.predict` was given.
        reads: the kind of examples, see `Model.reads`.

    Raises:
        InputError: they are not a list, or one is an empty text, an empty list of words, or not valid Unicode.
    """
    _refuse_other_than_list(examples)
    given = list(examples)
    for place, one in enumerate(given if reads in ("texts", "words") else ()):
        where = f"Example {place} (counted from 0)"
        if isinstance(one, str):
            refuse_unreadable(one, where)
        elif isinstance(one, list | tuple) and reads == "words":
            if not one:
                raise InputError(f"{where} is an empty list of words. Leave it out.")
            for number, word in enumerate(one):
                if isinstance(word, str):
                    refuse_unreadable(word, f"{where}: word {number}")
    return given


def refuse_rows_without_text(rows: list[Any], text: str) -> None:
    """Refuse rows whose text is empty, blank or not valid Unicode.

    Args:
        rows: what `Model.predict` was given.
        text: the column of the text, or several with commas between them.

    Raises:
        InputError: the text of a row is one of these; says which row.
    """
    for place, row in enumerate(rows):
        if isinstance(row, Mapping):
            names = (text,) if text in row else tuple(name.strip() for name in text.split(","))
            cells = [row[name] for name in names if isinstance(row.get(name), str)]
            if cells:
                refuse_unreadable("".join(cells), f"Example {place} (counted from 0): the text in column {text}")


def _refuse_other_than_list(examples: Any) -> None:
    if isinstance(examples, str):
        raise InputError("Give a list of examples; this is one text. For one example, give a list of one.")
    if isinstance(examples, Mapping):
        raise InputError("Give a list of examples; this is a dict. For one row, give a list of one.")
    if hasattr(examples, "columns"):  # a data frame, of which a list would be of the columns' names
        raise InputError(
            "Give a list of examples; this is a data frame. Give a column of it as a list, or its rows as dicts (in "
            "pandas, frame.to_dict('records'))."
        )
    unordered = isinstance(examples, bytes | bytearray | Set) or getattr(examples, "ndim", 1) == 0
    if unordered or not isinstance(examples, Iterable):
        raise InputError(f"Give a list of examples; this is of type {type(examples).__name__}.")


def _quiet() -> Any:
    """Silence NumPy's warnings of overflows, whose results `_finite` refuses."""
    return np.errstate(over="ignore", invalid="ignore")


def _finite(answers: NDArray[_Float]) -> NDArray[_Float]:
    """Check that answers are finite.

    Raises:
        InputError: one is NaN or infinity; says which.
    """
    if answers.size <= _FEW and all(map(math.isfinite, answers.ravel().tolist())):  # faster than NumPy
        return answers
    bad = ~np.isfinite(answers.reshape(len(answers), -1)).all(axis=1)
    if bad.any():
        where = f"Example {int(bad.argmax())} (counted from 0)"
        raise InputError(f"{where}: the answer is NaN or infinity, because its numbers or the model's are too large.")
    return answers


def _described(archive: Archive) -> dict[str, Any]:
    member = archive.members[DESCRIPTION]
    damaged = f"{archive.path} is no model of unspool, or is damaged"
    if member.size > MOST_JSON:
        raise ModelError(f"{damaged}: its description is too long. Export it again.")
    if not archive.intact(DESCRIPTION):
        raise ModelError(
            f"{archive.path} was damaged or altered: {DESCRIPTION} is not what was exported. Export it again."
        )
    try:
        found = json.loads(bytes(archive.view(DESCRIPTION)))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{damaged}: its description is no JSON ({error}). Export it again.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ModelError(f"{damaged}: it does not say that it is one. Export it again.")
    if type(found.get("version")) is not int or found["version"] not in VERSIONS:
        raise ModelError(
            f"{archive.path} has version {found.get('version')!r} of the format; this unspool-runtime reads versions "
            f"{VERSIONS[0]} to {VERSIONS[-1]}. Update unspool-runtime, or export the model again."
        )
    return found


def _arrays(archive: Archive, description: dict[str, Any], name: str) -> Arrays:
    files = description.get("files")
    expected = files.get(name) if isinstance(files, dict) else None
    if _digest(archive, name) != expected:
        raise ModelError(f"{archive.path} was damaged or altered: {name} is not what was exported. Export it again.")
    try:
        return joined(read_tensors(archive.view(name)))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{archive.path} is damaged: {name}: {error}. Export it again.") from error


def _digest(archive: Archive, name: str) -> str:
    """The SHA-256 of a member, read and not mapped, so that it does not count as this process's memory."""
    member, digest = archive.members[name], hashlib.sha256()
    with open(archive.path, "rb") as file:
        file.seek(member.start)
        left = member.size
        while left and (block := file.read(min(left, _READ_AT_ONCE))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()

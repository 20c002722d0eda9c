"""What a model is trained and judged on, whatever the data is, and what every way to prepare it shares."""

import json
from collections.abc import Callable, Iterable, Sequence, Sized
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.choice import gathered
from unspool.candidates.forecasts import Training
from unspool.candidates.forecasts.training import MEASURES as COMPARED_BY
from unspool.data.drawn_parts import split_by_chance
from unspool.data.kept_in_cache import shown_name, shown_path
from unspool.data.labels import Targets, shown
from unspool.data.parts import Parts
from unspool.data.splits import stratified_split
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.unlabelled import UnlabelledTexts
from unspool.descriptions.networks import Autoencoder
from unspool.errors import UserError
from unspool.evaluation.forecast_examples import ForecastPlaces
from unspool.evaluation.result import DataSummary, ExampleText
from unspool.readers import Inputs, RawTextReader, Reader, WordReader
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.tasks import Task

T = TypeVar("T")

ROW, FILE = "row", "file"
"""The columns that identify examples by their rows and by their files."""

Show = Callable[[str], None]
"""Takes a text for the person to read."""
Say = Callable[[str], None]
"""Takes a line that tells how far a run has come."""
_SHOWN_WORDS = 60
"""How many words of a training text are shown at most."""


@dataclass(frozen=True, eq=False)
class PreparedPart:
    """One part of the examples.

    Attributes:
        inputs: N of them, as the model takes them.
        targets: (N, ...), as the task encodes labels.
        groups: (N,) or None: examples of one group are not independent.
        raw: gives the N examples as they were before the reader, for models that have a reader of their own.
        fingerprints: (N,) of the examples (of texts, without the cells beside them), or None where they are not known.
        times: (N,) when each example was recorded, or None.
        split: gives N texts as their words with a space between them.
        whole: (N,) fingerprints of texts with the cells beside them, or None if there are no such cells.
    """

    inputs: Inputs = field(repr=False)
    targets: Targets = field(repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    raw: Callable[[], Iterable[Any]] = field(default=lambda: (), repr=False)
    fingerprints: NDArray[np.int64] | None = field(default=None, repr=False)
    times: NDArray[np.float64] | None = field(default=None, repr=False)
    split: Callable[[], Iterable[str]] = field(default=lambda: (), repr=False)
    whole: NDArray[np.int64] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.targets)

    def with_more(self, other: "PreparedPart") -> "PreparedPart":
        """The examples of both, those of `other` last; where it names no groups, each of them is a group of its own."""
        groups = self.groups
        if groups is not None:
            alone = groups.max(initial=-1) + 1 + np.arange(len(other))
            groups = np.concatenate([groups, alone if other.groups is None else other.groups])
        return PreparedPart(
            _both(self.inputs, other.inputs),
            _both(self.targets, other.targets),
            groups,
            lambda: chain(self.raw(), other.raw()),
            _both(self.fingerprints, other.fingerprints),
            _both(self.times, other.times),
            lambda: chain(self.split(), other.split()),
            _both(self.whole, other.whole),
        )


def _both(first: Any, second: Any) -> Any:
    """Examples, or what is known of them, end to end; None where nothing is known of one of the two."""
    if first is None or second is None:
        return None
    if isinstance(first, np.ndarray):
        return np.concatenate([first, second])
    return first.with_more(second)


@dataclass(frozen=True, eq=False)
class ForecastData:
    """What a forecast needs beside its parts.

    Attributes:
        training: what models are fitted to and compared on.
        places: where the forecasts of the test are made.
        whole: the same up to the end of each series, the test included, with its part for training and for validation.
    """

    training: Training = field(repr=False)
    places: ForecastPlaces = field(repr=False)
    whole: Callable[[], tuple[Training, PreparedPart, PreparedPart]] = field(repr=False)

    def compared_by(self, measure: str | None) -> Training:
        """What models are fitted to and compared on, by the measure of the verdict if they can be, else by MASE."""
        return replace(self.training, measure=measure) if measure in COMPARED_BY else self.training


@dataclass(frozen=True, eq=False)
class ExampleRows:
    """Where each example is in a user's file, so that another program can find it.

    Attributes:
        columns: what names an example, by column: N numbers of rows ("row") or texts ("line") from 1, names of files
            ("file") or of series.
        parts: (N,) the part of each: 0 training, 1 validation, 2 test.
        tested: (n,) which of the N are the test examples, in the order in which predictions hold them.
    """

    columns: dict[str, Sequence[Any] | NDArray[Any]] = field(repr=False)
    parts: Parts = field(repr=False)
    tested: NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that is needed to train and to judge.

    Attributes:
        reader: how the model reads.
        task: what is predicted, fitted to the training labels.
        training: what weights are fitted to.
        validation: what stops training and picks the threshold; under the protocol "chapter", the test set.
        test: what is scored.
        summary: of the data, for the report.
        kind: what the raw examples are.
        seen: what was seen in a person's file, in words; empty for a named dataset.
        unlabelled: texts without a label that may be learned from.
        forecasts: what series to forecast need besides.
        rows: where each example of a person's file stands in it; None of a named dataset and of forecasts.
    """

    reader: Reader
    task: Task
    training: PreparedPart
    validation: PreparedPart
    test: PreparedPart
    summary: DataSummary
    kind: Literal["text", "series", "forecast"]
    seen: str = field(default="", repr=False)
    unlabelled: UnlabelledTexts = field(default=UnlabelledTexts(), repr=False)
    forecasts: ForecastData | None = field(default=None, repr=False)
    rows: ExampleRows | None = field(default=None, repr=False)

    def with_test_learned(self) -> "Prepared":
        """The same with the test examples in the training part too; validation stays apart from it."""
        if self.forecasts is None:
            return replace(self, training=self.training.with_more(self.test))
        training, learned, validation = self.forecasts.whole()
        forecasts = replace(self.forecasts, training=training)
        return replace(self, training=learned, validation=validation, forecasts=forecasts)

    @property
    def digest(self) -> str:
        """A name for the data, its labels and, of a person's file, its parts."""
        return self.summary.digest

    @cached_property
    def learned(self) -> Sequence[Any]:
        """The raw examples that candidates and baselines learn from, those for validation too where it is no test."""
        parts = (self.training,) if self.validation is self.test else (self.training, self.validation)
        return gathered(self.kind, chain.from_iterable(part.raw() for part in parts))

    @property
    def side(self) -> bool:
        """Whether columns are read beside the texts."""
        return isinstance(self.reader, RawTextReader) and bool(self.reader.side)

    @property
    def parts(self) -> dict[Part, PreparedPart]:
        """By name."""
        return dict(zip(PARTS, (self.training, self.validation, self.test), strict=True))


def refuse_wrong_range(recipe: Recipe, prepared: Prepared) -> None:
    """Refuse an autoencoder that gives numbers between 0 and 1 where it reads others, before anything is trained.

    Raises:
        UserError: it would; says what to do.
    """
    if not isinstance(recipe.model, Autoencoder) or recipe.model.decoder.output != "bernoulli":
        return
    for name, part in prepared.parts.items():
        numbers = np.asarray(part.inputs)
        low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
        if low < 0 or high > 1:
            of_file = isinstance(recipe.data, FileSettings)
            how = ", as each channel of a file is standardised" if of_file else ""
            raise UserError(
                f"model.decoder.output is 'bernoulli', which is for numbers between 0 and 1, but those for {name} lie "
                f"between {low:.3g} and {high:.3g}{how}. Set model.decoder.output=gaussian, which is for any numbers."
            )


def tag_counts(task: Task, targets: Any) -> tuple[int, ...]:
    """How many tokens have each tag."""
    return tuple(np.bincount(targets.flat, minlength=len(task.names)).tolist())


def short_one(texts: Iterable[Sized]) -> int:
    """The position of a text that is shorter than most: one that people will read."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    return int(order[len(order) // 4])


def tagged_example(texts: Sequence[tuple[str, ...]], tags: Sequence[Any], reader: WordReader) -> ExampleText:
    """One training text that is shorter than most, for a report."""
    example = short_one(texts)
    text = texts[example][:_SHOWN_WORDS]
    ids = reader.read([text])[0].tolist()
    return ExampleText(shown(tags[example]), " ".join(text), tuple(word for word, *_ in ids), tuple(reader.tokens(ids)))


def in_memory(examples: Sequence[T]) -> Callable[[], Sequence[T]]:
    """What gives the raw examples of a part that are in memory already."""
    return lambda: examples


def held_out(
    recipe: Recipe, split: Any, groups: NDArray[np.int64] | None, labels: NDArray[np.integer] | None = None
) -> tuple[Any, Any]:
    """What is trained on, and what stops training: None where, as in the chapter, the test set does.

    Args:
        recipe: says how much is held out.
        split: of a named dataset, N examples.
        groups: (N,) examples of one group stay together, or None.
        labels: (N,) each gets the same share in both; None draws at random, whatever the labels.
    """
    if recipe.evaluation.protocol == "chapter":
        return split, None
    fraction, seed = recipe.evaluation.validation_fraction, recipe.training.seed
    if labels is None:
        kept, others = split_by_chance(len(split), None, groups, fraction, seed)
    else:
        kept, others = stratified_split(labels, fraction, seed, groups)
    return split.take(kept), split.take(others)


def facts_of_file(path: str | Path, held: str) -> dict[str, Any]:
    """The fields of the summary that describe a person's file."""
    name = shown_name(path)
    return {"name": name, "title": f"{name}: {held}", "source": shown_path(path), "licence": "your own file"}


def as_bytes(content: Any) -> NDArray[np.uint8]:
    """What JSON can hold, for a digest of arrays."""
    return np.frombuffer(json.dumps(content).encode(), dtype=np.uint8)


def where_known(*arrays: NDArray[Any] | None) -> list[NDArray[Any]]:
    """The arrays that are not None, for a digest: without groups and times, it is that of earlier versions."""
    return [array for array in arrays if array is not None]

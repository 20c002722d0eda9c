"""A classifier that is fine-tuned from a language model: an LSTM, pretrained on texts with and without labels."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.texts import storage, targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.language_models.frequent_words import LENGTH, FrequentWords, tail
from unspool.candidates.texts.language_models.size import CHARACTERS, Size
from unspool.data.ragged import Ragged
from unspool.kernels.lstm_states import lstm_states

if TYPE_CHECKING:  # whoever asks a model needs no JAX
    from unspool.candidates.texts.language_models.pretraining import LanguageModel

_AT_ONCE = 64  # texts whose states are in memory together


Tell = Callable[[str], None]
"""Called with a progress message."""


def quiet(line: str) -> None:
    """Ignore a progress message."""


@dataclass(frozen=True)
class LanguageModelTexts:
    """An LSTM that is pretrained as a language model on all texts, and fine-tuned on those with labels.

    Pretraining takes longest, and is done once for all folds of a cross-validation: held-out texts are read, but never
    their labels.

    Attributes:
        name: of the candidate.
        cost: relative to that of reading the texts.
        work: of all training, in 10^12 operations, from which its size follows; see `Size`.
        words: the size of the vocabulary, of the most frequent words.
        least: how often a word of the vocabulary must occur.
        unlabelled: texts without labels to pretrain on as well.
        saves: the folder for checkpoints of pretraining, from which it resumes; None to save nothing.
        tell: called with progress messages.
    """

    name: str
    cost: float
    work: float = 100.0
    words: int = 30_000
    least: int = 3
    unlabelled: Sequence[str] = ()
    saves: Path | None = None
    tell: Tell = field(default=quiet, compare=False, repr=False)

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> "FittedLanguageModelTexts":
        """Pretrain it, unless that is done for the whole corpus, and fine-tune it on the labels.

        Arguments as of `TextCandidate.fit`.
        """
        from unspool.candidates.texts.language_models.fine_tuning import fine_tune, steps_of

        corpus = Corpus.of(texts)
        wanted = targets.columns(target, task, classes)
        units = ARITHMETIC[task].units(wanted)
        key = ("language model", self.work, self.words, self.least, seed, id(self.unlabelled))
        vocabulary, size, model, ragged = corpus.kept(key, partial(self._pretrained, seed=seed), _take)
        steps = steps_of(len(ragged), size.epochs)

        def advance(done: int) -> None:
            self.tell(f"fine-tuning the language model: {done / steps:.0%}")

        numbers = (wanted - units[0]) / units[1]
        dense, words = fine_tune(model, ragged, numbers, ARITHMETIC[task].network_loss, size.epochs, seed, advance)
        arrays = {name: np.asarray(array) for name, array in dense._asdict().items()}
        arrays["words"] = np.ascontiguousarray(np.asarray(words)[:, :-1])
        return FittedLanguageModelTexts(self.name, task, vocabulary, arrays, units)

    def size(self, labelled: Sequence[str]) -> Size:
        """The size of the model for these texts and the unlabelled ones."""
        return Size.of(self.work, *self.words_of(labelled), len(labelled))

    def words_of(self, labelled: Sequence[str]) -> tuple[float, float]:
        """The approximate numbers of words of all texts, and of those with labels as far as these are read."""
        with_labels = [len(text) / CHARACTERS for text in labelled]
        without = sum(map(len, self.unlabelled)) / CHARACTERS
        return max(sum(with_labels) + without, 1.0), sum(min(count, LENGTH) for count in with_labels)

    def _pretrained(self, labelled: Corpus, seed: int) -> "_Pretrained":
        from unspool.candidates.texts.language_models.pretraining import DECAY, Saves, pretrain

        corpus = Corpus([*labelled, *self.unlabelled]) if self.unlabelled else labelled
        lexicon, ragged = corpus.words()
        vocabulary, ragged = FrequentWords.of(lexicon, ragged, self.words, self.least)
        size = self.size(labelled)

        def advance(done: int) -> None:
            self.tell(f"pretraining a language model of {size.units} units: {done / size.steps:.0%}")

        of = _digest(ragged, len(vocabulary), size, seed, DECAY)
        saves = None if self.saves is None else Saves(self.saves, of, self.work)
        model = pretrain(ragged, len(vocabulary), size, seed, saves=saves, advance=advance)
        return vocabulary, size, model, ragged.take(np.arange(len(labelled)))


_Pretrained = tuple[FrequentWords, Size, "LanguageModel", Ragged]
"""What is learned without labels: the words, its size, the model, and the texts with labels in numbers."""


def _digest(texts: Ragged, *others: Any) -> str:
    """A digest of all that a training depends on: a saved one is only continued if it is the same."""
    found = hashlib.sha256(repr(others).encode())
    for array in (texts.flat, texts.offsets):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def _take(found: "_Pretrained", rows: NDArray[np.int64]) -> "_Pretrained":
    vocabulary, size, model, ragged = found
    return vocabulary, size, model, ragged.take(rows)


class FittedLanguageModelTexts(FittedTexts):
    """A trained LSTM, and a linear layer over its last state, the mean and the maximum of its states.

    Attributes:
        name: of the candidate.
        task: what it predicts.

    Example:
        >>> few = LanguageModelTexts("small", 1.0, work=0.1, least=1)
        >>> model = few.fit(["a fine film", "a dull film"] * 20, [1, 0] * 20, "binary")
        >>> (model.outputs(["a fine film", "a dull film"]) > 0.5).tolist()
        [True, False]
    """

    kind = "language model"

    def __init__(self, name: str, task: Task, vocabulary: FrequentWords, arrays: storage.Arrays, units: Floats):
        self.name, self.task = name, task
        self._vocabulary, self._arrays, self._units = vocabulary, arrays, units

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        tails = [tail(text) for text in self._vocabulary.read(texts)]
        head = self._arrays["projection"].astype(np.float64)
        found = np.empty((len(tails), head.shape[1]))
        order = np.argsort([len(one) for one in tails], kind="stable")
        for begin in range(0, len(order), _AT_ONCE):
            rows = order[begin : begin + _AT_ONCE].tolist()
            tokens = np.zeros((len(rows), max(len(tails[row]) for row in rows)), np.int32)
            for place, row in enumerate(rows):
                tokens[place, : len(tails[row])] = tails[row]
            states = lstm_states(tokens, *self._lstm)
            for row, of_row in zip(rows, states, strict=True):
                of_row = of_row[: len(tails[row])]
                pooled = np.concatenate((of_row[-1], of_row.mean(axis=0), of_row.max(axis=0), [1.0]))
                # A sum of its own for each text: a matrix product's bits may depend on how many there are.
                found[row] = pooled @ head
        return np.asarray(found * self._units[1] + self._units[0])

    def shares(self, text: str) -> Floats:
        """(T, K), by how much the scores change as each token of one text is read, in their order."""
        tokens = self._vocabulary.read([text])[0]
        states = lstm_states(tail(tokens)[None], *self._lstm)[0]
        read = np.arange(1, len(states) + 1)[:, None]
        so_far = (states, states.cumsum(axis=0) / read, np.maximum.accumulate(states), np.ones_like(states[:, :1]))
        scores = np.concatenate(so_far, axis=1) @ self._arrays["projection"].astype(np.float64)
        found = np.zeros((len(tokens), scores.shape[1]))
        found[len(tokens) + 1 - len(states) :] = np.diff(scores, axis=0) * self._units[1]
        return found

    @property
    def _lstm(self) -> list[NDArray[Any]]:
        return [self._arrays[name] for name in ("words", "kernel", "recurrent", "bias")]

    def rescale(self, factor: float) -> None:
        """Multiply the scores from now on."""
        self._units = self._units * factor

    def shift(self, by: Floats) -> None:
        """Add (K,) numbers to the scores from now on."""
        head = self._arrays["projection"].copy()
        head[-1] += by / self._units[1]
        self._arrays = self._arrays | {"projection": head}

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `from_state` needs: plain values, and arrays by name."""
        plain = {"kind": self.kind, "name": self.name, "task": self.task}
        return plain, self._arrays | storage.pack_strings("vocabulary", self._vocabulary.words) | {"units": self._units}

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: storage.Arrays) -> Self:
        """Make a model of what `state` gave."""
        vocabulary = FrequentWords(storage.unpack_strings("vocabulary", arrays))
        weights = {name: arrays[name] for name in ("kernel", "recurrent", "bias", "projection", "words")}
        if any(array.dtype != np.float32 for array in weights.values()):
            raise ValueError("the weights of a language model are no float32")
        (words, width), units = weights["words"].shape, len(weights["recurrent"])
        shapes = {"kernel": (width, 4 * units), "recurrent": (units, 4 * units), "bias": (4 * units,)}
        if words != len(vocabulary) or any(weights[name].shape != shape for name, shape in shapes.items()):
            raise ValueError("the weights of a language model do not fit together")
        if (
            weights["projection"].ndim != 2
            or len(weights["projection"]) != 3 * units + 1
            or arrays["units"].shape != (2, 1)
        ):
            raise ValueError("what reads the states of a language model does not fit them")
        return cls(plain["name"], plain["task"], vocabulary, weights, arrays["units"])


LANGUAGE_MODEL = LanguageModelTexts("language-model", 200.0)

"""A linear model that tags each word of a text by its forms, the words around it and the tag before it."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from unspool.candidates import model_files
from unspool.candidates.model_files import Arrays
from unspool.candidates.tagged import Tagged, TaggingCandidate, steps_there
from unspool.candidates.texts.candidate import STEM
from unspool.candidates.texts.sequences_of_tags import in_sequence
from unspool.candidates.texts.storage import pack_strings, unpack_strings
from unspool.cores import in_parallel
from unspool.data.tokenizers.word_forms import window_features
from unspool.kernels import dual_descent

Words: TypeAlias = Sequence[str]

STRENGTH = 3.0
"""Inverse regularisation (scikit-learn's C)."""

_LEAST = 2
"""Features of fewer training words are left out."""
_FEATURES, _LEARNED = "features", ("weights", "transitions", "intercept")


@dataclass(frozen=True, eq=False)
class WordsModel:
    """A fitted model: logistic regression, one tag against the rest, as a Markov model (Ratnaparkhi, 1996).

    Attributes:
        features: F of them, see `window_features`.
        weights: (F, K) of each feature for each tag.
        transitions: (K + 1, K) of each tag before for each tag; the last row is for the first word of a text.
        intercept: (K,) added to the sums of both.
    """

    kind: ClassVar = "window words"
    side: ClassVar = None
    held_out: ClassVar = None

    features: tuple[str, ...] = field(repr=False)
    weights: NDArray[np.float32] = field(repr=False)
    transitions: NDArray[np.float32] = field(repr=False)
    intercept: NDArray[np.float32] = field(repr=False)

    def outputs(self, texts: Sequence[Words]) -> NDArray[np.float64]:
        """(N, T, K) the probability of each tag of each word, zeros after the end of each text."""
        found = np.zeros((*steps_there(texts).shape, len(self.intercept)))
        scores = _rows(texts, self._numbers) @ self.weights.astype(np.float64) + self.intercept
        ends = np.cumsum([len(text) for text in texts])
        for row, text, end in zip(found, texts, ends, strict=True):
            row[: len(text)] = in_sequence(scores[end - len(text) : end], self.transitions)
        return found

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {feature: number for number, feature in enumerate(self.features)}

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, as JSON has it, and its arrays."""
        learned = {name: getattr(self, name) for name in _LEARNED}
        return {"kind": self.kind}, pack_strings(_FEATURES, list(self.features)) | learned

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: Arrays) -> "WordsModel":
        """The model again, with the same bits.

        Raises:
            KeyError, ValueError: the state was altered.
        """
        features = tuple(unpack_strings(_FEATURES, arrays))
        learned = [arrays[name].astype(np.float32) for name in _LEARNED]
        tags = learned[-1].size
        if [one.shape for one in learned] != [(len(features), tags), (tags + 1, tags), (tags,)]:
            raise ValueError(f"its weights do not fit {len(features)} features and {tags} tags")
        return cls(features, *learned)

    def save(self, folder: Path) -> None:
        """Write two files to a folder."""
        model_files.write(folder, STEM, *self.state())


def fit_words(tagged: Tagged, tags: int, strength: float) -> WordsModel:
    """Fit the model; a tag that no word has is improbable everywhere."""
    numbers: dict[str, int] = {}
    seen = _rows(tagged.examples, numbers, grow=True)
    kept = np.flatnonzero(np.bincount(seen.indices, minlength=len(numbers)) >= _LEAST)
    known, names = csr_array(seen[:, kept]), list(numbers)
    features = tuple(names[number] for number in kept)
    rows = csr_array(hstack([known, _tags_before(tagged, tags)], format="csr"), dtype=np.float32)
    found = np.zeros((rows.shape[1] + 1, tags), np.float32)

    def fit(tag: int) -> None:
        found[:, tag] = dual_descent.logistic(rows, tagged.tags == tag, strength)

    for _ in in_parallel(fit, range(tags)):
        pass
    return WordsModel(features, found[: len(features)], found[len(features) : -1], found[-1])


def _tags_before(tagged: Tagged, tags: int) -> csr_array:
    """(M, K + 1) which tag the word before has; the last column is for the first word of a text."""
    lengths = np.array([len(text) for text in tagged.examples], np.int64)
    before = np.concatenate([np.zeros(1, np.int64), tagged.tags[:-1]])
    before[(np.cumsum(lengths) - lengths)[lengths > 0]] = tags
    ones = np.ones(len(before), np.float32)
    return csr_array((ones, before, np.arange(len(before) + 1)), shape=(len(before), tags + 1))


WORD_CANDIDATES = (TaggingCandidate("window-regression", (STRENGTH,), fit_words),)
"""In the order of their cost."""


def _rows(texts: Iterable[Words], numbers: dict[str, int], grow: bool = False) -> csr_array:
    """(M, F) the features that each word of all texts has, end to end; with `grow`, new features get numbers."""
    columns, bounds = array("i"), array("q", [0])
    for text in texts:
        for row in window_features(text):
            if grow:
                columns.extend([numbers.setdefault(feature, len(numbers)) for feature in row])
            else:
                columns.extend([numbers[feature] for feature in row if feature in numbers])
            bounds.append(len(columns))
    ones = np.ones(len(columns), np.float32)
    shape = (len(bounds) - 1, len(numbers))
    return csr_array((ones, np.array(columns, np.int32), np.array(bounds, np.int64)), shape=shape)

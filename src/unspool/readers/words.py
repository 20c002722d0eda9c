"""Words that someone else has split, and steps of series, of any length: what a tagger reads."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.definitions import write_definition
from unspool.data.ragged import Ragged
from unspool.data.series.missing import channel_statistics, fill_all
from unspool.data.tokenizers.vocabulary import INDEX_FROM, UNKNOWN
from unspool.descriptions.inputs import Steps, Tokens
from unspool.readers.definition import READER, WHAT, numbers

_FIRST = INDEX_FROM + 1
_LEAST = 2
"""Occurrences of a word that is known: one that training shows once stands for those that it never shows."""
_NAMES = ("<pad>", "<start>", "<unknown>", "<unused>")


@dataclass(frozen=True)
class WordReader:
    """Turns words, in lower case, into the ids that a model takes: all words of a text, however long it is.

    Attributes:
        words: that training shows at least twice, the most frequent first; the first has the id 4.
    """

    kind: ClassVar = "split words"

    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def fit(cls, texts: Iterable[Sequence[str]], size: int | None = None) -> "WordReader":
        """Learn the words of the training texts.

        Args:
            texts: N lists of words.
            size: of the vocabulary at most, with the four ids that stand for no word; None takes all words.
        """
        counts = Counter(word.lower() for text in texts for word in text)
        ordered = sorted((word for word, count in counts.items() if count >= _LEAST), key=lambda w: (-counts[w], w))
        return cls(tuple(ordered if size is None else ordered[: max(size - _FIRST, 0)]))

    @property
    def inputs(self) -> Tokens:
        """What the model is built for."""
        return Tokens(size=len(self.words) + _FIRST)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, start=_FIRST)}

    def read(self, texts: Iterable[Sequence[str]]) -> Ragged:
        """Turn N lists of words into as many ids each.

        Example:
            >>> WordReader(("good", "film")).read([["A", "Good", "film"]]).tolist()
            [[2, 4, 5]]
        """
        ids = self._ids
        return Ragged.from_sequences([[ids.get(word.lower(), UNKNOWN) for word in text] for text in texts])

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Name each id."""
        return [_NAMES[one] if one < _FIRST else self.words[one - _FIRST] for one in ids]

    def save(self, folder: Path) -> None:
        """Write reader.json."""
        write_definition(folder / READER, WHAT, {"kind": self.kind, "words": self.words})

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        words = content["words"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError("the words are no list of texts")
        if len(set(words)) != len(words):
            raise ValueError("a word is there twice")
        return cls(tuple(words))

    @property
    def described(self) -> str:
        """What is read of a text, in words."""
        return f"{len(self.words):,} different words in lower case, a text of any length"


@dataclass(frozen=True)
class StepReader:
    """Turns series into standardised numbers: all steps of a series, however long it is.

    Attributes:
        channels: their names.
        mean: of each channel, over all steps of the training series.
        scale: the standard deviation of each, 1 where it is 0.
    """

    kind: ClassVar = "steps"

    channels: tuple[str, ...]
    mean: tuple[float, ...] = field(repr=False)
    scale: tuple[float, ...] = field(repr=False)

    @classmethod
    def fit(cls, values: NDArray[np.floating], channels: Sequence[str]) -> "StepReader":
        """Learn mean and scale from all steps of the training series, (M, C)."""
        return cls(tuple(channels), *channel_statistics(values))

    @property
    def inputs(self) -> Steps:
        """What the model is built for."""
        return Steps(features=len(self.channels))

    def read_series(self, series: Sequence[NDArray[np.floating]]) -> Ragged:
        """Standardise N series (T_i, C); missing numbers are filled in.

        Example:
            >>> StepReader(("x",), (1.0,), (2.0,)).read_series([np.array([[3.0], [1.0]])]).tolist()
            [[[1.0], [0.0]]]
        """
        mean, scale = np.array(self.mean), np.array(self.scale)
        return Ragged.from_arrays([((one - mean) / scale).astype(np.float32) for one in self.filled(series)])

    def filled(self, series: Sequence[NDArray[np.floating]]) -> list[NDArray[np.floating]]:
        """N series (T_i, C) with missing numbers filled in, see `fill_gaps`.

        Raises:
            UserError: a number is infinite.
        """
        return fill_all(series, self.mean, self.channels)

    def save(self, folder: Path) -> None:
        """Write reader.json."""
        content = {"channels": self.channels, "mean": self.mean, "scale": self.scale}
        write_definition(folder / READER, WHAT, {"kind": self.kind} | content)

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        channels = tuple(map(str, content["channels"]))
        mean, scale = numbers(content["mean"]), numbers(content["scale"])
        if not len(channels) == len(mean) == len(scale) or min(scale) <= 0:
            raise ValueError("mean and scale do not suit the channels")
        return cls(channels, mean, scale)

    @property
    def described(self) -> str:
        """What is read of a series, in words."""
        return f"{len(self.channels)} channels, a series of any length, standardised"

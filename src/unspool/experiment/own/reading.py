"""What a model of one's own reads of a text or a series: a rule fixed in training and saved with the model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.definitions import altered, read_definition, write_definition
from unspool.data.length import choose_length
from unspool.data.ragged import Ragged
from unspool.data.stored import Sequences
from unspool.data.tokenizer import Tokenizer, load_tokenizer, save_tokenizer
from unspool.errors import UserError
from unspool.models.inputs import Series, Tokens

TOKENIZER, READER = "tokenizer.json", "reader.json"
_WHAT = "reader"

Inputs: TypeAlias = Sequences | NDArray[np.float32]
"""What a model takes: N token sequences, or N series (N, T, C) with NaN beyond their ends."""


@dataclass(frozen=True)
class TextReader:
    """Turns texts into the ids that a model takes.

    Attributes:
        tokenizer: fitted on the training texts.
        length: tokens of a text that are read at most: the last ones, where opinions tend to be summed up.
    """

    tokenizer: Tokenizer = field(repr=False)
    length: int

    @property
    def inputs(self) -> Tokens:
        """What the model is built for."""
        return Tokens(size=self.tokenizer.size)

    def read(self, texts: Iterable[str]) -> Ragged:
        """Turn N texts into N sequences of at most `length` ids.

        Example:
            >>> from unspool.data.tokenizer import fit_tokenizer
            >>> TextReader(fit_tokenizer(["good film", "good plot"], size=6), length=2).read(["a good film"]).tolist()
            [[4, 5]]
        """
        return last(self.tokenizer.encode(texts), self.length)

    def save(self, folder: Path) -> None:
        """Write tokenizer.json and reader.json."""
        save_tokenizer(self.tokenizer, folder / TOKENIZER)
        write_definition(folder / READER, _WHAT, {"kind": "text", "length": self.length})


@dataclass(frozen=True)
class SeriesReader:
    """Turns series into the standardised numbers that a model takes.

    Attributes:
        channels: their names.
        length: time steps of a series that are read at most: the last ones.
        mean: of each channel, over all steps of the training series.
        scale: the standard deviation of each, 1 where it is 0.
    """

    channels: tuple[str, ...]
    length: int
    mean: tuple[float, ...] = field(repr=False)
    scale: tuple[float, ...] = field(repr=False)

    @classmethod
    def fit(
        cls, values: NDArray[np.floating], lengths: NDArray[np.integer], channels: Sequence[str], length: int | None
    ) -> "SeriesReader":
        """Learn mean and scale, and choose the length unless it is given.

        Args:
            values: (M, C) all steps of the training series, end to end.
            lengths: (N,) of the training series.
            channels: C names.
            length: time steps, or None.
        """
        deviations = values.std(axis=0, dtype=np.float64)
        return cls(
            tuple(channels),
            length or min(choose_length(lengths), int(lengths.max())),
            tuple(values.mean(axis=0, dtype=np.float64).tolist()),
            tuple(np.where(deviations > 0, deviations, 1.0).tolist()),
        )

    @property
    def inputs(self) -> Series:
        """What the model is built for."""
        return Series(length=self.length, features=len(self.channels))

    def read(self, series: NDArray[np.floating]) -> NDArray[np.float32]:
        """Standardise N series (N, length, C), NaN beyond their ends.

        Example:
            >>> reader = SeriesReader.fit(np.array([[1.0], [3.0]]), np.array([2]), ["x"], None)
            >>> reader.read(np.array([[[5.0], [np.nan]]])).tolist()
            [[[3.0], [nan]]]
        """
        read: NDArray[np.float32] = ((series - np.array(self.mean)) / np.array(self.scale)).astype(np.float32)
        return read

    def save(self, folder: Path) -> None:
        """Write reader.json."""
        content = {"channels": self.channels, "length": self.length, "mean": self.mean, "scale": self.scale}
        write_definition(folder / READER, _WHAT, {"kind": "series"} | content)


Reader: TypeAlias = TextReader | SeriesReader


def load_reader(folder: Path) -> Reader:
    """Read what a reader's `save` wrote.

    Raises:
        UserError: a file is not there, cut short or altered.
    """
    path = folder / READER
    content = read_definition(path, _WHAT)
    try:
        length = _positive(content["length"])
        if content["kind"] == "text":
            return TextReader(load_tokenizer(folder / TOKENIZER), length)
        channels = tuple(map(str, content["channels"]))
        mean, scale = _numbers(content["mean"]), _numbers(content["scale"])
        if not len(channels) == len(mean) == len(scale) or min(scale) <= 0:
            raise ValueError("mean and scale do not suit the channels")
        return SeriesReader(channels, length, mean, scale)
    except UserError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise altered(path, _WHAT, error) from error


def last(sequences: Ragged, length: int) -> Ragged:
    """Keep the last `length` ids of each sequence.

    Example:
        >>> last(Ragged.from_sequences([[1, 2, 3], [4], []]), 2).tolist()
        [[2, 3], [4], []]
    """
    kept = np.minimum(sequences.lengths, length)
    offsets = np.concatenate(([0], np.cumsum(kept)))
    sources = np.arange(offsets[-1]) + np.repeat(sequences.offsets[1:] - kept - offsets[:-1], kept)
    return Ragged(sequences.flat[sources], offsets)


def _positive(value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"the length is {value!r}")
    return value


def _numbers(values: Any) -> tuple[float, ...]:
    numbers = tuple(map(float, values))
    if not numbers or not np.isfinite(numbers).all():
        raise ValueError("mean and scale are no finite numbers")
    return numbers

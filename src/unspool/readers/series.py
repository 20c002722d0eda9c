"""Series and images to arrays: a rule fixed in training and saved with the model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.padding import pad_series
from unspool.data.ragged import Ragged
from unspool.data.series.missing import channel_statistics, fill_all
from unspool.data.texts.length import choose_length
from unspool.descriptions.inputs import Series, Steps
from unspool.errors import UserError
from unspool.readers.definition import MOST_PADDED, SavedReader, numbers, positive


class ReaderOfChannels(SavedReader):
    """A reader of series that have the same channels as in training."""

    channels: tuple[str, ...]
    mean: tuple[float, ...] | None

    def filled(self, series: Sequence[NDArray[np.floating]]) -> list[NDArray[np.floating]]:
        """N series (T_i, C) with missing numbers filled in, see `fill_gaps`.

        Raises:
            UserError: a number is infinite, or a channel has none and its mean in training is not known.
        """
        return fill_all(series, self.mean, self.channels)


class StandardisingReader(ReaderOfChannels):
    """A reader of series that standardises them, channel by channel."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def standardised(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Numbers (..., C) less the mean of their channel, divided by its scale."""
        standard: NDArray[np.float32] = ((values - np.array(self.mean)) / np.array(self.scale)).astype(np.float32)
        return standard

    def original(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Standardised numbers (..., C) in the units of the data."""
        original: NDArray[np.float64] = values * np.array(self.scale) + np.array(self.mean)
        return original


@dataclass(frozen=True)
class SeriesReader(StandardisingReader):
    """Turns series into the standardised numbers that a model takes.

    Attributes:
        channels: their names.
        length: time steps of a series that are read at most: the last ones.
        mean: of each channel, over all steps of the training series.
        scale: the standard deviation of each, 1 where it is 0.
    """

    kind: ClassVar = "series"

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
            values: (M, C) all steps of the training series, end to end; NaN where a number is missing.
            lengths: (N,) of the training series.
            channels: C names.
            length: time steps, or None.
        """
        length = length or min(choose_length(lengths), int(lengths.max()))
        return cls(tuple(channels), length, *channel_statistics(values))

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
        return self.standardised(series)

    def read_series(self, series: Sequence[NDArray[np.floating]]) -> NDArray[np.float32]:
        """The same of N series (T_i, C), of which the last `length` steps are read; missing numbers are filled in."""
        return self.read(pad_series([one[-self.length :] for one in self.filled(series)], self.length))

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        channels, mean, scale = _standards(content)
        return cls(channels, positive(content["length"], MOST_PADDED), mean, scale)

    @property
    def described(self) -> str:
        """What is read of a series, in words."""
        return f"{len(self.channels)} channels, the last {self.length:,} steps of a series, standardised"


@dataclass(frozen=True)
class StepReader(StandardisingReader):
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
        return Ragged.from_arrays(map(self.standardised, self.filled(series)))

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        return cls(*_standards(content))

    @property
    def described(self) -> str:
        """What is read of a series, in words."""
        return f"{len(self.channels)} channels, a series of any length, standardised"


def _standards(content: dict[str, Any]) -> tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...]]:
    """Names, means and scales of channels."""
    channels = tuple(map(str, content["channels"]))
    mean, scale = numbers(content["mean"]), numbers(content["scale"])
    if not len(channels) == len(mean) == len(scale) or min(scale) <= 0:
        raise ValueError("mean and scale do not suit the channels")
    return channels, mean, scale


@dataclass(frozen=True)
class ImageReader(SavedReader):
    """Reads images row by row: T rows, one a time step, of D grey values in [0, 1].

    Attributes:
        length: T.
        features: D.
    """

    kind: ClassVar = "images"

    length: int
    features: int

    @property
    def inputs(self) -> Series:
        """What the model is built for."""
        return Series(length=self.length, features=self.features)

    @property
    def channels(self) -> tuple[str, ...]:
        """The columns of an image, by their numbers."""
        return tuple(map(str, range(self.features)))

    def read(self, images: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N, T, D) as they are, in single precision."""
        return np.asarray(images, dtype=np.float32)

    def read_series(self, images: Sequence[NDArray[np.floating]]) -> NDArray[np.float32]:
        """The same of N images (T, D).

        Raises:
            UserError: one has another size, or a number that is no grey value from 0 to 1.
        """
        for image in images:
            if np.shape(image) != (self.length, self.features):
                raise UserError(f"An image has the shape {np.shape(image)}, and this model reads {self.described}.")
            lowest, highest = np.min(image), np.max(image)
            if not np.isfinite([lowest, highest]).all():
                raise UserError("An image has a pixel that is not a finite number. Leave that image out.")
            if lowest < 0 or highest > 1:
                raise UserError(
                    f"An image has numbers from {lowest:g} to {highest:g}, and this model reads grey values from 0 to "
                    "1. Divide all images by the largest possible value, such as 255."
                )
        return self.read(np.stack(images))

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        return cls(positive(content["length"], MOST_PADDED), positive(content["features"]))

    @property
    def described(self) -> str:
        """What is read of an image, in words."""
        return f"{self.length} rows of {self.features} pixels"

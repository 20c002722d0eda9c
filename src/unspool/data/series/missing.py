"""Missing numbers in series, NaN: counted, and filled in from what stands around them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import offsets_of
from unspool.errors import AdvisedError, UserError


def missing_in(values: NDArray[np.floating], offsets: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Count the missing numbers of each channel, and the series that lack some.

    Args:
        values: (M, C) all steps of all series, end to end.
        offsets: (N + 1,) where each series begins.

    Example:
        >>> counts, series = missing_in(np.array([[1.0, np.nan], [2.0, 3.0], [4.0, 5.0]]), np.array([0, 2, 3]))
        >>> counts.tolist(), series
        ([0, 1], 1)
    """
    gaps = np.isnan(values)
    before = offsets_of(gaps.any(axis=1))
    return gaps.sum(axis=0), int(np.count_nonzero(before[offsets[1:]] > before[offsets[:-1]]))


def refuse_empty_channels(values: NDArray[np.floating], channels: Sequence[str], where: Any) -> None:
    """Make sure that every channel has a number in some training series.

    Raises:
        UserError: one has none; names it.
    """
    empty = [name for name, gap in zip(channels, np.isnan(values).all(axis=0), strict=True) if gap]
    if empty and len(values):
        raise AdvisedError(
            f"{where}: channel {empty[0]} has no number in any training series, so nothing can be learned from it.",
            "Leave that channel out.",
        )


def fill_gaps(
    series: NDArray[np.floating], otherwise: Sequence[float] | None, channels: Sequence[str] = (), number: int = 0
) -> NDArray[np.floating]:
    """Fill missing numbers in by linear interpolation along time, channel by channel.

    Before the first and after the last number of a channel the nearest is taken. (An extra channel that says where
    numbers were missing did not help on the development sets: benchmarks/LOG.md.)

    Args:
        series: (T, C), NaN where a number is missing.
        otherwise: (C,) what a channel without any number is filled with: its mean in training; None refuses it.
        channels: their names, for messages.
        number: of the series, for messages.

    Returns:
        (T, C), the same array where nothing is missing.

    Raises:
        UserError: a number is infinite, or a channel has none and nothing takes its place.

    Example:
        >>> fill_gaps(np.array([[np.nan, np.nan], [1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]]), [0.0, 7.0]).tolist()
        [[1.0, 7.0], [1.0, 7.0], [2.0, 7.0], [3.0, 7.0]]
    """
    finite = np.isfinite(series)
    if finite.all():
        return series
    infinite = np.argwhere(np.isinf(series))
    if len(infinite):
        raise UserError(
            f"Series {number}, step {infinite[0][0]} (both counted from 0) has an infinite or too large number."
        )
    filled = series.copy()
    steps = np.arange(len(series))
    for channel in np.flatnonzero(~finite.all(axis=0)).tolist():
        known = finite[:, channel]
        if known.any():
            filled[:, channel] = np.interp(steps, steps[known], series[known, channel])
        elif otherwise is None:
            name = channels[channel] if len(channels) else str(channel)
            raise UserError(
                f"Series {number} (counted from 0) has no number in channel {name}, and this model does not know what "
                "to put there. Leave that series out, or train the model again."
            )
        else:
            filled[:, channel] = otherwise[channel]
    return filled


def fill_all(
    series: Sequence[NDArray[np.floating]], otherwise: Sequence[float] | None, channels: Sequence[str] = ()
) -> list[NDArray[np.floating]]:
    """`fill_gaps` for each of N series."""
    return [fill_gaps(np.asarray(one), otherwise, channels, number) for number, one in enumerate(series)]


def channel_statistics(values: NDArray[np.floating]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean and the standard deviation of each channel, over the numbers that there are in (M, C); 1 for 0.

    Example:
        >>> channel_statistics(np.array([[1.0, 5.0], [3.0, np.nan]]))
        ((2.0, 5.0), (1.0, 1.0))
    """
    gaps = bool(np.isnan(values).any())
    mean, deviation = (np.nanmean, np.nanstd) if gaps else (np.mean, np.std)
    means, deviations = mean(values, axis=0, dtype=np.float64), deviation(values, axis=0, dtype=np.float64)
    scales = np.where(deviations > 0, deviations, 1.0)
    return tuple(np.asarray(means).tolist()), tuple(scales.tolist())

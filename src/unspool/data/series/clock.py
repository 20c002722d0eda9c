"""The clock of series: whether their steps are evenly spaced in time, and series read anew at even steps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import offsets_of
from unspool.errors import AdvisedError, UserError

TOLERANCE = 0.1
"""By which share a step may differ from the usual one: months are even."""
MOST_NUMBERS = 2**28
"""That resampled series hold together, 1 GiB."""

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_INTERVAL = re.compile(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*(ms|s|min|h|d)?\s*", re.IGNORECASE)
_MONTHS = re.compile(r"[\s0-9.]*(M|M[ES]|Q[ES]?|Y[ES]?|mon?|mons?|months?|quarters?|years?|[qy])\s*")


@dataclass(frozen=True, slots=True)
class Interval:
    """The time between two steps.

    Attributes:
        length: in seconds, or in the unit of a column of numbers.
        unit: as it was written, or None.
    """

    length: float
    unit: str | None = None

    @classmethod
    def of(cls, text: str) -> "Interval":
        """Read a number, perhaps with a unit.

        Raises:
            UserError: it is none above zero.

        Example:
            >>> Interval.of("10s").length, Interval.of("5min").length, Interval.of("0.5")
            (10.0, 300.0, Interval(length=0.5, unit=None))
        """
        found = _INTERVAL.fullmatch(text)
        try:
            number, unit = (float(found[1]), found[2].lower() if found[2] else None) if found else (0.0, None)
        except ValueError:
            number, unit = 0.0, None
        length = number * _UNITS[unit or "s"]
        if not 0 < length < float("inf"):
            months = (
                " To forecast months, write times as months, as in 2026-01, and combine their rows (--aggregate)."
                if _MONTHS.fullmatch(text)
                else ""
            )
            raise UserError(
                f"--resample {text}: that is no interval between steps. Give a number above zero, with a unit where "
                f"times are dates (ms, s, min, h or d), such as 10s or, for a week, 7d.{months}"
            )
        return cls(length, unit)


@dataclass(frozen=True, slots=True)
class Clock:
    """How far apart steps are that follow each other in a series.

    Attributes:
        least: the shortest distance.
        usual: the median.
        most: the longest.
        dates: whether they are seconds between dates; else they have the unit of the column.
    """

    least: float
    usual: float
    most: float
    dates: bool

    @classmethod
    def of(cls, times: NDArray[np.float64], offsets: NDArray[np.int64], dates: bool) -> "Clock | None":
        """Look at (M,) times, rising in each of N series; None where no series has two steps.

        Example:
            >>> clock = Clock.of(np.array([0.0, 1.0, 5.0, 0.0, 1.0]), np.array([0, 3, 5]), dates=False)
            >>> clock.least, clock.usual, clock.most, clock.even
            (1.0, 1.0, 4.0, False)
        """
        inside = np.ones(len(times), dtype=bool)
        inside[offsets[:-1][np.diff(offsets) > 0]] = False  # the first step of a series follows none
        between = np.diff(times, prepend=0.0)[inside]
        if not len(between):
            return None
        return cls(float(between.min()), float(np.median(between)), float(between.max()), dates)

    @property
    def even(self) -> bool:
        """Whether all distances are about the same."""
        slack = TOLERANCE * self.usual
        return self.usual - self.least <= slack and self.most - self.usual <= slack

    def words(self, column: str, asked: str | None = None, *, tagged: bool = False) -> str:
        """What is to be said of it, and of what becomes of it where series are resampled as asked, or are not.

        Args:
            column: of the times.
            asked: the interval that series are resampled to, as it was given; None if they are not.
            tagged: whether steps have tags, which cannot be resampled.
        """
        usual = self._shown(self.usual)
        if asked is not None:
            return (
                f"steps are {self._shown(self.least)} to {self._shown(self.most)} apart in column {column}: series are "
                f"resampled to even steps of {asked}, by linear interpolation in time"
            )
        if self.even:
            return f"the times in column {column} are even: a step is {usual}"
        interval = self._shown(float(f"{self.usual:.3g}")).replace(" ", "")
        return (
            f"the times in column {column} are uneven: steps are {self._shown(self.least)} to "
            f"{self._shown(self.most)} apart, with a median of {usual}. Models use only the order of the steps, "
            "not their times" + ("" if tagged else f"; --resample {interval} would make the steps even")
        )

    def _shown(self, length: float) -> str:
        return shown(length) if self.dates else f"{length:g}"


def shown(seconds: float) -> str:
    """Seconds in the largest unit that gives a number from 1 on.

    Example:
        >>> shown(7200.0), shown(90.0), shown(0.25)
        ('2 h', '1.5 min', '250 ms')
    """
    unit = next((unit for unit in ("d", "h", "min", "s") if seconds >= _UNITS[unit]), "ms")
    return f"{seconds / _UNITS[unit]:g} {unit}"


def round_seconds(seconds: float) -> float:
    """The interval nearest to a usual distance that a person would take.

    Example:
        >>> round_seconds(611.0), round_seconds(3600.0), round_seconds(2.6e6) / 86400, round_seconds(0.26)
        (600.0, 3600.0, 30.0, 0.3)
    """
    if seconds < 1:
        return float(f"{seconds:.1g}")
    minute, hour, day = (_UNITS[unit] for unit in ("min", "h", "d"))
    if seconds > day:
        return round(seconds / day) * day
    usual = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0)
    known = (*usual, *(one * minute for one in usual), *(one * hour for one in (1, 2, 3, 4, 6, 8, 12, 24)))
    return min(known, key=lambda one: abs(np.log(one / seconds)))


def resample(
    values: NDArray[np.float32],
    times: NDArray[np.float64],
    offsets: NDArray[np.int64],
    interval: float,
    asked: Any,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Read series at even steps, from the first time of each on: linear interpolation in time, channel by channel.

    Missing numbers are interpolated over; a channel without any number stays so.

    Args:
        values: (M, C) of N series, end to end.
        times: (M,) rising in each.
        offsets: (N + 1,).
        interval: between two steps.
        asked: the same as a person wrote it, for messages.

    Returns:
        (M', C) and (N + 1,).

    Raises:
        UserError: there would be more than `MOST_NUMBERS` numbers.

    Example:
        >>> walk, times = np.array([[0.0], [4.0], [6.0]], np.float32), np.array([10.0, 14.0, 16.0])
        >>> resample(walk, times, np.array([0, 3]), 2.0, "2")[0].ravel().tolist()
        [0.0, 2.0, 4.0, 6.0]
    """
    lengths = np.diff(offsets)
    whole = np.flatnonzero(lengths)
    spans = np.zeros(len(lengths))
    spans[whole] = (times[offsets[1:][whole] - 1] - times[offsets[:-1][whole]]) / interval
    counts = np.where(lengths > 0, np.floor(spans + 1e-6) + 1, 0)
    if counts.sum() * values.shape[1] > MOST_NUMBERS:
        raise UserError(
            f"--resample {asked} would make {counts.sum():.3g} steps of {values.shape[1]} channels, and together they "
            f"may hold {MOST_NUMBERS:,} numbers. Give a longer interval."
        )
    ends = offsets_of(counts.astype(np.int64))
    found = np.full((int(ends[-1]), values.shape[1]), np.nan, dtype=np.float32)
    for number in whole:
        part = slice(offsets[number], offsets[number + 1])
        at = times[part][0] + interval * np.arange(int(counts[number]))
        _interpolate(found[ends[number] : ends[number + 1]], at, values[part], times[part])
    return found, ends


def _interpolate(
    found: NDArray[np.float32], at: NDArray[np.float64], values: NDArray[np.float32], times: NDArray[np.float64]
) -> None:
    for channel in range(values.shape[1]):
        known = ~np.isnan(values[:, channel])
        if known.any():
            found[:, channel] = np.interp(at, times[known], values[known, channel])


def refuse_unit(interval: Interval, dates: bool, column: str, asked: Sequence[str] | str) -> None:
    """Refuse a unit where times are plain numbers.

    Raises:
        UserError: there is one.
    """
    if interval.unit is not None and not dates:
        raise AdvisedError(
            f"--resample {asked}: the times in column {column} are numbers without a unit.",
            "Give a number in theirs, such as --resample 10.",
            f"The model was trained with --resample {asked}: give times as dates.",
        )

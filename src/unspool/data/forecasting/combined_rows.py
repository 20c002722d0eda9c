"""Several rows of a series and a step combined into one."""

import math
from dataclasses import dataclass, fields, replace
from typing import Literal, NamedTuple, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.panel import Steps
from unspool.data.forecasting.time_step import TOLERANCE

Aggregate: TypeAlias = Literal["sum", "mean", "count"]
"""How the target's values in several rows of one series and step are combined, or that rows are counted."""
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MONDAY = 4 * 86_400.0
"""The first Monday of 1970, in seconds: intervals of a week begin on Mondays, and those of a day at midnight."""

_EVEN = 0.75
"""Of the times between rows, how many must be as usual: then rows are readings at even steps, not events."""
_WHOLE = {"sum": 0.9, "mean": 0.5}
"""Of the usual rows of an interval, how many it needs; in a change of clocks, a day has 23 of 24 hours."""

_FEWEST_OTHERS, _MOST_OTHERS = 10, 60
"""So many other intervals, the latest ones, show when rows usually end in one."""
_FEW, _USUAL = 0.05, 0.5
"""Of the other intervals, the share in which rows end as early as in the last one: if below the first, that one is not
over; from the second on, rows usually end so."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of all series, one series after the other, each in the order of time.

    Attributes:
        series: (R,) the number of the series of each, rising.
        times: (R,) when each is, rising in each series.
        values: (R, C) the numbers of each; the first column is the target.
        exact: (R,) the target in 64 bits.
        order: (R,) where each is in the file.
    """

    series: Whole
    times: Floats
    values: Steps
    exact: Floats
    order: Whole

    def __len__(self) -> int:
        return len(self.series)

    @property
    def known(self) -> Bools:
        """(R,) whether each has a number for the target."""
        return ~np.isnan(self.exact)

    def take(self, kept: Bools) -> Self:
        """Those that are kept, (R,)."""
        return type(self)(*(getattr(self, field.name)[kept] for field in fields(self)))


class LastInterval(NamedTuple):
    """The last interval, where rows end early in it.

    Attributes:
        begin: when it begins.
        end: when its last row is.
        is_cut: whether it is left out.
        begun: series that begin in it, if so.
    """

    begin: float
    end: float
    is_cut: bool
    begun: int


class Combined(NamedTuple):
    """Rows that were combined.

    Attributes:
        rows: what became of them.
        merged: how many were merged into others.
        partial: (N, 2) of the intervals that have too few rows, when each begins, and the number of its series.
        unfinished: the last interval, if it may not be over.
    """

    rows: Rows
    merged: int = 0
    partial: Floats = np.zeros((0, 2))
    unfinished: LastInterval | None = None


def combine(
    rows: Rows, aggregate: Aggregate, length: float | None = None, dates: bool = True, lacking: bool = True
) -> Combined:
    """Combine rows with the same time, or of the same interval.

    An interval that lacks rows has no target, nor has the last one if it is not over; series that begin in that one are
    left out.

    Args:
        rows: what is combined.
        aggregate: how the target is.
        length: of an interval, in seconds or units of time; None combines rows with the same time.
        dates: whether times are dates.
        lacking: whether rows may lack; otherwise a row that is missing says that nothing happened.

    Example:
        >>> sold, where = np.array([3.0, 4.0, 5.0]), np.arange(3)
        >>> rows = Rows(np.zeros(3, np.int64), np.array([1.0, 1.0, 2.0]), sold[:, None].astype(np.float32), sold, where)
        >>> combine(rows, "sum").rows.exact.tolist(), combine(rows, "sum").merged
        ([7.0, 5.0], 1)
    """
    partial, unfinished, before = np.zeros((0, 2)), None, len(rows)
    if length is not None:
        begins = begin_of_intervals(rows.times, length, dates)
        if lacking:
            lack = lacking_rows(rows.series, rows.times, begins, rows.known, aggregate)
            rows = replace(rows, exact=np.where(lack, np.nan, rows.exact))
            partial = np.unique(np.stack([begins, rows.series], axis=1)[lack], axis=0)
        if aggregate != "mean" and rows.known.any():
            unfinished = _last_interval(rows, begins, length)
        if unfinished is not None and unfinished.is_cut:
            last = rows.known & (begins == unfinished.begin)
            begun = np.setdiff1d(rows.series[last], rows.series[rows.known & ~last])
            unfinished = unfinished._replace(begun=len(begun))
            kept = ~np.isin(rows.series, begun)
            rows = replace(rows, exact=np.where(last, np.nan, rows.exact)).take(kept)
            before, begins = len(rows), begins[kept]
        rows = replace(rows, times=begins)
    found = _merged(rows, aggregate)
    return Combined(found, before - len(found), partial, unfinished)


def _last_interval(rows: Rows, begins: Floats, length: float) -> LastInterval | None:
    """The last interval if rows end early in it, without the series that begin in it; None if it is over.

    Args:
        rows: of all series.
        begins: (R,) of the interval that each lies in.
        length: of an interval.
    """
    known, of_known = rows.times[rows.known], begins[rows.known]
    begin = float(of_known.max())
    share = share_that_ends_as_early(known, of_known, length)
    if share >= _USUAL or not ends_early(known, begin + length, length):
        return None
    return LastInterval(begin, float(known.max()), share < _FEW, 0)


def begin_of_intervals(times: Floats, length: float, dates: bool) -> Floats:
    """(R,) when the interval begins in which each time lies.

    Example:
        >>> begin_of_intervals(np.array([0.0, 4.0, 5.0]), 5, dates=False).tolist()
        [0.0, 0.0, 5.0]
    """
    begin = _MONDAY if dates else 0.0
    return np.asarray(np.floor((times - begin) / length + 1e-6) * length + begin)


def lacking_rows(series: Whole, times: Floats, begins: Floats, known: Bools, aggregate: Aggregate) -> Bools:
    """(R,) whether each row lies in an interval with too few rows, where these are readings at even steps.

    The first and last intervals of a file are often incomplete. Where rows are events, at uneven times, nothing tells
    how many an interval should have.

    Args:
        series: (R,) of each row, rising.
        times: (R,) of each row, rising in each series.
        begins: (R,) of the interval that each row lies in.
        known: (R,) whether each row has a number for the target.
        aggregate: how rows are combined.

    Example:
        >>> times = np.arange(4.0, 13.0)
        >>> begins = begin_of_intervals(times, 3, dates=False)
        >>> times[lacking_rows(np.zeros(9, np.int64), times, begins, np.ones(9, bool), "sum")].tolist()
        [4.0, 5.0, 12.0]
    """
    found = np.zeros(len(series), dtype=bool)
    for rows in np.split(np.arange(len(series)), np.flatnonzero(np.diff(series)) + 1):
        there = rows[known[rows]]
        there = there[np.diff(times[there], prepend=np.nan) != 0]  # rows of one time count once
        if len(there) < 2:
            continue
        between = np.diff(times[there])
        step = float(np.quantile(between, 0.5, method="lower"))
        intervals, counts = np.unique(begins[there], return_counts=True)
        usual = int(np.quantile(counts, 0.5, method="higher"))
        if usual > 1 and (np.abs(between - step) <= TOLERANCE * step).mean() >= _EVEN:
            found[rows] = np.isin(begins[rows], intervals[counts < _WHOLE[aggregate] * usual])
    return found


def ends_early(times: Floats, end: float, length: float) -> bool:
    """Whether rows end well before the last interval does, as where it is not over.

    Args:
        times: (R,) of the rows of all series.
        end: of the last interval.
        length: of an interval.

    Example:
        >>> hours = np.arange(0, 34.0)
        >>> ends_early(hours, 48, 24), ends_early(hours[:24], 24, 24)
        (True, False)
    """
    between = np.diff(np.unique(times))
    return bool(times.max() + between.min(initial=length) < end - (1 - _WHOLE["sum"]) * length)


def share_that_ends_as_early(times: Floats, begins: Floats, length: float) -> float:
    """Of the latest intervals before the last, the share in which rows end as early as in that one; NaN if few.

    Ends that differ by a tenth of an interval or less are alike.

    Args:
        times: (R,) of the rows of all series.
        begins: (R,) of the interval that each row lies in.
        length: of an interval.

    Example:
        >>> times = np.array([day * 24 + hour for day in range(12) for hour in (9, 18)], np.float64)
        >>> begins = times // 24 * 24
        >>> [share_that_ends_as_early(times[:count], begins[:count], 24) for count in (23, 24, 12)]
        [0.0, 1.0, nan]
    """
    intervals, place = np.unique(begins, return_inverse=True)
    ends = np.zeros(len(intervals))
    np.maximum.at(ends, place, times - begins)
    others = ends[-1 - _MOST_OTHERS : -1]
    alike = (1 - _WHOLE["sum"]) * length
    return float((others <= ends[-1] + alike).mean()) if len(others) >= _FEWEST_OTHERS else math.nan


def _merged(rows: Rows, aggregate: Aggregate) -> Rows:
    """Combine rows into one for each time of a series: the sum or mean of the target, the means of covariates.

    The target is combined in 64 bits and rounded afterwards.
    """
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows.series[1:] != rows.series[:-1]) | (rows.times[1:] != rows.times[:-1])
    step_of_row = np.cumsum(first) - 1
    found = np.full((int(first.sum()), rows.values.shape[1]), np.nan)
    for column in range(rows.values.shape[1]):
        numbers = rows.values[:, column].astype(np.float64) if column else rows.exact
        known = ~np.isnan(numbers)
        steps, numbers = step_of_row[known], numbers[known]
        counts = np.bincount(steps, minlength=len(found))
        total = np.bincount(steps, numbers, len(found))
        divisor = np.maximum(counts, 1) if column or aggregate == "mean" else 1
        found[:, column] = np.where(counts, total / divisor, np.nan)
    return replace(rows.take(first), values=found.astype(np.float32), exact=found[:, 0])

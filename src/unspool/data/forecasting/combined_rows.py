"""Several rows of a series and a step combined into one."""

import math
from typing import Literal, TypeAlias, get_args

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


def combined(
    series: Whole, times: Floats, values: Steps, exact: Floats, order: Whole, aggregate: Aggregate
) -> tuple[Whole, Floats, Steps, Floats, Whole]:
    """Combine rows into one for each time of a series: the sum or mean of the target, the means of covariates.

    The target is combined in 64 bits and rounded afterwards.

    Args:
        series: (R,) of each row, rising.
        times: (R,) of each row, rising in each series.
        values: (R, C) of each row; the first column is the target.
        exact: (R,) the target in 64 bits.
        order: (R,) where the rows are in the file.
        aggregate: how the target is combined.

    Returns:
        The same of fewer rows.

    Example:
        >>> series, times, sold = np.zeros(3, np.int64), np.array([1.0, 1.0, 2.0]), np.array([3.0, 4.0, 5.0])
        >>> combined(series, times, sold[:, None].astype(np.float32), sold, np.arange(3), "sum")[3].tolist()
        [7.0, 5.0]
    """
    first = np.ones(len(series), dtype=bool)
    first[1:] = (series[1:] != series[:-1]) | (times[1:] != times[:-1])
    step_of_row = np.cumsum(first) - 1
    found = np.full((int(first.sum()), values.shape[1]), np.nan)
    for column in range(values.shape[1]):
        numbers = values[:, column].astype(np.float64) if column else exact
        known = ~np.isnan(numbers)
        rows, numbers = step_of_row[known], numbers[known]
        counts = np.bincount(rows, minlength=len(found))
        total = np.bincount(rows, numbers, len(found))
        divisor = np.maximum(counts, 1) if column or aggregate == "mean" else 1
        found[:, column] = np.where(counts, total / divisor, np.nan)
    return series[first], times[first], found.astype(np.float32), found[:, 0], order[first]

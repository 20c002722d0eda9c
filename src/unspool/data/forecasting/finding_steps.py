"""The step between two rows of a series, found from their times."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.month_days import day_of_months
from unspool.data.forecasting.time_step import MONDAY, TOLERANCE, TimeStep, date_of, is_weekend

_DAY, _WEEK = 86_400.0, 7 * 86_400.0  # seconds
_MOST_THERE, _LEAST_OPEN = 0.5, 0.9
"""Steps are at opening times if rows are at most the first share of all steps, and at least the second of those.

Where more rows are there, gaps are filled instead: models then read the day of the week, and forecast better.
"""
_OFTEN = 0.5  # of the days or weeks, those in which there is a row at an opening time
_FEWEST_CYCLES = 3  # days or weeks in which opening times recur
_LEAST_OPENING = 60.0  # seconds of a step, so that opening times are at most 10,080 a week
_CLOCK_CHANGE = 3_600.0
"""By how much the same time of day differs in UTC in summer and in winter."""
_MONTHS = {1: (27.5, 31.5), 2: (58.5, 62.5), 3: (88.0, 93.0), 6: (180.0, 185.0), 12: (364.0, 367.0)}
"""Months of a step, by the days that it takes at least and at most."""
_FEWEST_STEPS = 3  # fewer equal steps between different days of the month may still be months


def find_step(times: Sequence[NDArray[np.float64]], dates: bool, gaps: bool = False) -> TimeStep:
    """Find the step from the rising times of N series: the usual distance, in months where it is about so long.

    Args:
        times: N arrays (T_i,): seconds since 1970 where they are dates, else numbers.
        dates: whether they are dates.
        gaps: whether most steps may be left out: then the smallest distance is taken for the usual one.

    Example:
        >>> days = np.array([0.0, 31, 59, 90]) * 86400
        >>> find_step([days], dates=True), find_step([np.array([1.0, 3.0, 5.0])], dates=False)
        (TimeStep(unit='month', length=1), TimeStep(unit='number', length=2.0))
    """
    between = np.concatenate([np.diff(one) for one in times]) if len(times) else np.zeros(0)
    if not len(between):
        return TimeStep("second", _DAY) if dates else TimeStep("number")
    usual = float(np.quantile(between, 0.0 if gaps else 0.5, method="lower"))  # one that there is
    mean = float(between[np.abs(between - usual) <= TOLERANCE * usual].mean())
    if not dates:
        return TimeStep("number", _fitting(times, [(usual, TOLERANCE)], mean))
    for months, (least, most) in _MONTHS.items():
        if least <= usual / _DAY <= most and not _whole_steps(times, between, usual):
            return TimeStep("month", months)
    if usual == _DAY:
        every = np.concatenate(times)
        crosses_weekend = any(len(np.unique(np.floor(one / _DAY + 3) // 7)) > 1 for one in times)
        on_weekdays = len(every) >= 10 and crosses_weekend and not is_weekend(every).any()
        if on_weekdays and np.ptp(every % _DAY) <= _CLOCK_CHANGE:
            return TimeStep("weekday")
    # Seconds since 1970 as a float are exact to a quarter of a microsecond, times in files to a microsecond.
    lengths = [(float(round(usual)), TOLERANCE), (round(usual, 6), 2e-6 / usual)]
    step = TimeStep("second", _fitting(times, lengths, mean))
    return step if gaps else at_openings(step, times)


def at_openings(step: TimeStep, times: Sequence[NDArray[np.float64]]) -> TimeStep:
    """The same step at opening times, if rows of N series are there only: each day from 8:00 to 17:00, for example.

    Args:
        step: between the rows of each series.
        times: N arrays (T_i,), rising, in seconds since 1970.

    Example:
        >>> hours = np.concatenate([day * 86400 + np.arange(8, 18) * 3600.0 for day in range(30)])
        >>> at_openings(TimeStep("second", 3600), [hours]).words
        '1 h (each day from 08:00 to 17:00)'
    """
    first, last = min(one[0] for one in times), max(one[-1] for one in times)
    if step.unit != "second" or not _LEAST_OPENING <= step.length < _DAY or _share(step, times) > _MOST_THERE:
        return step
    every = np.unique(np.concatenate(times))
    if (every % 1).any():
        return step
    for cycle in (_DAY, _WEEK):
        within, times_open = np.unique((every - MONDAY) % cycle, return_counts=True)
        within = within[times_open >= _OFTEN * (last - first) / cycle]
        openings = (within + np.arange(0, _WEEK, cycle)[:, None]).ravel()
        enough = len(within) > 0 and last - first >= (_FEWEST_CYCLES - 1) * cycle
        if enough and len(openings) * step.length <= _WEEK:
            found = replace(step, openings=tuple(openings.astype(int).tolist()))
            there = [one[np.isin((one - MONDAY) % cycle, within)] for one in times]
            few_beside = sum(map(len, there)) >= _LEAST_OPEN * sum(map(len, times))
            if few_beside and _share(found, [one for one in there if len(one)]) >= _LEAST_OPEN:
                return found
    return step


def _share(step: TimeStep, times: Sequence[NDArray[np.float64]]) -> float:
    """Of the steps of N series from the first to the last time, those that have a row."""
    return sum(map(len, times)) / sum(float(step.places(one)[-1]) + 1 for one in times)


def _fitting(times: Sequence[NDArray[np.float64]], lengths: Sequence[tuple[float, float]], mean: float) -> float:
    """The first length that all times fit, or else the first one; errors in a length add up over a long series.

    Args:
        times: of N series.
        lengths: of a step, each with the share of it by which a time may lie beside its place; lengths of 0
            are ignored.
        mean: the last length to try.
    """
    there = [one for one in lengths if one[0] > 0]
    for length, share in (*there, (mean, TOLERANCE)):
        places = [(one - one[:1]) / length for one in times]
        if all((np.abs(one - np.rint(one)) <= share).all() for one in places):
            return length
    return there[0][0] if there else mean


def _whole_steps(times: Sequence[NDArray[np.float64]], between: NDArray[np.float64], usual: float) -> bool:
    """Whether dates are a whole number of equal steps apart, such as four weeks, on different days of the month."""
    if len(between) < _FEWEST_STEPS or (between % usual).any():
        return False
    every = np.concatenate(times)
    return len({date_of(time).day for time in every[:1000].tolist()}) > 1 and not day_of_months(every)

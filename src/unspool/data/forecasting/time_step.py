"""The step between two rows of a series, found from the times; the season and later times follow from it."""

import calendar
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.calendar_columns import calendar_columns
from unspool.data.series.clock import shown

Unit = Literal["row", "number", "second", "weekday", "month"]

TOLERANCE = 0.1
"""By which share of a step a time may lie beside its place."""

_DAY, _WEEK = 86_400.0, 7 * 86_400.0
_MONDAY = 4 * _DAY
"""The first Monday of 1970."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
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
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKS_OF_A_YEAR = 52
_WORDS = {1: "month", 2: "two months", 3: "quarter", 6: "half-year", 12: "year"}
_UNITS = ("row", "number", "second", "weekday", "month")


@dataclass(frozen=True, slots=True)
class TimeStep:
    """How far apart the steps of all series are.

    Attributes:
        unit: what is counted: "second", "weekday" (Monday to Friday) or "month" between dates; "number" where times are
            plain numbers; "row" where there are none.
        length: of a step, in that unit.
        month_days: whether the `calendar` of days and weeks has the days of the week and of the month; false for models
            of earlier versions.
        openings: the only times at which there are steps, in seconds after the midnight that begins Monday, rising; the
            step after Friday's last is then Monday's first. Empty where there are steps at all times.
    """

    unit: Unit
    length: float = 1.0
    month_days: bool = field(default=True, repr=False)
    openings: tuple[int, ...] = field(default=(), repr=False)

    @classmethod
    def find(cls, times: Sequence[NDArray[np.float64]], dates: bool, gaps: bool = False) -> Self:
        """Find the step from the rising times of N series: the usual distance, in months where it is about so long.

        Args:
            times: N arrays (T_i,): seconds since 1970 where they are dates, else numbers.
            dates: whether they are dates.
            gaps: whether most steps may be left out: then the smallest distance is taken for the usual one.

        Example:
            >>> days = np.array([0.0, 31, 59, 90]) * 86400
            >>> TimeStep.find([days], dates=True), TimeStep.find([np.array([1.0, 3.0, 5.0])], dates=False)
            (TimeStep(unit='month', length=1), TimeStep(unit='number', length=2.0))
        """
        between = np.concatenate([np.diff(one) for one in times]) if len(times) else np.zeros(0)
        if not len(between):
            return cls("second", _DAY) if dates else cls("number")
        usual = float(np.quantile(between, 0.0 if gaps else 0.5, method="lower"))  # one that there is
        mean = float(between[np.abs(between - usual) <= TOLERANCE * usual].mean())
        if not dates:
            return cls("number", _fitting(times, [(usual, TOLERANCE)], mean))
        for months, (least, most) in _MONTHS.items():
            if least <= usual / _DAY <= most and not _whole_steps(times, between, usual):
                return cls("month", months)
        if usual == _DAY:
            every = np.concatenate(times)
            crosses_weekend = any(len(np.unique(np.floor(one / _DAY + 3) // 7)) > 1 for one in times)
            on_weekdays = len(every) >= 10 and crosses_weekend and not _is_weekend(every).any()
            if on_weekdays and np.ptp(every % _DAY) <= _CLOCK_CHANGE:
                return cls("weekday")
        # Seconds since 1970 as a float are exact to a quarter of a microsecond, times in files to a microsecond.
        lengths = [(float(round(usual)), TOLERANCE), (round(usual, 6), 2e-6 / usual)]
        step = cls("second", _fitting(times, lengths, mean))
        return step if gaps else step.at_openings(times)

    def at_openings(self, times: Sequence[NDArray[np.float64]]) -> Self:
        """The same step at opening times, if rows of N series are there only: each day from 8:00 to 17:00, for example.

        Args:
            times: N arrays (T_i,), rising, in seconds since 1970.

        Example:
            >>> hours = np.concatenate([day * 86400 + np.arange(8, 18) * 3600.0 for day in range(30)])
            >>> TimeStep("second", 3600).at_openings([hours]).words
            '1 h (each day from 08:00 to 17:00)'
        """
        first, last = min(one[0] for one in times), max(one[-1] for one in times)
        if self.unit != "second" or not _LEAST_OPENING <= self.length < _DAY or self._share(times) > _MOST_THERE:
            return self
        every = np.unique(np.concatenate(times))
        if (every % 1).any():
            return self
        for cycle in (_DAY, _WEEK):
            within, times_open = np.unique((every - _MONDAY) % cycle, return_counts=True)
            within = within[times_open >= _OFTEN * (last - first) / cycle]
            openings = (within + np.arange(0, _WEEK, cycle)[:, None]).ravel()
            enough = len(within) > 0 and last - first >= (_FEWEST_CYCLES - 1) * cycle
            if enough and len(openings) * self.length <= _WEEK:
                found = replace(self, openings=tuple(openings.astype(int).tolist()))
                there = [one[np.isin((one - _MONDAY) % cycle, within)] for one in times]
                few_beside = sum(map(len, there)) >= _LEAST_OPEN * sum(map(len, times))
                if few_beside and found._share([one for one in there if len(one)]) >= _LEAST_OPEN:
                    return found
        return self

    def _share(self, times: Sequence[NDArray[np.float64]]) -> float:
        """Of the steps of N series from the first to the last time, those that have a row."""
        return sum(map(len, times)) / sum(float(self.places(one)[-1]) + 1 for one in times)

    @property
    def season(self) -> int:
        """The usual season, in steps; 1 where there is none to be known.

        Example:
            >>> [TimeStep("second", 3600).season, TimeStep("second", 86400).season, TimeStep("month", 3).season]
            [24, 7, 4]
            >>> [TimeStep("second", days * 86400).season for days in (7, 10, 14, 28, 364)]
            [52, 1, 26, 13, 1]
            >>> TimeStep("second", 3600, openings=tuple(range(28800, 64800, 3600))).season  # Mondays from 8:00 to 17:00
            10

        At opening times, it is a day if each has as many steps, otherwise a week.
        """
        if self.openings:
            of_days = {len(one) for one in self._openings_by_day.values()}
            return of_days.pop() if len(of_days) == 1 else len(self.openings)
        if self.unit == "month":
            return max(1, int(12 // self.length)) if 12 % self.length == 0 else 1
        if self.unit == "weekday":
            return 5
        if self.unit != "second":
            return 1
        weeks = self.length / _WEEK
        if weeks >= 1 and _WEEKS_OF_A_YEAR % weeks == 0:
            return round(_WEEKS_OF_A_YEAR / weeks)
        whole = _WEEK if self.length >= _DAY else _DAY if self.length >= 60 else 3600.0 if self.length >= 1 else 1.0
        steps = whole / self.length
        return round(steps) if steps >= 1 and math.isclose(steps, round(steps), abs_tol=1e-9) else 1

    def few_at_weekends(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The times at weekends that keep steps from being weekdays, if they are at most one in fifty.

        Args:
            times: (R,) in seconds since 1970.

        Example:
            >>> days = np.array([one for one in range(4, 74) if (one - 4) % 7 < 5 or one == 9])  # from a Monday on
            >>> TimeStep("second", 86400).few_at_weekends(days * 86400.0) / 86400
            array([9.])
        """
        if (self.unit, self.length) != ("second", _DAY):
            return np.zeros(0)
        found = times[_is_weekend(times)]
        return found if 50 * len(found) <= len(times) else np.zeros(0)

    @property
    def season_in_years(self) -> int:
        """The season if times are years, such as 1949.25: 12, 4 or 2 if that many steps make up a year, else 1.

        Example:
            >>> [TimeStep("number", length).season_in_years for length in (0.083333, 0.25, 1, 0.3)]
            [12, 4, 1, 1]
        """
        return next((steps for steps in (12, 4, 2) if math.isclose(self.length * steps, 1, rel_tol=1e-3)), 1)

    def may_be_day(self, steps: int) -> bool:
        """Whether so many steps are a day, as far as that is known.

        Example:
            >>> hours, halves_of_minutes, rows = TimeStep("second", 3600), TimeStep("second", 30), TimeStep("row")
            >>> hours.may_be_day(24), halves_of_minutes.may_be_day(120), rows.may_be_day(24)
            (True, False, True)
        """
        if self.openings:
            return steps == self.season and len(self.openings) == 7 * steps
        if self.unit == "second":
            return math.isclose(self.length * steps, _DAY)
        return self.unit in ("row", "number")

    @property
    def words(self) -> str:
        """What a step is.

        Example:
            >>> TimeStep("month", 3).words, TimeStep("second", 900).words
            ('a quarter', '15 min')
        """
        if self.openings:
            return f"{shown(self.length)} ({self._opening_hours})"
        if self.unit == "month":
            return f"a {_WORDS[int(self.length)]}" if int(self.length) in _WORDS else f"{self.length:g} months"
        if self.unit == "weekday":
            return "a weekday (Monday to Friday)"
        return shown(self.length) if self.unit == "second" else "a row" if self.unit == "row" else f"{self.length:g}"

    @property
    def _openings_by_day(self) -> dict[int, list[int]]:
        """The seconds of each day of the week that has steps, from its midnight on."""
        found: dict[int, list[int]] = {}
        for opening in self.openings:
            found.setdefault(int(opening // _DAY), []).append(int(opening % _DAY))
        return found

    @property
    def _opening_hours(self) -> str:
        """When steps are, in words."""
        by_day = self._openings_by_day
        days = [_DAYS[one] for one in by_day]
        in_turn = len(days) > 2 and max(by_day) - min(by_day) < len(days)
        when = "each day" if len(days) == len(_DAYS) else f"{days[0]} to {days[-1]}" if in_turn else ", ".join(days)
        first, *others = by_day.values()
        if any(one != first for one in others):
            return f"{when}, {len(self.openings):,} a week"
        if any(after - before > self.length for before, after in pairwise(first)):
            return f"{when}, {len(first):,} a day"
        clock = [f"{one // 3600:02}:{one // 60 % 60:02}" for one in (first[0], first[-1])]
        return f"{when} from {clock[0]} to {clock[1]}"

    def places(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The place of each time of one series on a grid from its first time: 0, 1, ... if steps are even.

        Days of the weekend lie halfway between weekdays, so that they are refused.

        Example:
            >>> friday_to_monday = np.array([1, 2, 3, 4]) * 86400.0  # 1970 began on a Thursday
            >>> TimeStep("weekday").places(friday_to_monday).tolist()
            [0.0, 1.5, 1.5, 1.0]

        So do times beside the opening times.
        """
        if self.unit == "row" or not len(times):
            return np.arange(len(times), dtype=np.float64)
        if self.unit == "month":
            moments = np.floor(times / _DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            return np.asarray((moments - moments[0]) / self.length)
        if self.unit == "weekday":
            days = np.floor(times / _DAY).astype(np.int64).astype("datetime64[D]")
            half_for_weekend = 0.5 * _is_weekend(times)
            return np.asarray(np.busday_count(np.full(len(days), days[0]), days) + half_for_weekend)
        if self.openings:
            openings, off = np.array(self.openings), TOLERANCE * self.length
            weeks, within = np.divmod(times - _MONDAY + off, _WEEK)
            before = np.searchsorted(openings, within, side="right") - 1
            beside = (within - openings[before]) % _WEEK > 2 * off
            found = weeks * len(openings) + before
            return np.asarray(found - found[0] + 0.5 * beside)
        return np.asarray((times - times[0]) / self.length)

    def time_at(self, first: float, place: int, day: int = 0) -> float:
        """The time of a place on the grid of a series.

        Args:
            first: the time of its first step.
            place: counted from that.
            day: of the month on which steps of months are dated, or the last in shorter months; 0 for that of `first`.

        Example:
            >>> start = datetime(2026, 2, 28, tzinfo=UTC).timestamp()
            >>> [TimeStep("month").shown_time(TimeStep("month").time_at(start, 1, day)) for day in (0, 30, 31)]
            ['2026-03-28', '2026-03-30', '2026-03-31']
        """
        if self.unit == "month":
            start = _date_of(first)
            months = start.year * 12 + start.month - 1 + round(place * self.length)
            year, month = min(months // 12, 9998), months % 12 + 1
            days = calendar.monthrange(year, month)[1]
            return start.replace(year=year, month=month, day=min(day or start.day, days)).timestamp()
        if self.unit == "weekday":
            found = np.busday_offset(np.datetime64(int(first // _DAY), "D"), place, roll="forward")
            return float(found.astype(np.int64)) * _DAY + first % _DAY
        if self.openings:
            week, within = divmod(first - _MONDAY + TOLERANCE * self.length, _WEEK)
            before = bisect_right(self.openings, within) - 1
            weeks, at = divmod(before + place, len(self.openings))
            return _MONDAY + (week + weeks) * _WEEK + self.openings[at]
        return first + place * self.length

    def shown_time(self, time: float, utc: bool = False) -> str | float | int:
        """A time as a cell has it: a date, a date with its time of day, or a number.

        Args:
            time: in seconds since 1970, or a number.
            utc: whether to mark a date as UTC; it then always has its time of day.

        Example:
            >>> TimeStep("second", 3600).shown_time(3600.0), TimeStep("number").shown_time(7.0)
            ('1970-01-01T01:00:00', 7)
            >>> TimeStep("second", 86400).shown_time(0.0), TimeStep("second", 86400).shown_time(0.0, utc=True)
            ('1970-01-01', '1970-01-01T00:00:00Z')
        """
        if self.unit in ("row", "number"):
            time = round(time, 6 - math.floor(math.log10(self.length)))  # adding up steps leaves small rests
            return int(time) if float(time).is_integer() else time
        moment = _date_of(time)
        midnight = moment.hour == moment.minute == moment.second == moment.microsecond == 0
        if utc:
            return f"{moment.replace(tzinfo=None).isoformat()}Z"
        if midnight and (self.unit != "second" or self.length % _DAY == 0):
            return moment.date().isoformat()
        return moment.replace(tzinfo=None).isoformat()

    def calendar(self, first: float, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """(T, K) what the calendar says of steps, known ahead, if they take a week or less; K is 0 for others.

        It is also 0 at opening times.
        """
        if self.unit != "second" or self.length > _WEEK or self.openings:
            return np.zeros((len(places), 0), dtype=np.float32)
        return calendar_columns(first + places * self.length, self.length, self.month_days)

    @property
    def calendar_width(self) -> int:
        """How many columns `calendar` gives."""
        return int(self.calendar(0.0, np.zeros(1, dtype=np.int64)).shape[1])

    @property
    def is_dated(self) -> bool:
        """Whether `calendar` tells the days of the month, which it does not for steps shorter than a day.

        Example:
            >>> [TimeStep("second", days * _DAY).is_dated for days in (0.5, 1, 7, 14)]
            [False, True, True, False]
        """
        return self.month_days and self.length >= _DAY and self.calendar_width > 0

    def content(self) -> dict[str, Any]:
        """As plain values."""
        content = {"unit": self.unit, "length": self.length, "month_days": self.month_days}
        return content | ({"openings": list(self.openings)} if self.openings else {})

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> Self:
        """Make it from what `content` gave.

        Raises:
            ValueError: that was altered.
        """
        unit, length = content["unit"], float(content["length"])
        month_days = content.get("month_days", False)  # not in earlier models
        if unit not in _UNITS or not 0 < length < _LATEST:
            raise ValueError(f"a time step is {length} of {unit!r}")
        if not isinstance(month_days, bool):
            raise ValueError(f"month_days of a time step is {month_days!r}, neither true nor false")
        openings = tuple(content.get("openings", ()))
        whole = all(type(one) is int and 0 <= one < _WEEK for one in openings)
        if not whole or [*openings] != sorted({*openings}) or (openings and unit != "second"):
            raise ValueError("opening times are not rising seconds of a week")
        return cls(unit, int(length) if unit == "month" else length, month_days, openings)


def _is_weekend(times: NDArray[np.float64]) -> NDArray[np.bool_]:
    days = np.floor(times / _DAY).astype(np.int64)
    return np.asarray((days + 3) % 7 >= 5)  # 1970 began on a Thursday


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
    return len({_date_of(time).day for time in every[:1000].tolist()}) > 1 and not day_of_months(every)


def day_of_months(times: NDArray[np.float64], before: int = 0) -> int:
    """The day of the month that all dates have in common, or the last day in shorter months; 0 if there is none.

    Args:
        times: in seconds since 1970.
        before: the day in training, which is taken if the dates agree with it, too; 0 if there was none.

    Example:
        >>> times = np.array([149.0, 180.0]) * 86400  # 30 May and 30 June
        >>> day_of_months(times), day_of_months(times, before=31), day_of_months(times[1:], before=31)
        (30, 30, 31)
        >>> day_of_months(np.array([0.0, 32.0]) * 86400)
        0
    """
    dates = np.floor(times / _DAY).astype(np.int64).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    days = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    lengths = ((months + np.timedelta64(1, "M")).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(
        np.int64
    )
    for day in (before, int(days.max(initial=0))):
        if day and (days == np.minimum(day, lengths)).all():
            return day
    return 0


def days_of_months(times: Sequence[NDArray[np.float64]], before: int = 0) -> NDArray[np.int64]:
    """(N,) the day of each of N series: that of all dates if they agree on one, else that of its own dates.

    Example:
        >>> february_and_april, may = np.array([58.0, 119.0]) * 86400, np.array([134.0]) * 86400
        >>> days_of_months([february_and_april, may]).tolist()
        [30, 15]
    """
    common = day_of_months(np.concatenate(times), before)
    return np.array([common or day_of_months(one, before) for one in times])


def _date_of(time: float) -> datetime:
    return _EPOCH + timedelta(seconds=min(max(time, -6e10), _LATEST))

"""The step between two rows of a series, from which the season and later times follow."""

import calendar
import math
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.calendar_columns import calendar_columns
from unspool.data.series.clock import shown

Unit: TypeAlias = Literal["row", "number", "second", "weekday", "month"]

TOLERANCE = 0.1
"""By which share of a step a time may lie beside its place."""

_DAY, _WEEK = 86_400.0, 7 * 86_400.0
MONDAY = 4 * _DAY
"""The first Monday of 1970."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKS_OF_A_YEAR = 52
_UNITS: tuple[Unit, ...] = get_args(Unit)
_WORDS = {1: "month", 2: "two months", 3: "quarter", 6: "half-year", 12: "year"}


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

    @property
    def season(self) -> int:
        """The usual season, in steps; 1 where there is none to be known.

        At opening times, it is a day if each has as many steps, otherwise a week.

        Example:
            >>> [TimeStep("second", 3600).season, TimeStep("second", 86400).season, TimeStep("month", 3).season]
            [24, 7, 4]
            >>> [TimeStep("second", days * 86400).season for days in (7, 10, 14, 28, 364)]
            [52, 1, 26, 13, 1]
            >>> TimeStep("second", 3600, openings=tuple(range(28800, 64800, 3600))).season  # Mondays from 8:00 to 17:00
            10
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
        found = times[is_weekend(times)]
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
        So do times beside the opening times.

        Example:
            >>> friday_to_monday = np.array([1, 2, 3, 4]) * 86400.0  # 1970 began on a Thursday
            >>> TimeStep("weekday").places(friday_to_monday).tolist()
            [0.0, 1.5, 1.5, 1.0]
        """
        if self.unit == "row" or not len(times):
            return np.arange(len(times), dtype=np.float64)
        if self.unit == "month":
            moments = np.floor(times / _DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            return np.asarray((moments - moments[0]) / self.length)
        if self.unit == "weekday":
            days = np.floor(times / _DAY).astype(np.int64).astype("datetime64[D]")
            half_for_weekend = 0.5 * is_weekend(times)
            return np.asarray(np.busday_count(np.full(len(days), days[0]), days) + half_for_weekend)
        if self.openings:
            openings, off = np.array(self.openings), TOLERANCE * self.length
            weeks, within = np.divmod(times - MONDAY + off, _WEEK)
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
            start = date_of(first)
            months = start.year * 12 + start.month - 1 + round(place * self.length)
            year, month = min(months // 12, 9998), months % 12 + 1
            days = calendar.monthrange(year, month)[1]
            return start.replace(year=year, month=month, day=min(day or start.day, days)).timestamp()
        if self.unit == "weekday":
            found = np.busday_offset(np.datetime64(int(first // _DAY), "D"), place, roll="forward")
            return float(found.astype(np.int64)) * _DAY + first % _DAY
        if self.openings:
            week, within = divmod(first - MONDAY + TOLERANCE * self.length, _WEEK)
            before = bisect_right(self.openings, within) - 1
            weeks, at = divmod(before + place, len(self.openings))
            return MONDAY + (week + weeks) * _WEEK + self.openings[at]
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
        moment = date_of(time)
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


def is_weekend(times: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(T,) whether each of T times, in seconds since 1970, is on a Saturday or a Sunday."""
    days = np.floor(times / _DAY).astype(np.int64)
    return np.asarray((days + 3) % 7 >= 5)  # 1970 began on a Thursday


def date_of(time: float) -> datetime:
    """The date of a time in seconds since 1970, in UTC; the nearest one there is for times beyond all dates."""
    return _EPOCH + timedelta(seconds=min(max(time, -6e10), _LATEST))

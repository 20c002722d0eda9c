"""Dates in numbers with the year last, which begin with the day or the month, and times of day after them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, get_args

Dates: TypeAlias = Literal["day-first", "month-first"]
DATE_ORDERS: tuple[Dates, ...] = get_args(Dates)

_DATE = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?:(?:T|,? +)(\S.*?))?\s*")
_CLOCK = re.compile(
    r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?(?: ?([AaPp])\.?[Mm]\.?)?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?"
)
_LONGEST = 80
"""Characters of a date with its time of day."""
_LAST_CENTURY, _NEXT_HALF = 69, 50
"""Years of two digits from the first on are in the last century, those below the second in this one."""
_LOOKED_AT = 20
"""The first cells of a column: unless most of them are dates, the others are not examined."""


class NumberedDate(str):
    """A date with the year last, as its file writes it: a string that knows the order of its column.

    Attributes:
        order: whether the day or the month comes first in its column.

    Example:
        >>> order = DateOrder(["31/01/2026", "01/02/2026"])
        >>> NumberedDate("01/02/2026 8:15 PM", order).moment
        datetime.datetime(2026, 2, 1, 20, 15)
    """

    __slots__ = ("order",)

    order: "DateOrder"

    def __new__(cls, text: str, order: "DateOrder") -> "NumberedDate":
        """A cell of a column."""
        cell = super().__new__(cls, text)
        cell.order = order
        return cell

    def __getnewargs__(self) -> "tuple[str, DateOrder]":  # type: ignore[override]
        """What a copy is made of."""
        return str(self), self.order

    @property
    def moment(self) -> datetime | None:
        """The date and its time of day; None if there is no such date, or its order is not known."""
        found, first = _DATE.fullmatch(self), self.order.first
        if found is None or first is None:
            return None
        one, _, other, year, clock = found.groups()
        day, month = (one, other) if first == "day-first" else (other, one)
        return with_clock(f"{full_year(year)}-{month:0>2}-{day:0>2}", clock or "")

    @property
    def why_none(self) -> str:
        """Why there is no `moment`, in a clause."""
        shown = f"{self[:40]!r}"
        found = _match(self)
        if found is not None and full_year(found[4]) is None:
            return f"{shown} has a year of two digits, 19{found[4]} or 20{found[4]}; write four"
        if self.order.first is None:
            if found is not None and len(found[4]) < 4 and not self.order.year_is_last:
                return (
                    f"{shown} could start or end with the year; write the year with four digits, as in 2026-01-31, or, "
                    'if it ends with it, use --dates day-first or --dates month-first (in Python dates="day-first")'
                )
            return (
                f"{shown} may begin with the day or with the month, and no other date in the column shows which; use "
                '--dates day-first or --dates month-first (in Python dates="day-first"), or write dates with the year '
                "first, like 2026-01-31"
            )
        return f"{shown} is not a date with the {self.order.first.removesuffix('-first')} first; {self.order.why}"


class DateOrder:
    """Whether the day or the month comes first in the dates of a column; decided when first needed.

    A number above 12 is the day. If there is none in the whole column, dates with dots have the day first, and a
    number that is always 1 is the day if the other one changes and there are several years, as in monthly series.

    With years of two digits, 26/01/31 may be a day of 2026. The year comes last if the dates have dots, or if one of
    them cannot be read otherwise.

    Args:
        cells: the first ones of the column.
        others: returns the other ones; only called if the first ones leave it open.
        given: the order if it is known; then the cells are not examined.

    Example:
        >>> [DateOrder(cells).first for cells in (["01/02/2026", "01/31/2026"], ["01/02/2026"], ["1.2.2026"])]
        ['month-first', None, 'day-first']
        >>> [DateOrder(cells).first for cells in (["01/31/98"], ["26/01/30", "26/01/31"], ["30.01.26", "31.01.26"])]
        ['month-first', None, 'day-first']
    """

    def __init__(
        self, cells: Sequence[Any], others: Callable[[], Iterable[Any]] = tuple, given: Dates | None = None
    ) -> None:
        self._cells, self._others, self._decided = cells, others, given is not None
        self._first: Dates | None = given
        self.example = next((cell for cell in cells if is_numbered_date(cell)), "")
        self._why = "" if given is None else "the order was set (--dates) or seen in training"
        self.year_is_last = given is not None

    @property
    def first(self) -> Dates | None:
        """Which comes first; None if the column leaves it open."""
        if not self._decided:
            self._decided, self._first = True, self._decide()
        return self._first

    @property
    def why(self) -> str:
        """Why that comes first, as a clause; known once `first` has been read."""
        return self._why

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy what was decided, without the file."""
        return DateOrder, ([self.example], tuple, self.first)

    def _decide(self) -> Dates | None:
        parts: set[tuple[int, int]] = set()
        years: set[str] = set()
        dotted, first = False, None
        for cells in (self._cells, self._others()):
            for cell in cells:
                found = _match(cell)
                if found is None:
                    continue
                one, between, other, year, _ = found.groups()
                pair = int(one), int(other)
                parts.add(pair)
                years.add(year)
                dotted = dotted or between == "."
                if first is None and (pair[0] > 12) != (pair[1] > 12):
                    first = self._first_by(cell.strip(), pair[0])
                self.year_is_last |= len(year) > 2 or pair[1] > 12 or not 1 <= int(year) <= 31
                if first is not None and self.year_is_last:
                    return first
        self.year_is_last |= dotted
        if not self.year_is_last:
            return None
        return first or self._by_usage(parts, len(years) > 1, dotted)

    def _first_by(self, example: str, number: int) -> Dates:
        """Which comes first by a date that begins with a number, one of whose numbers is above 12."""
        self.example, self._why = example, f"others in the column are, such as {example!r}"
        return "day-first" if number > 12 else "month-first"

    def _by_usage(self, parts: set[tuple[int, int]], several: bool, dotted: bool) -> Dates | None:
        ones, others = ({pair[place] for pair in parts} for place in (0, 1))
        self._why = "others in the column are"
        if not parts:
            return None
        if dotted or all(one == other for one, other in parts) or (several and ones == {1}):
            return "day-first"
        return "month-first" if several and others == {1} else None


def full_year(year: str) -> int | None:
    """A year of four digits or of two: 69 to 99 are of the last century, 00 to 49 of this one; None for those between.

    Source: POSIX `strptime`, which puts 50 to 68 in this century, too, though most files with such years are older.

    Example:
        >>> full_year("1998"), full_year("98"), full_year("26"), full_year("55")
        (1998, 1998, 2026, None)
    """
    number = int(year)
    if len(year) > 2:
        return number
    return 1900 + number if number >= _LAST_CENTURY else 2000 + number if number < _NEXT_HALF else None


def is_numbered_date(cell: object) -> bool:
    """Tell whether a cell looks like a date whose year comes last, as in 31.01.2026, 1/31/2026 8:15 PM.

    Example:
        >>> is_numbered_date("31.01.2026"), is_numbered_date("2026-01-31"), is_numbered_date("31.01")
        (True, False, False)
    """
    return _match(cell) is not None


def _match(cell: object) -> "re.Match[str] | None":
    return _DATE.fullmatch(cell) if isinstance(cell, str) and len(cell) <= _LONGEST else None


def columns_with_dates(cells: Mapping[str, Sequence[Any]]) -> list[str]:
    """Find the columns most of whose cells are dates with the year last, by the first rows of a file."""
    return [name for name, column in cells.items() if _are_dates(column[:_LOOKED_AT]) and _are_dates(column)]


def _are_dates(column: Sequence[Any]) -> bool:
    there = [cell for cell in column if cell is not None and cell != ""]
    return 2 * sum(map(is_numbered_date, there)) > len(there)


def with_clock(day: str, clock: str) -> datetime | None:
    """Join a date in ISO 8601 and a time of day, perhaps with a zone; None if one of them does not exist.

    24:00 is the end of the day.

    Example:
        >>> with_clock("2026-01-31", "8:15 PM").isoformat(), with_clock("2026-02-31", "")
        ('2026-01-31T20:15:00', None)
        >>> with_clock("2026-01-31", "24:00").isoformat()
        '2026-02-01T00:00:00'
    """
    hour, minute, second, parts, half, zone = "0", "00", None, None, None, None
    if clock:
        found = _CLOCK.fullmatch(clock)
        if found is None:
            return None
        hour, minute, second, parts, half, zone = found.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + 12 * (half in "pP")
    offset = "+00:00" if zone in ("Z", "UTC", "GMT") else zone or ""
    ends = hours == 24 and not any(map(int, (minute, second or "0", parts or "0")))
    try:
        at = datetime.fromisoformat(
            f"{day}T{hours % 24 if ends else hours:02}:{minute}:{second or '00'}.{(parts or ''):0<6}{offset}"
        )
        return at + timedelta(days=ends)
    except (ValueError, OverflowError):
        return None

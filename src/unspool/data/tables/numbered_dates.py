"""Dates in numbers with the year last, which begin with the day or the month, and times of day after them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

Dates = Literal["day-first", "month-first"]
DATE_ORDERS = ("day-first", "month-first")

_DATE = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:(?:T|,? +)(\S.*?))?\s*")
_CLOCK = re.compile(
    r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?(?: ?([AaPp])\.?[Mm]\.?)?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?"
)
_LONGEST = 80
"""Characters of a date with its time of day."""
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
        return with_clock(f"{year}-{month:0>2}-{day:0>2}", clock or "")

    @property
    def why_none(self) -> str:
        """Why there is no `moment`, in a clause."""
        shown = f"{self[:40]!r}"
        if self.order.first is None:
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

    Args:
        cells: the first ones of the column.
        others: returns the other ones; only called if the first ones leave it open.
        given: the order if it is known; then the cells are not examined.

    Example:
        >>> [DateOrder(cells).first for cells in (["01/02/2026", "01/31/2026"], ["01/02/2026"], ["1.2.2026"])]
        ['month-first', None, 'day-first']
    """

    def __init__(
        self, cells: Sequence[Any], others: Callable[[], Iterable[Any]] = tuple, given: Dates | None = None
    ) -> None:
        self._cells, self._others, self._decided = cells, others, given is not None
        self._first: Dates | None = given
        self.example = next((cell for cell in cells if is_numbered_date(cell)), "")
        self._why = "" if given is None else "the order was set (--dates) or seen in training"

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
        dotted = False
        for cells in (self._cells, self._others()):
            for cell in cells:
                found = _match(cell)
                if found is None:
                    continue
                one, between, other, year, _ = found.groups()
                pair = int(one), int(other)
                if (pair[0] > 12) != (pair[1] > 12):
                    self.example, self._why = cell.strip(), f"others in the column are, such as {cell.strip()!r}"
                    return "day-first" if pair[0] > 12 else "month-first"
                parts.add(pair)
                years.add(year)
                dotted = dotted or between == "."
        return self._by_usage(parts, len(years) > 1, dotted)

    def _by_usage(self, parts: set[tuple[int, int]], several: bool, dotted: bool) -> Dates | None:
        ones, others = ({pair[place] for pair in parts} for place in (0, 1))
        self._why = "others in the column are"
        if not parts:
            return None
        if dotted or all(one == other for one, other in parts) or (several and ones == {1}):
            return "day-first"
        return "month-first" if several and others == {1} else None


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

    Example:
        >>> with_clock("2026-01-31", "8:15 PM").isoformat(), with_clock("2026-02-31", "")
        ('2026-01-31T20:15:00', None)
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
    try:
        return datetime.fromisoformat(f"{day}T{hours:02}:{minute}:{second or '00'}.{(parts or ''):0<6}{offset}")
    except ValueError:
        return None

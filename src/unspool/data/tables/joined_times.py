"""Times in several columns: a year and a month, or a date and a time of day."""

import re
from collections.abc import Sequence
from typing import Any

from unspool.errors import UserError

_YEAR = re.compile(r"\s*[12]\d{3}(?:\.0)?\s*")
_NUMBER = re.compile(r"\s*(\d+)(?:\.0)?\s*")
_QUARTER = re.compile(r"\s*[QT]?\s*([1-4])(?:\.0)?\s*", re.IGNORECASE)
_WEEK = re.compile(r"\s*(?:W|KW)?\s*(\d{1,2})(?:\.0)?\s*", re.IGNORECASE)
_QUARTERS = re.compile(r"q|tri", re.IGNORECASE)
_WEEKS = re.compile(r"w|kw|sem", re.IGNORECASE)
_MOST = 6
"""Parts of a time: year, month, day, hour, minute, second."""

KINDS = ("month", "quarter", "week")
"""Names of columns that go with that of the year."""


def joined_time(names: Sequence[str], cells: Sequence[Any]) -> Any:
    """Join the cells of one row into a time as `time_of` reads it; None if one is missing.

    Either the first is a year, followed by the month, day, hour, minute and second, or by a quarter or a week, which
    the name of the column or a Q or W in the cell distinguishes from a month; or the first is a date, and the second
    its time of day. Other cells are joined as they are, to be shown in a message.

    Example:
        >>> joined_time(["year", "month"], [2026, "3"]), joined_time(["Jahr", "Quartal"], ["2026", "2"])
        ('2026-03', '2026-Q2')
        >>> joined_time(["Date", "Time"], ["31/01/2026", "17:24:00"])
        '31/01/2026 17:24:00'
    """
    texts = [str(cell).strip() for cell in cells if cell is not None]
    if len(texts) < len(cells) or not all(texts):
        return None
    if not _YEAR.fullmatch(texts[0]):
        return " ".join(texts)
    year = texts[0][:4]
    if len(texts) == 2:
        quarter = _QUARTER.fullmatch(texts[1])
        if quarter and (_QUARTERS.match(names[1]) or not texts[1][0].isdecimal()):
            return f"{year}-Q{quarter[1]}"
        week = _WEEK.fullmatch(texts[1])
        if week and (_WEEKS.match(names[1]) or not texts[1][0].isdecimal()):
            return f"{year}-W{week[1]:0>2}"
        if texts[1].isalpha():
            return f"{year} {texts[1]}"
    numbers = [found[1].zfill(2) if (found := _NUMBER.fullmatch(text)) else text for text in texts[1:_MOST]]
    day, clock = "-".join([year, *numbers[:2]]), numbers[2:]
    return f"{day}T{':'.join(clock if len(clock) > 1 else [*clock, '00'])}" if clock else day


def refuse_long(path: object, time: str, parts: Sequence[str]) -> None:
    """Refuse a time that is joined from too many columns.

    Raises:
        UserError: it is.
    """
    if len(parts) > _MOST:
        raise UserError(
            f"{path}: the time {time} has too many columns. Name up to six: year, month, day, hour, minute and second."
        )

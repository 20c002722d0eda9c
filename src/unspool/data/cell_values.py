"""What a cell means in its role: a text, a group, a time, a part; or what is wrong with it there."""

import hashlib
import math
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import type_of
from unspool.data.tables.comma_numbers import has_decimal_comma, may_separate_thousands
from unspool.data.tables.fiscal_years import fiscal_period
from unspool.data.tables.named_months import date_with_named_month
from unspool.data.tables.numbered_dates import DateOrder, NumberedDate, is_numbered_date, with_clock
from unspool.data.tables.periods import first_day_of_period, first_day_of_week, names_weeks, unread_period
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.split_names import PARTS, part_named
from unspool.data.tables.written_numbers import BareNumber, has_unit, is_no_number, without_sign
from unspool.errors import AdvisedError

_MOMENT = re.compile(r"(?=.*\d.*[-/:.]\d)[\d\s/:.,+-]+T?[\d:.,+-]*Z?( ?[AaPp][Mm])?")
_LONGEST_MOMENT = 80
"""Characters. The time that the pattern takes grows with the square of a text's length."""

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\s*(\S.*))?", re.DOTALL)
_DIGITS = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_OF_DAY = re.compile(r"\d{1,3}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?")


def fingerprint(content: str | bytes) -> int:
    """Return 64 bits that are the same for equal contents, in every process."""
    whole = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    digest = hashlib.blake2b(whole, digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def is_missing(value: object) -> bool:
    """Tell whether a cell is empty: nothing, blank, or NaN."""
    return value is None or (isinstance(value, str) and not value.strip()) or value != value


def text_flaw(value: object, column: str) -> Flaw | None:
    """Tell why a cell is not a text to read, if that is so."""
    if value is None:
        return Flaw(Reason.NO_VALUE, "the text is missing", column)
    if not isinstance(value, str):
        fix = ""
        if isinstance(value, list):
            words = " ".join(one for one in value if isinstance(one, str)) or "a fine film"
            fix = f"Join the list into one text, such as {words[:40]!r}"
        elif isinstance(value, bool | int | float):
            fix = f"Give it as a text, such as {str(value)[:40]!r}"
        return Flaw(Reason.TYPE, f"there is {type_of(value)} where a text should be", column, fix, fix)
    if not value.strip():
        return Flaw(Reason.EMPTY_TEXT, "the text is empty", column)
    return None


def is_number(cell: object) -> bool:
    """Tell whether a cell holds a number, NaN and infinity included.

    Example:
        >>> is_number(" 2.5"), is_number("nan"), is_number("2026-01-31"), is_number("101_2")
        (True, True, False, False)
    """
    try:
        _float(cell)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def is_moment(cell: object) -> bool:
    """Tell whether a cell holds a date or a time rather than a text, in ISO 8601, otherwise separated, or in words.

    Example:
        >>> is_moment("2026-01-31T12:00:00Z"), is_moment("31/01/2026 8:15 PM"), is_moment("a film of 1999")
        (True, True, False)
    """
    if isinstance(cell, date | time):
        return True
    if not isinstance(cell, str) or is_number(cell):
        return False
    text = cell.strip()
    if len(text) > _LONGEST_MOMENT:
        return False
    return any(
        found is not None for found in (_MOMENT.fullmatch(text), date_with_named_month(text), first_day_of_period(text))
    )


def is_date(cell: object) -> bool:
    """Tell whether a cell holds a date: one that `time_of` reads, or one whose day and month may be swapped.

    Example:
        >>> is_date("2026-01-31"), is_date("31 Jan 2026"), is_date("31.01.2026"), is_date("1.234,5"), is_date("2026")
        (True, True, True, False, False)
    """
    if not isinstance(cell, str):
        return isinstance(cell, date)
    text = cell.strip()[: _LONGEST_MOMENT + 1]
    if len(text) > _LONGEST_MOMENT or is_number(text):
        return False
    return is_numbered_date(text) or _moment_of(text) is not None


def is_date_in_digits(cell: object) -> bool:
    """Tell whether a cell is a number that is most likely a date, such as 20260131.

    Example:
        >>> is_date_in_digits("20260131"), is_date_in_digits(20260131), is_date_in_digits("20261331")
        (True, True, False)
    """
    return _DIGITS.fullmatch(str(cell).strip()) is not None


def mostly(is_such: Callable[[object], bool], cells: Iterable[object]) -> bool:
    """Tell whether most of the cells that are not empty are such, and there are some."""
    there = [cell for cell in cells if not is_missing(cell)]
    return 2 * sum(map(is_such, there)) > len(there)


def has_words(cell: object) -> bool:
    """Tell whether a cell holds several words, and is neither a date nor a number."""
    return isinstance(cell, str) and len(cell.split()) > 1 and not is_moment(cell) and not is_number(cell)


def time_of(value: Any, column: str) -> float | Flaw:
    """Turn a cell into a time: a number as it is, a date in seconds, in UTC where it names no zone.

    Dates are read in ISO 8601, with the year first (2026/1/31 12:00), or with the month named (31 Jan 2026, January 31,
    2026, 31-Jan-26, 31. Januar 2026) and perhaps a time and a zone (Sat, 31 Jan 2026 12:00:00 +0100). A month (2026-01,
    Jan 2026, Jan-26, 01/2026), a quarter (2026-Q1, Q1 2026, 1Q26), a half-year (2026H1) and a week (2026W05, as in ISO
    8601; in a column named for weeks, 2026-05 is one, too) are their first day. Dates
    with the year last are read where a table says of their column which of its numbers is the day, see `NumberedDate`;
    as mere texts they are refused: whether 01/02/2026 is in January cannot be told.

    Example:
        >>> time_of("7.5", "when"), time_of("1970-01-02", "when"), time_of("Jan 2, 1970", "when")
        (7.5, 86400.0, 86400.0)
        >>> time_of("1970-Q2", "when") / 86400, time_of("Feb 1970", "when") / 86400
        (90.0, 31.0)
    """
    if isinstance(value, str):
        try:
            value = _float(value)
        except ValueError:
            moment = (first_day_of_week(value.strip()) if names_weeks(column) else None) or _moment_in(value)
            if moment is None:
                return _no_time(value, column)
            value = moment
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if not isinstance(value, int | float) or not -sys.float_info.max <= value <= sys.float_info.max:
        return Flaw(Reason.NOT_A_TIME, f"{str(value)[:40]} is not a time", column)
    return float(value)


class TimesOfColumn:
    """Reads the times of a column with `time_of`, and refuses a mix of dates and numbers.

    The two cannot be ordered: 2025 is the number 2025, but 2025-01-15 is seconds since 1970.

    Example:
        >>> times = TimesOfColumn()
        >>> times.read("1970-01-02", "when"), times.read("1970", "when")
        Traceback (most recent call last):
        ...
        unspool.errors.AdvisedError: Column when holds both dates and numbers, such as '1970-01-02' and '1970'. ...
    """

    def __init__(self) -> None:
        self._first: object = None
        self._dates = False

    def read(self, value: Any, column: str) -> float | Flaw:
        """Turn the next cell into a time.

        Raises:
            UserError: it is a date among numbers, or a number among dates, and nothing tells which of them are right.
        """
        found = time_of(value, column)
        if isinstance(found, Flaw) or self.accepts(value):
            return found
        examples = f"{str(self._first)[:40]!r} and {str(value)[:40]!r}"
        raise AdvisedError(
            f"Column {column} holds both dates and numbers, such as {examples}.",
            "Write all as dates (2025 as 2025-01-01), or all as numbers.",
        )

    def accepts(self, value: object) -> bool:
        """Whether a time is of the kind (date or number) of the column's first time, which this sets."""
        dates = not is_number(value)
        if self._first is None:
            self._first, self._dates = value, dates
        return dates == self._dates


def names_zone(value: object) -> bool:
    """Tell whether a cell is a time of day with its zone, as `time_of` reads it.

    Example:
        >>> names_zone("2026-01-31T12:00:00Z"), names_zone("2026-01-31 12:00+0100"), names_zone("2026-01-31")
        (True, True, False)
    """
    if isinstance(value, str):
        value = _moment_in(value)
    return isinstance(value, datetime) and value.tzinfo is not None


def wall_clock(value: object) -> float | None:
    """Return the local time of a time that names its zone, in seconds since 1970 as if in UTC; None for anything else.

    Example:
        >>> wall_clock("1970-01-02T00:00:00+01:00"), wall_clock("1970-01-02T01:00Z"), wall_clock("1970-01-02T01:00")
        (86400.0, 90000.0, None)
    """
    if isinstance(value, str):
        value = _moment_in(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.replace(tzinfo=UTC).timestamp()
    return None


def _no_time(value: str, column: str) -> Flaw:
    if not isinstance(value, NumberedDate) and _OF_DAY.fullmatch(value.strip()):
        return Flaw(
            Reason.NOT_A_TIME,
            f"{value[:40]!r} is a time of day without a date, or the time since a series began",
            column,
            "If the date is in another column, name both, as in --time date,time. If each series begins at 0, "
            "convert the times to seconds (in pandas, if they are like 01:02:03, "
            "pandas.to_timedelta(column).dt.total_seconds())",
            "Write the date before it, as in 2026-01-31 12:00",
        )
    period = fiscal_period(value.strip()) or unread_period(value.strip())
    if period is not None:
        detail, fix = period
        return Flaw(Reason.NOT_A_TIME, f"{value[:40]!r} {detail}", column, fix, fix)
    return Flaw(Reason.NOT_A_TIME, _why_no_time(value), column)


def _why_no_time(value: str) -> str:
    if isinstance(value, BareNumber):
        return f"{value[:40]!r} {why_no_number(value)}"
    if isinstance(value, NumberedDate):
        return value.why_none
    if is_numbered_date(value):
        return NumberedDate(value, DateOrder([])).why_none
    return f"{value[:40]!r} is neither a number nor a date such as 2026-01-31"


def _moment_in(cell: str) -> datetime | None:
    return cell.moment if isinstance(cell, NumberedDate) else _moment_of(cell.strip())


def _moment_of(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if year_first := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, clock = year_first.groups()
        return with_clock(f"{year}-{month:0>2}-{day:0>2}", clock or "")
    return date_with_named_month(text) or first_day_of_period(text)


def number_of(value: object, column: str) -> float | Flaw:
    """Turn a cell into a finite number.

    Example:
        >>> number_of(" 2.5", "x"), number_of("nan", "x").detail
        (2.5, "'nan' is not a finite number")
    """
    if is_missing(value):
        return Flaw(Reason.NO_VALUE, "the value is missing", column)
    try:
        number = _float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        return Flaw(Reason.NOT_FINITE, f"{str(value)[:40]!r} {why_no_number(value)}", column)
    return number


def without_boolean(value: Any) -> Any:
    """Turn TRUE into 1 and FALSE into 0, in any case and as booleans; anything else is returned as it is.

    Example:
        >>> without_boolean("TRUE"), without_boolean(False), without_boolean("2")
        (1.0, 0.0, '2')
    """
    text = str(value).strip().lower() if isinstance(value, str | bool) else ""
    return {"true": 1.0, "false": 0.0}.get(text, value)


def why_no_number(value: object) -> str:
    """Tell why a cell is not a finite number, to follow the cell in a sentence, and what to do where that is clear.

    Example:
        >>> why_no_number("n/a"), why_no_number("0,5")
        ('is not a finite number', 'has a decimal comma; write a decimal point')
    """
    if isinstance(value, BareNumber):
        return "has no sign or unit, unlike the numbers above it; add the same one"
    if has_decimal_comma(value):
        if may_separate_thousands(str(value)):
            digits = without_sign(str(value)).strip()
            thousands, decimals = digits.replace(",", ""), digits.replace(",", ".")
            return f"has a comma that may separate thousands or decimals; write {thousands} or {decimals}"
        return "has a decimal comma; write a decimal point"
    if has_unit(value):
        return "has a sign or a unit; write the number alone (in CSV and TSV, a whole column may have the same one)"
    return _NO_NUMBER


_NO_NUMBER = "is not a finite number"
_LARGEST = 3.4028235e38  # that 32 bits hold


def step_of(value: object, column: str) -> float | Flaw:
    """Turn a cell into a number of a series: finite and within 32 bits, or NaN where it is missing.

    Example:
        >>> step_of(" 2.5", "x"), step_of("", "x"), step_of("NA", "x"), step_of("1e300", "x").detail
        (2.5, nan, nan, 'the number is too large for 32 bits')
    """
    if is_missing(value) or is_no_number(value):
        return math.nan
    number = number_of(value, column)
    if isinstance(number, Flaw) and why_no_number(value) == _NO_NUMBER:
        fix = "Write a number, or leave the cell empty if none is known"
        return replace(number, fix=fix, fix_in_use=fix)
    if not isinstance(number, Flaw) and abs(number) > _LARGEST:
        return Flaw(Reason.NOT_FINITE, "the number is too large for 32 bits", column)
    return number


def steps_of(values: Sequence[object], column: str) -> NDArray[np.float64] | None:
    """Turn N cells into numbers as `step_of` does with each, (N,); None if any is wrong.

    Example:
        >>> steps_of(["1", " 2.5"], "x").tolist(), steps_of(["1", ""], "x").tolist(), steps_of(["1", "a"], "x")
        ([1.0, 2.5], [1.0, nan], None)
    """
    found = _numbers(values)
    if found is not None and (np.abs(found) <= _LARGEST).all():
        return found
    one_by_one = [step_of(value, column) for value in values]
    return None if any(isinstance(one, Flaw) for one in one_by_one) else np.array(one_by_one, np.float64)


def times_of(values: Sequence[object], column: str) -> NDArray[np.float64] | None:
    """Turn N cells into times as `time_of` does with each, (N,); None if any is wrong, or if only some are dates.

    Example:
        >>> times_of(["1", "2"], "t").tolist(), times_of(["1970-01-02"], "t").tolist(), times_of(["", "1"], "t")
        ([1.0, 2.0], [86400.0], None)
    """
    found = _numbers(values) if not any(isinstance(value, date) for value in values) else None
    if found is not None and np.isfinite(found).all():
        return found
    one_by_one = [time_of(value, column) for value in values]
    if any(isinstance(one, Flaw) for one in one_by_one) or any(map(is_number, values)):
        return None
    return np.array(one_by_one, np.float64)


def _numbers(values: Sequence[Any]) -> NDArray[np.float64] | None:
    """(N,) numbers, or None if any cell is not a number."""
    if any(isinstance(value, str) and "_" in value for value in values):
        return None
    try:
        return np.array(list(map(float, values)), np.float64)
    except (TypeError, ValueError, OverflowError):
        return None


def _float(value: Any) -> float:
    """Like `float`, but refuses texts with an underscore: Python reads 101_2 as 1012, but in files it is a name."""
    if isinstance(value, str) and "_" in value:
        raise ValueError(f"{value[:40]!r} is not a number")
    return float(value)


def part_of(value: object, column: str) -> int | Flaw:
    """Turn a cell of a split column into the number of a part."""
    part = part_named(value) if isinstance(value, str) else None
    if part is None:
        return Flaw(Reason.UNKNOWN_SPLIT, f"{value!r} is neither train nor validation nor test", column)
    return PARTS.index(part)

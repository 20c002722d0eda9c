"""Months, quarters, half-years and weeks, which are read as their first day: 2026-01, Jan 2026, 2026Q1, 2026-W05."""

import re
from contextlib import suppress
from datetime import date, datetime
from unicodedata import normalize

from unspool.data.tables.named_months import MONTH_NAME, month_named
from unspool.data.tables.numbered_dates import full_year

_YEAR = r"(?P<year>\d{4})"
_MONTH = r"(?P<month>\d{1,2})"
_NAME = rf"(?P<name>{MONTH_NAME})\.?"
_QUARTER = r"(?P<quarter>[1-4])"
_HALF = r"[HS](?P<half>[12])"
_WEEK = r"(?:(?:W|KW ?)(?P<week>\d{1,2})|S(?P<semaine>\d\d))"
_NUMBERED_WEEKS = (re.compile(rf"{_YEAR}[-/ ](?P<week>\d\d?)"), re.compile(rf"(?P<week>\d\d?)[-/ ]{_YEAR}"))
_WEEKS = re.compile(r"week|woche|semaine|semana|settimana|\bkw\b", re.IGNORECASE)
_FORMS_OF_WEEKS = (rf"{_YEAR}[-/ ]?{_WEEK}", rf"{_WEEK}[-/ ]?{_YEAR}")
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}[-/ ]{_MONTH}",
        rf"{_MONTH}[-/]{_YEAR}",
        rf"{_YEAR}[-/ ]?M{_MONTH}",
        rf"{_YEAR}[-/ :]?[QT]{_QUARTER}",
        rf"[QT]{_QUARTER}[-/ ]?{_YEAR}",
        rf"{_QUARTER}[QT][-/ ]?(?P<year>\d{{4}}|\d\d)",
        rf"{_QUARTER}\. ?Quartal {_YEAR}",
        rf"{_YEAR}[-/ ]?{_HALF}",
        rf"{_HALF}[-/ ]?{_YEAR}",
        *_FORMS_OF_WEEKS,
        rf"{_YEAR}[-/ ]{_NAME}",
        rf"{_NAME}(?:[-/ ]| de ){_YEAR}",
        rf"{_NAME}[-'](?P<year>\d\d)",
        rf"(?P<name>{MONTH_NAME})(?P<year>(?:19|20)\d\d)",
    )
)
_UNREAD = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_NAME}[/ _]?\d\d",
        rf"[QT]{_QUARTER}[-/ '_.]?(?:\d\d)?\d\d",
        rf"(?:\d\d)?\d\d[-/ '_.]?[QT]{_QUARTER}",
        r"(?:19|20)\d\d[:_.](?:0[1-9]|1[0-2])",
    )
)
"""Periods in notations that may mean something else, or that are rare."""
_UNREAD_WEEKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (*_FORMS_OF_WEEKS, rf"{_YEAR}[-/ ](?P<week>00|53)", rf"(?P<week>00|53)[-/ ]{_YEAR}")
)


def first_day_of_period(text: str) -> datetime | None:
    """The first day of a month, a quarter, a half-year or a week, the last as in ISO 8601; None if there is none.

    Example:
        >>> [str(first_day_of_period(text))[:10] for text in ("Jan-26", "2026Q2", "H2 2026", "KW 5 2026", "2026-13")]
        ['2026-01-01', '2026-04-01', '2026-07-01', '2026-01-26', 'None']
    """
    text = normalize("NFC", text)
    found = next((match.groupdict() for form in _FORMS if (match := form.fullmatch(text)) is not None), None)
    if found is None:
        return None
    year, week = full_year(found["year"]), found.get("week") or found.get("semaine")
    if year is None:
        return None
    with suppress(ValueError):
        return datetime.fromisocalendar(year, int(week), 1) if week else datetime(year, _first_month(found), 1)
    return None


def unread_period(text: str) -> tuple[str, str] | None:
    """What a text looks like that may be a month, quarter or week, as a clause, and what to do; None for others.

    Example:
        >>> [unread_period(text) is not None for text in ("Jan 20", "JAN20", "Q1/20", "2020:01", "2014-W53")]
        [True, True, True, True, True]
        >>> [unread_period(text) is not None for text in ("Jan 2020", "soon 20", "1234:56", "2020_99")]
        [False, False, False, False]
    """
    week = next((match.groupdict() for form in _UNREAD_WEEKS if (match := form.fullmatch(text)) is not None), None)
    if week is not None and int(week["year"]):
        return no_such_week(int(week["year"]), int(week["week"] or week["semaine"]))
    found = next((match.groupdict() for form in _UNREAD if (match := form.fullmatch(text)) is not None), None)
    if found is None or ("name" in found and not month_named(str(found["name"]))):
        return None
    if "name" in found:
        return "may be a month with its year, or a day of a month", "Write months as in Jan 2026 or 2026-01"
    if "quarter" in found:
        return "looks like a quarter", "Write quarters as in 2026-Q1"
    return "looks like a month", "Write months as in 2026-01"


def no_such_week(year: int, week: int) -> tuple[str, str] | None:
    """If a year has no such week in ISO 8601, that as a clause, and what to do about it.

    Example:
        >>> no_such_week(2014, 53)[0], no_such_week(2015, 53)
        ('is no week of ISO 8601: 2014 has 52', None)
    """
    weeks = date(year, 12, 28).isocalendar().week  # always in the last one
    if 1 <= week <= weeks:
        return None
    fix = "If weeks are counted in another way, as epidemiologists in the US do, write the date on which each begins"
    return f"is no week of ISO 8601: {year} has {weeks}", fix


def names_weeks(column: str) -> bool:
    """Whether a column is called by the weeks that it holds, so that 2026-05 in it is a week, not May.

    Example:
        >>> names_weeks("week"), names_weeks("KW"), names_weeks("month")
        (True, True, False)
    """
    return _WEEKS.search(column) is not None


def first_day_of_week(text: str) -> datetime | None:
    """The Monday of a week, as in ISO 8601, that is written like a month; None if there is none.

    Example:
        >>> [str(first_day_of_week(text))[:10] for text in ("2026-05", "5/2026", "2026-54", "2026-01-31")]
        ['2026-01-26', '2026-01-26', 'None', 'None']
    """
    found = next((match for form in _NUMBERED_WEEKS if (match := form.fullmatch(text)) is not None), None)
    if found is None:
        return None
    with suppress(ValueError):
        return datetime.fromisocalendar(int(found["year"]), int(found["week"]), 1)
    return None


def _first_month(found: dict[str, str | None]) -> int:
    if (name := found.get("name")) is not None:
        return month_named(name)
    if (quarter := found.get("quarter")) is not None:
        return 3 * int(quarter) - 2
    if (half := found.get("half")) is not None:
        return 6 * int(half) - 5
    return int(found.get("month") or 0)

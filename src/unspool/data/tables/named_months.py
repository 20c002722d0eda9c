"""Dates whose month is named in English: 31 Jan 2026, January 31, 2026, 31-Jan-26, Sat Jan 31 12:00:00 2026."""

import re
from datetime import datetime

from unspool.data.tables.numbered_dates import full_year, with_clock

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

_WEEKDAY = r"(?:(?:Mon|Tue|Tues|Wed|Wednes|Thu|Thur|Thurs|Fri|Sat|Satur|Sun)(?:day)?[.,]? )?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[A-Z]{3,9})"
_CLOCK = r"(?:(?:,? |T|:)(?P<clock>\d\S*(?: \S+){0,2}))?"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}(?P<mark>[-/. ]?){_MONTH}[.,]?(?P=mark)(?P<year>\d{{4}}|\d\d){_CLOCK}",
        rf"{_WEEKDAY}{_MONTH}\.?[- ]{_DAY}(?:,? |-)(?P<year>\d{{4}}){_CLOCK}",
        rf"(?P<year>\d{{4}})(?P<mark>[-/. ]?){_MONTH}(?P=mark){_DAY}{_CLOCK}",
        rf"{_WEEKDAY}{_MONTH} +{_DAY} (?P<clock>\d\d:\d\d:\d\d(?: [+-]\d{{4}}| UTC| GMT)?) (?P<year>\d{{4}})",
    )
)
_LONGEST = 80
"""Characters of a date with its time of day."""


def month_named(name: str) -> int:
    """The number of a month, by its English name or the first letters of it; 0 if there is none.

    Example:
        >>> [month_named(name) for name in ("Jan", "SEPT", "december", "Decem")]
        [1, 9, 12, 0]
    """
    name = name.lower()
    return next((i for i, full in enumerate(MONTHS, start=1) if name in (full, full[:3])), 9 if name == "sept" else 0)


def date_with_named_month(text: str) -> datetime | None:
    """Read a date, perhaps with its day of the week, a time of day and a zone, as in e-mails, logs and spreadsheets.

    Example:
        >>> [str(date_with_named_month(text)) for text in ("31-Jan-98", "Jan. 31st, 1998 8:15 PM", "31 Jam 1998")]
        ['1998-01-31 00:00:00', '1998-01-31 20:15:00', 'None']
    """
    if len(text) > _LONGEST:
        return None
    found = next((match for form in _FORMS if (match := form.fullmatch(text)) is not None), None)
    if found is None:
        return None
    year, month = full_year(found["year"]), month_named(found["month"])
    return with_clock(f"{year}-{month:02}-{found['day']:0>2}", found["clock"] or "") if year and month else None

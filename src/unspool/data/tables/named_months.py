"""Dates whose month is named: 31 Jan 2026, January 31, 2026, 31-Jan-26, 31. Januar 2026, Sat Jan 31 12:00:00 2026."""

import re
from datetime import datetime
from unicodedata import combining, normalize

from unspool.data.tables.numbered_dates import full_year, with_clock

MONTHS = (
    "january jan januar janner januari janvier janv enero ene gennaio janeiro",
    "february feb februar februari fevrier fevr febrero febbraio fevereiro",
    "march mar marz maerz mrz mars maart mrt marzo marco",
    "april apr avril avr abril abr aprile",
    "may mai mei mayo maggio maio",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet juil julio luglio julho",
    "august aug augustus aout agosto ago",
    "september sep sept septembre septiembre setiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro",
)
"""The names of each month, without accents, in English, German, French, Spanish, Italian, Portuguese and Dutch.

Italian and Portuguese abbreviations, some of which are English words, are not among them.
"""
MONTH_NAME = r"[^\W\d_]{3,10}"
"""A pattern that the name of a month matches."""

_WEEKDAY = r"(?:(?:Mon|Tue|Tues|Wed|Wednes|Thu|Thur|Thurs|Fri|Sat|Satur|Sun)(?:day)?[.,]? )?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.(?= ))?"
_MONTH = rf"(?P<month>{MONTH_NAME})"
_CLOCK = r"(?:(?:,? |T|:)(?P<clock>\d\S*(?: \S+){0,2}))?"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}(?P<mark>[-/. ]?| de ){_MONTH}[.,]?(?P=mark)(?P<year>\d{{4}}|\d\d){_CLOCK}",
        rf"{_WEEKDAY}{_MONTH}\.?[- ]{_DAY}(?:,? |-)(?P<year>\d{{4}}){_CLOCK}",
        rf"(?P<year>\d{{4}})(?P<mark>[-/. ]?){_MONTH}(?P=mark){_DAY}{_CLOCK}",
        rf"{_WEEKDAY}{_MONTH} +{_DAY} (?P<clock>\d\d:\d\d:\d\d(?: [+-]\d{{4}}| UTC| GMT)?) (?P<year>\d{{4}})",
    )
)
_NUMBERS = {name: number for number, names in enumerate(MONTHS, start=1) for name in names.split()}
_LONGEST = 80
"""Characters of a date with its time of day."""


def month_named(name: str) -> int:
    """The number of a month, by its name or a usual abbreviation; 0 if there is none.

    Example:
        >>> [month_named(name) for name in ("Jan", "SEPT", "d\u00e9cembre", "M\u00e4rz", "Decem")]
        [1, 9, 12, 3, 0]
    """
    plain = "".join(one for one in normalize("NFD", name.lower()) if not combining(one))
    return _NUMBERS.get(plain, 0)


def date_with_named_month(text: str) -> datetime | None:
    """Read a date, perhaps with its day of the week, a time of day and a zone, as in e-mails, logs and spreadsheets.

    Example:
        >>> [str(date_with_named_month(text)) for text in ("31-Jan-98", "Jan. 31st, 1998 8:15 PM", "31 Jam 1998")]
        ['1998-01-31 00:00:00', '1998-01-31 20:15:00', 'None']
    """
    if len(text) > _LONGEST:
        return None
    text = normalize("NFC", text)
    found = next((match for form in _FORMS if (match := form.fullmatch(text)) is not None), None)
    if found is None:
        return None
    year, month = full_year(found["year"]), month_named(found["month"])
    return with_clock(f"{year}-{month:02}-{found['day']:0>2}", found["clock"] or "") if year and month else None

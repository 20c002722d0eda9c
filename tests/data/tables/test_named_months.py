from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tables.named_months import MONTHS, date_with_named_month, month_named

FORMS = (
    "%d %b %Y",
    "%d-%b-%Y",
    "%d/%B/%Y",
    "%d%b%Y",
    "%b %d, %Y",
    "%A, %B %d, %Y",
    "%a %d %b %Y",
    "%Y-%b-%d",
    "%d.%b.%Y",
)
CLOCKS = ("", " %H:%M", ", %H:%M:%S", " %I:%M %p", ":%H:%M:%S")


@given(st.dates(date(1000, 1, 1)), st.times(), st.sampled_from(FORMS), st.sampled_from(CLOCKS), st.booleans())
def test_each_form_is_read_as_it_is_written(day: date, clock: time, form: str, shown: str, shout: bool) -> None:
    at = datetime.combine(day, clock)
    written = at.strftime(form.replace("%Y", f"{day.year:04}") + shown)
    expected = datetime.combine(
        day, time(clock.hour, clock.minute, clock.second * ("%S" in shown)) if shown else time()
    )
    assert date_with_named_month(written.upper() if shout else written) == expected


@given(st.dates(date(1969, 1, 1), date(2049, 12, 31)), st.sampled_from(["%d-%b-%y", "%d %b %y", "%d/%b/%y"]))
def test_years_of_two_digits(day: date, form: str) -> None:
    assert date_with_named_month(day.strftime(form)) == datetime(day.year, day.month, day.day)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Sat Jan 31 12:00:05 2026", datetime(2026, 1, 31, 12, 0, 5)),
        ("Sat Jan  3 12:00:05 2026", datetime(2026, 1, 3, 12, 0, 5)),
        ("Sat Jan 31 12:00:05 +0000 2026", datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)),
        ("Sat, 31 Jan 2026 12:00:05 +0100", datetime(2026, 1, 31, 12, 0, 5, tzinfo=timezone(timedelta(hours=1)))),
        ("31 Jan 2026 12:00:05 GMT", datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)),
        ("Jan. 31st, 2026", datetime(2026, 1, 31)),
        ("5 Sept 2026", datetime(2026, 9, 5)),
        ("31-Jan-2026 24:00", datetime(2026, 2, 1)),
        ("5. März 2026", datetime(2026, 3, 5)),
        ("5. Ma\u0308rz 2026", datetime(2026, 3, 5)),
        ("05.Okt.2026", datetime(2026, 10, 5)),
        ("1er août 2026 18:30", datetime(2026, 8, 1, 18, 30)),
        ("5 de Diciembre de 2026", datetime(2026, 12, 5)),
        ("5 giugno 2026", datetime(2026, 6, 5)),
    ],
)
def test_dates_of_emails_and_logs(text: str, at: datetime) -> None:
    assert date_with_named_month(text) == at


@pytest.mark.parametrize(
    "text",
    ["", "31 Jam 2026", "31-Jan 2026", "Feb 30, 2026", "31 Jan 55", "3 Jan 2026 noon", "0 Jan 2026", "Jan 5", "a" * 99],
)
def test_what_is_no_such_date(text: str) -> None:
    assert date_with_named_month(text) is None


def test_each_name_stands_for_one_month():
    names = [name for month in MONTHS for name in month.split()]
    assert len(names) == len(set(names))
    assert [month_named(month.split()[0]) for month in MONTHS] == [*range(1, 13)]
    assert [month_named(name) for name in ("Jänner", "FÉVRIER", "août", "março", "set", "out", "jui")] == [
        1,
        2,
        8,
        3,
        0,
        0,
        0,
    ]

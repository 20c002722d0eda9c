"""Months, quarters, half-years and weeks are their first days; other texts are none of them."""

from datetime import datetime

import pytest

from unspool.data.tables.periods import first_day_of_period, unread_period


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03", "2026-03-01"),
        ("Jan-26", "2026-01-01"),
        ("Dezember 2026", "2026-12-01"),
        ("2026T4", "2026-10-01"),
        ("3Q2026", "2026-07-01"),
        ("2026-S1", "2026-01-01"),
        ("2026-S01", "2025-12-29"),
        ("KW 53 2026", "2026-12-28"),
    ],
)
def test_first_days(text, day):
    assert first_day_of_period(text) == datetime.fromisoformat(day)


@pytest.mark.parametrize("text", ["2026-13", "2026H3", "2026Q5", "KW 54 2026", "1Q55", "Jan 26", "Lenz 2026", "March"])
def test_others(text):
    assert first_day_of_period(text) is None


@pytest.mark.parametrize("text", ["2014-W53", "KW 53 2014", "2014-W00", "2014-53", "00/2014"])
def test_weeks_that_their_year_does_not_have_are_explained(text):
    detail, fix = unread_period(text)
    assert detail == "is no week of ISO 8601: 2014 has 52"
    assert "write the date on which each begins" in fix


@pytest.mark.parametrize("text", ["2015-W53", "2014-13", "0000-W10", "S53 0000"])
def test_other_texts_are_no_such_weeks(text):
    assert unread_period(text) is None

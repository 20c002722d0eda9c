import math
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import output_of
from unspool.data.cell_values import (
    fingerprint,
    is_date,
    is_missing,
    is_moment,
    is_number,
    names_zone,
    number_of,
    part_of,
    step_of,
    steps_of,
    text_flaw,
    time_of,
    times_of,
)
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.written_numbers import BareNumber


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12", 12.0),
        (-1.5, -1.5),
        ("1970-01-01", 0.0),
        (" 1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01 01:00:00+01:00", 0.0),
        ("1970/1/1 00:01:00", 60.0),
        ("1970.01.02", 86400.0),
        ("Jan 2 1970", 86400.0),
        ("2 January 1970 00:01", 86460.0),
        ("Fri, 02 Jan 1970 01:00:01 +0100", 86401.0),
        ("Fri, 02 Jan 1970 00:00:01 GMT", 86401.0),
        ("January 2, 1970", 86400.0),
        ("2 Jan 1970", 86400.0),
        ("02-JAN-70", 86400.0),
        ("1970-01-01 24:00", 86400.0),
        (date(1970, 1, 2), 86400.0),
        (datetime(1970, 1, 1, 0, 1), 60.0),
        (datetime(1970, 1, 1, 0, 1, tzinfo=UTC), 60.0),
    ],
)
def test_times_in_any_form(value: object, seconds: float) -> None:
    assert time_of(value, "when") == seconds


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03", date(2026, 3, 1)),
        ("2026/3", date(2026, 3, 1)),
        ("03/2026", date(2026, 3, 1)),
        ("2026M03", date(2026, 3, 1)),
        ("Mar 2026", date(2026, 3, 1)),
        ("Mar-26", date(2026, 3, 1)),
        ("Sept'98", date(1998, 9, 1)),
        ("2026-March", date(2026, 3, 1)),
        ("2026Q4", date(2026, 10, 1)),
        ("2026-q1", date(2026, 1, 1)),
        ("Q2 2026", date(2026, 4, 1)),
        ("2026W05", date(2026, 1, 26)),
        ("2026-W5", date(2026, 1, 26)),
        ("W53 2026", date(2026, 12, 28)),
        ("KW 5/2026", date(2026, 1, 26)),
        ("2026-S05", date(2026, 1, 26)),
        ("2026-S2", date(2026, 7, 1)),
        ("H1 2026", date(2026, 1, 1)),
        ("1Q26", date(2026, 1, 1)),
        ("2026:Q3", date(2026, 7, 1)),
        ("T2 2026", date(2026, 4, 1)),
        ("4. Quartal 2026", date(2026, 10, 1)),
        ("März 2026", date(2026, 3, 1)),
        ("févr.-26", date(2026, 2, 1)),
        ("enero de 2026", date(2026, 1, 1)),
        ("DEC2026", date(2026, 12, 1)),
    ],
)
def test_months_quarters_and_weeks_are_their_first_days(cell: str, day: date) -> None:
    assert time_of(cell, "when") == time_of(day, "when")
    assert is_date(cell)
    assert is_moment(cell)


@given(st.dates(date(1000, 1, 1)), st.times(), st.sampled_from(["/", "-", "."]), st.booleans())
def test_years_come_first_with_or_without_zeros(day: date, clock: time, mark: str, padded: bool) -> None:
    numbers = [f"{one:02}" if padded else str(one) for one in (day.month, day.day)]
    written = f"{day.year}{mark}{numbers[0]}{mark}{numbers[1]} {clock.hour}:{clock.minute:02}"
    at = datetime(day.year, day.month, day.day, clock.hour, clock.minute, tzinfo=UTC)
    assert time_of(written, "when") == at.timestamp()


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    found = time_of(text, "when")
    assert isinstance(found, float | Flaw)
    assert is_date(text) or is_number(text) or isinstance(found, Flaw)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("01/02/2026", "may begin with the day or with the month, and no other date in the column shows which; use"),
        ("01/02/26", "could start or end with the year; write the year with four digits"),
        ("01/02/55", "has a year of two digits, 1955 or 2055; write four"),
        ("Jan-55", "is neither a number nor a date"),
        ("17:24:00", "is a time of day without a date"),
        ("00:00:00.250", "is a time of day without a date, or the time since a series began"),
        ("2026-W54", "is no week of ISO 8601: 2026 has 53"),
        ("2026_01", "looks like a month"),
        ("Jan 26", "may be a month with its year, or a day of a month"),
        ("Q1/26", "looks like a quarter"),
        ("2026Q5", "is neither a number nor a date"),
        ("13/2026", "is neither a number nor a date"),
        ("2025-26", "looks like a fiscal year"),
        ("FY2026Q1", "looks like a quarter of a fiscal year"),
        ("Day 2026", "is neither a number nor a date"),
        (BareNumber("7"), "'7' has no sign or unit, unlike the numbers above it"),
    ],
)
def test_why_a_cell_is_no_time(value: str, why: str) -> None:
    flaw = time_of(value, "when")
    assert isinstance(flaw, Flaw)
    assert why in flaw.detail


@pytest.mark.parametrize("value", ["", " ", "nan", "NA", "n/a", "NULL", "None", "?", " . "])
def test_missing_numbers_of_a_series(value: str) -> None:
    found = step_of(value, "x")
    assert isinstance(found, float)
    assert math.isnan(found)


def test_a_number_of_a_series_that_is_not_known_may_be_left_empty() -> None:
    hidden, comma = step_of("<5", "cases"), step_of("1,5", "cases")
    assert isinstance(hidden, Flaw)
    assert hidden.fix == hidden.fix_in_use == "Write a number, or leave the cell empty if none is known"
    assert isinstance(comma, Flaw)
    assert comma.fix == ""


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("1,234", "has a comma that may separate thousands or decimals; write 1234 or 1.234"),
        ("-12,345 €", "has a comma that may separate thousands or decimals; write -12345 or -12.345"),
        ("1,5", "has a decimal comma; write a decimal point"),
        ("0,123", "has a decimal comma; write a decimal point"),
        ("1.234,567", "has a decimal comma; write a decimal point"),
        ("1,234,567", "is not a finite number"),
        ("101_2", "is not a finite number"),
    ],
)
def test_why_a_cell_is_no_number(value: str, why: str) -> None:
    """Whoever writes a decimal point for a comma that separates thousands writes a thousandth."""
    flaw = number_of(value, "price")
    assert isinstance(flaw, Flaw)
    assert flaw.detail == f"{value!r} {why}"


@pytest.mark.parametrize(
    "value", [None, "", "yesterday", "nan", float("inf"), 10**400, [1], "1970-13-01", "01/02/1970", "May 32 1970"]
)
def test_what_is_no_time_is_told(value: object) -> None:
    flaw = time_of(value, "when")
    assert isinstance(flaw, Flaw)
    assert (flaw.reason, flaw.column) == (Reason.NOT_A_TIME, "when")


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("2026-01-31T12:00-05", True),
        ("20260131T120000-0500", True),
        ("2026-01-31T12Z", True),
        (datetime(2026, 1, 31, tzinfo=UTC), True),
        ("2026-01-31 12:00", False),
        ("20260131", False),
        ("2026.01.31", False),
        (date(2026, 1, 31), False),
        ("12:00 2026-01-31", False),
        (7.5, False),
    ],
)
def test_a_zone_is_named_by_times_of_day_however_they_are_written(cell: object, named: bool) -> None:
    """And by nothing that is no time: its row is left out."""
    assert names_zone(cell) == named


@pytest.mark.parametrize(
    ("cell", "is_one"), [("Jan 2 1970", True), ("1970/1/1", True), ("May be 1970", False), ("12", False)]
)
def test_dates_are_told_from_texts(cell: str, is_one: bool) -> None:
    assert is_moment(cell) == is_one


def test_a_long_text_is_no_moment_and_takes_no_time_to_tell() -> None:
    assert not is_moment("a film of 1999-2001, " * 50_000)  # took minutes, by the square of the length


def test_parts_by_their_names() -> None:
    assert [part_of(name, "split") for name in ("train", "VALID", " test ")] == [0, 1, 2]
    for value in ("fold 1", None, 3):
        flaw = part_of(value, "split")
        assert isinstance(flaw, Flaw)
        assert flaw.detail == f"{value!r} is neither train nor validation nor test"


@pytest.mark.parametrize(
    ("value", "reason"),
    [(None, Reason.NO_VALUE), ("", Reason.EMPTY_TEXT), (" \n\u3000", Reason.EMPTY_TEXT), (5, Reason.TYPE)],
)
def test_what_is_no_text_is_told(value: object, reason: Reason) -> None:
    flaw = text_flaw(value, "review")
    assert flaw is not None
    assert (flaw.reason, flaw.column) == (reason, "review")


def test_missing_is_nothing_blank_or_nan() -> None:
    values = [None, "", "  ", float("nan"), 0, False, "x", []]
    assert [is_missing(value) for value in values] == [True] * 4 + [False] * 4


def test_fingerprints_are_the_same_in_every_process() -> None:
    script = "from unspool.data.cell_values import fingerprint; print(fingerprint('a fine film'))"
    assert int(output_of(script)) == fingerprint("a fine film") != fingerprint("a fine film.")


def test_names_with_an_underscore_are_no_numbers() -> None:
    assert not is_number("101_2")
    assert steps_of(["1", "101_2"], "x") is None
    assert times_of(["2026_01", "2026_02"], "t") is None

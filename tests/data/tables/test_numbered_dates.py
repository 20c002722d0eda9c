import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unspool.data.cell_values import names_zone, time_of
from unspool.data.tables.numbered_dates import DateOrder, Dates, NumberedDate, columns_with_dates, with_clock
from unspool.data.tables.problems import Flaw
from unspool.data.tables.table import read_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]

DAYS = st.dates(date(1000, 1, 1))


def written(day: date, first: Dates, mark: str, padded: bool) -> str:
    parts = [f"{one:02}" if padded else str(one) for one in (day.day, day.month)]
    return mark.join([*(parts if first == "day-first" else parts[::-1]), str(day.year)])


@given(
    st.lists(DAYS, min_size=1, max_size=30),
    st.sampled_from(["day-first", "month-first"]),
    st.sampled_from(["/", "-", "."]),
    st.booleans(),
)
def test_one_day_after_the_12th_tells_how_all_are_meant(
    days: list[date], first: Dates, mark: str, padded: bool
) -> None:
    assume(any(day.day > 12 for day in days))
    order = DateOrder(cells := [written(day, first, mark, padded) for day in days])
    found = [NumberedDate(cell, order).moment for cell in cells]
    assert found == [datetime(day.year, day.month, day.day) for day in days]
    assert [str(NumberedDate(cell, order)) for cell in cells] == cells


@given(DAYS, st.times(), st.booleans(), st.booleans(), st.sampled_from([" ", ", ", "  ", "T"]))
def test_a_time_of_day_behind_it_is_read(day: date, clock: time, halves: bool, seconds: bool, between: str) -> None:
    hour = (clock.hour % 12 or 12) if halves else clock.hour
    shown = f"{hour}:{clock.minute:02}{f':{clock.second:02}' if seconds else ''}"
    shown += f" {'PM' if clock.hour > 11 else 'AM'}" if halves else ""
    cell = NumberedDate(written(day, "day-first", ".", True) + between + shown, DateOrder(["13.01.2026"]))
    at = datetime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second * seconds)
    assert cell.moment == at
    assert time_of(cell, "when") == at.replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["13/01/2026"], "day-first"),
        (["1/13/2026"], "month-first"),
        (["1/2/2026", None, "x", 5, "13/2/2026"], "day-first"),
        (["01-02-2026", "01-31-2026"], "month-first"),
        (["01/02/2026", "02/01/2026"], None),
        (["1.2.2026"], "day-first"),
        (["1.13.2026"], "month-first"),
        (["01/01/2026", "02/02/2026"], "day-first"),  # whichever
        (["01/01/2025", "01/07/2025", "01/01/2026"], "day-first"),  # months
        (["01/01/2025", "07/01/2025", "01/01/2026"], "month-first"),
        (["01/01/2026", "01/02/2026", "01/03/2026"], None),  # days or months
        (["45/50/2026"], None),
        (["1/31/98", "2/1/98"], "month-first"),
        (["31.01.05", "01.02.05"], "day-first"),
        (["31/12/99", "01/01/00"], "day-first"),
        (["26/01/30", "26/01/31"], None),  # the year may come first
        (["05-01-31"], None),
        (["24/01/01", "24/02/01", "25/12/01"], None),
        (["05/01/01", "06/01/01", "27/01/01"], None),
        (["31/01/05", "31/01/2005"], "day-first"),
        ([], None),
    ],
)
def test_a_column_says_what_comes_first(cells: list[object], first: Dates | None) -> None:
    assert DateOrder(cells).first == first


@given(st.lists(st.dates(date(1969, 1, 1), date(2049, 12, 31)), min_size=1, max_size=30), st.sampled_from("/-."))
def test_years_of_two_digits_are_near_our_time(days: list[date], mark: str) -> None:
    assume(any(day.day > 12 for day in days))
    order = DateOrder(cells := [f"{day.month}{mark}{day.day}{mark}{day:%y}" for day in days])
    assert [NumberedDate(cell, order).moment for cell in cells] == [
        datetime(day.year, day.month, day.day) for day in days
    ]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["1/31/55"], "'1/31/55' has a year of two digits, 1955 or 2055; write four"),
        (
            ["26/01/31"],
            "'26/01/31' could start or end with the year; write the year with four digits, as in 2026-01-31, or, ",
        ),
        (["01/02/98"], "'01/02/98' may begin with the day or with the month, and"),
    ],
)
def test_years_of_two_digits_that_may_be_others_are_told(cells: list[str], why: str) -> None:
    cell = NumberedDate(cells[0], DateOrder(cells))
    assert cell.moment is None
    assert cell.why_none.startswith(why)


def test_what_was_said_counts(write: Write) -> None:
    order = DateOrder(["01/13/2026"], given="day-first")
    assert NumberedDate("01/02/2026", order).moment == datetime(2026, 2, 1)
    assert NumberedDate("01/13/2026", order).moment is None
    path = write("a.csv", "day\n01/02/2026\n")
    for first, seconds in (("day-first", 2764800.0), ("month-first", 2764800.0 - 86400 * 30)):
        table = read_table(path, dates=first)  # type: ignore[arg-type]
        (cell,) = table.first().cells["day"]
        assert time_of(cell, "day") == datetime(2025, 12, 31, tzinfo=UTC).timestamp() + seconds
        assert table.date_order([None, "x", "day"]) == first


def test_all_of_the_file_is_asked_only_where_the_first_rows_leave_it_open(write: Write) -> None:
    rows = ["01/02/2026"] * 1500
    path = write("a.jsonl", "".join(f'{{"day": "{row}"}}\n' for row in [*rows, "31/01/2026"]))
    table = read_table(path)
    (cell, *_) = table.first().cells["day"]
    path.write_text("\n".join(f'{{"day": "{row}"}}' for row in [*rows, "01/31/2026"]))  # nothing has asked before
    assert time_of(cell, "day") == datetime(2026, 1, 2, tzinfo=UTC).timestamp()
    path.unlink()
    assert table.date_order(["day"]) == "month-first"
    assert table.words_on(["day"]) == ("dates in column day have the month first, such as 01/31/2026",)


def test_a_date_that_contradicts_the_others_is_told(write: Write) -> None:
    cells = read_table(write("a.csv", "day,x\n31/01/2026,1\n01/31/2026,2\n")).first().cells["day"]
    flaw = time_of(cells[1], "day")
    assert isinstance(flaw, Flaw)
    assert flaw.detail == (
        "'01/31/2026' is not a date with the day first; others in the column are, such as '31/01/2026'"
    )
    assert isinstance(time_of(cells[0], "day"), float)


def test_texts_with_a_date_in_them_are_no_column_of_dates() -> None:
    cells = {
        "dates": ["31.01.2026", "", "n/a", "1.2.2026"],
        "texts": ["seen on 31.01.2026", "", "", ""],
        "versions": ["1.2.3", "1.2.4", "", ""],
        "few": ["31.01.2026", "a", "b", ""],
        "numbers": [1.5, 2, None, 3],
        "none": ["", "", None, ""],
    }
    assert columns_with_dates(cells) == ["dates"]


@pytest.mark.parametrize(
    ("clock", "iso"),
    [
        ("8:15", "2026-01-31T08:15:00"),
        ("12:00 am", "2026-01-31T00:00:00"),
        ("12:30 P.M.", "2026-01-31T12:30:00"),
        ("08:15:30,5", "2026-01-31T08:15:30.500000"),
        ("08:15 +0100", "2026-01-31T08:15:00+01:00"),
        ("08:15Z", "2026-01-31T08:15:00+00:00"),
        ("24:00", "2026-02-01T00:00:00"),
        ("24:00:00 +0100", "2026-02-01T00:00:00+01:00"),
    ],
)
def test_times_of_day(clock: str, iso: str) -> None:
    found = with_clock("2026-01-31", clock)
    assert found is not None
    assert found.isoformat() == iso
    assert names_zone(NumberedDate(f"31.01.2026 {clock}", DateOrder(["31.01.2026"]))) == ("+" in iso)


@pytest.mark.parametrize(
    "clock", ["24:01", "24:00 PM", "25:00", "13:00 PM", "0:15 AM", "8", "08:60", "noon", "08:15 +25:00"]
)
def test_what_is_no_time_of_day(clock: str) -> None:
    assert with_clock("2026-01-31", clock) is None


def test_a_cell_in_another_process_knows_its_order() -> None:
    copied = pickle.loads(pickle.dumps(NumberedDate("1/2/2026", DateOrder(["1/31/2026"]))))
    assert copied.moment == datetime(2026, 1, 2)


def test_parts_of_a_time_are_joined_and_stand_for_a_column(write: Write) -> None:
    path = write("a.csv", "x,date,clock\n1,13/1/2026,8:15\n2,1/2/2026,\n3,14/1/2026,9:00 PM\n")
    table = read_table(path, times=["date,clock", None, "x"])
    assert table.columns == ("date,clock", "x")
    for chunk in (table.first(), *table.chunks(rows=3), read_table(path, times=["date,clock"]).first()):
        times = chunk.cells["date,clock"]
        assert time_of(times[0], "t") == datetime(2026, 1, 13, 8, 15, tzinfo=UTC).timestamp()
        assert times[1] is None
        assert time_of(times[2], "t") == datetime(2026, 1, 14, 21, tzinfo=UTC).timestamp()
        assert chunk.cells["x"] == ["1", "2", "3"]
    assert read_table(path, times=["a,b"]).columns == ("x", "date", "clock")


@pytest.mark.parametrize(
    ("time", "message"),
    [
        (
            "date,clok",
            r"a\.csv has no column 'clok' for the time date,clok\. Did you mean clock\? Its columns are x, date",
        ),
        ("date,date", "column date is named twice for the time"),
    ],
)
def test_parts_that_are_not_there_are_told(write: Write, time: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_table(write("a.csv", "x,date,clock\n1,1/1/2026,8:15\n"), times=[time])

"""The columns of tables in long form are found by their names and by what they hold."""

import re
from pathlib import Path
from typing import Any

import pytest

from unspool.data.series.long_columns import SeriesColumns, find_series_columns
from unspool.data.series.long_form import read_long_form
from unspool.data.tables.table import read_table
from unspool.errors import UserError


def test_columns_are_found_or_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("case,step,x,y2,class,site\n1,1,0,0,a,7\n")
    table = read_table(path)
    assert find_series_columns(table) == SeriesColumns("case", "class", ("x", "y2", "site"), time="step")
    newest = find_series_columns(table, newest="site")
    assert (newest.channels, newest.time, newest.newest) == (("x", "y2"), "step", "site")
    of_steps = find_series_columns(table, newest="step")
    assert (of_steps.channels, of_steps.time, of_steps.newest) == (("x", "y2", "site"), "step", "step")
    named = find_series_columns(table, series="site", label="x", channels=["y2"], time="case", group="class")
    assert named == SeriesColumns("site", "x", ("y2",), time="case", group="class")


def test_the_columns_of_a_frame_of_sktime_are_known(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("instances,timepoints,dim_0,label\na,0,1,up\na,1,2,up\nb,0,3,down\nb,1,5,down\n")
    found = find_series_columns(read_table(path))
    assert (found.series, found.time, found.channels) == ("instances", "timepoints", ("dim_0",))


def test_columns_without_numbers_are_no_channels_unless_they_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "id,datetime,day,note,x,empty,label\n1,2026-01-01T10:00,monday,,0,,a\n1,2026-01-01T11:00,monday,odd,1,,a\n"
    )
    table = read_table(path)
    assert find_series_columns(table) == SeriesColumns("id", "label", ("x", "empty"), time="datetime")
    assert find_series_columns(table, channels=["day"]).channels == ("day",)


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index", "__index_level_0__"])
def test_the_numbers_of_rows_are_no_channel_unless_they_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{name},id,x,label\n4,1,0,a\n7,1,1,a\n2,2,1,b\n")
    table = read_table(path)
    assert find_series_columns(table).channels == ("x",)
    assert find_series_columns(table, channels=[table.columns[0]]).channels == (table.columns[0],)


def test_numbers_with_a_decimal_comma_are_refused_unless_other_channels_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,x,heat,label\n1,0,"1,5",a\n1,1,"2,5",a\n')
    with pytest.raises(UserError, match=r"a\.csv: column heat has numbers with a decimal comma, such as '1,5'"):
        find_series_columns(read_table(path))
    assert find_series_columns(read_table(path), channels=["x"]).channels == ("x",)


def test_a_column_of_parts_is_the_split_and_no_channel(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,a,label,split\n1,0,x,train\n1,1,x,train\n2,2,y,test\n")
    table = read_table(path)
    columns = find_series_columns(table)
    assert columns == SeriesColumns("id", "label", ("a",), split="split")
    assert read_long_form(table, columns).parts.tolist() == [0, 2]  # type: ignore[union-attr]
    path.write_text("id,a,label,split\n1,0,x,0.5\n2,2,y,0.25\n")
    assert find_series_columns(read_table(path)).channels == ("a", "split")


@pytest.mark.parametrize(
    ("header", "settings", "message"),
    [
        (
            "when,a,label",
            {},
            r"the series cannot be determined\. Name the column that identifies them \(--series\): there are when, a",
        ),
        ("id,a,b", {}, r"the label cannot be determined\. Name its column \(--label\): there are a, b\.$"),
        ("id,t,a,b", {"time": "t"}, r"Name its column \(--label\): there are a, b\.$"),
        (
            "id,t,a",
            {"time": "t", "channels": ["a"]},
            r"has no column left for the label\. Its columns are id, t, a\.$",
        ),
        ("t,a,label", {"tags": True}, r"\(--series\): there are a\. If all rows are of one recording, add"),
        ("t,a,label", {"tags": True, "channels": ["a"]}, r"no column left for the series\. .* of one recording, add a"),
        ("id,base,label\n1,A,x", {}, r"no columns of numbers left for the channels\. .* If base holds categories"),
        ("id,a,label", {"channels": ["a", "c"]}, "has no column 'c' for the channel"),
        ("id,a,label", {"time": "tme"}, "has no column 'tme' for the time"),
        ("id,a,label", {"newest": "day"}, "has no column 'day' for the newest"),
    ],
)
def test_columns_that_cannot_be_found_are_told(
    tmp_path: Path, header: str, settings: dict[str, object], message: str
) -> None:
    path = tmp_path / "a.csv"
    names, *rows = header.splitlines()
    path.write_text("\n".join([names, *(rows or [re.sub(r"\w+", "1", names)])]) + "\n")
    with pytest.raises(UserError, match=message):
        find_series_columns(read_table(path), **settings)  # type: ignore[arg-type]


def test_the_only_dates_that_differ_within_the_series_tell_the_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = ["1,2026-01-02,2025-05-05,0.5,x", "1,2026-01-01,2025-05-05,1.5,x", "2,2026-01-01,2025-06-06,2,y"]

    def found(header: str, rows: list[str], **named: str | list[str]) -> str | None:
        path.write_text("\n".join([header, *rows]))
        return find_series_columns(read_table(path), **named).time  # type: ignore[arg-type]

    several = [row.replace("2025-05-05", row[2:12]) for row in rows]
    recorded = {"series": "id", "label": "label", "channels": ["a"]}
    assert found("id,wann,seit,a,label", rows) == "wann"
    assert found("id,wann,seit,a,label", rows, **recorded) is None
    assert found("id,wann,seit,a,label", [row.replace(",2026-01-0", ",02/03/200") for row in rows]) is None
    assert found("id,wann,seit,a,label", [row.replace(",2026-01-0", ",02.03.200") for row in rows]) == "wann"
    once = [row.replace(row.split(",")[2], "a note") for row in rows[1:]]
    assert found("id,wann,seit,a,label", once) is None  # no series has two rows
    assert found("id,wann,bis,a,label", several) is None
    assert found("id,wann,time,a,label", several) == "time"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"group": "label"}, "column label cannot be both the label and the group"),
        ({"split": "label"}, "column label cannot be both the label and the split"),
        ({"channels": ["a", "label"]}, "column label cannot be both the label and the channel"),
    ],
)
def test_the_label_as_something_else_is_refused(tmp_path: Path, other: dict[str, Any], message: str) -> None:
    (tmp_path / "a.csv").write_text("id,t,a,b,label\ns1,2,1.5,-1,up\n")
    with pytest.raises(UserError, match=message):
        find_series_columns(read_table(tmp_path / "a.csv"), label="label", **other)


def find(path: Path, columns: dict[str, list[object]], **named: Any) -> SeriesColumns:
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    return find_series_columns(read_table(path), **named)


STEPS = {"id": [*"aabbccdd"], "x": [0, 3, 1, 2, 5, 1, 0, 1], "z": [0.5, 1, 0, 3, 4, 1, 2, 2]}


@pytest.mark.parametrize("name", ["subject", "Subject ID", "patientNo", "household_id"])
def test_whole_numbers_of_persons_are_no_channel(tmp_path: Path, name: str) -> None:
    who = {name: [101, 101, 101, 101, 102, 102, 103, 103], "label": [*"ppppqqqq"]}
    columns = find(tmp_path / "a.csv", STEPS | who)
    assert (columns.channels, columns.ignored) == (("x", "z"), (name,))
    assert find(tmp_path / "a.csv", STEPS | who, channels=["x", name]).channels == ("x", name)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("subject", [101, 102, 101, 103, 104, 105, 101, 102]),  # differs within a series
        ("subject", [0.5, 0.5, 1, 1, 2, 2, 3, 3]),
        ("weight", [101, 101, 101, 101, 102, 102, 103, 103]),
    ],
)
def test_other_numbers_stay_channels(tmp_path: Path, name: str, values: list[object]) -> None:
    columns = find(tmp_path / "a.csv", STEPS | {name: values, "label": [*"ppppqqqq"]})
    assert columns.channels == ("x", "z", name)


LIVES = {"RUL": [7, 7, 9, 9, 12, 12, 7, 7]}


@pytest.mark.parametrize(
    ("beside", "label"),
    [
        (LIVES, "RUL"),
        ({"outcome": [*"ppppqqqq"]}, "outcome"),
        ({"outcome": [*"ppppqqqq"], "subject": [1, 1, 2, 2, 3, 3, 4, 4]}, "outcome"),
        ({"outcome": [*"ppppqqqq"], "file": ["a1", "a1", "b1", "b1", "c1", "c1", "d1", "d1"]}, "outcome"),
        ({"outcome": [*"ppppqqqq"], "unit": ["kg"] * 8}, "outcome"),
    ],
)
def test_the_only_column_with_one_value_in_each_series_is_the_label(tmp_path: Path, beside: Any, label: str) -> None:
    columns = find(tmp_path / "a.csv", STEPS | beside)
    assert (columns.label, columns.channels) == (label, ("x", "z"))
    assert columns.label_found == ", the only other column with one value in each series"
    assert not find(tmp_path / "a.csv", STEPS | beside, label=label).label_found


def test_several_columns_that_may_be_the_label_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"the label could be site or RUL\. Name its column \(--label\): there are x, z"
    ):
        find(tmp_path / "a.csv", STEPS | {"site": [*"ppppqqqq"]} | LIVES)
    two = {name: values[:4] for name, values in (STEPS | LIVES).items()}
    with pytest.raises(UserError, match=r"the label cannot be determined\."):
        find(tmp_path / "a.csv", two)  # of two series, anything may differ

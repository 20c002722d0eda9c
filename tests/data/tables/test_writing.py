import datetime
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tables.table import read_table
from unspool.data.tables.writing import check_out, inert, without_apostrophe, write_columns, write_table
from unspool.errors import UserError

ENDINGS = ["csv", "tsv", "jsonl", "parquet"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize("ending", ENDINGS)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, ending: str, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / f"a.{ending}"
    assert write_table(({"text": text, "label": label} for text, label in rows), path) == len(rows)
    found = [row for chunk in read_table(path).chunks() for row in zip(*chunk.cells.values(), strict=True)]
    in_spreadsheets = ending in ("csv", "tsv")
    assert found == [tuple(map(inert, row)) if in_spreadsheets else row for row in rows]


@given(st.lists(st.tuples(TEXTS, st.floats(), st.integers()), min_size=1))
def test_columns_are_written_as_rows_are(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float, int]]
) -> None:
    folder, names = tmp_path_factory.mktemp("table"), ("text", "share", "row")
    write_table([dict(zip(names, row, strict=True)) for row in rows], folder / "rows.csv")
    halves = (dict(zip(names, zip(*some, strict=True), strict=True)) for some in (rows[:1], rows[1:]) if some)
    write_columns(({name: list(cells) for name, cells in half.items()} for half in halves), folder / "a.csv", names)
    assert (folder / "a.csv").read_bytes() == (folder / "rows.csv").read_bytes()


def test_lists_and_numbers_of_numpy_are_written_as_in_rows(tmp_path: Path) -> None:
    row = {"a": [0.5, 1], "b": np.float64(0.25), "c": None}
    write_table([row], tmp_path / "rows.csv")
    write_columns([{name: [cell] for name, cell in row.items()}], tmp_path / "a.csv", list(row))
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "rows.csv").read_bytes()


@given(TEXTS)
def test_what_a_spreadsheet_was_kept_from_running_comes_back(text: str) -> None:
    assert without_apostrophe(inert(text)) == text or text.startswith("'")


@pytest.mark.parametrize("ending", ["csv", "tsv"])
@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1-1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")']
)
def test_a_text_that_a_spreadsheet_would_run_is_quoted(tmp_path: Path, ending: str, text: str) -> None:
    path = tmp_path / f"a.{ending}"
    write_table([{"text": text, "=name": "x"}], path)
    assert next(read_table(path).chunks()).cells == {"text": [f"'{text}"], "'=name": ["x"]}


@pytest.mark.parametrize("text", ["-1", "+1", "-0.5", "-.5", "-1e-9", "-1."])
def test_a_text_that_is_a_number_stays_one(text: str) -> None:
    assert inert(text) == text


def test_numbers_are_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_table([{"a": -1.5, "b": np.float64(-2), "c": None, "d": ("x", "=y"), "e": np.int64(-3)}], path)
    assert path.read_text() == 'a,b,c,d,e\n-1.5,-2.0,,"[""x"", ""=y""]",-3\n'


def test_values_keep_their_types_where_the_format_has_them(tmp_path: Path) -> None:
    row = {"text": "=é", "number": -0.5, "count": 3, "yes": True, "labels": ["a", "b"], "none": None}
    for ending in ("jsonl", "parquet"):
        path = tmp_path / f"a.{ending}"
        write_table([row] * 3, path)
        assert next(read_table(path).chunks()).cells == {name: [value] * 3 for name, value in row.items()}


def test_numbers_that_are_not_finite_are_null_in_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_table([{"x": math.nan, "y": [0.5, -math.inf], "z": np.float32("inf"), "d": {"a": (math.nan,)}}], path)
    assert path.read_text() == '{"x": null, "y": [0.5, null], "z": null, "d": {"a": [null]}}\n'
    write_table([{"x": math.nan, "y": [0.5, math.nan]}], tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == 'x,y\nnan,"[0.5, null]"\n'


def test_many_rows_are_written_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    assert write_table(({"n": number} for number in range(25_000)), path) == 25_000
    assert [n for chunk in read_table(path).chunks() for n in chunk.cells["n"]] == list(range(25_000))


def test_the_columns_can_be_chosen_and_need_no_rows(tmp_path: Path) -> None:
    write_table([{"a": 1, "b": 2}], tmp_path / "a.csv", ["b", "a"])
    assert (tmp_path / "a.csv").read_text() == "b,a\n2,1\n"
    for ending in ENDINGS:
        assert write_table([], tmp_path / f"empty.{ending}", ["a"]) == 0
    assert (tmp_path / "empty.csv").read_text() == "a\n"


@pytest.mark.parametrize("ending", ENDINGS)
def test_where_the_rows_fail_nothing_is_written_and_the_old_file_stays(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text("old")

    def rows():
        yield from ({"a": number} for number in range(20_000))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        write_table(rows(), path)
    with pytest.raises(UserError, match="row 3 has the columns b, not a"):
        write_table([{"a": 1}, {"a": 2}, {"b": 3}], path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there are no rows, and no columns were named"):
        write_table([], tmp_path / "a.csv")
    with pytest.raises(UserError, match=r"a\.txt has the ending '\.txt'"):
        write_table([{"a": 1}], tmp_path / "a.txt")
    with pytest.raises(UserError, match="No such file or directory"):
        write_table([{"a": 1}], tmp_path / "absent" / "a.csv")
    with pytest.raises(UserError, match="cannot be written to Parquet, whose columns have one type each"):
        write_table([{"a": 1}, {"a": "text"}], tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "o.xlsx",
            "o.xlsx has the ending '.xlsx': tables are written as CSV, TSV, JSON lines or Parquet. Let the name end in "
            "one of .csv, .tsv, .tab, .jsonl, .ndjson, .parquet.",
        ),
        (
            "table",
            "table has no ending: tables are written as CSV, TSV, JSON lines or Parquet. Let the name end in one of ",
        ),
        ("-", "--out - names no file. Leave --out out to print the table."),
    ],
)
def test_the_formats_that_can_be_written_are_named(name: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        check_out(Path(name))
    assert str(caught.value).startswith(message)


def test_a_date_is_written_as_text(tmp_path: Path) -> None:
    write_table([{"day": datetime.date(2026, 1, 31)}], tmp_path / "a.jsonl")
    assert json.loads((tmp_path / "a.jsonl").read_text()) == {"day": "2026-01-31"}


@pytest.mark.parametrize(
    ("ending", "cell", "reason"),
    [
        ("jsonl", {"a": "\ud800"}, r"a text in it contains half a character \(.*\\ud800"),
        ("csv", "\ud800", r"a text in it contains half a character"),
        ("parquet", ["\ud800"], r"a text in it contains half a character"),
        ("parquet", int("9" * 400), "a whole number in them has more than 64 bits"),
    ],
)
def test_a_cell_that_cannot_be_written_is_told_and_nothing_is_left(
    tmp_path: Path, ending: str, cell: object, reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        write_table([{"a": cell}], tmp_path / f"a.{ending}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="no permissions, and links need rights")
def test_a_link_stays_and_a_file_that_is_replaced_keeps_its_permissions(tmp_path):
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    write_table([{"text": "new"}], link)
    assert link.is_symlink()
    assert target.read_text().split() == ["text", "new"]
    assert target.stat().st_mode & 0o777 == 0o600

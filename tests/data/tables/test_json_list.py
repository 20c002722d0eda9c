import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unspool.data.tables import json_list
from unspool.data.tables.problems import MAX_LINE
from unspool.data.tables.table import read_table
from unspool.data.tables.writing import write_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]

CELLS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8"))
)


def cells_of(path: Path) -> list[dict[str, list[Any]]]:
    return [chunk.cells for chunk in read_table(path).chunks()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from("abc"), CELLS | st.lists(st.text("xé[]{},")), min_size=1), min_size=1
    ),
    chunk=st.integers(1, 9),
    indent=st.none() | st.integers(0, 2),
)
def test_a_list_and_lines_hold_the_same_rows(
    write: Write, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]], chunk: int, indent: int | None
) -> None:
    monkeypatch.setattr(json_list, "_CHUNK", chunk)
    lines = write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    listed = write("a.json", json.dumps(rows, ensure_ascii=False, indent=indent))
    assert cells_of(listed) == cells_of(lines)
    if len(rows) > 1:
        assert cells_of(write("b.json", lines.read_bytes())) == cells_of(lines)


def test_a_single_object_is_a_row_unless_it_holds_columns(write: Write) -> None:
    assert cells_of(write("a.json", '{\n "text": "a"\n}')) == [{"text": ["a"]}]
    for whole in ('{"text": {"0": "a"}}', '{"data": [{"text": "a"}]}', "3"):
        with pytest.raises(UserError, match="single JSON value, which is not a row of a table"):
            read_table(write("a.json", whole))


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        ('[{"a": 1}, {"a" 2}, {"a": 3}]', r"object 2 of the list is not JSON \(Expecting ':' delimiter\)"),
        ('[{"a": 1} {"a": 2}]', "object 2 of the list is not JSON .there is no comma before it"),
        ('[{"a": 1},, {"a": 2}]', "object 2 of the list is not JSON .Expecting value"),
        ('[{"a": 1}, ' + "[" * 100_000 + "]", "object 2 of the list is not JSON .maximum recursion depth"),
        ('[{"a": 1}, {"a": "' + "x" * (2 * MAX_LINE) + " ", "object 2 of the list is not JSON .Unterminated string"),
    ],
)
def test_a_list_that_breaks_off_is_refused_as_the_rest_cannot_be_found(write: Write, whole: str, message: str) -> None:
    path = write("a.json", whole)
    with pytest.raises(UserError, match=message):
        list(read_table(path, "skip").chunks())


@pytest.mark.parametrize("end", ['{"a": ', '{"a": "x', '{"a": 2', "", "{"])
def test_a_torn_end_is_a_row_that_cannot_be_used(write: Write, end: str) -> None:
    path = write("a.json", '[{"a": 1}, ' + end)
    with pytest.raises(UserError, match="row 2: the file ends in the middle of it"):
        list(read_table(path).chunks())
    assert [chunk.cells for chunk in read_table(path, "skip").chunks()] == [{"a": [1]}]


def test_values_that_are_no_objects_are_rows_that_cannot_be_used(write: Write) -> None:
    path = write("a.json", '[1, {"a": 1}, [2]]')
    with pytest.raises(UserError, match="row 1: it is JSON but no object"):
        list(read_table(path).chunks())
    assert [chunk.cells for chunk in read_table(path, "skip").chunks()] == [{"a": [1]}]
    with pytest.raises(UserError, match="has no JSON object"):
        read_table(write("b.json", "[]"))


def test_an_object_in_which_a_key_occurs_twice_costs_its_row_alone(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.json", '[{"a": 1}, {"a": 2, "a": 3}, {"a": {"b": 1, "b": 2}}, {"a": 4}]')
    for size in (json_list._CHUNK, 1):
        monkeypatch.setattr(json_list, "_CHUNK", size)
        with pytest.raises(UserError, match=r"row 2: the key 'a' occurs twice in one object\."):
            list(read_table(path).chunks())
        assert [chunk.cells for chunk in read_table(path, "skip").chunks()] == [{"a": [1, 4]}]


def test_bytes_that_are_not_utf8_are_named_with_their_column(write: Write) -> None:
    with pytest.raises(UserError, match="row 1, column text: byte 0xE9 is not UTF-8"):
        list(read_table(write("a.json", b'[{"text": "caf\xe9"}]')).chunks())


def test_tables_are_not_written_to_it(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"Let the name end in one of \.csv, \.tsv, \.tab, \.jsonl, \.ndjson, \.parquet\."
    ):
        write_table([{"a": 1}], tmp_path / "a.json")

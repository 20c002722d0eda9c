import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tables.problems import MAX_CELL, MAX_LINE
from unspool.data.tables.table import read_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]
GOOD = b'{"text": "a", "label": 1}\n'


def test_values_keep_their_types_and_a_key_may_be_missing(write: Write) -> None:
    path = write("a.jsonl", '{"text": "a", "label": ["x", "y"]}\n\n{"label": 2.5, "text": "b", "more": true}\n{}\n')
    chunk = next(read_table(path).chunks())
    assert chunk.cells == {"text": ["a", "b", None], "label": [["x", "y"], 2.5, None], "more": [None, True, None]}
    assert [str(place) for place in chunk.places] == ["row 1", "row 2 (line 3)", "row 3 (line 4)"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "a", "label": 1', "row 2: it is not JSON (Expecting ',' delimiter at character 2"),
        (b"[1, 2]", "row 2: it is JSON but no object"),
        (b'{"text": "caf\xe9"}', "row 2, column text: byte 0xE9 is not UTF-8."),
        (b'{"text": "a\\u0000"}', "row 2, column text: it holds a NUL byte"),
        (b'{"text": "\\ud83d"}', "row 2, column text: it contains half a character, U+D83D."),
        (b'{"text": "a", "label": 1, "text": "b"}', "row 2: the key 'text' occurs twice in one object."),
        (b'{"te\x00xt": "a"}', "row 2: it holds a NUL byte"),
        (b'{"text": ' + b"[" * 100_000, "row 2: it is not JSON (maximum recursion depth"),
        (b'{"label": ' + b"9" * 5000 + b"}", "row 2: it is not JSON (Exceeds the limit"),
        (b'{"text": "' + b"a" * (MAX_CELL + 1) + b'"}', "row 2, column text: the cell has 1,048,577 characters"),
        (b'{"text": "' + b"a" * MAX_LINE + b'"}', "row 2: the cell has over 4,194,304 bytes"),
    ],
)
def test_a_bad_line_is_told_with_its_place_and_spoils_no_other(write: Write, line: bytes, message: str) -> None:
    path = write("a.jsonl", GOOD + line + b"\n" + GOOD)
    with pytest.raises(UserError) as refused:
        list(read_table(path).chunks())
    assert f"{path}, {message}" in str(refused.value)
    chunks = list(read_table(path, on_error="skip").chunks())
    assert [place.row for chunk in chunks for place in chunk.places] == [1, 3]


def test_a_key_that_occurs_twice_is_told_in_a_last_line_without_an_end(write: Write) -> None:
    path = write("a.jsonl", GOOD + b'{"text": "a", "label": 1, "more": {"x": 1, "x": 2}}')
    with pytest.raises(UserError, match=r"row 2: the key 'x' occurs twice in one object\."):
        list(read_table(path).chunks())


def test_a_key_that_first_occurs_after_a_thousand_objects_is_pointed_out_once(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    path = write("a.jsonl", GOOD * 1001 + b'{"text": "b", "more": 1}\n{"most": 1}\n')
    for _ in range(2):
        *_, last = read_table(path).chunks()
        assert [*last.cells] == ["text", "label"]
    (message,) = caplog.messages
    assert message == (
        f"{path}: column more is ignored, because none of the first 1,000 objects has it. To include it, add it to one "
        'of them, as in {"more": null}.'
    )


def test_a_torn_last_line_is_told(write: Write) -> None:
    path = write("a.jsonl", GOOD + GOOD[:15])
    with pytest.raises(UserError, match="row 2: the file ends in the middle of it"):
        list(read_table(path).chunks())


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "a.jsonl"
    path.write_bytes(GOOD + content)
    assert next(read_table(path, on_error="skip").chunks()).cells["text"][0] == "a"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_whatever_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    assert next(read_table(path).chunks()).cells["text"] == texts


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"\n", "has no JSON object"), (b"[]\n", "has no JSON object")],
)
def test_a_file_without_objects_is_told(write: Write, content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_table(write("a.jsonl", content))


@pytest.mark.parametrize(
    ("key", "reason"),
    [("x\\ud800", "it contains half a character, U\\+D800"), ("x\\u0000", "it holds a NUL byte, which no text does")],
)
def test_a_key_that_no_column_can_be_called_is_told(write: Write, key: str, reason: str) -> None:
    with pytest.raises(UserError, match=rf"the name of the column 'x\S+' cannot be used: {reason}\. Rename it\."):
        read_table(write("a.jsonl", b'{"text": "a"}\n{"text": "b", "' + key.encode() + b'": 1}\n'))

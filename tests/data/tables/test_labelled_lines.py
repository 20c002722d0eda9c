from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.problems import MAX_LINE
from unspool.data.tables.table import read_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]


@pytest.mark.parametrize("name", ["a.txt", "cooking.train", "a"])
def test_labels_stand_before_the_text(write: Write, name: str) -> None:
    path = write(name, "__label__good a fine  film\n\n__label__bad __dull__ label__\nno label\n__label__good\n")
    (chunk,) = read_table(path).chunks()
    assert chunk.cells["label"] == ["good", "bad", None, "good"]
    assert chunk.cells["text"] == ["a fine  film", "__dull__ label__", "no label", ""]
    assert [str(place) for place in chunk.places] == ["row 1", "row 2 (line 3)", "row 3 (line 4)", "row 4 (line 5)"]


def test_labels_are_lists_where_a_line_has_several(write: Write) -> None:
    path = write("a.txt", b"\xef\xbb\xbf__label__a one\n__label__a __label__b two\nthree\n")
    (chunk,) = read_table(path).chunks()
    assert chunk.cells == {"label": [["a"], ["a", "b"], None], "text": ["one", "two", "three"]}


def test_a_bad_line_is_told_with_its_place(write: Write) -> None:
    path = write("a.txt", b"__label__a one\n__label__b caf\xe9\n__label__b " + b"x" * MAX_LINE + b"\n__label__b two\n")
    with pytest.raises(UserError, match="row 2: byte 0xE9 is not UTF-8"):
        list(read_table(path).chunks())
    (chunk,) = read_table(path, "skip").chunks()
    assert chunk.cells["text"] == ["one", "two"]
    assert "over 4,194,304 bytes" in chunk.problems[1].flaw.detail


def test_other_text_files_are_no_tables(write: Write) -> None:
    for content in ("a film with __label__good in it\n", "", "__labelgood a\n"):
        with pytest.raises(UserError, match=r"has the ending '\.txt'|is empty"):
            read_table(write("a.txt", content))

"""Files with one text a line: alone, and two that are aligned line by line."""

from pathlib import Path

import pytest

from unspool.data.tables.problems import MAX_LINE
from unspool.data.texts.line_files import aligned_table, holds_lines, line_table
from unspool.errors import UserError


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        *((name, True) for name in ("a.en", "A.TXT", "a")),
        *((name, False) for name in ("a.csv", "a.en.gz", "a.xlsx", "a.npz", "a.ts", "folder")),
    ],
)
def test_what_holds_lines_is_told_by_the_name(tmp_path, name, holds):
    if name == "folder":
        (tmp_path / name).mkdir()
    assert holds_lines(tmp_path / name) == holds


def test_only_line_feeds_part_texts(tmp_path):
    content = "\ufeffone\r\ntwo\u2028still\x0ctwo \n\n last".encode()
    (chunk,) = line_table(_written(tmp_path / "new.en", content), "source").chunks()
    assert chunk.cells == {"source": ["one", "two\u2028still\x0ctwo ", "", " last"]}
    assert [str(place) for place in chunk.places] == ["line 1", "line 2", "line 3", "line 4"]


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path):
    path = _written(tmp_path / "new.en", b"one\ntwo \xe9\nthree\n")
    with pytest.raises(UserError, match=r"new\.en, line 2: byte 0xE9 is not UTF-8\. Save it as UTF-8"):
        list(line_table(path, "source").chunks())
    (chunk,) = line_table(path, "source", "skip").chunks()
    assert (chunk.cells, len(chunk.problems)) == ({"source": ["one", "three"]}, 1)


def test_a_line_without_an_end_does_not_shift_those_below(tmp_path):
    source = _written(tmp_path / "a.en", b"x" * (MAX_LINE + 5) + b"\ntwo\n")
    (chunk,) = aligned_table(source, _written(tmp_path / "a.de", b"eins\nzwei\n")).chunks()
    assert (chunk.cells["a.en"][1], chunk.cells["a.de"]) == ("two", ["eins", "zwei"])


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    source, target = (_written(tmp_path / name / "train.txt", b"a\n") for name in ("en", "de"))
    assert aligned_table(source, target).columns == (str(source), str(target))


@pytest.mark.parametrize(
    ("target", "content", "message"),
    [
        ("a.de", b"eins\n", r"a\.en has 3 lines and \S+a\.de 1 line\. Each line of the second"),
        ("a.de", b"1\n2\n3\n\n", r"a\.en has 3 lines and \S+a\.de 4 lines"),
        ("a.de", b"", r"a\.de is empty"),
        ("a.de", None, r"There is no file \S+a\.de"),
        ("a.csv", b"de\neins\n", r"a\.csv is not a text file with one text a line"),
        ("a.en", b"1\n2\n3\n", r"cannot be both the source and the target"),
    ],
)
def test_two_files_that_are_not_aligned_are_refused_also_where_lines_are_skipped(tmp_path, target, content, message):
    source = _written(tmp_path / "a.en", b"1\n2\n3\n")
    if content is not None:
        _written(tmp_path / target, content)
    with pytest.raises(UserError, match=message):
        list(aligned_table(source, tmp_path / target, "skip").chunks())

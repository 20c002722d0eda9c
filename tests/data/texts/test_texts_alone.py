"""Files of texts without labels: tables, text files with one text a line, folders."""

from pathlib import Path

import pytest

from unspool.data.texts.texts_alone import read_texts_alone
from unspool.errors import UserError


def write(path: Path, content: str = "a text") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_a_folder_may_hold_texts_alone(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        write(tmp_path / name, f"text of {name}")
    table = read_texts_alone(tmp_path, "review")
    assert table.columns == ("text", "file")
    assert next(table.chunks()).cells == {"text": ["text of a.txt", "text of b.txt"], "file": ["a.txt", "b.txt"]}


def test_lists_beside_folders_of_texts_are_no_texts(tmp_path: Path) -> None:
    for name in ("urls_pos.txt", "pos/1.txt", "neg/1.txt", "unsup/1.txt"):
        write(tmp_path / name)
    (chunk,) = read_texts_alone(tmp_path, "text").chunks()
    assert chunk.cells["file"] == ["neg/1.txt", "pos/1.txt", "unsup/1.txt"]


def test_a_text_file_has_one_text_a_line(tmp_path: Path) -> None:
    write(tmp_path / "more.txt", "one, two\nthree\n")
    (chunk,) = read_texts_alone(tmp_path / "more.txt", "title,body").chunks()
    assert chunk.cells == {"title,body": ["one, two", "three"]}


def test_a_time_is_joined_where_all_of_its_columns_exist(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,year,month\na,2026,3\n")
    assert read_texts_alone(tmp_path / "a.csv", "text", time="year,month").columns == ("year,month", "text")
    write(tmp_path / "b.csv", "text,year\na,2026\n")
    assert read_texts_alone(tmp_path / "b.csv", "text", time="year,month").columns == ("text", "year")


@pytest.mark.parametrize("name", ["notes.md", "pos/notes.md", None])
def test_a_folder_without_texts_is_refused(tmp_path: Path, name: str | None) -> None:
    if name is not None:
        write(tmp_path / name)
    with pytest.raises(UserError, match=r"has no \.txt files in it\. Put each text into a file of its own"):
        read_texts_alone(tmp_path, "text")


def test_a_folder_of_tables_is_refused_with_one_of_them(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text\na\n")
    with pytest.raises(
        UserError, match=r"is a folder with tables in it\. Give the path of one of them, such as .*a\.csv"
    ):
        read_texts_alone(tmp_path, "text")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.txt is not there"):
        read_texts_alone(tmp_path / "none.txt", "text")

from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.problems import MAX_LINE
from unspool.data.tables.table import read_table
from unspool.errors import UserError, advising_users

Write = Callable[[str, bytes | str], Path]


def test_a_folder_by_class(tmp_path: Path, write: Write) -> None:
    for name in ("pos/2.txt", "pos/1.txt", "pos/._1.txt", "neg/1.txt", "neg/notes.md", ".git/x.txt", "README.txt"):
        write(name, f"text of {name}")
    table = read_table(tmp_path)
    assert table.columns == ("text", "label", "file")
    chunk = next(table.chunks())
    assert chunk.cells == {
        "text": ["text of neg/1.txt", "text of pos/1.txt", "text of pos/2.txt"],
        "label": ["neg", "pos", "pos"],
        "file": ["neg/1.txt", "pos/1.txt", "pos/2.txt"],
    }
    assert str(chunk.places[2]) == "row 3 (pos/2.txt)"


def test_imdbs_own_layout(tmp_path: Path, write: Write) -> None:
    for name in (
        "train/pos/0_9.txt",
        "train/neg/0_1.txt",
        "train/unsup/0_0.txt",
        "test/pos/0_8.txt",
        "test/neg/0_2.txt",
    ):
        write(name, "text")
    write("imdb.vocab", "the\n")
    write("train/urls_pos.text", "http://")
    table = read_table(tmp_path)
    assert table.columns == ("text", "label", "file", "split")
    cells = next(table.chunks()).cells
    assert list(zip(cells["split"], cells["label"], strict=True)) == [
        ("test", "neg"),
        ("test", "pos"),
        ("train", "neg"),
        ("train", "pos"),
        ("train", None),
    ]


def test_classes_may_be_named_as_splits_are(tmp_path: Path, write: Write) -> None:
    write("test/1.txt", "a report of a test")
    write("other/1.txt", "another text")
    assert read_table(tmp_path).columns == ("text", "label", "file")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9", r"row 2 (neg/2.txt), column text: byte 0xE9 is not UTF-8."),
        (b"a\x00b", r"row 2 (neg/2.txt), column text: it holds a NUL byte"),
        (b"a" * (MAX_LINE + 1), r"row 2 (neg/2.txt), column text: the cell has over 4,194,304 bytes"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, write: Write, content: bytes, message: str) -> None:
    write("neg/1.txt", b"\xef\xbb\xbfmarked")
    write("neg/2.txt", content)
    write("pos/1.txt", "good")
    with pytest.raises(UserError) as refused:
        list(read_table(tmp_path).chunks())
    assert f"{tmp_path}, {message}" in str(refused.value)
    assert next(read_table(tmp_path, on_error="skip").chunks()).cells["text"] == ["marked", "good"]


def test_a_folder_without_texts_is_told(tmp_path: Path, write: Write) -> None:
    write("1.txt", "not in a class")
    with pytest.raises(UserError, match=r"has no folders with \.txt files in them.*If the files are recordings"):
        read_table(tmp_path)


def test_a_folder_of_other_files_than_texts_is_told_how_they_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.py").write_text("x")
    with pytest.raises(UserError, match=r"Its folders hold 1 file ending in \.py: if these are texts, rename"):
        read_table(tmp_path)
    (tmp_path / "a" / "2.py").write_text("x")
    with pytest.raises(UserError, match=r"hold 2 files ending in \.py"):
        read_table(tmp_path)


def test_a_folder_of_a_table_to_train_on_and_one_to_test_on(tmp_path: Path) -> None:
    for name in ("test.csv", "train.csv.gz"):
        (tmp_path / name).write_text("text,label\na,b\n")
    with pytest.raises(UserError) as error:
        read_table(tmp_path)
    assert str(error.value).endswith(f"as in {tmp_path}/train.csv.gz --test {tmp_path}/test.csv.")
    with pytest.raises(UserError, match=r"such as .*test\.csv\.$"), advising_users():
        read_table(tmp_path)


def test_a_folder_of_tables_is_told_from_one_of_texts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\na,b\n")
    with pytest.raises(
        UserError, match=r"is a folder with tables in it\. Give the path of one of them, such as .*a\.csv"
    ):
        read_table(tmp_path)

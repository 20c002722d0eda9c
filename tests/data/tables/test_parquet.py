import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from unspool.data.tables.problems import Reason
from unspool.data.tables.table import read_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.parquet"
    table = pyarrow.table({"text": [f"text {row}" for row in range(2500)], "label": [["x"], None] * 1250})
    pyarrow.parquet.write_table(table, path, row_group_size=700)
    return path


def test_rows_are_read_in_order_with_their_types(path: Path) -> None:
    table = read_table(path)
    assert table.columns == ("text", "label")
    chunks = list(table.chunks(rows=900))
    assert [len(chunk) for chunk in chunks] == [900, 900, 700]
    assert [text for chunk in chunks for text in chunk.cells["text"]] == [f"text {row}" for row in range(2500)]
    assert chunks[0].cells["label"][:2] == [["x"], None]
    assert str(chunks[1].places[0]) == "row 901"


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    # An array made from buffers is not checked, like what a careless program writes.
    flawed = pyarrow.array([b"good", b"caf\xe9", b"g\x00d", b"fine"])
    text = pyarrow.StringArray.from_buffers(4, flawed.buffers()[1], flawed.buffers()[2])
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"text": text}), path)
    with pytest.raises(UserError, match=r"a\.parquet, row 2, column text: byte 0xE9 is not UTF-8"):
        list(read_table(path).chunks())
    chunk = next(read_table(path, on_error="skip").chunks())
    assert chunk.cells["text"] == ["good", "fine"]
    assert [(problem.place.row, problem.flaw.reason) for problem in chunk.problems] == [
        (2, Reason.NOT_UTF8),
        (3, Reason.NUL),
    ]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = pyarrow.table([["a"], ["b"]], names=["text", "text"])
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(UserError, match=r"a\.parquet: two columns are named 'text'\. Give each a different name"):
        read_table(tmp_path / "a.parquet")


def test_texts_in_bytes_and_durations_are_read_as_those_of_a_data_frame(tmp_path: Path) -> None:
    texts, image = pyarrow.array([b"caf\xc3\xa9", None]), pyarrow.array([b"\xff\xd8", b"\0"])
    table = {"text": texts, "kind": texts.dictionary_encode(), "image": image}
    table["took"] = pyarrow.array([0, 1_500_000], pyarrow.duration("us"))
    table["words"] = pyarrow.array([[b"caf\xc3\xa9", None], None])
    table["laps"] = pyarrow.array([[[1_500_000], []], [[0]]], pyarrow.large_list(pyarrow.list_(pyarrow.duration("us"))))
    pyarrow.parquet.write_table(pyarrow.table(table), tmp_path / "a.parquet")
    assert next(read_table(tmp_path / "a.parquet").chunks()).cells == {
        "text": ["café", None],
        "kind": ["café", None],
        "image": [b"\xff\xd8", b"\0"],
        "took": [0.0, 1.5],
        "words": [["café", None], None],
        "laps": [[[1.5], []], [[0.0]]],
    }


def test_a_cell_of_10_mb_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"text": ["good", "a" * 10_000_000, "fine"]}), path)
    with pytest.raises(UserError, match=r"a\.parquet, row 2, column text: the cell has 10,000,000 characters"):
        list(read_table(path).chunks())
    assert next(read_table(path, on_error="skip").chunks()).cells["text"] == ["good", "fine"]


def test_a_file_cut_short_is_told(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(UserError, match=r"a\.parquet is not a complete Parquet file: Parquet magic bytes not found"):
        read_table(path)


def test_a_damaged_middle_is_told(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[20:400] = bytes(380)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.parquet is damaged after row 0"):
        list(read_table(path).chunks())


def test_damage_further_on_is_told_with_how_far_it_was_read(path: Path) -> None:
    place = pyarrow.parquet.ParquetFile(path).metadata.row_group(3).column(0).dictionary_page_offset
    content = bytearray(path.read_bytes())
    content[place : place + 200] = bytes(200)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.parquet is damaged: a page of it is not where the file says"):
        list(read_table(path).chunks())


def test_files_without_rows_are_told(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"text": pyarrow.array([], "string")}), path)
    with pytest.raises(UserError, match="has no rows, only the columns text"):
        list(read_table(path).chunks())
    with pytest.raises(UserError, match="is empty"):
        read_table(write("b.parquet", b""))


def test_without_pyarrow_it_is_said_how_to_install_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UserError, match=r"needs pyarrow\. Install it: pip install 'unspool\[parquet\]'"):
        read_table(path)


@pytest.mark.whole
def test_a_string_of_a_dictionary_that_every_row_has_takes_no_gigabytes(tmp_path: Path) -> None:
    """6.9 kB, unpacked once for each row: 26 times 200 MB."""
    path = tmp_path / "a.parquet"
    column = pyarrow.DictionaryArray.from_arrays(
        pyarrow.array([0] * 26, pyarrow.int32()), pyarrow.array(["a" * 200_000_000])
    )
    table = pyarrow.table({"text": column, "label": ["x", "y"] * 13})
    pyarrow.parquet.write_table(table, path, compression="zstd", dictionary_pagesize_limit=1 << 30)
    del table, column
    assert path.stat().st_size < 20_000
    with pytest.raises(UserError, match=r"a\.parquet is damaged: a page of it has 200,000,004 bytes"):
        list(read_table(path).chunks())

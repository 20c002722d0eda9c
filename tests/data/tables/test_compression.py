import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.table import read_table
from unspool.data.tables.writing import write_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]

TABLES = {
    "csv": b"text,label\n" + b"".join(b"film %d,good\n" % n for n in range(3000)),
    "tsv": "text\tlabel\nein Märchen\tgut\n".encode("utf-16"),
    "jsonl": b'{"text": "a", "label": 1}\n',
    "json": b'[{"text": "a", "label": 1}]',
}


def in_zip(content: bytes, *names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("folder/some name",):
            archive.writestr(name, content)
    return packed.getvalue()


PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": in_zip}


@pytest.mark.parametrize("compression", PACK)
@pytest.mark.parametrize("ending", TABLES)
def test_a_compressed_table_is_read_like_a_plain_one(write: Write, ending: str, compression: str) -> None:
    plain = read_table(write(f"a.{ending}", TABLES[ending]))
    packed = read_table(write(f"a.{ending}.{compression}", PACK[compression](TABLES[ending])))
    assert packed.format is plain.format
    assert [chunk.cells for chunk in packed.chunks()] == [chunk.cells for chunk in plain.chunks()]


@pytest.mark.parametrize("compression", PACK)
def test_a_file_that_is_cut_off_or_damaged_is_refused(write: Write, compression: str) -> None:
    packed = PACK[compression](TABLES["csv"])
    path = write(f"a.csv.{compression}", packed[: len(packed) // 2])
    with pytest.raises(UserError, match=r"a\.csv\..* cannot be (unpacked|read)"):
        list(read_table(path, "skip").chunks())
    with pytest.raises(UserError, match=r"a\.csv\..* cannot be (unpacked|read) ?.*(?i:not|invalid|no)"):
        read_table(write(f"a.csv.{compression}", TABLES["csv"]))


def test_what_the_finder_of_macos_adds_to_an_archive_is_ignored(write: Write) -> None:
    packed = in_zip(b"text,label\na,b\n", "reviews/a.csv", "__MACOSX/reviews/._a.csv", "reviews/.DS_Store", ".DS_Store")
    assert read_table(write("a.csv.zip", packed)).columns == ("text", "label")


def test_an_archive_of_several_files_is_refused(write: Write) -> None:
    path = write("a.csv.zip", in_zip(b"text,label\na,b\n", "a.csv", "b.csv"))
    with pytest.raises(UserError, match=r"cannot be unpacked \(it has 2 files in it, not one\)"):
        read_table(path)


def test_tables_are_not_written_compressed(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has the ending '\.gz': tables are written as CSV"):
        write_table([{"a": 1}], tmp_path / "a.csv.gz")

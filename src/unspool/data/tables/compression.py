"""Compressed tables of text, such as reviews.csv.gz, which are unpacked while they are read."""

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

_BESIDE = re.compile(r"__MACOSX/|(?:.*/)?\.DS_Store$")
"""What the macOS Finder adds to archives."""


def _only_member(handle: BinaryIO) -> Any:
    archive = zipfile.ZipFile(handle)
    names = [name for name in archive.namelist() if not name.endswith("/") and not _BESIDE.match(name)]
    if len(names) != 1:
        raise zipfile.BadZipFile(f"it has {len(names):,} files in it, not one")
    try:
        return archive.open(names[0])
    except (NotImplementedError, RuntimeError) as error:  # encrypted, or packed by a method that Python lacks
        raise zipfile.BadZipFile(str(error)) from error


_UNPACK: dict[str, Callable[[BinaryIO], Any]] = {
    ".gz": lambda handle: gzip.GzipFile(fileobj=handle),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zip": _only_member,
}
_OF_TEXT = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json")

DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""Errors of files that are damaged, cut off or encrypted; the others are OSErrors."""


def ending_of(path: Path) -> str:
    """The ending of a file's name in small letters, without that of a compression.

    Example:
        >>> ending_of(Path("a.CSV")), ending_of(Path("a.csv.gz")), ending_of(Path("a.parquet.gz"))
        ('.csv', '.csv', '.gz')
    """
    ending, inner = path.suffix.lower(), Path(path.stem).suffix.lower()
    return inner if ending in _UNPACK and inner in _OF_TEXT else ending


def stem_of(path: Path) -> str:
    """The name of a file without its ending, and without that of a compression.

    Example:
        >>> stem_of(Path("texts/a.csv")), stem_of(Path("a.csv.gz")), stem_of(Path("a.b.gz"))
        ('a', 'a', 'a.b')
    """
    return path.stem if ending_of(path) == path.suffix.lower() else Path(path.stem).stem


def unpacked(handle: BinaryIO, path: Path) -> BinaryIO:
    """The content of a file, unpacked if its name says that it is compressed."""
    unpack = _UNPACK.get(path.suffix.lower())
    found: BinaryIO = handle if unpack is None else unpack(handle)
    return found

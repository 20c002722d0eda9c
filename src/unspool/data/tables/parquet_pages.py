"""How large the pages of a Parquet file are, read from their headers before any of them is unpacked.

pyarrow unpacks a page whole, and repeats a value of a dictionary for every row that has it: a file of some kilobytes
can so ask for gigabytes. The headers are in Thrift's compact protocol, of which this reads as much as it takes
(https://parquet.apache.org/docs/file-format/, `PageHeader`; https://github.com/apache/thrift, compact protocol).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from unspool import files

MOST_IN_PAGE = 1 << 26
"""Bytes of a page, unpacked: writers make pages of about a million."""
MOST_ROWS, MOST_ROWS_PER_BYTE = 1 << 20, 64
"""Rows of a file whatever its size, and for each of its bytes."""

_DICTIONARY = 2
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 7, 8, 12
_NUMBERS = (4, 5, 6)
_DEEPEST = 16


def largest_dictionary(path: Path, metadata: Any) -> int:
    """Look at all pages, and give the size of the largest dictionary, in bytes when unpacked.

    Args:
        path: of the file.
        metadata: a `pyarrow.parquet.FileMetaData` of it.

    Raises:
        ValueError: a page is too large, the pages do not lie where the file says, or it has too many rows for its size.
        OSError: the file cannot be read.
    """
    largest = 0
    with files.opened(path) as handle:
        size = handle.seek(0, 2)
        if metadata.num_rows > max(MOST_ROWS, MOST_ROWS_PER_BYTE * size):
            raise ValueError(f"it has {metadata.num_rows:,} rows in {size:,} bytes")
        for group in range(metadata.num_row_groups):
            row_group = metadata.row_group(group)
            for number in range(row_group.num_columns):
                for kind, unpacked in _pages(handle, row_group.column(number), size):
                    if unpacked > MOST_IN_PAGE:
                        raise ValueError(f"a page of it has {unpacked:,} bytes, and {MOST_IN_PAGE:,} are the most")
                    largest = max(largest, unpacked if kind == _DICTIONARY else 0)
    return largest


def _pages(handle: BinaryIO, chunk: Any, size: int) -> Iterator[tuple[int, int]]:
    """The kind of each page of a column, and its size unpacked."""
    if chunk.num_values == 0:
        return
    place: int = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
        place = min(place, chunk.dictionary_page_offset)
    end = place + chunk.total_compressed_size
    if not 0 <= place <= end <= size:
        raise ValueError("a column of it lies outside the file")
    while place < end:
        handle.seek(place)
        header = _struct(handle)
        kind, unpacked, packed = (header.get(field, -1) for field in (1, 2, 3))
        place = handle.tell() + packed
        if unpacked < 0 or packed < 0 or place > end:
            raise ValueError("a page of it is not where the file says")
        yield kind, unpacked


def _struct(handle: BinaryIO, depth: int = 0) -> dict[int, int]:
    """Read a struct; the result has its fields that are whole numbers."""
    if depth > _DEEPEST:
        raise ValueError("the header of a page is nested too deep")
    found: dict[int, int] = {}
    field = 0
    while head := _byte(handle):
        step, kind = head >> 4, head & 15
        field = field + step if step else _signed(_varint(handle))
        if kind in (_TRUE, _FALSE):
            continue
        value = _value(handle, kind, depth)
        if value is not None:
            found[field] = value
    return found


def _value(handle: BinaryIO, kind: int, depth: int) -> int | None:
    if kind in _NUMBERS:
        return _signed(_varint(handle))
    if kind == _BINARY:
        handle.seek(_varint(handle), 1)
    elif kind == _STRUCT:
        _struct(handle, depth + 1)
    elif kind in (_BYTE, _DOUBLE):
        handle.seek(1 if kind == _BYTE else 8, 1)
    else:  # lists and maps, which no header of a page has
        raise ValueError("the header of a page is damaged")
    return None


def _varint(handle: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = _byte(handle)
        value |= (byte & 127) << shift
        if byte < 128:
            return value
    raise ValueError("the header of a page is damaged")


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _byte(handle: BinaryIO) -> int:
    found = handle.read(1)
    if not found:
        raise ValueError("the file ends within the header of a page")
    return found[0]

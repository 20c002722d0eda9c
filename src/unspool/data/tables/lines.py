"""The lines of a text file, read one by one so that no file is too large and no line can fill the memory."""

import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from unspool import files
from unspool.data.tables.cells import too_long
from unspool.data.tables.compression import DAMAGE, unpacked
from unspool.data.tables.problems import MAX_LINE, Flaw
from unspool.data.tables.utf16 import Utf16AsUtf8, has_utf16_mark, refuse_unmarked
from unspool.errors import AdvisedError, UserError

_BOM = b"\xef\xbb\xbf"
_NO_TEXT = {
    b"\x1f\x8b": ("gzip-compressed", "Unpack it (gunzip), or add .gz to its name."),
    b"PK\x03\x04": ("an Excel workbook or a zip archive", "Save the sheet as CSV in UTF-8, or unpack the archive."),
    b"\xd0\xcf\x11\xe0": ("an Excel workbook", "Save the sheet as CSV in UTF-8."),
    b"%PDF": ("a PDF document", "Give a table of text."),
    b"<!DO": ("an HTML page", "Download the file itself, not the page that shows it."),
    b"<htm": ("an HTML page", "Download the file itself, not the page that shows it."),
    b"PAR1": ("a Parquet file", "Rename it to end in .parquet."),
}
"""How files begin that are no tables of text, and what to do about them."""


class LongLine(Exception):
    """A line of more than MAX_LINE bytes; `beginning` is what was kept of it."""

    def __init__(self, beginning: str) -> None:
        super().__init__("a line is too long")
        self.beginning = beginning


class Lines(Iterator[str]):
    """Lines with their ends, decoded; bytes that are not UTF-8 come as lone surrogates, as with "surrogateescape".

    A record is one line or several. `begin_record` starts one, and `reread` gives back all of its lines but the first,
    so that a record that never ends costs one line and not the rest of the file.

    Attributes:
        number: of the line that was given last, from 1.
        record: the lines of the current record.
        ended: the last line that was given had an end: the file was not cut off within it.
    """

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._again: deque[str] = deque()
        self.number = 0
        self.record: list[str] = []
        self.ended = True

    def begin_record(self) -> None:
        """The next line is the first of a record."""
        self.record = []

    def reread(self) -> None:
        """Give the lines of the current record again, but the first."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        self.record = self.record[:1]
        self.ended = True

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        self.ended = line.endswith(("\n", "\r"))
        return line

    def _read(self) -> str:
        raw = self._handle.readline(MAX_LINE)
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            rest = raw
            while rest and not rest.endswith(b"\n"):
                rest = self._handle.readline(MAX_LINE)
            self.number += 1
            raise LongLine(_decode(raw))
        return _decode(raw)


@contextmanager
def open_lines(path: Path) -> Iterator[Lines]:
    """Open a text file to read its lines.

    Raises:
        UserError: see `open_text`.
    """
    with open_text(path) as handle:
        yield Lines(handle)


@contextmanager
def open_text(path: Path) -> Iterator[BinaryIO]:
    """Open a text file in UTF-8, or in UTF-16 with a byte order mark, and skip the mark; its bytes come as UTF-8.

    Raises:
        UserError: it cannot be read, is empty, or is UTF-16 without that mark or no table of text.
    """
    try:
        with files.opened(path) as raw, unpacked(raw, path) as handle:
            start = handle.read(4)
            if not start:
                raise AdvisedError(f"{path} is empty.", "Give a file with rows.")
            refuse_unmarked(start, path)
            for beginning, (what, advice) in _NO_TEXT.items():
                if start.startswith(beginning):
                    raise AdvisedError(f"{path} is {what}.", advice)
            handle.seek(len(_BOM) if start.startswith(_BOM) else 0)
            yield io.BufferedReader(Utf16AsUtf8(handle)) if has_utf16_mark(start) else handle
    except DAMAGE as error:
        raise UserError(f"{path} cannot be unpacked ({error}). Check that it is complete, or unpack it.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error


def lines_with_content(path: Path) -> Iterator[tuple[int, str | Flaw, bool]]:
    """The lines that are not blank: the number of each, the line or that it is too long, and whether it has an end.

    Raises:
        UserError: see `open_text`.
    """
    with open_lines(path) as lines:
        while True:
            lines.begin_record()
            try:
                line = next(lines)
            except StopIteration:
                return
            except LongLine:
                yield lines.number, too_long(None, f"over {MAX_LINE:,} bytes"), True
                continue
            if line.strip():
                yield lines.number, line, lines.ended


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")

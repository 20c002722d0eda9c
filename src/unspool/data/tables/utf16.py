"""Text in UTF-16, as Excel's "Unicode Text" is, read as UTF-8."""

import codecs
import io
from typing import BinaryIO

from unspool.errors import UserError

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_BLOCK = 1 << 16


def has_utf16_mark(start: bytes) -> bool:
    """Tell by its first four bytes whether a file is UTF-16 with a byte order mark.

    Example:
        >>> has_utf16_mark("text".encode("utf-16")[:4]), has_utf16_mark("text".encode("utf-32")[:4])
        (True, False)
    """
    return start.startswith(_MARKS) and not start.startswith(_UTF32)


def refuse_unmarked(start: bytes, path: object) -> None:
    """Refuse text in UTF-32, and in UTF-16 without a byte order mark, by the first four bytes of its file.

    Raises:
        UserError: it is such text; says what to do.
    """
    if start.startswith(_UTF32):
        raise UserError(f"{path} is UTF-32 text. Save it as UTF-8.")
    if start[:2].count(b"\0") == 1:
        raise UserError(f"{path} seems to be UTF-16 text without a byte order mark. Save it as UTF-8.")


def in_utf8(content: bytes) -> bytes:
    """Return UTF-16 content that has a byte order mark as UTF-8 without one; any other content unchanged.

    Example:
        >>> in_utf8("Łódź".encode("utf-16")) == in_utf8("Łódź".encode()) == "Łódź".encode()
        True
    """
    return Utf16AsUtf8(io.BytesIO(content)).readall() if has_utf16_mark(content[:4]) else content


class Utf16AsUtf8(io.RawIOBase):
    """A stream of UTF-8 from one of UTF-16 that begins with a byte order mark, which it leaves out.

    Half a character at the end, and half a surrogate pair, become bytes that are not UTF-8.

    Example:
        >>> Utf16AsUtf8(io.BytesIO("Łódź".encode("utf-16"))).read().decode()
        'Łódź'
    """

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
        self._ready = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer as far as one block of the file goes; 0 at its end."""
        while not self._ready:
            block = self._handle.read(_BLOCK)
            self._ready = self._decode(block)
            if not block:
                break
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _decode(self, block: bytes) -> bytes:
        try:
            return self._decoder.decode(block, final=not block).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # the file ends within a character
            self._decoder.reset()
            return b"\xff"

"""What can be wrong with one cell, whatever kind of file it stands in."""

from unspool.data.tables.problems import MAX_CELL, Flaw, Reason

_SAVE_AS_UTF8 = "Save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8 converts files from older programs)"


def cell_flaw(value: object, column: str) -> Flaw | None:
    """Tell what is wrong with a cell as such: a text that is too long, not UTF-8, or holds NUL.

    Example:
        >>> cell_flaw("good", "review") is None
        True
        >>> cell_flaw("go\\0od", "review").detail
        'it holds a NUL byte, which no text does'
    """
    if not isinstance(value, str):
        return None
    if len(value) > MAX_CELL:
        return too_long(column, f"{len(value):,} characters")
    return byte_flaw(value, column)


def too_long(column: str | None, size: str) -> Flaw:
    """Say that a cell is longer than any text for a model."""
    return Flaw(Reason.TOO_LONG, f"the cell has {size}, and {MAX_CELL:,} characters are the most", column)


def byte_flaw(text: str, column: str | None = None) -> Flaw | None:
    """Tell what is wrong with the bytes of a text: some are not UTF-8, or NUL.

    Args:
        text: decoded with "surrogateescape", so that a wrong byte is a lone surrogate.
        column: to name.

    Example:
        >>> byte_flaw("caf\\udce9").detail
        'byte 0xE9 is not UTF-8'
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        surrogate = ord(text[error.start])
        if 0xDC80 <= surrogate <= 0xDCFF:
            detail = f"byte 0x{surrogate - 0xDC00:02X} is not UTF-8"
            return Flaw(Reason.NOT_UTF8, detail, column, fix=_SAVE_AS_UTF8, fix_in_use=_SAVE_AS_UTF8)
        return Flaw(Reason.NOT_UTF8, f"it contains half a character, U+{surrogate:04X}", column)
    if "\0" in text:
        return Flaw(Reason.NUL, "it holds a NUL byte, which no text does", column)
    return None

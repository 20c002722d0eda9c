"""Files as their publishers distribute them, packed by gzip or unpacked since."""

import gzip
import hashlib
import zlib
from pathlib import Path

from unspool.errors import UserError

_GZIP_MAGIC = b"\x1f\x8b"


def unpacked(path: Path, limit: int) -> bytes:
    """Read what a file holds once unpacked.

    Raises:
        UserError: it cannot be read to its end, or holds more.
    """
    try:
        with path.open("rb") as handle:
            packed = handle.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read to its end: {error}. Get the file again.") from error
    if len(data) > limit:
        raise UserError(f"{path} holds more than {limit:,} bytes, far more than it should. Get the file again.")
    return data


def refuse_other_content(path: Path, data: bytes, content: str) -> None:
    """Refuse a file that holds something else than was published.

    Args:
        path: of the file, for the message.
        data: what it holds.
        content: the SHA-256 of what it should hold.
    """
    if hashlib.sha256(data).hexdigest() != content:
        raise UserError(f"{path} is not the published file: its content differs. Remove it or get the file again.")

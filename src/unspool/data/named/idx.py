"""The IDX format of MNIST: a magic number, the dimensions, and the bytes."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data.named.published import refuse_other_content, unpacked
from unspool.errors import UserError

_UNSIGNED_BYTES = 0x08


def read_idx(path: Path, content: str, limit: int = 1 << 26) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes, packed by gzip or not, and check that it is the one that is meant.

    Args:
        path: of the file.
        content: the SHA-256 of what it holds once unpacked.
        limit: how many bytes that may be.

    Returns:
        An array of the dimensions that the file states.

    Raises:
        UserError: the file cannot be read, is damaged, no IDX file, or holds something else.
    """
    data = unpacked(path, limit)
    array = parse_idx(data, path)
    refuse_other_content(path, data, content)
    return array


def parse_idx(data: bytes, path: Path) -> NDArray[np.uint8]:
    """Turn the bytes of an IDX file into an array.

    Args:
        data: two zero bytes, 8 for "unsigned bytes", the number of dimensions, each dimension as four bytes (the
            highest first), then the values in row-major order.
        path: where they come from, for the message.

    Raises:
        UserError: the magic number, the dimensions or the length are not those of such a file.

    Example:
        >>> parse_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9]), Path("tiny"))
        array([[7, 8, 9]], dtype=uint8)
    """
    if len(data) < 4 or data[:2] != b"\x00\x00" or data[2] != _UNSIGNED_BYTES or data[3] == 0:
        raise UserError(
            f"{path} is not an IDX file of unsigned bytes: it begins with {data[:4].hex(' ') or 'nothing'}."
        )
    start = 4 + 4 * data[3]
    shape = [int(size) for size in np.frombuffer(data[4:start].ljust(4 * data[3], b"\0"), dtype=">u4")]
    if len(data) != start + math.prod(shape):
        sizes = " x ".join(map(str, shape))
        raise UserError(
            f"{path} has {len(data):,} bytes, but its header of dimensions {sizes} calls for "
            f"{start + math.prod(shape):,}: it has been cut short or altered. Get the file again."
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)

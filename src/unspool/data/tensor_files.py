"""Arrays in .safetensors files, which may come from a stranger."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from unspool import files

_DIGEST = "sha256"
_BLANK = "0" * 64
_WRITTEN = re.compile(rf'"{_DIGEST}":"([0-9a-f]{{{len(_BLANK)}}})"'.encode())


def tensor_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The content of a file of arrays, by their names; `read_tensors` notices if a bit of it has changed.

    The header holds, as metadata, a SHA-256 of the whole file in which zeros stand for the digest.
    """
    dense = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    content = save(dense, metadata={_DIGEST: _BLANK})
    written = _WRITTEN.search(content)
    assert written is not None
    begin, end = written.span(1)
    return b"".join((content[:begin], _digest(content, begin, end).encode(), content[end:]))


def _digest(content: bytes, begin: int, end: int) -> str:
    """The SHA-256 of a content in which zeros stand for what is between two places."""
    whole, found = memoryview(content), hashlib.sha256()
    for part in (whole[:begin], _BLANK.encode(), whole[end:]):
        found.update(part)
    return found.hexdigest()


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a file by their names.

    Raises:
        ValueError: it is no such file, it has changed since `tensor_bytes` made it, or an array without numbers has a
            length that one of the file's cannot have: what is made of it would have numbers.
        OSError: it cannot be read.
    """
    with files.opened(path) as handle:  # its first bytes tell of most files that are none, however large they are
        header, size = int.from_bytes(handle.read(8), "little"), handle.seek(0, 2)
    if not 2 <= header <= size - 8:
        raise ValueError("it does not begin as a .safetensors file")
    content = files.read_bounded(path, files.MOST_OF_ARRAYS)
    written = _WRITTEN.search(content, 8, 8 + header)  # other programs, and earlier versions, write none
    if written is not None and written[1].decode() != _digest(content, *written.span(1)):
        raise ValueError(f"{path.name} has changed since it was written")
    try:
        arrays = load(content)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    for name, array in arrays.items():
        if any(length > len(content) for length in array.shape):
            raise ValueError(f"array {name[:80]!r} has the shape {array.shape}")
    return arrays

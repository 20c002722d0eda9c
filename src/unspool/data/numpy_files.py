"""Arrays in .npy and .npz files. Those read may come from a stranger: sizes are checked, objects refused."""

import math
import os
import zipfile
from collections.abc import Collection, Mapping
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from unspool import atomic_writes, files

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
LARGE, MOST_EXPANSION = 1 << 28, 100
"""A packed array of more bytes than `LARGE` must not be over `MOST_EXPANSION` times smaller in the file."""


def read_npy(path: Path) -> NDArray[Any]:
    """Read one array.

    Raises:
        ValueError: the file is no such file, holds Python objects, or is shorter or longer than it says.
        OSError: it cannot be read.
    """
    with files.opened(path) as file:
        return _read(file, os.fstat(file.fileno()).st_size, "the array")


def read_npz(path: Path, wanted: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read the arrays of an archive by their names, or those that are wanted and there.

    Raises:
        ValueError: a member is not an array, holds Python objects, is there twice, is packed to next to nothing, or is
            shorter or longer than it says.
        OSError: the file cannot be read.
        zipfile.BadZipFile: it is no such archive, or damaged.
    """
    with files.opened(path) as handle, zipfile.ZipFile(handle) as archive:
        return read_archive(archive, wanted)


def read_archive(archive: zipfile.ZipFile, wanted: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """The same of an archive that is open."""
    arrays: dict[str, NDArray[Any]] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if wanted is not None and name not in wanted:
            continue
        shown = f"array {name[:80]!r}"
        if name in arrays:
            raise ValueError(f"{shown} is there twice")
        if info.file_size > max(LARGE, MOST_EXPANSION * info.compress_size):
            raise ValueError(f"{shown} has {info.file_size:,} bytes, packed into {info.compress_size:,}")
        with archive.open(info) as file:
            arrays[name] = _read(file, info.file_size, shown)
    return arrays


def write_npz(path: Path, arrays: Mapping[str, Any], *, packed: bool = False) -> None:
    """Write arrays to an archive, whole or not at all; the same arrays give the same bytes.

    Raises:
        UserError: it cannot be written.
    """
    content = BytesIO()
    (np.savez_compressed if packed else np.savez)(content, allow_pickle=False, **arrays)
    atomic_writes.write_aside(path, content.getvalue())


def _read(file: IO[bytes], size: int, shown: str) -> NDArray[Any]:
    try:
        version = npy.read_magic(file)
    except ValueError as error:
        raise ValueError(f"{shown} is not in NumPy's format") from error
    if version not in _HEADERS:
        raise ValueError(f"{shown} is in format {version}, which is for names of fields")
    try:
        shape, _, dtype = _HEADERS[version](file)
    except (SyntaxError, TokenError, TypeError) as error:  # NumPy reads it as Python would
        raise ValueError(f"{shown} has a damaged header") from error
    if any(size < 0 for size in shape):
        raise ValueError(f"{shown} has the shape {shape}")
    if dtype.hasobject:
        raise ValueError(f"{shown} holds Python objects, which are not read")
    there, said = size - file.tell(), math.prod(shape) * dtype.itemsize
    if said != there:
        raise ValueError(f"{shown} has the shape {shape}, which takes {said:,} bytes, but there are {there:,}")
    file.seek(0)
    array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
    return array

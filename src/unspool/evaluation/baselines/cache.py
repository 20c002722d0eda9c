"""Keeps what a baseline gave, so that the next run on the same data need not fit it again."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.data.numpy_files import write_npz
from unspool.errors import UserError

Arrays = dict[str, NDArray[np.float64]]


def cache_path(folder: Path, name: str, key: dict[str, str]) -> Path:
    """Return the path of a baseline's file: the same only if everything in `key` is the same.

    Example:
        >>> cache_path(Path("cache"), "majority-class", {"data": "a"}).name
        'majority-class-b1d779acf4c7f75d.npz'
    """
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    return folder / f"{name}-{digest[:16]}.npz"


@cache
def revision(package: Path = Path(__file__).parents[2]) -> str:
    """Return the version of unspool and a digest of its code, since code in a checkout changes without its version."""
    code = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        code.update(path.read_bytes())
    return f"{version('unspool')} {code.hexdigest()[:16]}"


def digest_of_arrays(*arrays: NDArray[np.generic] | None) -> str:
    """Return a SHA-256 of arrays for a key, which depends on their types, shapes and contents.

    Example:
        >>> digest_of_arrays(np.arange(6)) == digest_of_arrays(np.arange(6).reshape(2, 3))
        False
    """
    sha256 = hashlib.sha256()
    for array in arrays:
        if array is None:
            sha256.update(b"none")
        else:
            sha256.update(f"{array.dtype.str}{array.shape}".encode())
            sha256.update(np.ascontiguousarray(array).data)
    return sha256.hexdigest()


def load(path: Path, shapes: Mapping[str, tuple[int, ...] | None]) -> Arrays | None:
    """Read what `save` wrote; None if there is nothing, or it is damaged.

    Args:
        path: of the file.
        shapes: the arrays to read, by name, with the shape that each must have, or None for any. Numbers must be
            finite.
    """
    try:
        content = path.read_bytes()  # NumPy would leave a damaged file open
        with np.load(BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: np.array(stored[name], dtype=np.float64) for name in shapes}
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile, NotImplementedError, RuntimeError):
        return None  # not there, cut short or altered: all that zipfile and NumPy raise for that
    sound = all(
        shapes[name] in (None, array.shape) and bool(np.isfinite(array).all()) for name, array in arrays.items()
    )
    return arrays if sound else None


def save(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Write the results of a baseline; if the folder cannot be written, a warning is logged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_npz(path, arrays)
    except (OSError, UserError) as error:
        warnings.warn(f"What the baseline gave is not kept for the next run: {error}", stacklevel=2)

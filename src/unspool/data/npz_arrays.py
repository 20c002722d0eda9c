"""The arrays of a NumPy .npz file with series."""

import zipfile
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from unspool import files
from unspool.data import numpy_files
from unspool.errors import AdvisedError, UserError

FORM = (
    "x with shape (series, steps, channels) or (series, steps), y with a label for each series, and lengths (series,) "
    "where they differ; or x with shape (all steps, channels), the series end to end, and their lengths"
)
_NPY = b"\x93NUMPY"
ARRAYS = ("x", "y", "lengths", "groups", "times", "split", "channels")


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a .npz file that are named in `ARRAYS`.

    Raises:
        UserError: the file cannot be read, or has none for the series.
    """
    try:
        with files.opened(path) as handle:
            bare = handle.read(len(_NPY)) == _NPY
            if bare:
                raise UserError(f"{path} holds one bare array. Save several with numpy.savez: {FORM}.")
            if not zipfile.is_zipfile(handle):
                raise zipfile.BadZipFile("it is not a zip archive")
            with zipfile.ZipFile(handle) as archive:
                there = ", ".join(name.removesuffix(".npy") for name in archive.namelist()) or "nothing"
                arrays = numpy_files.read_archive(archive, ARRAYS)
    except FileNotFoundError as error:
        raise AdvisedError(f"{path} is not there.", "") from error
    except files.DAMAGE as error:
        if "holds Python objects" in str(error):
            raise UserError(f"{path} holds Python objects, which are not read. Save numbers only: {FORM}.") from error
        raise AdvisedError(
            f"{path} is not a complete .npz file: {files.reason_of(error)}.", "Get another copy or write it again."
        ) from error
    require_array(path, arrays, "x", there)
    return arrays


def require_array(path: Path, arrays: dict[str, NDArray[Any]], name: str, there: str = "") -> None:
    """Refuse a file without one of the arrays.

    Raises:
        UserError: names it, and the arrays that there are.
    """
    if name not in arrays:
        raise UserError(f"{path} has no array {name!r}, but {there or ', '.join(arrays)}. It needs {FORM}.")

"""Which folders data lies in."""

import os
from os import PathLike
from pathlib import Path

from unspool.errors import UserError
from unspool.files import cache_folder, expanded

DATA_VARIABLE = "UNSPOOL_DATA"


def data_folder(folder: str | PathLike[str] | None = None) -> Path | None:
    """Return the user's folder of datasets: the argument, else the one that UNSPOOL_DATA names, else None.

    Nothing is ever written there.

    Raises:
        UserError: it is named but is not a folder.
    """
    named = folder if folder is not None else os.environ.get(DATA_VARIABLE)
    if not named:
        return None
    path = expanded(named)
    if not path.is_dir():
        origin = "given" if folder is not None else f"that {DATA_VARIABLE} names"
        raise UserError(f"The data folder {origin}, {path.absolute()}, is not there. Create it or name another.")
    return path


def download_path(dataset: str, filename: str) -> Path:
    """Return where a downloaded file of a dataset is kept."""
    return cache_folder() / "downloads" / dataset / filename


def prepared_path(dataset: str, key: str) -> Path:
    """Return the path of the prepared form of a dataset; `key` identifies its content."""
    return cache_folder() / "prepared" / f"{dataset}-{key}.bin"


def find(dataset: str, filename: str, folder: str | PathLike[str] | None = None) -> Path | None:
    """Look for a file in the user's data folder: in the dataset's subfolder or directly, packed by gzip or not.

    Args:
        dataset: names the subfolder.
        filename: as it is distributed, with ".gz" if it is packed.
        folder: see `data_folder`.

    Returns:
        Its path, or None. What is in the file has not been looked at.
    """
    root = data_folder(folder)
    if root is None:
        return None
    for name in dict.fromkeys((filename, filename.removesuffix(".gz"))):
        for path in (root / dataset / name, root / name):
            if path.is_file():
                return path
    return None

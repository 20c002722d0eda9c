"""Which folders data lies in, and how a file gets there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from unspool.errors import UserError

DATA_VARIABLE = "UNSPOOL_DATA"
CACHE_VARIABLE = "UNSPOOL_CACHE"


def data_folder(folder: str | PathLike[str] | None = None) -> Path | None:
    """Return the user's folder of datasets: the argument, else the one that UNSPOOL_DATA names, else None.

    Nothing is ever written there.

    Raises:
        UserError: it is named but is no folder.
    """
    named = folder if folder is not None else os.environ.get(DATA_VARIABLE)
    if not named:
        return None
    path = Path(named).expanduser()
    if not path.is_dir():
        origin = "given" if folder is not None else f"that {DATA_VARIABLE} names"
        raise UserError(f"The data folder {origin}, {path}, is not there. Create it or name another.")
    return path


def cache_folder() -> Path:
    """Return the folder for downloads and prepared datasets: UNSPOOL_CACHE, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("unspool")


def download_path(dataset: str, filename: str) -> Path:
    """Return where a downloaded file of a dataset is kept."""
    return cache_folder() / "downloads" / dataset / filename


def prepared_path(dataset: str, key: str) -> Path:
    """Return where the prepared form of a dataset is kept; `key` says of what content."""
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


def make_folder(path: Path) -> None:
    """Create a folder in the cache, with those above it.

    Raises:
        UserError: it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that belongs to `path`, so that of several processes one does the work and the others wait.

    The system lets go of it when a process dies, however it dies. The lock is a file beside `path`, which stays.

    Raises:
        UserError: the folder cannot be written.
    """
    import fcntl

    make_folder(path.parent)
    try:
        handle = path.with_name(path.name + ".lock").open("a")
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_aside(path: Path, *pieces: bytes | memoryview) -> None:
    """Write a file under another name, force it to the disk, then give it its own name: it is whole or not there.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        try:
            with aside.open("wb") as handle:
                for piece in pieces:
                    handle.write(piece)
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path.parent, error) from error


def remove_leftovers(path: Path) -> None:
    """Delete what processes that were killed in `write_aside` left beside `path`, which must be `locked`."""
    for leftover in path.parent.glob(f"{path.name}.*.partial"):
        leftover.unlink(missing_ok=True)


def _unwritable(folder: Path, error: OSError) -> UserError:
    remedy = "Make room there or have the permission changed"
    if folder.is_relative_to(cache_folder()):
        remedy += f", or name another cache folder in {CACHE_VARIABLE}"
    return UserError(f"{folder} cannot be written ({error.strerror}). {remedy}.")

"""The cache folder, and how a file gets to its place whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from unspool.errors import UserError

CACHE_VARIABLE = "UNSPOOL_CACHE"


def cache_folder() -> Path:
    """Return the folder for downloads and prepared datasets: UNSPOOL_CACHE, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("unspool")


def make_folder(path: Path) -> None:
    """Create a folder in the cache, with those above it.

    Raises:
        UserError: it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


@contextmanager
def locked(path: Path, busy: str = "") -> Iterator[None]:
    """Hold the lock that belongs to `path`, so that of several processes one does the work and the others wait.

    The system lets go of it when a process dies, however it dies. The lock is a file beside `path`, which stays.

    Args:
        path: what is locked.
        busy: what to tell where another holds the lock, instead of waiting for it.

    Raises:
        UserError: the folder cannot be written, or the lock is held and `busy` is given.
    """
    import fcntl

    make_folder(path.parent)
    try:
        handle = path.with_name(path.name + ".lock").open("a")
    except OSError as error:
        raise unwritable(path.parent, error) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError as error:
            raise UserError(busy) from error
        yield


@contextmanager
def writing_aside(path: Path) -> Iterator[BinaryIO]:
    """Open a file under another name; when the block ends, force it to the disk, then give it its own name.

    So it is whole or not there: where the block raises, nothing is left.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        try:
            with aside.open("wb") as handle:
                yield handle
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def write_aside(path: Path, *pieces: bytes | memoryview) -> None:
    """Write a file whole or not at all, see `writing_aside`.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    with writing_aside(path) as handle:
        for piece in pieces:
            handle.write(piece)


def force_to_disk(path: Path) -> None:
    """Force a file to the disk, or a folder's names of files, which the files' own fsync does not cover.

    Where a file system knows no such thing, nothing is done.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def remove_leftovers(path: Path) -> None:
    """Delete what processes that were killed in `write_aside` left beside `path`, which must be `locked`."""
    for leftover in path.parent.glob(f"{path.name}.*.partial"):
        leftover.unlink(missing_ok=True)


def unwritable(folder: Path, error: OSError) -> UserError:
    """Say that a folder cannot be written, why, and what to do about it."""
    remedy = "Make room there or have the permission changed"
    if folder.is_relative_to(cache_folder()):
        remedy += f", or name another cache folder in {CACHE_VARIABLE}"
    return UserError(f"{folder} cannot be written ({error.strerror}). {remedy}.")

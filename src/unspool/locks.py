"""Locks between processes, as files beside what is locked."""

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from unspool.errors import UserError
from unspool.files import make_folder, open_flags, unwritable


class Busy(UserError):
    """Another process holds a lock."""


@contextmanager
def locked(path: Path, busy: str = "") -> Iterator[Callable[[], bool]]:
    """Hold the lock of `path` within the block; other processes wait for it.

    The system releases the lock when a process dies, for any reason. It is on a file beside `path`, which is kept.

    Args:
        path: what is locked.
        busy: the message of the error to raise if another process holds the lock; empty to wait for it.

    Yields:
        A function that returns whether the lock is still held, and its file has not been removed or renamed.

    Raises:
        Busy: the lock is held and `busy` is given.
        UserError: the folder cannot be written.
    """
    make_folder(path.parent)
    while True:
        try:
            handle = os.fdopen(os.open(lock_of(path), open_flags("O_RDWR", "O_CREAT", "O_NOFOLLOW"), 0o666))
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise UserError(f"{lock_of(path)} is a link, which a lock never is. Remove it.") from error
            if isinstance(error, FileNotFoundError):
                make_folder(path.parent)  # removed meanwhile, with what it was for
                continue
            raise unwritable(path.parent, error) from error
        with handle:
            try:
                _lock(handle.fileno(), wait=not busy)
            except BlockingIOError as error:
                raise Busy(busy) from error
            try:
                still = _is_still(handle.fileno(), lock_of(path))
            except OSError as error:
                raise unwritable(path.parent, error) from error
            if still:
                yield partial(_is_still, handle.fileno(), lock_of(path))
                return


def _lock(handle: int, wait: bool) -> None:
    """Lock an open file for this process alone.

    Raises:
        BlockingIOError: another process has it, and `wait` is false.
    """
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return
            except OSError as error:
                if not wait:
                    raise BlockingIOError(*error.args) from error
                time.sleep(0.05)
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def is_locked(path: Path) -> bool:
    """Whether another process holds the lock of `path` at this moment."""
    try:
        handle = os.fdopen(os.open(lock_of(path), open_flags("O_RDWR", "O_NOFOLLOW")))
    except OSError:  # there is none
        return False
    with handle:
        try:
            _lock(handle.fileno(), wait=False)
        except BlockingIOError:
            return True
    return False


def lock_of(path: Path) -> Path:
    """The path of the lock file of `path`."""
    return path.with_name(path.name + ".lock")


def _is_still(handle: int, path: Path) -> bool:
    """Whether an open file is still the one at `path`, and was not removed while the lock was waited for."""
    try:
        there = os.stat(path, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return os.path.samestat(os.fstat(handle), there)

"""Files that are written whole or not at all: beside their place, synced, and renamed."""

import errno
import glob
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from unspool.files import open_flags, unwritable
from unspool.strict_json import as_lossless_json

_RANDOM = 4
"""Bytes in the name of a temporary file."""

_JUST_OPENED = 1.0
"""Seconds within which a new file may not have been locked yet."""


def keep_permissions(path: Path, new: Path) -> None:
    """Give a new file the permissions of the one that it will replace, if there is one."""
    if path.is_file() and not path.is_symlink():
        with suppress(OSError):  # some file systems have no permissions
            new.chmod(stat.S_IMODE(path.stat().st_mode))


@contextmanager
def writing_aside(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file for writing; at the end of the block, sync it, rename it to `path`, and sync the folder.

    So the file is replaced atomically: if the block raises, nothing is left, and after it the file survives a power
    failure. A file that is replaced keeps its permissions. A link itself is replaced; see `linked`.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    try:
        with opened_aside(path) as (aside, handle):
            keep_permissions(path, aside)
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
            close_on_windows(handle)
            os.replace(aside, path)
            force_to_disk(path.parent)
    except OSError as error:
        raise unwritable(path.parent, error) from error


@contextmanager
def opened_aside(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a temporary file beside another; it is removed afterwards unless it was renamed.

    Temporary files that killed processes left there are removed; those of running processes are locked.

    Raises:
        OSError: the folder cannot be written.
    """
    for leftover in path.parent.glob(f"{glob.escape(path.name)}.{'[0-9a-f]' * 2 * _RANDOM}.partial"):
        _remove_abandoned(leftover)
    aside = path.with_name(f"{path.name}.{secrets.token_hex(_RANDOM)}.partial")  # in containers, PIDs repeat
    try:  # Ctrl-C may come as soon as the file is there
        with aside.open("xb") as handle:
            _lock_at_once(handle.fileno())
            yield aside, handle
    finally:
        with suppress(OSError):
            aside.unlink()


def close_on_windows(handle: BinaryIO) -> None:
    """Close a file where an open one can be neither renamed nor deleted; elsewhere it stays locked."""
    if sys.platform == "win32":
        handle.close()


def _remove_abandoned(aside: Path) -> None:
    with suppress(OSError):
        handle = os.open(aside, open_flags("O_RDWR", "O_NOFOLLOW", "O_NONBLOCK"))
        try:
            old = time.time() - os.fstat(handle).st_mtime > _JUST_OPENED
            if old and _lock_at_once(handle):
                aside.unlink()
        finally:
            os.close(handle)


def _lock_at_once(handle: int) -> bool:
    """Lock an open file until it is closed or the process ends, and return whether that was possible."""
    try:
        import fcntl
    except ImportError:  # on Windows
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another process has it, or the file system has no locks
        return False
    return True


def write_aside(path: Path, *pieces: bytes | memoryview) -> None:
    """Write a file atomically, see `writing_aside`.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    with writing_aside(path) as handle:
        for piece in pieces:
            handle.write(piece)


def write_json_aside(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    write_aside(path, (as_lossless_json(value, indent=2) + "\n").encode())


def force_to_disk(path: Path) -> None:
    """Sync a file, or the entries of a folder, which syncing the files does not cover.

    Nothing is done on file systems that do not support it.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    if sys.platform == "win32" and path.is_dir():
        return  # folders cannot be opened there
    access = "O_RDWR" if sys.platform == "win32" else "O_RDONLY"
    handle = os.open(path, open_flags(access, "O_NONBLOCK"))  # nor block on a pipe
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def remove_leftovers(path: Path) -> None:
    """Delete the temporary files that killed processes left in `write_aside` of `path`, which must be `locked`."""
    for leftover in path.parent.glob(f"{glob.escape(path.name)}.*.partial"):
        leftover.unlink(missing_ok=True)

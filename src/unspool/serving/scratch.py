"""The server's folder for copies of its model and for pages."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from unspool import locks

PREFIX = "unspool-serve-"
SERVER = "server"
"""What the lock in such a folder is of: the server holds it as long as it lives."""
_JUST_MADE = 1.0
"""Seconds within which a new lock may not be held yet."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder for temporary files, removed at the end.

    A server that is killed cannot remove its own, which holds a whole model: the next server of the same user does.

    Raises:
        UserError: the lock in it cannot be written.
        OSError: no folder for temporary files can be written.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        with locks.locked(folder / SERVER):
            for other in folder.parent.glob(f"{PREFIX}*"):
                if other != folder:
                    _remove_abandoned(other, folder.stat().st_uid)
            yield folder


def _remove_abandoned(folder: Path, owner: int) -> None:
    """Remove the folder of a server that has died; others, such as those of other users, stay."""
    with suppress(OSError):
        lock = locks.lock_of(folder / SERVER).stat()
        old = time.time() - lock.st_mtime > _JUST_MADE
        if lock.st_uid == owner and old and not locks.is_locked(folder / SERVER):
            shutil.rmtree(folder, ignore_errors=True)

"""The server's folder for copies of its model and for pages."""

import glob
import platform
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from unspool import locks

SERVER = "server"
"""What is locked in such a folder as long as its server runs."""
_JUST_MADE = 10.0
"""A lock file younger than this many seconds may not be locked yet."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder for temporary files, removed at the end.

    A killed server leaves its folder, which holds a whole model, behind: the same user's next server on the same
    machine removes it, unless the file system has no locks. The folder's name holds that of the machine, because a file
    system that machines share may keep locks on each machine alone.

    Raises:
        UserError: the lock in it cannot be written.
        OSError: no folder for temporary files can be written.
    """
    prefix = f"unspool-serve-{re.sub('[^A-Za-z0-9.]', '_', platform.node())}-"
    with tempfile.TemporaryDirectory(prefix=prefix) as name, ExitStack() as lifetime:
        folder = Path(name)
        with suppress(OSError):  # no locks
            lifetime.enter_context(locks.locked(folder / SERVER))
            for other in folder.parent.glob(f"{glob.escape(prefix)}*"):
                if other != folder:
                    _remove_abandoned(other, folder.stat().st_uid)
        yield folder


def _remove_abandoned(folder: Path, owner: int) -> None:
    """Remove the folder of a server that has died; links and what belongs to other users stay."""
    with suppress(OSError):
        outer, lock = folder.lstat(), locks.lock_of(folder / SERVER).lstat()
        ours = outer.st_uid == lock.st_uid == owner and stat.S_ISDIR(outer.st_mode) and stat.S_ISREG(lock.st_mode)
        old = time.time() - lock.st_mtime > _JUST_MADE
        if ours and old and not locks.is_locked(folder / SERVER):
            shutil.rmtree(folder, ignore_errors=True)

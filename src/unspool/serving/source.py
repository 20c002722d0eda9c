"""The source of the model: a portable file or a run's folder, copied to a file that does not change."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from unspool import files
from unspool.errors import UserError

ENDING = ".unspool"
MOST_BYTES = 1 << 31
"""Of a portable model, as in the runtime."""

Signature = tuple[tuple[str, int, int, int], ...]


class Source:
    """A portable model's file, or the folder of a run.

    Args:
        path: of either.

    Raises:
        UserError: it is neither.

    Attributes:
        path: as given.
        name: the model's: that of the file without its ending, or of the folder; bytes that are not UTF-8 are replaced
            by U+FFFD.
        is_folder: whether it is a run's folder.
    """

    def __init__(self, path: Path):
        self.path, self.is_folder = path, path.is_dir()
        files.refuse_special(path)
        if not path.exists():
            raise UserError(f"There is no file or folder {path}.")
        if not self.is_folder and path.suffix != ENDING:
            raise UserError(f"{path} is neither a run's folder nor a portable model, whose name ends in {ENDING}.")
        name = path.resolve().name if self.is_folder else path.stem
        self.name = os.fsencode(name).decode("utf-8", "replace") or "model"  # as paths of requests are decoded

    def signature(self) -> Signature:
        """What changes when the model does: inode, size and time of the file, or of each file in the folder.

        Empty where it cannot be read.
        """
        try:
            if not self.is_folder:
                return (_signed("", self.path.stat()),)
            with os.scandir(self.path) as entries:
                found = [(entry.name, entry.stat()) for entry in entries]
            return tuple(sorted(_signed(name, status) for name, status in found if stat.S_ISREG(status.st_mode)))
        except OSError:
            return ()

    def bring(self, out: Path) -> None:
        """Write the model to a portable file; takes some seconds where it is a run's folder.

        A copy is served, not the file itself: one that is overwritten in place would pull the weights from under the
        model that uses them.

        Raises:
            UserError: it cannot be read or exported; says why.
        """
        if self.is_folder:
            _export(self.path, out)
            return
        try:
            with files.opened(self.path) as file, out.open("xb") as copy:
                size = os.fstat(file.fileno()).st_size
                if size > MOST_BYTES:
                    raise UserError(f"{self.path} has {size:,} bytes, which no model has.")
                shutil.copyfileobj(file, copy)
        except OSError as error:
            raise UserError(f"{self.path} cannot be copied to {out.parent}: {error.strerror or error}.") from error


def _signed(name: str, status: os.stat_result) -> tuple[str, int, int, int]:
    return name, status.st_ino, status.st_size, status.st_mtime_ns


def _export(folder: Path, out: Path) -> None:
    """Export in a process of its own: Keras and JAX would take half a gigabyte of this one for as long as it lives."""
    command = [sys.executable, "-P", "-m", "unspool.cli", "export", str(folder.absolute()), "--out", str(out)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"the export ended with code {done.returncode}"]
        raise UserError(said[-1].removeprefix("unspool: "))

"""The journal of a search: Optuna's file, to which several workers append whole lines."""

import json
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock
from optuna.storages.journal._file import LOCK_FILE_SUFFIX, get_lock_file

from unspool import files
from unspool.errors import UserError

_LONGEST_LINE = 1 << 24
"""The most bytes of a line in a journal."""
_BLOCK = 1 << 12


def journal(path: Path) -> JournalFileBackend:
    """The journal in a search's folder, without a line that a full disk or a loss of power cut short.

    Raises:
        UserError: its lock was left by a worker elsewhere, which Optuna would wait for without end.
        ValueError: see `_checked_lines`.
    """
    name = str(path.absolute())  # the lock is a link to it, and Optuna looks through that for how old it is
    lock, held = JournalFileSymlinkLock(name), Path(name + LOCK_FILE_SUFFIX)
    with suppress(OSError):
        if not os.path.exists(os.readlink(held)):
            raise UserError(
                f"{held} was left by a worker that knew this folder by another path. Remove it if no worker is running."
            )
    if files.is_there(path):
        lock.acquire()
        try:
            whole = _checked_lines(path)
            if whole < path.stat().st_size:
                os.truncate(path, whole)
        finally:
            lock.release()
    return _WholeLines(name, lock_obj=lock)


def _checked_lines(path: Path) -> int:
    """The number of bytes in the whole lines of a journal, which is read line by line.

    Raises:
        ValueError: one of them is too long or not a JSON object.
    """
    whole = 0
    with files.opened(path) as file:
        while line := file.readline(_LONGEST_LINE):
            if not line.endswith(b"\n"):
                if len(line) == _LONGEST_LINE:
                    raise ValueError(f"a line of it has more than {_LONGEST_LINE:,} bytes")
                break
            if not isinstance(json.loads(line), dict):
                raise ValueError("a line of it is not a JSON object")
            whole += len(line)
    return whole


class _WholeLines(JournalFileBackend):
    """Optuna's file, without lines that a full disk or a kill cut short: the next line would be joined to them."""

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write lines, all or none, behind the last whole one.

        Raises:
            UserError: the disk is full or cannot be written.
        """
        content = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs).encode()
        try:
            with get_lock_file(self._lock), FileIO(self._file_path, "r+") as file:
                end = _end_of_lines(file)
                file.truncate(end)
                file.seek(end)
                try:
                    while content:
                        content = content[file.write(content) :]
                except BaseException:
                    file.truncate(end)
                    raise
                os.fsync(file.fileno())  # if this is interrupted, the lines stay: others may have read them
        except OSError as error:
            raise files.unwritable(Path(self._file_path).parent, error) from error


def _end_of_lines(file: FileIO) -> int:
    """The number of bytes up to the last line break, that included."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - _BLOCK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0

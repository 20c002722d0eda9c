"""Checkpoint files: whole or not there, their own digest in their names, the last two kept."""

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from unspool import atomic_writes, files
from unspool.errors import UserError
from unspool.training.serialization import from_bytes, to_bytes

_DIGITS = 32
"""Of a digest, in the name of a checkpoint."""
_NAME = re.compile(r"checkpoint-(\d+)-([0-9a-f]{32})\.safetensors")
_log = logging.getLogger(__name__)


class CheckpointFiles:
    """The checkpoints in a folder that this process alone holds.

    Args:
        folder: must be there.

    Raises:
        UserError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._good: Path | None = None
        for leftover in folder.glob("checkpoint-*.partial"):  # of processes that were killed while they wrote
            try:
                leftover.unlink(missing_ok=True)
            except OSError as error:
                raise files.unwritable(folder, error) from error

    def read_newest(self) -> Any | None:
        """Read the newest intact checkpoint; damaged ones are logged and skipped.

        Returns:
            Its tree, see `serialization.from_bytes`; None where no checkpoint is whole.

        Raises:
            UserError: the disk cannot give one back, which may be whole all the same, or one is no checkpoint.
        """
        damaged = [str(path) for _, path in self._newest_first()]
        for place, (number, path) in enumerate(self._newest_first()):
            content = _content(path)
            if content is not None:
                self._tell(damaged[:place], f"Training continues from the previous checkpoint, number {number}.")
                self._good = path
                try:
                    return from_bytes(content)
                except (*files.DAMAGE, SafetensorError) as error:
                    raise UserError(
                        f"{path} holds what no training can have saved ({files.reason_of(error)}). Remove the folder "
                        "of checkpoints, or name another."
                    ) from error
        self._tell(damaged, "No checkpoint is whole: training starts over.")
        return None

    def write(self, tree: Any) -> None:
        """Write a checkpoint and force it to the disk; then delete all older ones but the last good one.

        Raises:
            UserError: the disk is full or the folder cannot be written.
            TypeError: the tree holds what cannot be written; names the place.
        """
        content = to_bytes(tree)
        if len(content) > files.MOST_OF_ARRAYS:
            raise UserError(f"A checkpoint has {files.MOST_OF_ARRAYS:,} bytes at most, and this one {len(content):,}.")
        number = max((number for number, _ in self._newest_first()), default=0) + 1
        path = self._folder / f"checkpoint-{number:06}-{_digest(content)}.safetensors"
        atomic_writes.write_aside(path, content)
        for _, older in self._newest_first():
            if older not in (path, self._good):
                with suppress(OSError):  # the new one is on the disk; the next save tries again
                    older.unlink(missing_ok=True)
        self._good = path

    def _tell(self, damaged: list[str], consequence: str) -> None:
        if damaged:
            verb = "is damaged: its" if len(damaged) == 1 else "are damaged: their"
            _log.warning("%s %s content is not what was written. %s", " and ".join(damaged), verb, consequence)

    def _newest_first(self) -> Iterator[tuple[int, Path]]:
        named = ((path, _NAME.fullmatch(path.name)) for path in self._folder.iterdir())
        return iter(sorted(((int(match[1]), path) for path, match in named if match), reverse=True))


def _content(path: Path) -> bytes | None:
    """What a checkpoint holds, or None where that is not what its name says.

    It is looked at piece by piece before it is read whole: one from a stranger may be larger than the memory.
    """
    try:
        with files.opened(path) as file:
            if os.fstat(file.fileno()).st_size > files.MOST_OF_ARRAYS:
                return None
            if not _is_named(path, hashlib.file_digest(file, "sha256").hexdigest()):
                return None
            file.seek(0)
            content = file.read()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}). It is kept. Try again once the disk works; to train without "
            "it, move it away."
        ) from error
    return content if _is_named(path, hashlib.sha256(content).hexdigest()) else None


def _is_named(path: Path, digest: str) -> bool:
    return path.name.endswith(f"-{digest[:_DIGITS]}.safetensors")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]

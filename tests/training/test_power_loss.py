"""A loss of power at any moment of a save leaves a checkpoint that is whole: the last, or the one being saved.

As in Pillai et al. (2014), "All File Systems Are Not Created Equal": until it is forced to the disk, a file's content
may be there, cut or empty, and each change of a folder's names may have reached the disk or not, whatever came after.
"""

import errno
import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.training.checkpoint_files import CheckpointFiles


class Disk:
    """Notes what is done to the files of a folder, and gives all that a loss of power may leave of it."""

    def __init__(self, folder, monkeypatch, forces=True):
        self.folder = folder
        self.log = []
        real_fsync, real_replace, real_unlink = os.fsync, os.replace, Path.unlink

        def fsync(handle):
            path = Path(os.readlink(f"/proc/self/fd/{handle}"))
            if forces:
                self.log.append(("force", path.name if path != folder else None))
            real_fsync(handle)

        def replace(source, target):
            self.log.append(("rename", Path(source).name, Path(target).name, Path(source).read_bytes()))
            real_replace(source, target)

        def unlink(path, missing_ok=False):
            if path.exists():
                self.log.append(("remove", path.name))
            real_unlink(path, missing_ok=missing_ok)

        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(os, "replace", replace)
        monkeypatch.setattr(Path, "unlink", unlink)

    def acknowledge(self, number):
        """A save has returned."""
        self.log.append(("acknowledged", number))

    def losses(self):
        """Each state after a loss of power, as names and contents, with the last save that had returned by then."""
        for moment in range(len(self.log) + 1):
            done = self.log[:moment]
            promised = max((entry[1] for entry in done if entry[0] == "acknowledged"), default=0)
            last_force = max((place for place, entry in enumerate(done) if entry == ("force", None)), default=-1)
            open_changes = [p for p, entry in enumerate(done) if p > last_force and entry[0] in ("rename", "remove")]
            for kept in range(len(open_changes) + 1):
                for applied in combinations(open_changes, kept):
                    for cut in (0.0, 0.5, 1.0):
                        lost = set(open_changes) - set(applied)
                        yield promised, self._state(done, lost, cut)

    @staticmethod
    def _state(done, lost, cut):
        names, forced = {}, set()
        for place, entry in enumerate(done):
            if entry[0] == "force" and entry[1]:
                forced.add(entry[1])
            if place in lost:
                continue
            if entry[0] == "rename":
                _, source, target, content = entry
                names[target] = content if source in forced else content[: int(cut * len(content))]
            elif entry[0] == "remove":
                names.pop(entry[1], None)
        return names


def tree(number):
    return {"number": number, "weights": np.full(300, number, np.float32)}


def save(folder, numbers, disk):
    files = CheckpointFiles(folder)
    files.read_newest()
    for number in numbers:
        files.write(tree(number))
        disk.acknowledge(number)


def found(state, tmp_path, seen):
    key = tuple(sorted((name, len(content)) for name, content in state.items()))
    if key not in seen:
        folder = tmp_path / f"state{len(seen)}"
        folder.mkdir()
        for name, content in state.items():
            (folder / name).write_bytes(content)
        kept = CheckpointFiles(folder).read_newest()
        seen[key] = 0 if kept is None else kept["number"]
    return seen[key]


def test_no_save_that_has_returned_is_lost(tmp_path, monkeypatch):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    with monkeypatch.context() as patch:
        disk = Disk(folder, patch)
        save(folder, range(1, 5), disk)
    losses, seen = list(disk.losses()), {}
    assert all(found(state, tmp_path, seen) >= promised for promised, state in losses)
    assert {found(state, tmp_path, seen) for _, state in losses} == {0, 1, 2, 3, 4}


def test_a_disk_that_forces_nothing_would_lose_one(tmp_path, monkeypatch):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    with monkeypatch.context() as patch:
        disk = Disk(folder, patch, forces=False)
        save(folder, range(1, 4), disk)
    seen = {}
    assert any(found(state, tmp_path, seen) < promised for promised, state in disk.losses())


CALLS = [(os, "fsync"), (os, "replace"), (Path, "unlink"), (Path, "open"), (Path, "read_bytes"), (os, "open")]


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ENOMEM], ids=errno.errorcode.get)
def test_each_call_that_fails_is_told_and_costs_at_most_the_new_checkpoint(code, tmp_path, monkeypatch):
    failed = 0
    for module, name in CALLS:
        for place in range(6):
            folder = tmp_path / f"{name}{module.__name__}{place}"
            folder.mkdir()
            save(folder, [1, 2], Disk(tmp_path, monkeypatch))
            monkeypatch.undo()
            with monkeypatch.context() as patch:
                told = _fail(patch, module, name, place, code)
                said = _save_once_more(folder)
            assert said is None or (os.strerror(code) in said and "\n" not in said)
            kept = CheckpointFiles(folder).read_newest()
            assert kept["number"] in (2, 3)
            assert kept["number"] == 3 or told
            failed += bool(told)
    assert failed >= 8


def _save_once_more(folder):
    """What a user is told where that fails."""
    try:
        files = CheckpointFiles(folder)
        files.read_newest()
        files.write(tree(3))
    except UserError as error:
        return str(error)
    return None


def _fail(patch, module, name, place, code):
    """Let the call of that number fail; the list says whether it came to it."""
    real, calls, told = getattr(module, name), iter(range(10**6)), []

    def call(*arguments, **settings):
        if next(calls) == place:
            told.append(name)
            raise OSError(code, os.strerror(code))
        return real(*arguments, **settings)

    patch.setattr(module, name, call)
    return told

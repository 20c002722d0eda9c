"""Locks: one process at a time."""

import fcntl
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from unspool import locks
from unspool.errors import UserError


def test_a_lock_keeps_another_process_out_until_its_holder_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from unspool import locks\n"
        "with locks.locked(Path(sys.argv[1])):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    path = tmp_path / "folder" / "imdb.bin"
    holder = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE)
    waiter = None
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        waiter = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE)
        assert waiter.stdout is not None
        assert select.select([waiter.stdout], [], [], 0.7)[0] == []
        holder.kill()
        assert waiter.stdout.readline() == b"held\n"
    finally:
        for process in filter(None, (holder, waiter)):
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def test_who_waited_for_a_lock_that_was_removed_meanwhile_takes_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lock = fcntl.flock, tmp_path / "run.lock"
    removed = []

    def flock(handle: Any, operation: int) -> None:
        real(handle, operation)
        if not removed:  # its last holder tidied up just before
            removed.append(lock.stat().st_ino)
            lock.rename(tmp_path / "old")

    monkeypatch.setattr(fcntl, "flock", flock)
    with locks.locked(tmp_path / "run"):
        assert lock.stat().st_ino != removed[0]
        with pytest.raises(UserError, match="busy"), locks.locked(tmp_path / "run", "busy"):
            pass


def test_a_lock_is_seen_by_others_while_it_is_held(tmp_path: Path) -> None:
    assert not locks.is_locked(tmp_path / "run")
    with locks.locked(tmp_path / "run"):
        assert locks.is_locked(tmp_path / "run")
    assert not locks.is_locked(tmp_path / "run")  # its file is still there


def test_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"run\.lock is a link"), locks.locked(tmp_path / "run"):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_that_is_held_can_be_refused_instead_of_waited_for(tmp_path: Path) -> None:
    with (
        locks.locked(tmp_path / "run"),
        pytest.raises(UserError, match="another trains there"),
        locks.locked(tmp_path / "run", "another trains there"),
    ):
        pass
    with locks.locked(tmp_path / "run", "another trains there"):
        pass

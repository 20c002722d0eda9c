import errno
import os
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from unspool import atomic_writes
from unspool.errors import UserError


def test_a_file_is_written_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    atomic_writes.write_aside(path, b"old")
    atomic_writes.write_aside(path, b"ne", memoryview(b"w"))
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "words.txt"
    atomic_writes.write_aside(path, b"old")
    with pytest.raises(TypeError):
        atomic_writes.write_aside(path, b"new", "no bytes")  # type: ignore[arg-type]
    monkeypatch.setattr(os, "replace", Mock(side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    with pytest.raises(UserError, match="No space left on device"):
        atomic_writes.write_aside(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_a_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    with atomic_writes.writing_aside(path) as first:
        atomic_writes.write_aside(path, b"of the second")
        first.write(b"of the first")
    assert path.read_bytes() == b"of the first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_temporary_file_of_a_killed_process_is_removed_and_that_of_a_living_one_kept(tmp_path: Path) -> None:
    path, own, ours = tmp_path / "out.csv", tmp_path / "out.csv.final.partial", "out.csv.0123abcd.partial"
    for left in (own, tmp_path / ours):
        left.write_bytes(b"half")
        os.utime(left, (0, 0))
    with atomic_writes.opened_aside(path) as (living, handle):
        assert sorted(tmp_path.iterdir()) == sorted([own, living])
        handle.flush()
        os.utime(living, (0, 0))
        atomic_writes.write_aside(path, b"whole")
        assert sorted(tmp_path.iterdir()) == sorted([own, living, path])
    assert sorted(tmp_path.iterdir()) == sorted([own, path])


def test_a_signal_right_after_a_temporary_file_was_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_writes, "_lock_at_once", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        atomic_writes.write_aside(tmp_path / "out.csv", b"whole")
    assert list(tmp_path.iterdir()) == []


def test_on_windows_a_file_is_closed_before_it_is_renamed_or_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    path, rename, delete = tmp_path / "out.csv", os.replace, Path.unlink
    monkeypatch.setattr(os, "replace", lambda *paths: (rename(*paths), handle.closed or pytest.fail("is open")))
    with atomic_writes.writing_aside(path) as handle:
        handle.write(b"whole")
    assert path.read_bytes() == b"whole"
    monkeypatch.setattr(Path, "unlink", lambda path: (delete(path), handle.closed or pytest.fail("is open")))
    with pytest.raises(TypeError), atomic_writes.writing_aside(path) as handle:
        raise TypeError
    assert list(tmp_path.iterdir()) == [path]


def test_the_current_folder_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "replace", Mock(side_effect=OSError(errno.EFBIG, os.strerror(errno.EFBIG))))
    with pytest.raises(UserError, match=f"^{tmp_path} cannot be written"):
        atomic_writes.write_aside(Path("scored.csv"), b"")


def test_leftovers_of_killed_processes_are_removed(tmp_path: Path) -> None:
    kept = [tmp_path / "imdb.bin", tmp_path / "imdb.bin.lock", tmp_path / "other.bin.7.partial"]
    for path in [*kept, tmp_path / "imdb.bin.7.partial"]:
        path.write_bytes(b"")
    atomic_writes.remove_leftovers(tmp_path / "imdb.bin")
    atomic_writes.remove_leftovers(tmp_path / "[a-z]*.bin")
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_a_folder_that_cannot_be_forced_to_the_disk_is_let_be_and_other_errors_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in (errno.EINVAL, errno.EIO):
        monkeypatch.setattr(os, "fsync", Mock(side_effect=OSError(code, os.strerror(code))))
        if code == errno.EINVAL:
            atomic_writes.force_to_disk(tmp_path)
        else:
            with pytest.raises(OSError, match="Input/output"):
                atomic_writes.force_to_disk(tmp_path)

import dataclasses
import errno
import os
import sys
from pathlib import Path
from unittest.mock import Mock

import pydantic
import pytest

from unspool import files, locks
from unspool.errors import UserError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("UNSPOOL_CACHE", str(folder))
    return folder


def test_the_cache_is_where_the_variable_says(cache: Path) -> None:
    assert files.cache_folder() == cache


def test_the_cache_is_the_users_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSPOOL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert files.cache_folder().name == "unspool"


def test_a_file_is_written_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    files.write_aside(path, b"old")
    files.write_aside(path, b"ne", memoryview(b"w"))
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "words.txt"
    files.write_aside(path, b"old")
    with pytest.raises(TypeError):
        files.write_aside(path, b"new", "no bytes")  # type: ignore[arg-type]
    monkeypatch.setattr(os, "replace", Mock(side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    with pytest.raises(UserError, match="No space left on device"):
        files.write_aside(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_a_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    with files.writing_aside(path) as first:
        files.write_aside(path, b"of the second")
        first.write(b"of the first")
    assert path.read_bytes() == b"of the first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_temporary_file_of_a_killed_process_is_removed_and_that_of_a_living_one_kept(tmp_path: Path) -> None:
    path, own, ours = tmp_path / "out.csv", tmp_path / "out.csv.final.partial", "out.csv.0123abcd.partial"
    for left in (own, tmp_path / ours):
        left.write_bytes(b"half")
        os.utime(left, (0, 0))
    with files.opened_aside(path) as (living, handle):
        assert sorted(tmp_path.iterdir()) == sorted([own, living])
        handle.flush()
        os.utime(living, (0, 0))
        files.write_aside(path, b"whole")
        assert sorted(tmp_path.iterdir()) == sorted([own, living, path])
    assert sorted(tmp_path.iterdir()) == sorted([own, path])


def test_a_signal_right_after_a_temporary_file_was_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_lock_at_once", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        files.write_aside(tmp_path / "out.csv", b"whole")
    assert list(tmp_path.iterdir()) == []


def test_on_windows_a_file_is_closed_before_it_is_renamed_or_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    path, rename, delete = tmp_path / "out.csv", os.replace, Path.unlink
    monkeypatch.setattr(os, "replace", lambda *paths: (rename(*paths), handle.closed or pytest.fail("is open")))
    with files.writing_aside(path) as handle:
        handle.write(b"whole")
    assert path.read_bytes() == b"whole"
    monkeypatch.setattr(Path, "unlink", lambda path: (delete(path), handle.closed or pytest.fail("is open")))
    with pytest.raises(TypeError), files.writing_aside(path) as handle:
        raise TypeError
    assert list(tmp_path.iterdir()) == [path]


def test_a_cache_that_cannot_be_written_is_named(cache: Path) -> None:
    cache.write_text("a file where a folder should be")
    with pytest.raises(UserError, match=r"cache/prepared cannot be written .* name another cache folder in UNSPOOL_CA"):
        files.make_folder(cache / "prepared")
    with pytest.raises(UserError, match="cannot be written"), locks.locked(cache / "prepared" / "a"):
        pass
    with pytest.raises(UserError, match="cannot be written"):
        files.write_aside(cache / "a", b"")


def test_the_current_folder_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "replace", Mock(side_effect=OSError(errno.EFBIG, os.strerror(errno.EFBIG))))
    with pytest.raises(UserError, match=f"^{tmp_path} cannot be written"):
        files.write_aside(Path("scored.csv"), b"")


def test_a_folder_of_the_users_is_not_called_a_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"No such file or directory\)\. Choose another place\.$"):
        files.write_aside(tmp_path / "absent" / "words.txt", b"")
    with pytest.raises(UserError, match=r"file cannot be written \(File exists\)\. Choose another place\.$"):
        files.make_folder(tmp_path / "file")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(files.unwritable(tmp_path, full)).endswith("Free some space there or change the permissions.")
    too_large = OSError(errno.EFBIG, os.strerror(errno.EFBIG))  # for the file system: space does not help
    assert str(files.unwritable(tmp_path, too_large)).endswith("(File too large). Choose another place.")


def test_leftovers_of_killed_processes_are_removed(tmp_path: Path) -> None:
    kept = [tmp_path / "imdb.bin", tmp_path / "imdb.bin.lock", tmp_path / "other.bin.7.partial"]
    for path in [*kept, tmp_path / "imdb.bin.7.partial"]:
        path.write_bytes(b"")
    files.remove_leftovers(tmp_path / "imdb.bin")
    files.remove_leftovers(tmp_path / "[a-z]*.bin")
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_a_folder_that_cannot_be_forced_to_the_disk_is_let_be_and_other_errors_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in (errno.EINVAL, errno.EIO):
        monkeypatch.setattr(os, "fsync", Mock(side_effect=OSError(code, os.strerror(code))))
        if code == errno.EINVAL:
            files.force_to_disk(tmp_path)
        else:
            with pytest.raises(OSError, match="Input/output"):
                files.force_to_disk(tmp_path)


def test_a_file_larger_than_any_that_is_written_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_bytes(b"12345")
    assert files.read_bounded(path, most=5) == b"12345"
    with pytest.raises(ValueError, match="more than 4 bytes"):
        files.read_bounded(path, most=4)
    with path.open("wb") as handle:
        handle.truncate(8 << 30)  # without a block on the disk
    with pytest.raises(ValueError, match="more than 268,435,456 bytes"):
        files.read_bounded(path)


def test_a_disk_that_cannot_tell_does_not_say_that_nothing_is_there(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert files.is_there(tmp_path)
    assert not any(files.is_there(tmp_path / name) for name in ("none", "none/below", "loop", "x" * 300))

    def fails(path: Path) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "stat", fails)
    with pytest.raises(OSError, match="Input/output error"):
        files.is_there(tmp_path)


def test_a_link_to_a_runs_file_is_refused_as_the_file_is(tmp_path: Path) -> None:
    run, link, loop = tmp_path / "run", tmp_path / "link.csv", tmp_path / "loop"
    run.mkdir()
    link.symlink_to(run / "test_predictions.csv")
    loop.symlink_to("loop")
    for out in (link, run / "new.csv"):
        with pytest.raises(UserError, match="holds the files of its run only"):
            files.refuse_inside(out, run)
    for out in (tmp_path / "new.csv", loop):
        files.refuse_inside(out, run)
    assert files.linked(link) == run / "test_predictions.csv"


@dataclasses.dataclass
class Noted:
    """What a file holds."""

    command: str
    digests: list[int]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"command": "x"}', "digests: Field required"),
        ('{"command": "x", "digests": [1, "a"]}', "digests.1: Input should be a valid integer, unable to parse"),
        ("3", "Input should be an object"),
    ],
)
def test_content_of_another_type_is_told_with_its_place(content: str, reason: str) -> None:
    with pytest.raises(files.DAMAGE) as caught:
        pydantic.TypeAdapter(Noted).validate_json(content)
    assert files.reason_of(caught.value).startswith(reason)


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        files.read_bounded(tmp_path / "begun.json")
    assert files.reason_of(caught.value) == "No such file or directory: begun.json"

"""Damage, leftovers, and what is kept."""

import errno
import os

import numpy as np
import pytest

from unspool import files
from unspool.errors import UserError
from unspool.training.checkpoint_files import CheckpointFiles

BLOCK = 4096


def tree(number):
    return {"number": number, "weights": np.full(5000, number, np.float32)}


@pytest.fixture
def folder(tmp_path):
    """A folder with two checkpoints."""
    writer = CheckpointFiles(tmp_path)
    for number in (1, 2):
        writer.write(tree(number))
    return tmp_path


def names(folder):
    return sorted(path.name[:17] for path in folder.iterdir())


def newest(folder):
    return max(folder.iterdir())


def read(folder):
    content = CheckpointFiles(folder).read_newest()
    return content and content["number"]


def test_the_newest_is_read_and_the_last_two_are_kept(folder):
    assert read(folder) == 2
    writer = CheckpointFiles(folder)
    writer.read_newest()
    writer.write(tree(3))
    assert names(folder) == ["checkpoint-000002", "checkpoint-000003"]
    writer.write(tree(4))
    assert names(folder) == ["checkpoint-000003", "checkpoint-000004"]
    assert read(folder) == 4


def test_an_empty_folder_has_none(tmp_path, caplog):
    assert read(tmp_path) is None
    assert caplog.messages == []


def damages(size):
    yield "empty", lambda content: b""
    yield "a byte more", lambda content: content + b"\0"
    for length in range(BLOCK, size, BLOCK):
        yield f"cut at {length}", lambda content, n=length: content[:n]
    for place in range(256):
        yield f"byte {place} flipped", lambda content, n=place: content[:n] + bytes([content[n] ^ 1]) + content[n + 1 :]
    for place in (size // 2, size - 1):
        yield (
            f"byte {place} flipped",
            lambda content, n=place: content[:n] + bytes([content[n] ^ 128]) + content[n + 1 :],
        )


def test_each_damage_is_noticed_and_told_once_and_the_one_before_is_taken(folder, caplog):
    path = newest(folder)
    whole = path.read_bytes()
    cases = dict(damages(len(whole)))
    assert len(cases) > 260
    for name, damage in cases.items():
        path.write_bytes(damage(whole))
        caplog.clear()
        assert read(folder) == 1, name
        assert caplog.messages == [
            f"{path} is damaged: its content is not what was written. "
            "Training continues from the previous checkpoint, number 1."
        ], name


def test_a_damaged_checkpoint_makes_place_and_the_good_one_stays(folder):
    damaged = newest(folder)
    damaged.write_bytes(b"")
    files = CheckpointFiles(folder)
    assert files.read_newest()["number"] == 1
    files.write(tree(3))
    assert names(folder) == ["checkpoint-000001", "checkpoint-000003"]


def test_where_all_are_damaged_training_begins_anew_and_says_so(folder, caplog):
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert read(folder) is None
    assert "starts over" in caplog.messages[-1]


def test_what_a_killed_process_left_is_removed(folder):
    (folder / "checkpoint-000003-00.safetensors.77.partial").write_bytes(b"half")
    (folder / "mine.partial").write_bytes(b"")
    CheckpointFiles(folder)
    assert names(folder) == ["checkpoint-000001", "checkpoint-000002", "mine.partial"]


def test_what_cannot_be_removed_is_told_before_training(folder, monkeypatch):
    def read_only(path, missing_ok=False):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    (folder / "checkpoint-000003-00.safetensors.77.partial").write_bytes(b"half")
    monkeypatch.setattr(type(folder), "unlink", read_only)
    with pytest.raises(UserError, match=r"cannot be written \(Read-only file system\)"):
        CheckpointFiles(folder)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_costs_the_new_checkpoint_only(folder, monkeypatch, call):
    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    files = CheckpointFiles(folder)
    monkeypatch.setattr(os, call, full)
    with pytest.raises(UserError, match="No space left on device"):
        files.write(tree(3))
    monkeypatch.undo()
    assert names(folder) == ["checkpoint-000001", "checkpoint-000002"]
    assert read(folder) == 2


def test_name_and_content_are_on_the_disk_before_an_older_one_goes(folder, monkeypatch):
    """The order of a save: content, its name, the folder's entry, then the prune."""
    done = []
    for module, call in ((os, "fsync"), (os, "replace"), (type(folder), "unlink")):
        real = getattr(module, call)
        monkeypatch.setattr(
            module, call, lambda *a, real=real, call=call, **k: (done.append((call, str(a[0]))), real(*a, **k))[1]
        )
    files = CheckpointFiles(folder)
    files.read_newest()
    files.write(tree(3))
    steps = [call for call, what in done if call != "unlink" or what.endswith(".safetensors")]
    assert steps == ["fsync", "replace", "fsync", "unlink"]


def test_one_that_is_larger_than_the_memory_is_passed_over_before_it_is_read(folder, caplog):
    with newest(folder).open("r+b") as file:
        file.truncate(1 << 42)  # without a block on the disk
    assert read(folder) == 1
    assert "is damaged: its content is not what was written" in caplog.text


def test_a_pipe_is_no_checkpoint(folder):
    newest(folder).unlink()
    os.mkfifo(folder / f"checkpoint-000009-{'0' * 32}.safetensors")
    with pytest.raises(UserError, match="is a pipe, not a file"):
        read(folder)


def test_one_that_would_be_too_large_to_be_read_is_not_written(folder, monkeypatch):
    before = sorted(folder.iterdir())
    monkeypatch.setattr(files, "MOST_OF_ARRAYS", 1000)
    with pytest.raises(UserError, match=r"A checkpoint has 1,000 bytes at most, and this one \d\d,\d{3}\."):
        CheckpointFiles(folder).write(tree(3))
    assert sorted(folder.iterdir()) == before

"""The journal of a search, whose lines are whole for all workers."""

import errno
import os

import pytest

from unspool.errors import UserError
from unspool.runs.search import journal as module
from unspool.runs.search.journal import journal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trials.journal"


@pytest.mark.parametrize("cut", [b'{"op_code":4,"tri', b"x" * 10_000])
def test_a_worker_does_not_join_its_line_to_one_that_was_cut_short(path, cut):
    worker = journal(path)
    worker.append_logs([{"number": 0}])
    with path.open("ab") as file:  # another worker, killed or on a full disk
        file.write(cut)
    worker.append_logs([{"number": 1}, {"number": 2}])
    assert path.read_text() == '{"number":0}\n{"number":1}\n{"number":2}\n'
    assert [log["number"] for log in worker.read_logs(0)] == [0, 1, 2]


def test_a_full_disk_leaves_whole_lines_and_an_open_lock(path, monkeypatch):
    worker = journal(path)
    worker.append_logs([{"number": 0}])

    class Full(module.FileIO):
        def write(self, content):
            if len(content) < 10:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(content[:7])

    with monkeypatch.context() as patch:
        patch.setattr(module, "FileIO", Full)
        with pytest.raises(UserError, match=r"cannot be written \(No space left on device\)\. Free some space there"):
            worker.append_logs([{"number": 1}])
    assert path.read_text() == '{"number":0}\n'
    worker.append_logs([{"number": 1}])
    assert [log["number"] for log in worker.read_logs(0)] == [0, 1]


def test_lines_that_another_worker_may_have_read_are_not_taken_back(path, monkeypatch):
    worker, other = journal(path), journal(path)
    read = []

    def interrupted(handle):
        read.extend(other.read_logs(0))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            worker.append_logs([{"number": 0}])
    worker.append_logs([{"number": 1}])
    assert [*read, *other.read_logs(len(read))] == [{"number": 0}, {"number": 1}]


def test_the_first_line_may_be_cut_short(path):
    path.write_bytes(b"{")
    journal(path).append_logs([{"number": 0}])
    assert path.read_text() == '{"number":0}\n'

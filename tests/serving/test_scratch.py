import errno
import os
import platform
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from unspool import locks
from unspool.serving import scratch

SERVER = """
import sys, time
from unspool.serving.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "1.unspool").write_text("a model")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder in which temporary ones are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(scratch, "_JUST_MADE", 0.0)
    return tmp_path


@pytest.fixture
def server(temporary):
    """A process that has such a folder."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=pipe, stdout=pipe, text=True) as process:
        process.folder = Path(process.stdout.readline().strip())
        yield process
        process.kill()


def test_a_folder_is_removed_at_the_end(temporary):
    with scratch.scratch_folder() as folder:
        (folder / "1.unspool").write_text("a model")
        assert list(temporary.iterdir()) == [folder]
    assert not list(temporary.iterdir())


def test_the_folder_of_a_killed_server_is_removed_and_that_of_a_running_one_kept(server):
    with scratch.scratch_folder():
        assert (server.folder / "1.unspool").exists()
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    assert server.folder.exists()
    with scratch.scratch_folder():
        assert not server.folder.exists()


def _abandoned(folder):
    folder.mkdir()
    (folder / "server.lock").touch()
    os.utime(folder / "server.lock", (0, 0))
    return folder


def test_only_folders_of_servers_of_this_user_and_machine_are_removed(temporary, monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "here")
    (temporary / "unspool-serve-here-mine").mkdir()
    linked = _abandoned(temporary / "mine") / "server.lock"
    (temporary / "unspool-serve-here-link").symlink_to(temporary / "mine")
    (temporary / "unspool-serve-here-trap").mkdir()
    (temporary / "unspool-serve-here-trap" / "server.lock").symlink_to(linked)
    _abandoned(temporary / "unspool-serve-there-1")
    _abandoned(temporary / "unspool-serve-here_2-1")  # of here-2
    before = {*temporary.rglob("*")}
    scratch._remove_abandoned(_abandoned(temporary / "unspool-serve-here-1"), owner=temporary.stat().st_uid + 1)
    assert (temporary / "unspool-serve-here-1").exists()
    with scratch.scratch_folder():
        pass
    assert {*temporary.rglob("*")} == before


def test_a_file_system_without_locks_is_served_from_and_nothing_removed(temporary, monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "here")

    def without(handle, wait):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    other = _abandoned(temporary / "unspool-serve-here-1")
    with monkeypatch.context() as patched:
        patched.setattr(locks, "_lock", without)
        with scratch.scratch_folder() as folder:
            assert folder.exists()
            scratch._remove_abandoned(other, other.stat().st_uid)
    assert list(temporary.iterdir()) == [other]

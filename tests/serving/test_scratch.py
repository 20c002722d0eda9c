import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

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


def test_a_folder_without_the_lock_of_a_server_is_kept(temporary):
    (temporary / "unspool-serve-mine").mkdir()
    (temporary / "unspool-serve-link").symlink_to(temporary)
    with scratch.scratch_folder():
        pass
    assert {path.name for path in temporary.iterdir()} == {"unspool-serve-mine", "unspool-serve-link"}

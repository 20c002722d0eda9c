"""What other systems lack must not be asked for where they import the package, lock a file or look at memory."""

import ctypes
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from programs import output_of
from unspool import atomic_writes, cores, files, locks, memory

WITHOUT = """
import os, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("sched_getaffinity", "nice", "fork", "O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "getuid"):
    delattr(os, name)
"""

EVERYTHING = (
    WITHOUT
    + """
import importlib, pkgutil
import unspool
for module in pkgutil.walk_packages(unspool.__path__, "unspool."):
    if not module.name.endswith(("__main__", "_native")):
        importlib.import_module(module.name)
from unspool.atomic_writes import write_aside
from unspool.files import opened
from pathlib import Path
path = Path(sys.argv[1])
write_aside(path, b"a\\r\\nb")
with opened(path) as handle:
    print(handle.read())
"""
)


@pytest.mark.whole
def test_the_package_imports_without_what_only_unix_has(tmp_path):
    """Only the absence is played: that Windows or macOS run it has not been seen."""
    assert output_of(EVERYTHING, str(tmp_path / "file")) == "b'a\\r\\nb'\n"


@pytest.fixture
def windows(monkeypatch):
    """The lock of Windows, which another process holds for as many attempts as `held` says."""
    state = SimpleNamespace(held=0, attempts=0)

    def locking(handle, mode, count):
        assert (mode, count) == ("LK_NBLCK", 1)
        state.attempts += 1
        if state.attempts <= state.held:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(atomic_writes.sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK="LK_NBLCK"))
    monkeypatch.setattr(locks.time, "sleep", lambda seconds: None)
    return state


def test_windows_lock_is_waited_for(windows, tmp_path):
    windows.held = 3
    with locks.locked(tmp_path / "run"):
        assert windows.attempts == 4


def test_windows_lock_that_is_held_is_told(windows, tmp_path):
    windows.held = 1
    with pytest.raises(files.UserError, match="in use"), locks.locked(tmp_path / "run", busy="in use"):
        pass


def test_a_folder_of_windows_need_not_be_opened(windows, tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_writes.os, "open", None)
    atomic_writes.force_to_disk(tmp_path)


def test_memory_of_windows(monkeypatch):
    def tell(process, counters, size):
        assert (process, size) == (7, 72)
        counters._obj.now, counters._obj.peak = 5_000_000, 6_000_000

    kernel = SimpleNamespace(GetCurrentProcess=lambda: 7, K32GetProcessMemoryInfo=tell)
    monkeypatch.setattr(memory.sys, "platform", "win32")
    monkeypatch.setattr(memory, "_STATUS", Path("nothing"))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: {"kernel32": kernel}[name])
    assert memory.memory() == (5.0, 6.0)


def test_cores_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.delattr(cores.os, "sched_getaffinity")
    monkeypatch.setattr(cores.os, "cpu_count", lambda: None)
    assert cores.usable() == 1

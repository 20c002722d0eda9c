"""Programs in a process of their own: for what they import, for memory, and for what is read when Python starts."""

import contextlib
import os
import pty
import subprocess
import sys


def output_of(code: str, *arguments: str, without: str | tuple[str, ...] = (), **environment: str) -> str:
    """What Python code prints; it must end well. Variables whose names begin with `without` are not handed on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=kept | environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def imported_by(code: str, *packages: str) -> set[str]:
    """Those of some packages that Python code imports."""
    told = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*({set(packages)} & set(sys.modules) - before))"
    return set(output_of(told).split())


def on_a_terminal(code: str, **environment: str) -> bytes:
    """What Python code prints on a real terminal."""
    leader, follower = pty.openpty()
    environment = os.environ | {"COLUMNS": "300", "TERM": "xterm"} | environment
    child = subprocess.Popen([sys.executable, "-c", code], stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    printed = b""
    with contextlib.suppress(OSError):  # all was read, and no process holds the other end
        while more := os.read(leader, 1 << 16):
            printed += more
    os.close(leader)
    assert child.wait() == 0, printed
    return printed

"""A child process that uses inputs; one that takes too long or dies is a finding, and is replaced."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = Path(__file__).with_name("worker.py")
SECONDS = 20
"""Of processor time that one input may take; a command on a good one takes less than one."""
START = 120
"""The same of the first input, with all imports."""
WAITING = 10
"""Times as long may pass meanwhile: others may have the processor, but who waits for a pipe takes no time of it."""


class Child:
    """Inputs go to it one by one.

    Args:
        models: the folder of trained models, or None where no target needs them.
    """

    def __init__(self, models=None):
        self._environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONWARNINGS": "ignore"}
        if models is not None:
            self._environment |= {"FUZZ_MODELS": str(models)}
        self._process = None
        self._folder = tempfile.TemporaryDirectory(prefix="unspool-fuzz-")

    def use(self, target, content):
        """How it ended: "done", "told" or "finding", and what was said."""
        fresh = self._process is None
        if fresh:
            self._process = subprocess.Popen(
                [sys.executable, str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environment,
            )
        path = Path(self._folder.name) / "input"
        path.write_bytes(content)
        self._process.stdin.write((json.dumps({"target": target, "path": str(path)}) + "\n").encode())
        self._process.stdin.flush()
        ready = self._answers_within(START if fresh else SECONDS)
        line = self._process.stdout.readline() if ready else b""
        if line:
            return json.loads(line)
        if not ready:
            self._process.kill()
        code = self._process.wait()
        self._end()
        return ["finding", f"it took more than {SECONDS} s" if not ready else f"the process died with code {code}"]

    def _answers_within(self, seconds):
        before, end = self._spent(), time.monotonic() + WAITING * seconds
        while not select.select([self._process.stdout], [], [], 0.2)[0]:
            if self._spent() - before > seconds or time.monotonic() > end:
                return False
        return True

    def _spent(self):
        """Seconds of processor time that the process has taken; where the system does not tell, seconds."""
        try:
            told = Path(f"/proc/{self._process.pid}/stat").read_text()
        except OSError:
            return time.monotonic()
        user, system = told.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def close(self):
        """End the process, and remove what it was given."""
        self._end()
        self._folder.cleanup()

    def _end(self):
        """End the process; the next input begins another."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None

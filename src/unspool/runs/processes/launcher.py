"""Starts the processes of a training on this machine, and looks after them."""

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import IO

from unspool import cores
from unspool.interruption import Terminated

GRACE = 20.0
"""Seconds that the first process has to end once another has failed, or after Ctrl-C or SIGTERM: it saves."""
_LOOK = 0.1
_HOLD = 0.3
"""Seconds for which what the first process prints waits: what it prints because another is gone is not shown."""


def launch(
    count: int, command: Sequence[str], complain: Callable[[str], None], how_to_go_on: Callable[[], str] = str
) -> int:
    """Run a command in each of `count` processes, which find each other by torchrun's variables.

    The first has this process's output, and its standard error comes through this process. When one fails, all end, and
    one line tells which and why; what the others print or say of that is dropped. Ctrl-C and SIGTERM are the first
    one's to answer.

    Args:
        count: of the processes.
        command: a program and its arguments.
        complain: gets a line for a process that was lost, unless the first has ended by itself and said why.
        how_to_go_on: what that line ends with, asked when all have ended; may be empty.

    Returns:
        The exit code: the first process's, or 1 where another one failed.
    """
    with ExitStack() as stack:
        logs = [stack.enter_context(tempfile.TemporaryFile("w+", errors="replace")) for _ in range(1, count)]
        children = _started(count, command, logs)
        shown = _Forwarded(children)
        failed: dict[int, int] = {}
        try:
            failed = _failed_of(children)
            shown.choose(keep=failed.keys() <= {0})
            if failed:
                failed |= _end(children)
        except KeyboardInterrupt as signalled:  # a terminal or batch system may have sent it already
            shown.choose(keep=True)
            children[0].send_signal(signal.SIGTERM if isinstance(signalled, Terminated) else signal.SIGINT)
            _settle(children, GRACE)
        finally:
            by_itself = children[0].poll() is not None
            for child in children:
                child.kill()
                child.wait()
            shown.finish()
        said = {0: shown.dropped.decode(errors="replace").splitlines()}
        for number, log in enumerate(logs, start=1):
            log.seek(0)
            said[number] = log.readlines()
        lost = _first_of(failed, said)
        if lost is None or (lost == 0 and failed[0] > 0):  # the first says itself how it has ended
            shown.show_dropped()
            code = children[0].returncode
            return code if by_itself and code >= 0 else 1
        complain(f"{_loss(lost, failed[lost], said[lost])} {how_to_go_on()}".strip())
        return 1


def _started(count: int, command: Sequence[str], logs: Sequence[IO[str]]) -> list[subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(count)}
    threads = {"OMP_NUM_THREADS": str(max(1, cores.usable() // count))}
    children = []
    for rank in range(count):
        environment = threads | dict(os.environ) | shared | {"RANK": str(rank)}
        nowhere, errors = (subprocess.DEVNULL, logs[rank - 1]) if rank else (None, subprocess.PIPE)
        children.append(subprocess.Popen(command, env=environment, stdin=nowhere, stdout=nowhere, stderr=errors))
    return children


class _Forwarded:
    """The first process's standard error on its way to this one's, until another process is lost."""

    def __init__(self, children: Sequence[subprocess.Popen[bytes]]) -> None:
        self.dropped = b""
        self._children = children
        self._keep: bool | None = None  # not known: look
        self._thread = threading.Thread(target=self._forward, daemon=True)
        self._thread.start()

    def choose(self, keep: bool) -> None:
        """Show what follows or drop it, however the others end."""
        self._keep = keep

    def finish(self) -> None:
        """Wait for the last of it; something that the first process started may hold its end for ever."""
        self._thread.join(_HOLD + 2)

    def show_dropped(self) -> None:
        """Show after all what was dropped."""
        _show(self.dropped)

    def _forward(self) -> None:
        stream = self._children[0].stderr
        if stream is None:
            return
        with stream:
            while content := os.read(stream.fileno(), 1 << 16):
                time.sleep(_HOLD)
                keep = self._keep
                if keep is None:
                    keep = not any(child.poll() for child in self._children[1:])
                if keep:
                    _show(content)
                else:
                    self.dropped += content


def _show(content: bytes) -> None:
    with suppress(OSError):  # nobody reads it any more
        while content:
            content = content[os.write(2, content) :]


def _failed_of(children: list[subprocess.Popen[bytes]]) -> dict[int, int]:
    """Wait until all have ended well, or one has not: the numbers and codes of those, none where all is well."""
    while True:
        codes = [child.poll() for child in children]
        failed = {number: code for number, code in enumerate(codes) if code}
        if failed or None not in codes:
            return failed
        time.sleep(_LOOK)


def _end(children: list[subprocess.Popen[bytes]]) -> dict[int, int]:
    """End the other processes: at once those that save nothing; the first is signalled, and killed at last.

    Returns:
        The first one's code, by its number, where it failed by itself: on a busy machine that is seen only after
        another has failed for the same reason.
    """
    for child in children[1:]:
        child.kill()
    _settle(children[:1], GRACE / 4)
    code = children[0].poll()
    if code is None:
        children[0].terminate()
        _settle(children[:1], GRACE * 3 / 4)
    return {0: code} if code else {}


def _settle(children: list[subprocess.Popen[bytes]], seconds: float) -> None:
    """Give those that are left their time to end."""
    end = time.monotonic() + seconds
    while any(child.poll() is None for child in children) and time.monotonic() < end:
        time.sleep(_LOOK)


def _first_of(failed: dict[int, int], said: dict[int, list[str]]) -> int | None:
    """Which process failed first, of those that were found at about the same time: the others failed because it did."""

    def rank(number: int) -> int:
        if failed[number] == -signal.SIGABRT:
            return 2  # by its own error; or by JAX, as it cannot reach another
        if failed[number] < 0:
            return 0
        return 3 if any("was lost" in line for line in _complaints(said[number])[-1:]) else 1

    return min(sorted(failed), key=rank, default=None)


def _loss(number: int, code: int, said: list[str]) -> str:
    if code < 0:
        return f"process {number} was killed by signal {-code}."
    told = _complaints(said) or [line.strip() for line in said if line.strip()] or [f"ended with exit code {code}."]
    return f"process {number}: {told[-1]}"


def _complaints(said: list[str]) -> list[str]:
    return [line.strip().removeprefix("unspool: ") for line in said if line.startswith("unspool: ")]

"""Starts the processes of a training on this machine, and looks after them."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import IO

from unspool import cores
from unspool.interruption import Terminated

GRACE = 20.0
"""Seconds that the others have to end by themselves once one has failed."""
_LOOK = 0.1


def launch(count: int, command: Sequence[str], complain: Callable[[str], None]) -> int:
    """Run a command in each of `count` processes, which find each other by torchrun's variables.

    The first has this process's output; of another, what it complained of is told where it fails. When one fails, all
    end; Ctrl-C and SIGTERM are the first one's to answer.

    Args:
        count: of the processes.
        command: a program and its arguments.
        complain: gets a line for each process that was lost.

    Returns:
        The exit code: the first process's, or 1 where only another one failed.
    """
    with ExitStack() as stack:
        logs = [stack.enter_context(tempfile.TemporaryFile("w+", errors="replace")) for _ in range(1, count)]
        children = _started(count, command, logs)
        try:
            _wait(children)
        except Terminated:
            children[0].terminate()
            _settle(children)
        except KeyboardInterrupt:  # the terminal has sent it to the children too
            _settle(children)
        finally:
            ended = [child.poll() is not None for child in children]  # by themselves, not by what follows
            for child in children:
                child.kill()
                child.wait()
        first, *others = (
            child.returncode if by_itself else 1 for child, by_itself in zip(children, ended, strict=True)
        )
        if first < 0:
            complain(f"process 0 was killed by signal {-first}")
        for number, (code, log) in enumerate(zip(others, logs, strict=True), start=1):
            _tell(number, code, log, complain)
        return first if first > 0 else int(any((first, *others)))


def _started(count: int, command: Sequence[str], logs: Sequence[IO[str]]) -> list[subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(count)}
    threads = {"OMP_NUM_THREADS": str(max(1, cores.usable() // count))}
    children = []
    for rank in range(count):
        environment = threads | dict(os.environ) | shared | {"RANK": str(rank)}
        nowhere, log = (subprocess.DEVNULL, logs[rank - 1]) if rank else (None, None)
        children.append(subprocess.Popen(command, env=environment, stdin=nowhere, stdout=nowhere, stderr=log))
    return children


def _wait(children: list[subprocess.Popen[bytes]]) -> None:
    """Until all have ended well, or one has not and the others had their time."""
    while any(child.poll() is None for child in children):
        if any(child.poll() for child in children):
            _settle(children)
            return
        time.sleep(_LOOK)


def _settle(children: list[subprocess.Popen[bytes]]) -> None:
    """Give those that are left their time to end, the first most of all: it saves."""
    end = time.monotonic() + GRACE
    while any(child.poll() is None for child in children) and time.monotonic() < end:
        time.sleep(_LOOK)


def _tell(number: int, code: int, log: IO[str], complain: Callable[[str], None]) -> None:
    """Say why a process but the first has failed, unless it only tells that another one has."""
    if code < 0:
        complain(f"process {number} was killed by signal {-code}")
        return
    log.seek(0)
    lines = [line.strip() for line in log if line.startswith("unspool: ")]
    if code and lines and "was lost" not in lines[-1]:
        complain(f"process {number}: {lines[-1].removeprefix('unspool: ')}")

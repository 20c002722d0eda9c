"""Ctrl-C and SIGTERM: the first lets a program save and leave, a second ends it at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """SIGTERM was received: what `kill`, a shutdown or a batch system sends."""


@contextmanager
def leaving_politely() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first Ctrl-C in the block, and `Terminated` at the first SIGTERM.

    After either, both do what they do to a program that knows nothing of them: they end it at once. A signal that the
    process was told to ignore (`nohup`, a shell's background job) stays ignored. For the main thread only.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heeded = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    def leave(number: int, frame: FrameType | None) -> None:
        for each in heeded:
            signal.signal(each, signal.SIG_DFL)
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    for number in heeded:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])

"""Ctrl-C and SIGTERM: the first lets a program save its state, a second one ends it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """SIGTERM was received, as from `kill`, a shutdown or a batch system."""


@contextmanager
def leaving_politely() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first Ctrl-C in the block, and `Terminated` at the first SIGTERM.

    After either, both have their default action, which ends the program at once. A signal that the process ignores
    (`nohup`, a shell's background job) stays ignored. For the main thread only.
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


@contextmanager
def put_off() -> Iterator[None]:
    """Defer Ctrl-C and SIGTERM to the end of the block; a second one ends the program at once.

    For code that does not pass on the exception: in callbacks from matplotlib's compiled parts it is lost, or becomes
    "ValueError: Invalid bounding box". A signal without a handler is not deferred.
    """
    if threading.current_thread() is not threading.main_thread():  # no signal is handled there
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heeded = [number for number, handler in before.items() if callable(handler)]
    came: list[int] = []

    def wait(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    for number in heeded:
        signal.signal(number, wait)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])
        if came:
            signal.raise_signal(came[0])

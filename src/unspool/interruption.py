"""Ctrl-C and SIGTERM: the first lets a program save its state, a second one ends it at once."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

AS_ONE = 0.5
"""Signals within so many seconds after the first count as the same one: systemd, Slurm and `timeout` signal all
processes of a group, and a parent process may pass its own signal on."""


class Terminated(KeyboardInterrupt):
    """SIGTERM was received, as from `kill`, a shutdown or a batch system."""


@contextmanager
def leaving_politely() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first Ctrl-C in the block, and `Terminated` at the first SIGTERM.

    From `AS_ONE` seconds after either, both have their default action, which ends the program at once. A signal that
    the process ignores (`nohup`, a shell's background job) stays ignored. For the main thread only.

    Python ignores exceptions raised in finalizers and in garbage-collection callbacks (JAX registers one): there the
    signal is sent again until its exception is raised elsewhere. The signal also replaces an error of an import that it
    has cut short.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heeded = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    tell_of_ignored = sys.unraisablehook
    later: list[threading.Timer] = []
    received: list[type[KeyboardInterrupt]] = []

    def leave(number: int, frame: FrameType | None) -> None:
        if _is_within(frame, raise_again.__code__):  # where an exception would be ignored, too: it is sent once more
            return
        for each in heeded:
            signal.signal(each, signal.SIG_IGN)
        later.append(_soon(AS_ONE, _give_defaults, heeded))
        received.append(Terminated if number == signal.SIGTERM else KeyboardInterrupt)
        raise received[0]

    def raise_again(ignored: "sys.UnraisableHookArgs") -> None:
        if not issubclass(ignored.exc_type, KeyboardInterrupt) or not _in_main_thread():
            tell_of_ignored(ignored)
            return
        number = signal.SIGTERM if issubclass(ignored.exc_type, Terminated) else signal.SIGINT
        for timer in later:
            timer.cancel()
        signal.signal(number, leave)
        later.append(_soon(0.01, _send_until_taken, number, leave))

    for number in heeded:
        signal.signal(number, leave)
    sys.unraisablehook = raise_again
    try:
        yield
    except Exception as error:
        if received and _comes_of_an_import(error):
            raise received[0] from error
        raise
    finally:
        sys.unraisablehook = tell_of_ignored
        for timer in later:
            timer.cancel()
        for number in heeded:
            signal.signal(number, before[number])


def _comes_of_an_import(error: BaseException | None) -> bool:
    """Whether an error is one of an import, or was raised from one, as a message that says what to install."""
    while error is not None and not isinstance(error, ImportError | AttributeError):
        error = error.__cause__
    return error is not None


def _is_within(frame: FrameType | None, code: CodeType) -> bool:
    """Whether a function is running, as seen from a frame."""
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


def _soon(seconds: float, do: Callable[..., None], *arguments: Any) -> threading.Timer:
    timer = threading.Timer(seconds, do, arguments)
    timer.daemon = True
    timer.start()
    return timer


def _give_defaults(numbers: Iterable[int]) -> None:
    """Give signals that are ignored their default action, from any thread: `signal.signal` works in the main one."""
    import ctypes  # when it is needed: it would slow the start of every command

    set_action = ctypes.pythonapi.PyOS_setsig
    set_action.argtypes, set_action.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
    for number in numbers:
        if signal.getsignal(number) is signal.SIG_IGN:
            set_action(number, int(signal.SIG_DFL))


def _send_until_taken(number: int, handler: Callable[..., None]) -> None:
    """Send a signal to the main thread until it no longer has the handler, less and less often."""
    main, pause = threading.main_thread().ident, 0.01
    while main is not None and signal.getsignal(number) is handler:
        signal.pthread_kill(main, number)
        time.sleep(pause)
        pause *= 2


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def put_off() -> Iterator[None]:
    """Defer Ctrl-C and SIGTERM to the end of the block; a second one after `AS_ONE` seconds ends the program at once.

    For code that does not pass on the exception: in callbacks from matplotlib's compiled parts it is lost, or becomes
    "ValueError: Invalid bounding box". A signal without a handler is not deferred.
    """
    if not _in_main_thread():  # no signal is handled there
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heeded = [number for number, handler in before.items() if callable(handler)]
    came: list[tuple[int, float]] = []

    def wait(number: int, frame: FrameType | None) -> None:
        came.append((number, time.monotonic()))
        if came[-1][1] - came[0][1] > AS_ONE:
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
            signal.raise_signal(came[0][0])

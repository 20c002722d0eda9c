"""The cores that this process may use: how many there are, and work on all of them."""

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from unspool import cgroups

Item = TypeVar("Item")
Result = TypeVar("Result")

_THREAD = "unspool work"


def usable() -> int:
    """The number of cores that this process may use; all of the machine's on macOS and Windows, which do not tell.

    A container's limit of processor time is rounded up to whole cores.

    Example:
        >>> 1 <= usable() <= (os.cpu_count() or 1)
        True
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return math.ceil(min(cores, cgroups.processors()))


def busy() -> bool:
    """Whether more was running than there are cores, over the last minute; False on Windows, where this is not known.

    Example:
        >>> busy() in (False, True)
        True
    """
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > usable() + 0.5


@contextmanager
def pool_of(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads for the block, which waits for them at its end; after Ctrl-C it does not wait, as that may take minutes.

    Example:
        >>> with pool_of(2) as pool:
        ...     list(pool.map(str.upper, ["a", "b"]))
        ['A', 'B']
    """
    pool, waits = ThreadPoolExecutor(threads, _THREAD), True
    try:
        yield pool
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=not waits)


def working() -> bool:
    """Whether threads of `pool_of` are running; after an interruption, they finish what they had begun.

    Example:
        >>> working()
        False
    """
    return any(thread.name.startswith(_THREAD) for thread in threading.enumerate())


def apart(function: Callable[[], Result]) -> Result:
    """Call a function in a thread of its own, and return its result.

    Ctrl-C then takes effect at once, not only after a long computation in native code.

    Example:
        >>> apart(lambda: 2)
        2
    """
    with pool_of(1) as pool:
        return pool.submit(function).result()


def in_parallel(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """The results of a function for some items, in their order, computed in threads on all usable cores.

    Kernels, NumPy and SciPy let other threads run while they compute. If the caller stops early, because of an error or
    an interruption, items that have not been started are skipped; after an interruption, no thread is waited for.

    Example:
        >>> list(in_parallel(str.upper, ["a", "b"]))
        ['A', 'B']
    """
    threads = min(usable(), len(items))
    if threads < 2:
        yield from map(function, items)
        return
    with pool_of(threads) as pool:
        futures = [pool.submit(function, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

"""The cores that this process may use: how many there are, and work on all of them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable() -> int:
    """The number of cores that this process may use; all of the machine's on macOS and Windows, which do not tell.

    Example:
        >>> 1 <= usable() <= (os.cpu_count() or 1)
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def busy() -> bool:
    """Whether more was running than there are cores, over the last minute; False on Windows, where this is not known.

    Example:
        >>> busy() in (False, True)
        True
    """
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > usable() + 0.5


def in_parallel(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """The results of a function for some items, in their order, computed in threads on all usable cores.

    Kernels, NumPy and SciPy let other threads run while they compute. If the caller stops early, because of an error or
    an interruption, items that have not been started are skipped.

    Example:
        >>> list(in_parallel(str.upper, ["a", "b"]))
        ['A', 'B']
    """
    threads = min(usable(), len(items))
    if threads < 2:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(function, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

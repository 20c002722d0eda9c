"""The number of cores that this process may use."""

import os


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

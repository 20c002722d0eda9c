"""How many of the machine's cores this process may use."""

import os


def usable() -> int:
    """Cores that this process may use; all of the machine's where the system cannot tell (macOS, Windows).

    Example:
        >>> 1 <= usable() <= (os.cpu_count() or 1)
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

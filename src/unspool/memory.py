"""How much memory this process holds."""

import resource
import sys
from pathlib import Path
from typing import NamedTuple

_STATUS = Path("/proc/self/status")


class Memory(NamedTuple):
    """Megabytes of this process in memory: now, and at most until now."""

    now: float
    peak: float


def memory() -> Memory:
    """Ask the system. Where it does not tell what is held now (macOS), that is the peak too.

    Example:
        >>> held = memory()
        >>> 0 < held.now <= held.peak
        True
    """
    if _STATUS.exists():
        fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        now, peak = (int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
        return Memory(now, max(now, peak))  # the system counts pages in a hurry: the peak may lag behind
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Memory(peak, peak)

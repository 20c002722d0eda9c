"""The memory that this process holds, and that is free."""

import math
import sys
from pathlib import Path
from typing import Any, NamedTuple

from unspool import cgroups

_STATUS, _OF_THE_MACHINE = Path("/proc/self/status"), Path("/proc/meminfo")


class Memory(NamedTuple):
    """The resident memory of this process in megabytes: now, and its peak."""

    now: float
    peak: float


def memory() -> Memory:
    """The memory of this process; on systems that only tell the peak (macOS), `now` is the peak too.

    Example:
        >>> held = memory()
        >>> 0 < held.now <= held.peak
        True
    """
    if _STATUS.exists():
        fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        now, peak = (int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
        return Memory(now, max(now, peak))  # the system counts pages in a hurry: the peak may lag behind
    if sys.platform == "win32":
        return _of_windows()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Memory(peak, peak)


def free_memory() -> float:
    """The available memory in bytes, of the machine or within a container's limit, whichever is less.

    On other systems than Linux it is infinity.

    Example:
        >>> free_memory() > 0
        True
    """
    return min(_free_memory_of_the_machine(), cgroups.free_memory())


def _free_memory_of_the_machine() -> float:
    try:
        lines = _OF_THE_MACHINE.read_text(encoding="ascii").splitlines()
    except OSError:
        return math.inf
    fields = dict(line.split(":", 1) for line in lines)
    return float(fields["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in fields else math.inf


def _of_windows() -> Memory:
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = (
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "e", "f")),
        )

    counters = Counters(size=ctypes.sizeof(Counters))
    kernel: Any = ctypes.CDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32]
    kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.size)
    return Memory(counters.now / 1e6, counters.peak / 1e6)

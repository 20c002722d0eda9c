"""The limits of a container, which Linux keeps in control groups, such as those of `docker run --memory`.

Version 2 has one tree of groups at /sys/fs/cgroup, version 1 one for each kind of limit below it. A process is bound by
the limits of its own group and of all groups around it.
"""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_ROOT, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def free_memory() -> float:
    """The bytes that this process may still take within its limits; infinity where there are none.

    The page cache counts as free, as the system gives it up when memory is needed.
    """
    free = math.inf
    for group in _groups("memory"):
        for limit, usage in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
            most, used = _numbers(group / limit), _numbers(group / usage)
            if most and used:
                free = min(free, max(0.0, most[0] - used[0] + _of_files(group / "memory.stat")))
    return free


@cache
def processors() -> float:
    """The processor time that this process may use, in processors; infinity if there is no limit. It is read once.

    Example:
        >>> processors() > 0
        True
    """
    most = math.inf
    for group in _groups("cpu"):
        found = _numbers(group / "cpu.max")  # quota and period
        found = found or _numbers(group / "cpu.cfs_quota_us") + _numbers(group / "cpu.cfs_period_us")
        if len(found) == 2 and found[0] > 0 and found[1] > 0:  # version 1 writes -1 where there is no limit
            most = min(most, found[0] / found[1])
    return most


def _groups(kind: str) -> Iterator[Path]:
    """The folders of this process's group and of those around it; within a container, some may not be there."""
    try:
        lines = _OWN.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        kinds, _, path = line.partition(":")[2].partition(":")
        if kinds and kind not in kinds.split(","):
            continue
        root = _ROOT / kind if kinds else _ROOT
        names = [name for name in path.split("/") if name not in ("", "..")]
        for length in range(len(names) + 1):
            yield root.joinpath(*names[:length])


def _numbers(path: Path) -> list[float]:
    """The numbers in a file, `max` among them as infinity; empty if it is not there or holds anything else."""
    try:
        return [math.inf if word == "max" else float(word) for word in path.read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        return []


def _of_files(statistics: Path) -> float:
    try:
        fields = dict(line.split() for line in statistics.read_text(encoding="ascii").splitlines())
        total = "total_" if "total_active_file" in fields else ""  # version 1: with the groups within this one
        return float(fields[f"{total}active_file"]) + float(fields[f"{total}inactive_file"])
    except (OSError, ValueError, KeyError):
        return 0.0

"""How the C library manages memory for commands that train: it uses huge pages and keeps memory that is freed.

A training step of a Transformer allocates and frees hundreds of megabytes. With pages of 4 kB this takes a third of the
processor's time, with huge pages still a seventh, unless the C library keeps the memory instead of returning it to the
system. It does either only if the environment says so when the process starts (glibc's manual, "Memory Allocation
Tunables").
"""

import os
import sys
from pathlib import Path

COMMANDS = ("run", "train", "resume", "replay", "search")
"""What trains. Others start faster, and some of them several times, as they are."""

_TUNABLES = "GLIBC_TUNABLES"
_KEPT = {
    "glibc.malloc.mmap_max": 0,  # large arrays come from the heap too
    "glibc.malloc.trim_threshold": 1 << 40,  # free memory at the heap's end is never returned
    "glibc.malloc.arena_max": 1,  # one heap for all threads: their own are too small for large arrays
}
_HUGE = {"glibc.malloc.hugetlb": 1}
_MODE = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def with_allocator_set() -> None:
    """Restart this program with the settings above if its command trains; on Linux only."""
    if sys.platform != "linux" or not {*sys.argv[1:2]} & {*COMMANDS}:
        return
    chosen = os.environ.get(_TUNABLES, "")
    wanted = _KEPT | (_HUGE if _huge_on_request() else {})
    missing = [f"{name}={value}" for name, value in wanted.items() if name not in chosen]
    if missing:
        os.environ[_TUNABLES] = ":".join(filter(None, (chosen, *missing)))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _huge_on_request() -> bool:
    try:
        return "[madvise]" in _MODE.read_text()
    except OSError:  # a container may hide it
        return False

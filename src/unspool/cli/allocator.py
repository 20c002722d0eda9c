"""How the C library hands out memory to commands that train: in huge pages, and it keeps what is given back.

A training step of a Transformer takes and gives back hundreds of megabytes. In pages of 4 kB a third of the processor's
time goes into that, in huge ones still a seventh, unless the C library keeps the memory instead of returning it to the
system. It does both only where the environment says so at the start of a process (glibc's manual, "Memory Allocation
Tunables").
"""

import os
import sys
from pathlib import Path

COMMANDS = ("run", "train", "resume", "replay", "search")
"""What trains. Others start faster, and some of them several times, as they are."""

_TUNABLES = "GLIBC_TUNABLES"
_KEPT = {
    "glibc.malloc.mmap_max": 0,  # large arrays come from the heap, too
    "glibc.malloc.trim_threshold": 1 << 40,  # whose end is never returned
    "glibc.malloc.arena_max": 1,  # and of which there is one: those of threads are too small for large arrays
}
_HUGE = {"glibc.malloc.hugetlb": 1}
_MODE = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def with_allocator_set() -> None:
    """Start this program again with the settings of this file, if its command trains; on Linux alone."""
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

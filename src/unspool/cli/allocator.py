"""How the C library manages memory for commands that train: one heap for all threads, in huge pages.

With pages of 4 kB, a third of a Transformer's training step goes into allocating and freeing memory. Huge pages are
cleared faster, and `training.kept_memory` keeps what is freed, but only in the process's main heap. Both settings must
be in the environment when the process starts (glibc's manual, "Memory Allocation Tunables").
"""

import os
import sys
from pathlib import Path

COMMANDS = ("run", "train", "resume", "replay", "search")
"""What trains. Others are not worth a second start."""

_TUNABLES = "GLIBC_TUNABLES"
_ONE_HEAP, _HUGE = {"glibc.malloc.arena_max": 1}, {"glibc.malloc.hugetlb": 1}
_MODE = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def with_allocator_set() -> None:
    """Restart this program with the settings above if its command trains; on Linux only."""
    if sys.platform != "linux" or not {*sys.argv[1:2]} & {*COMMANDS}:
        return
    chosen = os.environ.get(_TUNABLES, "")
    wanted = _ONE_HEAP | (_HUGE if _huge_on_request() else {})
    missing = [f"{name}={value}" for name, value in wanted.items() if name not in chosen]
    if missing:
        os.environ[_TUNABLES] = ":".join(filter(None, (chosen, *missing)))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _huge_on_request() -> bool:
    try:
        return "[madvise]" in _MODE.read_text()
    except OSError:  # a container may hide it
        return False

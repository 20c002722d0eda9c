"""Huge pages for commands that train: the operating system then hands out memory 2 MB at a time, not 4 kB.

A training step of a Transformer takes and returns hundreds of megabytes. In small pages a third of the processor's time
goes into that. The C library asks for huge ones only where the environment says so at the start of a process.
"""

import os
import sys
from pathlib import Path

COMMANDS = ("run", "train", "resume", "replay", "search")
"""What trains. Others start faster, and some of them several times, as they are."""

_TUNABLES, _HUGE = "GLIBC_TUNABLES", "glibc.malloc.hugetlb"
_MODE = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def with_huge_pages() -> None:
    """Start this program again with huge pages, if its command trains and the system gives them to those who ask."""
    tunables = os.environ.get(_TUNABLES, "")
    if not {*sys.argv[1:2]} & {*COMMANDS} or _HUGE in tunables or not _given_on_request():
        return
    os.environ[_TUNABLES] = ":".join(filter(None, (tunables, f"{_HUGE}=1")))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _given_on_request() -> bool:
    try:
        return "[madvise]" in _MODE.read_text()
    except OSError:  # another system
        return False

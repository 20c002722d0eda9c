"""Memory that is freed during training stays with the process, for the next step to use.

XLA allocates all that a program needs when it starts and frees it at its end: hundreds of megabytes for a Transformer.
The C library would return so large a block to the system at once, and clearing the memory of the next one takes longer
than a tenth of the step.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

# Of <malloc.h>.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_MOST = 2**31 - 1
_USUAL = {_MMAP_MAX: 65_536, _MMAP_THRESHOLD: 32 << 20, _TRIM_THRESHOLD: 64 << 20}
"""glibc's defaults; of the thresholds, which grow by themselves until a program sets them, the largest."""


@contextmanager
def keeping_freed_memory() -> Iterator[None]:
    """Keep what is freed within the block; afterwards return it. Without glibc, nothing changes.

    Threads allocate large blocks from the process's one heap only with `glibc.malloc.arena_max=1` in the environment
    variable GLIBC_TUNABLES, which `unspool` sets for commands that train; otherwise the block has little effect.

    Example:
        >>> with keeping_freed_memory():
        ...     freed = bytearray(1 << 28)
        ...     del freed
    """
    library = _glibc()
    if library is None:
        yield
        return
    library.mallopt(_MMAP_MAX, 0)
    library.mallopt(_TRIM_THRESHOLD, _MOST)
    try:
        yield
    finally:
        for setting, value in _USUAL.items():
            library.mallopt(setting, value)
        library.malloc_trim(0)


@cache
def _glibc() -> Any:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None

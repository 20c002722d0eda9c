"""The native library: found, loaded and called. Where there is none, NumPy computes the same answers."""

import ctypes
import math
import os
import sys
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import cgroups

ABI = 1
"""`UNSPOOL_ABI_VERSION` of native/unspool.h."""
VARIABLE = "UNSPOOL_KERNELS"
"""In the environment: "reference" computes with NumPy alone, "native" refuses to."""
FILE = "_native.so"

_POINTERS = ("unspool_lexicon_new", "unspool_ngrams_load", "unspool_transformer_new", "unspool_encoder_decoder_new")
_FREED = ("lexicon", "ngrams", "transformer", "encoder_decoder")
_WHOLE = (
    "unspool_abi_version",
    "unspool_lexicon_read",
    "unspool_lexicon_load",
    "unspool_lexicon_words",
    "unspool_ngrams_distinct",
    "unspool_recurrent_table_size",
)
_NETWORK: tuple[Any, ...] = (ctypes.c_char_p, ctypes.c_int64, ctypes.c_char_p, ctypes.c_void_p)
_NETWORK_TEXT: tuple[Any, ...] = (
    *(ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int32),
    *(ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p),
)


def library() -> ctypes.CDLL | None:
    """The library, or None where NumPy is to compute: there is no library, or the environment asks for it.

    Raises:
        RuntimeError: the environment asks for the library, and it cannot be used.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted == "reference":
        return None
    found = _load()
    if isinstance(found, str):
        if wanted == "native":
            raise RuntimeError(f"{VARIABLE}=native, but {found}")
        return None
    return found


def explain() -> str:
    """What computes here, in words.

    Example:
        >>> explain().startswith(("native code (", "NumPy"))
        True
    """
    code = library()
    if code is not None:
        return f"native code ({code.unspool_isa().decode()})"
    found = _load()
    return f"NumPy ({found if isinstance(found, str) else f'{VARIABLE}=reference'})"


@cache
def _load() -> ctypes.CDLL | str:
    folders = sys.modules[__package__ or ""].__path__
    found = [path for folder in folders if os.path.isfile(path := os.path.join(folder, FILE))]
    if not found:
        return "unspool-runtime was installed without its native code, as there was no C++17 compiler"
    try:
        code = ctypes.CDLL(found[0])
        for name in _POINTERS:
            getattr(code, name).restype = ctypes.c_void_p
        for name in _WHOLE:
            getattr(code, name).restype = ctypes.c_int64
        code.unspool_isa.restype = ctypes.c_char_p
        code.unspool_recurrent.argtypes = [ctypes.c_int64, ctypes.c_char_p]
        code.unspool_recurrent_table_size.argtypes = [ctypes.c_int64, ctypes.c_char_p]
        code.unspool_recurrent_project.argtypes = [ctypes.c_int64, ctypes.c_char_p, ctypes.c_void_p]
        code.unspool_network.argtypes = _NETWORK
        code.unspool_network_text.argtypes = _NETWORK_TEXT
        for name in _FREED:
            getattr(code, f"unspool_{name}_free").argtypes = [ctypes.c_void_p]
    except (OSError, AttributeError) as error:
        return f"the native code cannot be loaded: {error}"
    if code.unspool_abi_version() != ABI:
        return f"{found[0]} belongs to another version of unspool-runtime"
    return code


def pointer(array: NDArray[Any] | None, kind: type[np.generic]) -> ctypes.c_void_p:
    """The address of an array's first number; null for None. The caller keeps the array alive until the call returns.

    Raises:
        ValueError: the array is not dense, or of another type: a copy would be lost after the call.
    """
    if array is None:
        return ctypes.c_void_p(None)
    if array.dtype != kind or not array.flags.c_contiguous:
        raise ValueError(f"a dense array of {np.dtype(kind).name} is needed, not of {array.dtype}")
    return ctypes.c_void_p(array.ctypes.data)


def checked(answer: int) -> int:
    """What a function returned, where it is not the negative number that means that there is not enough memory.

    Raises:
        MemoryError: it is.
    """
    if answer < 0:
        raise MemoryError("not enough memory for these inputs")
    return answer


def threads() -> int:
    """How many threads a call may use: one for each core that this process may use, or OMP_NUM_THREADS if that is less.

    Ray and Spark set OMP_NUM_THREADS for their workers, which share a machine. A container's limit of processor time is
    rounded up to whole cores.
    """
    told = os.environ.get("OMP_NUM_THREADS", "")
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        cores = os.cpu_count() or 1
    cores = math.ceil(min(cores, cgroups.processors()))
    return min(cores, int(told)) if told.isdecimal() and int(told) else cores

"""The choice between the native kernels and the reference, in one place, with the reason."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unspool import cores
from unspool.errors import UserError
from unspool.kernels.library import Library, load, opened

if TYPE_CHECKING:  # features and files need no JAX
    from jax import Array

    from unspool.kernels.tokens import Embedded

_PATHS = ("native", "reference")
_log = logging.getLogger("unspool.kernels")
_forced: ContextVar[str | None] = ContextVar("unspool_kernels", default=None)


@dataclass(frozen=True)
class Choice:
    """Whether an operation takes the native path, and the reason if it does not."""

    native: bool
    reason: str = ""


@contextmanager
def use(path: str) -> Iterator[None]:
    """Force a path, "native" or "reference", for what is traced inside the block (jitted code keeps what it had).

    Example:
        >>> from unspool import kernels
        >>> with kernels.use("reference"):
        ...     kernels.status().path
        'reference'
    """
    if path not in _PATHS:
        raise ValueError(f"{path!r} is not one of {_PATHS}")
    token = _forced.set(path)
    try:
        yield
    finally:
        _forced.reset(token)


@contextmanager
def use_instruction_set(name: str) -> Iterator[None]:
    """Have the native kernels use an instruction set of this machine in all calls within the block.

    Raises:
        ValueError: there are no native kernels, or no instruction set of that name.

    Example:
        >>> for name in status().instruction_sets:
        ...     with use_instruction_set(name):
        ...         assert status().instruction_set == name
    """
    library = load()
    if isinstance(library, str):
        raise ValueError(f"there are no native kernels: {library}")
    before = library.instruction_set
    library.choose(name)
    try:
        yield
    finally:
        library.choose(before)


def forced_path() -> str | None:
    """The path that `use` or the environment variable UNSPOOL_KERNELS forces, or None."""
    forced = _forced.get()
    if forced is None:
        forced = os.environ.get("UNSPOOL_KERNELS") or None
        if forced is not None and forced not in _PATHS:
            raise UserError(f"UNSPOOL_KERNELS={forced}: expected one of {', '.join(_PATHS)}")
    return forced


def choose(*arrays: "Array | Embedded | None") -> Choice:
    """Choose native if the library works, the reference is not forced, and all arrays are float32 and not empty.

    Inside `jax.shard_map` the kernels need `check_vma=False`; with that check the reference computes, which is logged.

    Raises:
        UserError: the native path is forced but not available.
    """
    forced = forced_path()
    if forced == "reference":
        return Choice(False, "the reference was asked for")
    library = load()
    reason = library if isinstance(library, str) else _obstacle(arrays)
    if reason and forced == "native":
        raise UserError(f"the native kernels were asked for, but {reason}")
    return Choice(not reason, reason)


def _obstacle(arrays: "tuple[Array | Embedded | None, ...]") -> str:
    import jax

    from unspool.kernels.tokens import Embedded

    for array in arrays:
        if array is None:
            continue
        if isinstance(array, Embedded):
            array = array.embedding
        if array.dtype != np.float32:
            return f"the kernels compute in float32, not {array.dtype}"
        if 0 in array.shape[-1:]:
            return "there is nothing to compute with a width of 0"
        if jax.typeof(array).manual_axis_type.varying:
            _tell_of_shard_map()
            return "jax.shard_map checks varying axes, which a foreign call does not declare: pass check_vma=False"
    return ""


@cache
def _tell_of_shard_map() -> None:
    _log.warning(
        "inside jax.shard_map layers run on the reference, several times slower in training: pass "
        "check_vma=False to use the kernels"
    )


@dataclass(frozen=True)
class Status:
    """The state of the kernels on this machine, for `unspool doctor` and a run's records."""

    path: str
    """"native" or "reference"."""
    reason: str
    """Why the path is the reference; empty if it is native."""
    instruction_set: str
    """The one in use: avx512, avx2 or baseline; empty without the library."""
    instruction_sets: tuple[str, ...]
    """All that this machine supports, best first."""
    threads: int
    """The most threads that a call uses."""
    library: str
    """The path of the library; empty without it."""


def status(*, recurrent: bool = True) -> Status:
    """Return which path a float32 layer takes on this machine, and why.

    Args:
        recurrent: False for the path of features of texts and series, which does not import JAX.
    """
    if forced_path() == "reference":
        library: Library | str = "the reference was asked for"
    else:
        library = load() if recurrent else opened()
    threads = cores.usable()
    if isinstance(library, str):
        return Status("reference", library, "", (), threads, "")
    if library.thread_limit:
        threads = min(threads, library.thread_limit)
    sets = tuple(library.instruction_sets)
    return Status("native", "", library.instruction_set, sets, threads, str(library.path))

"""Finds, loads and checks the native library; if it cannot be used, the reason is returned, not raised."""

import ctypes
import logging
import os
import sys
from functools import cache
from pathlib import Path

from unspool import cores

_ABI = 8
_HANDLERS = (
    "unspool_forward",
    "unspool_project",
    "unspool_backward",
    "unspool_word_maxima",
    "unspool_word_gradient",
    "unspool_word_adagrad",
    "unspool_add_dropped",
    "unspool_add_dropped_gradient",
    "unspool_output_loss",
    "unspool_attention",
    "unspool_attention_gradient",
)
_log = logging.getLogger("unspool.kernels")


class Library:
    """The loaded native library."""

    def __init__(self, path: Path, code: ctypes.CDLL):
        self.path = path
        self.code = code
        code.unspool_isa.restype = ctypes.c_char_p
        code.unspool_available.restype = ctypes.c_char_p
        code.unspool_available.argtypes = [ctypes.c_int64]
        code.unspool_choose.argtypes = [ctypes.c_char_p]
        code.unspool_set_threads.argtypes = [ctypes.c_int64]
        code.unspool_threads.restype = ctypes.c_int64
        code.unspool_abi.restype = ctypes.c_int64
        whole, array = ctypes.c_int64, ctypes.c_void_p
        batch: list[type[ctypes.c_int64 | ctypes.c_void_p]] = [array, array, whole, whole, whole, array]
        # values, offsets, series, channels; dilations
        code.unspool_convolution_features.argtypes = [*batch, array, array, array, whole, array, whole]
        code.unspool_competing_kernels.argtypes = [*batch, whole, array, array, array, whole]

    @property
    def instruction_set(self) -> str:
        """The instruction set in use: avx512, avx2 or baseline."""
        return str(self.code.unspool_isa().decode())

    @property
    def instruction_sets(self) -> list[str]:
        """The instruction sets that this build has and this processor runs, best first."""
        found: list[str] = []
        while name := self.code.unspool_available(len(found)):
            found.append(name.decode())
        return found

    def choose(self, instruction_set: str) -> None:
        """Use another instruction set in all later calls.

        Raises:
            ValueError: This machine or this build has none of that name.
        """
        if not self.code.unspool_choose(instruction_set.encode()):
            raise ValueError(f"no instruction set {instruction_set!r} here; there are {self.instruction_sets}")

    @property
    def thread_limit(self) -> int:
        """The most threads that a call uses; 0 for as many as XLA has."""
        return int(self.code.unspool_threads())

    @thread_limit.setter
    def thread_limit(self, limit: int) -> None:
        self.code.unspool_set_threads(limit)

    @property
    def threads(self) -> int:
        """The number of threads of a call from NumPy: the limit, or one for each core that this process may use."""
        return self.thread_limit or cores.usable()


@cache
def load() -> Library | str:
    """The library, checked by a call through JAX; or one sentence why there is none.

    It is searched for beside this file and, in an editable installation, in the other folders of this package.
    """
    try:
        return _load()
    except _UnusableError as error:
        reason = str(error)
    _log.warning(
        "recurrent layers run on the slow path, several times slower in training: %s "
        "(`unspool doctor` says more; UNSPOOL_KERNELS=reference silences this)",
        reason,
    )
    return reason


class _UnusableError(Exception):
    pass


@cache
def opened() -> Library | str:
    """The library for code without JAX, such as features of texts and series; or one sentence why there is none."""
    try:
        return _open()
    except _UnusableError as error:
        _log.warning("texts and series are read on the slow path, tens of times slower: %s", error)
        return str(error)


def _load() -> Library:
    library = _open()
    _register(library)
    return library


def _open() -> Library:
    folders = [Path(folder) for folder in sys.modules[__package__ or ""].__path__]
    found = [folder / "_native.so" for folder in folders if (folder / "_native.so").is_file()]
    if not found:
        raise _UnusableError(
            "unspool was installed without its native code, as no C++17 compiler could build it, not even Zig's"
        )
    try:
        library = Library(found[0], ctypes.CDLL(str(found[0])))
    except (OSError, AttributeError) as error:
        raise _UnusableError(f"the native code cannot be loaded: {error}") from error
    if library.code.unspool_abi() != _ABI:
        raise _UnusableError(f"{found[0]} belongs to another version of unspool")
    _set_from_environment(library)
    return library


def _set_from_environment(library: Library) -> None:
    wanted = os.environ.get("UNSPOOL_ISA")
    if wanted and wanted != library.instruction_set:
        _log.warning(
            "UNSPOOL_ISA=%s: not on this machine, which has %s; using %s",
            wanted,
            ", ".join(library.instruction_sets),
            library.instruction_set,
        )
    threads = os.environ.get("UNSPOOL_THREADS", "")
    if threads.isdigit():
        library.thread_limit = int(threads)


def _register(library: Library) -> None:
    import jax
    import numpy as np

    if jax.default_backend() != "cpu":
        raise _UnusableError(f"the kernels are for the CPU, and JAX computes on {jax.default_backend()}")
    for name in _HANDLERS:
        handler = jax.ffi.pycapsule(getattr(library.code, name))  # type: ignore[no-untyped-call]
        jax.ffi.register_ffi_target(name, handler, platform="cpu")

    # Headers newer than the running XLA fail at the first call, not before: make it now.
    from unspool.kernels.foreign import Call, forward

    ones = np.ones((1, 1), np.float32)
    try:
        with jax.ensure_compile_time_eval():
            call = Call(cell="rnn_relu", length=1, wants_outputs=False)
            _, state, _, _ = forward(call, False, ones[None], None, ones, None, ones, ones, ones[0])
            answer = float(state[0, 0])
    except Exception as error:
        raise _UnusableError(f"the native code does not run under this version of JAX: {error}") from error
    if answer != 3.0:
        raise _UnusableError(f"the native code computes wrongly (1 + 1 + 1 = {answer})")

"""Texts to numbers of tokens by native code: see `native/lexicon.h`. `data.tokenizers.lexicon` is what to use."""

import ctypes
import itertools
import weakref
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.kernels.plain import checked, pointer


class NativeLexicon:
    """A dictionary of tokens in native memory, which is freed with this object."""

    def __init__(self, code: ctypes.CDLL):
        code.unspool_lexicon_new.restype = ctypes.c_void_p
        code.unspool_lexicon_free.argtypes = [ctypes.c_void_p]
        for name in ("read", "size"):
            getattr(code, f"unspool_lexicon_{name}").restype = ctypes.c_int64
        self._code = code
        handle = code.unspool_lexicon_new()
        if not handle:
            raise MemoryError("there is no memory for a lexicon")
        self._handle = ctypes.c_void_p(handle)
        weakref.finalize(self, code.unspool_lexicon_free, self._handle)

    def read(
        self, texts: Sequence[bytes], *, grow: bool, unknown: int = -1
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Read texts.

        Args:
            texts: N texts in UTF-8.
            grow: new tokens get numbers; else they are `unknown`.
            unknown: the number of a token that the lexicon lacks.

        Returns:
            (M,) the numbers of all tokens, where -1 - k is piece k; (N + 1,) where each text's begin.
        """
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        ids = np.empty(int(starts[-1]), np.int32)
        offsets = np.empty(len(texts) + 1, np.int64)
        written = checked(
            self._code.unspool_lexicon_read(
                self._handle,
                ctypes.c_char_p(b"".join(texts)),
                pointer(starts, np.int64),
                ctypes.c_int64(len(texts)),
                ctypes.c_int32(grow),
                ctypes.c_int32(unknown),
                pointer(ids, np.int32),
                pointer(offsets, np.int64),
            )
        )
        return ids[:written].copy(), offsets

    def add(self, token: str) -> int:
        """Number a token, which may have one already."""
        raw = token.encode("utf-8", "surrogatepass")
        return checked(self._code.unspool_lexicon_add(self._handle, raw, ctypes.c_int64(len(raw))))

    def find(self, token: str) -> int:
        """Give the number of a token, or -1."""
        raw = token.encode("utf-8", "surrogatepass")
        return int(self._code.unspool_lexicon_find(self._handle, raw, ctypes.c_int64(len(raw))))

    def tokens(self) -> list[str]:
        """All tokens, in the order of their numbers."""
        return self._strings(0)

    def pieces(self) -> list[str]:
        """The pieces that hold more than ASCII, as they stand in the texts that were read last."""
        return self._strings(1)

    def __len__(self) -> int:
        return int(self._code.unspool_lexicon_size(self._handle, 0, ctypes.byref(ctypes.c_int64())))

    def _strings(self, which: int) -> list[str]:
        bytes_ = ctypes.c_int64()
        count = self._code.unspool_lexicon_size(self._handle, which, ctypes.byref(bytes_))
        block = ctypes.create_string_buffer(bytes_.value + 1)
        starts = np.empty(count + 1, np.int64)
        self._code.unspool_lexicon_copy(self._handle, which, block, pointer(starts, np.int64))
        raw, ends = block.raw, starts.tolist()
        return [raw[start:end].decode("utf-8", "surrogatepass") for start, end in itertools.pairwise(ends)]

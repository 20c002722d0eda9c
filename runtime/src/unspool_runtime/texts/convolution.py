"""A convolution over the tokens of a text, and the maximum over the text (Johnson and Zhang, 2015)."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.native import pointer
from unspool_runtime.node import Node
from unspool_runtime.ragged import Ragged
from unspool_runtime.rounded import Rounded
from unspool_runtime.structures import UnspoolConvolution

LANES = 16
"""The number of filters of a width is a multiple of this."""
MOST_WIDTH = 1024


class Convolution:
    """One network: see native/word_convolution.h for its equations.

    Args:
        node: its "widths", and its arrays "vectors" (V, taps, F), "bias" (S, F), "head" (S, F, K) and "head_bias" (K,).
        tokens: V, how many tokens have vectors.
        outputs: K.
    """

    def __init__(self, node: Node, tokens: int, outputs: int):
        widths = node.numbers("widths")
        if not widths or any(one != int(one) or not 1 <= one <= MOST_WIDTH for one in widths):
            raise node.wrong("'widths' are not whole numbers from 1 on")
        self._widths = np.array(widths, np.int64)
        sizes, taps = len(widths), int(self._widths.sum())
        self._vectors = node.rows("vectors", tokens, taps, None)
        filters = self._vectors.shape[2]
        if filters % LANES or not filters:
            raise node.wrong(f"the number of filters is not a multiple of {LANES}")
        self._bias = node.array("bias", np.float32, sizes, filters)
        self._head = node.array("head", np.float32, sizes, filters, outputs)
        self._head_bias = node.array("head_bias", np.float32, outputs)

    def __call__(self, texts: Ragged) -> NDArray[np.float32]:
        """N texts as numbers of tokens to (N, K), before sigmoid or softmax."""
        vectors, texts = self._needed(texts)
        code = native.library()
        if code is None:
            rows = [self._plain(vectors, text) for text in texts]
            return np.array(rows, np.float32).reshape(len(texts), len(self._head_bias))
        found = np.empty((len(texts), len(self._head_bias)), np.float32)
        arrays = (vectors, self._bias, self._head, self._head_bias)
        model = UnspoolConvolution(
            len(vectors),
            vectors.shape[2],
            len(self._widths),
            len(self._head_bias),
            pointer(self._widths, np.int64),
            *(pointer(array, np.float32) for array in arrays),
        )
        done = code.unspool_convolution_outputs(
            ctypes.byref(model),
            pointer(texts.flat, np.int32),
            pointer(texts.offsets, np.int64),
            ctypes.c_int64(len(texts)),
            pointer(found, np.float32),
        )
        if not done:
            raise MemoryError("not enough memory for these texts")
        return found

    def _needed(self, texts: Ragged) -> tuple[NDArray[np.float32], Ragged]:
        """The vectors, and the texts in their numbers; of vectors in fewer bits, those of the texts' tokens alone."""
        if not isinstance(self._vectors, Rounded):
            return self._vectors, texts
        used, places = np.unique(texts.flat, return_inverse=True)
        unknown = int(np.searchsorted(used, 0))  # 1 where a token is -1
        rows = used[unknown:] if len(used) > unknown else np.zeros(1, np.int32)
        return self._vectors[rows], Ragged((places - unknown).astype(np.int32), texts.offsets)

    def _plain(self, vectors: NDArray[np.float32], text: NDArray[np.int32]) -> NDArray[np.float32]:
        longest = int(self._widths.max())
        padded = np.concatenate([text, np.full(longest, -1, np.int32)])
        rows = np.where((padded >= 0)[:, None, None], vectors[padded], np.float32(0))
        maxima, tap = [], 0
        for bias, width in zip(self._bias, self._widths.tolist(), strict=True):
            windows = max(len(text) - width, 0) + 1
            found = np.tile(bias, (windows, 1))
            for k in range(width):
                found = found + rows[k : k + windows, tap + k]
            maxima.append(found.max(axis=0))
            tap += width
        hidden = np.maximum(np.array(maxima, np.float32), 0)
        answer: NDArray[np.float32] = np.einsum("sf,sfk->k", hidden, self._head) + self._head_bias
        return answer

"""Vectors of documents that tell their n-grams (DV-ngrams: Li et al., 2016)."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.native import pointer
from unspool_runtime.node import Node
from unspool_runtime.ragged import Ragged
from unspool_runtime.structures import UnspoolVectors

LANES = 16
"""The width of a vector is a multiple of this, and fewer than this many negatives are drawn."""
MOST_EPOCHS = 1000
_MASK = 2**64 - 1


class Vectors:
    """Finds the vector of a text from its n-grams, whose own vectors stay: see native/document_vectors.h.

    Args:
        node: its arrays "vectors" (F, D), "keep" (F,) and "drawn" (R,), and how often texts are read and at which rate.
        grams: F.
    """

    def __init__(self, node: Node, grams: int):
        self._vectors = node.array("vectors", np.float32, grams, None)
        self._keep = node.array("keep", np.float32, grams)
        self._drawn = node.indices("drawn", max(grams, 1), None)
        self._negatives = node.whole("negatives", 1, LANES - 1)
        self._epochs = node.whole("epochs", 1, MOST_EPOCHS)
        self._rate, self._last_rate = node.number("rate"), node.number("last_rate")
        self._seed = node.whole("seed", 0, _MASK)
        if self.width % LANES or (grams and not len(self._drawn)):
            raise node.wrong("the vectors do not fit each other")

    @property
    def width(self) -> int:
        """D."""
        return int(self._vectors.shape[1])

    def __call__(self, texts: Ragged) -> NDArray[np.float32]:
        """N texts as numbers of their n-grams to (N, D); no text's vector depends on the others."""
        found = np.zeros((len(texts), self.width), np.float32)
        code = native.library()
        if code is None:
            for document, text in zip(found, texts, strict=True):
                for epoch in range(self._epochs):
                    rate = self._rate + (self._last_rate - self._rate) * epoch / self._epochs
                    self._read(text, rate, _draw(self._seed, epoch), document)
            return found
        model = UnspoolVectors(
            *self._vectors.shape,
            pointer(self._vectors, np.float32),
            pointer(self._keep, np.float32),
            pointer(self._drawn, np.int32),
            len(self._drawn),
            self._negatives,
        )
        code.unspool_vectors_infer(
            ctypes.byref(model),
            pointer(texts.flat, np.int32),
            pointer(texts.offsets, np.int64),
            ctypes.c_int64(len(texts)),
            ctypes.c_int64(self._epochs),
            ctypes.c_float(self._rate),
            ctypes.c_float(self._last_rate),
            ctypes.c_uint64(self._seed),
            pointer(found, np.float32),
        )
        return found

    def _read(self, text: NDArray[np.int32], rate: float, stream: int, document: NDArray[np.float32]) -> None:
        for place, gram in enumerate(text.tolist()):
            number = place * (self._negatives + 1)
            if (_draw(stream, number) >> 32) >= float(self._keep[gram]) * 2**32:
                continue
            places = [(_draw(stream, number + 1 + j) >> 32) * len(self._drawn) >> 32 for j in range(self._negatives)]
            others = [other for other in self._drawn[places].tolist() if other != gram]
            shown = self._vectors[[gram, *others]]
            wanted = np.zeros(len(shown))
            wanted[0] = 1
            steps = (rate * (wanted - 1 / (1 + np.exp(-(shown @ document).astype(np.float64))))).astype(np.float32)
            gained = np.zeros_like(document)
            for step, vector in zip(steps, shown, strict=True):
                gained += step * vector
            document += gained


def _draw(stream: int, index: int) -> int:
    """The index-th number of a stream of splitmix64 (Vigna), as in native/random.h; 64 bits."""
    z = (stream + (index + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)

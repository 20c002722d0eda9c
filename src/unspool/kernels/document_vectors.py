"""Vectors of documents that tell their n-grams, in native code and by a reference: see `native/document_vectors.h`."""

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.cores import in_parallel
from unspool.kernels import plain
from unspool.kernels.dual_descent import draw
from unspool.kernels.plain import Sequences, pointer
from unspool.kernels.structures import UnspoolVectors

Floats32 = NDArray[np.float32]

LANES = 16
"""The width of a vector is a multiple of this."""
_CHUNK = 256  # texts that one thread infers at a time


@dataclass(frozen=True, eq=False)
class GramVectors:
    """The n-grams' side of the model.

    Attributes:
        vectors: (F, D) float32, changed by training.
        keep: (F,) float32, the probability with which an occurrence is used.
        drawn: (R,) int32, indices of n-grams; negatives are drawn from it with equal chances.
        negatives: how many are drawn per n-gram when the vectors of documents are inferred.
        training_negatives: how many are drawn in training, each with the weight `negatives / training_negatives`.
        rate: of the first step.
        last_rate: that it falls to, linearly.
    """

    vectors: Floats32
    keep: Floats32
    drawn: NDArray[np.int32]
    negatives: int = 5
    training_negatives: int = 5
    rate: float = 0.1
    last_rate: float = 0.003

    def check(self, grams: Sequences) -> None:
        """See that all fits together.

        Raises:
            ValueError: it does not.
        """
        count, width = self.vectors.shape
        numbers = (grams.flat, self.drawn)
        within = all(len(some) == 0 or 0 <= some.min() <= some.max() < count for some in numbers)
        drawn = all(0 < number < LANES for number in (self.negatives, self.training_negatives))
        if width % LANES or self.keep.shape != (count,) or not within or not drawn:
            raise ValueError("the vectors of n-grams do not fit each other, or the documents")
        if len(grams.flat) and len(self.drawn) == 0:
            raise ValueError("there is nothing to draw negatives from")


def train(
    model: GramVectors,
    grams: Sequences,
    documents: Floats32,
    order: NDArray[np.integer],
    *,
    first: int,
    steps: int,
    seed: int,
) -> None:
    """Show documents their n-grams once, and change both sides' vectors in place.

    Args:
        model: the n-grams' side, changed.
        grams: N documents as numbers of n-grams.
        documents: (N, D) float32, changed.
        order: which documents, one after the other.
        first: number of the first step.
        steps: of the whole training.
        seed: of what is kept and drawn.
    """
    model.check(grams)
    chosen = np.ascontiguousarray(order, np.int32)
    if documents.shape != (len(grams), model.vectors.shape[1]):
        raise ValueError(f"vectors of shape {documents.shape} do not fit {len(grams)} documents")
    code = plain.code()
    if code is None:
        for step, i in enumerate(chosen.tolist(), first):
            rate = model.rate + (model.last_rate - model.rate) * step / steps
            _read(model, grams[i], rate, draw(seed, step), documents[i], frozen=False)
        return
    code.unspool_vectors_train(
        ctypes.byref(_native(model, model.training_negatives)),
        pointer(grams.flat, np.int32),
        pointer(grams.offsets, np.int64),
        pointer(chosen, np.int32),
        *(ctypes.c_int64(number) for number in (len(chosen), first, steps)),
        ctypes.c_float(model.rate),
        ctypes.c_float(model.last_rate),
        ctypes.c_float(model.negatives / model.training_negatives),
        ctypes.c_uint64(seed),
        pointer(documents, np.float32),
    )


def infer(model: GramVectors, grams: Sequences, *, epochs: int, seed: int) -> Floats32:
    """Find the vectors of new documents, while those of the n-grams stay; no document's depends on the others.

    Args:
        model: the n-grams' side.
        grams: N documents as numbers of n-grams.
        epochs: rounds over each document.
        seed: of what is kept and drawn.

    Returns:
        (N, D).

    Example:
        >>> from unspool.data.ragged import Ragged
        >>> model = GramVectors(np.ones((2, 16), np.float32), np.ones(2, np.float32), np.array([1], np.int32))
        >>> infer(model, Ragged.from_sequences([[0], []]), epochs=1, seed=0).shape
        (2, 16)
    """
    model.check(grams)
    code = plain.code()
    if code is None:
        found = np.zeros((len(grams), model.vectors.shape[1]), np.float32)
        for i, text in enumerate(grams):
            for epoch in range(epochs):
                rate = model.rate + (model.last_rate - model.rate) * epoch / epochs
                _read(model, text, rate, draw(seed, epoch), found[i], frozen=True)
        return found
    found, native = np.empty((len(grams), model.vectors.shape[1]), np.float32), _native(model, model.negatives)

    def some(start: int) -> None:
        end = min(start + _CHUNK, len(grams))
        code.unspool_vectors_infer(
            ctypes.byref(native),
            pointer(grams.flat, np.int32),
            pointer(grams.offsets[start : end + 1], np.int64),
            ctypes.c_int64(end - start),
            ctypes.c_int64(epochs),
            ctypes.c_float(model.rate),
            ctypes.c_float(model.last_rate),
            ctypes.c_uint64(seed),
            pointer(found[start:end], np.float32),
        )

    for _ in in_parallel(some, range(0, len(grams), _CHUNK)):
        pass
    return found


def moves(model: GramVectors, text: NDArray[np.int32], *, epochs: int, seed: int) -> Floats32:
    """How far each n-gram of one document moves its vector while `infer` finds it.

    In NumPy, since it is asked for few documents: an n-gram with its negatives is one product.

    Args:
        model: the n-grams' side.
        text: (G,) numbers of n-grams.
        epochs: as of `infer`.
        seed: as of `infer`.

    Returns:
        (G, D); they sum to the vector that `infer` finds, up to rounding.

    Example:
        >>> model = GramVectors(np.ones((2, 16), np.float32), np.ones(2, np.float32), np.array([1], np.int32))
        >>> moves(model, np.array([0, 0], np.int32), epochs=1, seed=0).shape
        (2, 16)
    """
    found = np.zeros((len(text), model.vectors.shape[1]), np.float32)
    document = np.zeros(model.vectors.shape[1], np.float32)
    for epoch in range(epochs):
        rate = model.rate + (model.last_rate - model.rate) * epoch / epochs
        stream = draw(seed, epoch)
        for place in range(len(text)):
            others = _drawn(model, text, place, stream, model.negatives)
            if others is None:
                continue
            vectors = model.vectors[[text[place], *others]]
            steps = -rate / (1 + np.exp(-vectors @ document))
            steps[0] += rate
            move = steps.astype(np.float32) @ vectors
            document += move
            found[place] += move
    return found


def _native(model: GramVectors, negatives: int) -> UnspoolVectors:
    return UnspoolVectors(
        *model.vectors.shape,
        pointer(model.vectors, np.float32),
        pointer(model.keep, np.float32),
        pointer(model.drawn, np.int32),
        len(model.drawn),
        negatives,
    )


def _read(
    model: GramVectors, text: NDArray[np.int32], rate: float, stream: int, document: Floats32, *, frozen: bool
) -> None:
    negatives = model.negatives if frozen else model.training_negatives
    weight = model.negatives / negatives
    for place, gram in enumerate(text.tolist()):
        others = _drawn(model, text, place, stream, negatives)
        if others is None:
            continue
        before, gained = document.copy(), np.zeros_like(document)
        steps = []
        for j, shown in enumerate([gram, *others]):
            score = float(before @ model.vectors[shown])
            steps.append((shown, np.float32(rate * ((j == 0) - (weight if j else 1) / (1 + np.exp(-score))))))
        for shown, step in steps:
            gained += step * model.vectors[shown]
            if not frozen:
                model.vectors[shown] += step * before
        document += gained


def _drawn(model: GramVectors, text: NDArray[np.int32], place: int, stream: int, negatives: int) -> list[int] | None:
    """The negatives for the n-gram at a place of a document; None if this occurrence is skipped."""
    gram, number = int(text[place]), place * (negatives + 1)
    if (draw(stream, number) >> 32) >= float(model.keep[gram]) * 2**32:
        return None
    places = [(draw(stream, number + 1 + j) >> 32) * len(model.drawn) >> 32 for j in range(negatives)]
    return [other for other in model.drawn[places].tolist() if other != gram]

"""The convolution over a text's tokens with a maximum over the text, in native code and by a reference.

See `native/word_convolution.h` for the equations (Johnson and Zhang, 2015), the training and what is drawn at random.
"""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import plain, word_convolution_reference
from unspool.kernels.plain import Sequences, pointer
from unspool.kernels.structures import UnspoolConvolution
from unspool.kernels.word_convolution_weights import LOSSES, Floats32, Training, Weights


def train(
    weights: Weights,
    squares: Weights,
    training: Training,
    texts: Sequences,
    targets: Floats32,
    order: NDArray[np.integer],
    first: int,
) -> float:
    """Take one step for each text of `order`, and change the weights in place.

    Args:
        weights: changed.
        squares: changed; sums of squared gradients, to begin with a small number everywhere.
        training: how.
        texts: N sequences of tokens; those below 0 or from V on are none.
        targets: (N, K).
        order: which texts, one after the other.
        first: the number of the first step.

    Returns:
        The mean loss, each text's before its step.
    """
    chosen = np.ascontiguousarray(order, np.int32)
    _check(weights, texts)
    fits = targets.shape == (len(texts), len(weights.head_bias))
    if not fits or (len(chosen) and not 0 <= chosen.min() <= chosen.max() < len(texts)):
        raise ValueError(f"targets of shape {targets.shape} do not fit {len(texts)} texts")
    code = plain.code()
    if code is None:
        return word_convolution_reference.train(weights, squares, training, texts, targets, chosen, first)
    code.unspool_convolution_train.restype = ctypes.c_double
    widths = np.array(weights.widths, np.int64)
    model = _model(weights, widths)
    summed = _Squares(*(pointer(array, np.float32) for array in squares.arrays()))
    how = _Training(
        LOSSES.index(training.loss),
        training.rate,
        training.token_dropout,
        training.output_dropout,
        training.steps,
        training.seed,
    )
    loss = code.unspool_convolution_train(
        ctypes.byref(model),
        ctypes.byref(summed),
        ctypes.byref(how),
        pointer(texts.flat, np.int32),
        pointer(texts.offsets, np.int64),
        pointer(targets, np.float32),
        pointer(chosen, np.int32),
        ctypes.c_int64(len(chosen)),
        ctypes.c_int64(first),
    )
    if loss < 0:
        raise MemoryError("there is no memory for the text that a convolution is to read")
    return float(loss)


def outputs(weights: Weights, texts: Sequences) -> Floats32:
    """(N, K) outputs of the network for texts, before sigmoid or softmax.

    Example:
        >>> from unspool.data.ragged import Ragged
        >>> weights = Weights.drawn(3, (1, 2), 16, 1, seed=0)
        >>> outputs(weights, Ragged.from_sequences([[0, 1], [], [1, 0]])).shape
        (3, 1)
    """
    _check(weights, texts)
    code = plain.code()
    if code is None:
        return word_convolution_reference.outputs(weights, texts)
    found = np.empty((len(texts), len(weights.head_bias)), np.float32)
    widths = np.array(weights.widths, np.int64)
    model = _model(weights, widths)
    done = code.unspool_convolution_outputs(
        ctypes.byref(model),
        pointer(texts.flat, np.int32),
        pointer(texts.offsets, np.int64),
        ctypes.c_int64(len(texts)),
        pointer(found, np.float32),
    )
    if not done:
        raise MemoryError("there is no memory for the texts that a convolution is to read")
    return found


def _check(weights: Weights, texts: Sequences) -> None:
    weights.check()
    if texts.flat.dtype != np.int32:
        raise ValueError(f"tokens are int32, not {texts.flat.dtype}")


class _Squares(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_void_p) for name in ("vectors", "bias", "head", "head_bias"))


class _Training(ctypes.Structure):
    _fields_ = (
        ("loss", ctypes.c_int64),
        ("rate", ctypes.c_float),
        ("token_dropout", ctypes.c_float),
        ("output_dropout", ctypes.c_float),
        ("steps", ctypes.c_int64),
        ("seed", ctypes.c_uint64),
    )


def _model(weights: Weights, widths: NDArray[np.int64]) -> UnspoolConvolution:
    words, _, filters = weights.vectors.shape
    sizes = words, filters, len(weights.widths), len(weights.head_bias)
    return UnspoolConvolution(
        *sizes, pointer(widths, np.int64), *(pointer(array, np.float32) for array in weights.arrays())
    )

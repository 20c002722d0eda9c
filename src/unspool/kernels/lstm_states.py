"""The states of an LSTM over sequences of tokens, without JAX: for models that are asked, not trained."""

import ctypes

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from unspool import cores
from unspool.kernels import plain
from unspool.kernels.plain import pointer

Floats32 = NDArray[np.float32]

_LSTM = 2  # of UnspoolCell in native/unspool.h


def lstm_states(
    tokens: NDArray[np.int32],
    embedding: Floats32,
    kernel: Floats32,
    recurrent: Floats32,
    bias: Floats32,
) -> Floats32:
    """Run an LSTM, see `lstm`, from a state of zeros.

    Args:
        tokens: (B, T), numbers of rows of the embedding.
        embedding: (V, D).
        kernel: (D, 4U).
        recurrent: (U, 4U).
        bias: (4U,).

    Returns:
        (B, T, U), the state after each token. A row's do not depend on the others, nor on what follows in the row.

    Raises:
        ValueError: the arrays do not fit together.

    Example:
        >>> weights = np.ones((3, 8), np.float32), np.ones((2, 8), np.float32), np.ones(8, np.float32)
        >>> lstm_states(np.array([[0, 1, 1]], np.int32), np.ones((2, 3), np.float32), *weights).shape
        (1, 3, 2)
    """
    width, units = embedding.shape[1], len(recurrent)
    if kernel.shape != (width, 4 * units) or recurrent.shape != (units, 4 * units) or bias.shape != (4 * units,):
        raise ValueError("the weights of an LSTM do not fit together")
    if tokens.size and not 0 <= tokens.min() <= tokens.max() < len(embedding):
        raise ValueError("a token has no vector")
    states = np.empty((*tokens.shape, units), np.float32)
    arrays = [pointer(array, np.float32) for array in (embedding, kernel, recurrent, bias, states)]
    code = plain.code()
    if code is None or not states.size:
        return _reference(tokens, embedding, kernel, recurrent, bias)
    last = np.empty((2, len(tokens), units), np.float32)
    layer = _Layer(
        batch=len(tokens),
        length=tokens.shape[1],
        width=width,
        units=units,
        vocabulary=len(embedding),
        threads=cores.usable(),
        x=arrays[0],
        tokens=pointer(tokens, np.int32),
        kernel=arrays[1],
        recurrent=arrays[2],
        bias=arrays[3],
        y=arrays[4],
        h=pointer(last[0], np.float32),
        c=pointer(last[1], np.float32),
    )
    if code.unspool_recurrent(ctypes.c_int64(_LSTM), ctypes.byref(layer)):
        raise MemoryError("there is no memory for the states of the texts")
    return states


class _Layer(ctypes.Structure):
    """UnspoolRecurrent of native/unspool.h."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("batch", "length", "width", "units", "vocabulary")),
        *((name, ctypes.c_int32) for name in ("reverse", "zero_masked", "constant", "threads")),
        *(
            (name, ctypes.c_void_p)
            for name in ("x", "tokens", "table", "mask", "h0", "c0", "kernel", "recurrent", "bias", "y", "h", "c")
        ),
    )


def _reference(
    tokens: NDArray[np.int32], embedding: Floats32, kernel: Floats32, recurrent: Floats32, bias: Floats32
) -> Floats32:
    """The same step by step; row by row, as a product of several rows may differ in a bit from one row's."""
    units = len(recurrent)
    states = np.empty((*tokens.shape, units), np.float32)
    for row, said in zip(tokens, states, strict=True):
        h = c = np.zeros(units, np.float32)
        for step, token in enumerate(row.tolist()):
            i, f, g, o = np.split(embedding[token] @ kernel + h @ recurrent + bias, 4)
            c = expit(f) * c + expit(i) * np.tanh(g)
            h = expit(o) * np.tanh(c)
            said[step] = h
    return states

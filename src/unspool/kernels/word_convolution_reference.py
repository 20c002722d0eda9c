"""The convolution over a text's tokens as NumPy reads it: slow, for tests and where there is no C++."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.kernels.dual_descent import draw
from unspool.kernels.plain import Sequences
from unspool.kernels.word_convolution_weights import Loss, Training, Weights

Floats32 = NDArray[np.float32]
_OUTPUT = 2**32  # the number of the first output's draw


class _Read(NamedTuple):
    maxima: Floats32  # (S, F), before relu
    places: NDArray[np.intp]  # (S, F), the window that reached each


def outputs(weights: Weights, texts: Sequences) -> Floats32:
    """See `word_convolution.outputs`."""
    answers = []
    for text in texts:
        hidden = np.maximum(_read(weights, _known(weights, text)).maxima, 0)
        answers.append(np.einsum("sf,sfk->k", hidden, weights.head) + weights.head_bias)
    return np.array(answers, np.float32).reshape(len(texts), len(weights.head_bias))


def shares(weights: Weights, text: NDArray[np.int32]) -> NDArray[np.float64]:
    """What each token of one text adds to the outputs, beyond those of an empty text.

    A filter's maximum is the sum of what the tokens of one window add to its bias. What it adds to the outputs beyond
    relu of the bias is shared among them in proportion.

    Args:
        weights: of the convolution.
        text: (T,) tokens; those below 0 or from V on are none, and add nothing.

    Returns:
        (T, K); they sum to the outputs for the text minus those for an empty one, up to rounding.
    """
    known = _known(weights, text)
    read = _read(weights, known)
    found, tap = np.zeros((len(text), len(weights.head_bias))), 0
    filters = np.arange(weights.vectors.shape[2])
    for width, bias, head, maxima, places in zip(weights.widths, weights.bias, weights.head, *read, strict=True):
        moved = maxima - bias
        gained = np.maximum(maxima, 0) - np.maximum(bias, 0)
        factor = np.divide(gained, moved, out=np.zeros_like(moved), where=moved != 0)
        for k in range(width):
            at = places + k
            there = filters[(at < len(text)) & (known.take(at, mode="clip") >= 0)] if len(text) else filters[:0]
            added = weights.vectors[known[at[there]], tap + k, there] * factor[there]
            np.add.at(found, at[there], added[:, None].astype(np.float64) * head[there])
        tap += width
    return found


def train(
    weights: Weights,
    squares: Weights,
    training: Training,
    texts: Sequences,
    targets: Floats32,
    order: NDArray[np.int32],
    first: int,
) -> float:
    """See `word_convolution.train`."""
    losses = []
    scale = np.float32(1 / (1 - training.output_dropout))
    for step, i in enumerate(order.tolist(), first):
        stream = draw(training.seed % 2**64, step)
        text = _known(weights, texts[i])
        text[_dropped(stream, 0, len(text), training.token_dropout)] = -1
        read = _read(weights, text)
        kept = ~_dropped(stream, _OUTPUT, read.maxima.size, training.output_dropout).reshape(read.maxima.shape)
        active = kept & (read.maxima > 0)
        hidden = np.where(active, read.maxima * scale, np.float32(0))
        answer = np.einsum("sf,sfk->k", hidden, weights.head) + weights.head_bias
        loss, slope = _loss(training.loss, answer, targets[i])
        losses.append(loss)
        rate = np.float32(training.rate * (1 - step / training.steps))
        _descend(weights, squares, text, read, hidden, np.where(active, weights.head @ slope * scale, 0), slope, rate)
    return float(np.mean(losses)) if losses else 0.0


def _known(weights: Weights, text: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.where((text >= 0) & (text < len(weights.vectors)), text, -1).astype(np.int32)


def _dropped(stream: int, start: int, count: int, rate: float) -> NDArray[np.bool_]:
    below = float(np.float32(rate)) * 2**32
    return np.array([(draw(stream, start + i) >> 32) < below for i in range(count)], bool)


def _read(weights: Weights, text: NDArray[np.int32]) -> _Read:
    longest = max(weights.widths)
    padded = np.concatenate([text, np.full(longest, -1, np.int32)])
    vectors = np.where((padded >= 0)[:, None, None], weights.vectors[padded], np.float32(0))  # (T + longest, taps, F)
    maxima, places, tap = [], [], 0
    for bias, width in zip(weights.bias, weights.widths, strict=True):
        windows = max(len(text) - width, 0) + 1
        sums = np.tile(bias, (windows, 1))
        for k in range(width):
            sums = sums + vectors[k : k + windows, tap + k]
        maxima.append(sums.max(axis=0))
        places.append(sums.argmax(axis=0))
        tap += width
    return _Read(np.array(maxima, np.float32), np.array(places))


def _loss(kind: Loss, answer: Floats32, target: Floats32) -> tuple[float, Floats32]:
    wide = answer.astype(np.float64)
    if kind == "softmax":
        shifted = np.exp(wide - wide.max())
        probabilities = shifted / shifted.sum()
        return float(-(target * np.log(probabilities)).sum()), (probabilities - target).astype(np.float32)
    if kind == "sigmoid":
        probabilities = 1 / (1 + np.exp(-wide))
        return float((np.logaddexp(0, wide) - target * wide).sum()), (probabilities - target).astype(np.float32)
    return float(0.5 * ((wide - target) ** 2).sum()), answer - target


def _descend(
    weights: Weights,
    squares: Weights,
    text: NDArray[np.int32],
    read: _Read,
    hidden: Floats32,
    down: Floats32,
    slope: Floats32,
    rate: np.float32,
) -> None:
    used = hidden != 0
    _adagrad(weights.head, squares.head, hidden[:, :, None] * slope, used, rate)
    _adagrad(weights.head_bias, squares.head_bias, slope, np.ones(len(slope), bool), rate)
    _adagrad(weights.bias, squares.bias, down.astype(np.float32), down != 0, rate)
    tap = 0
    for s, width in enumerate(weights.widths):
        for f in np.flatnonzero(down[s]):
            for k in range(width):
                at = read.places[s, f] + k
                if at < len(text) and text[at] >= 0:
                    place = (text[at], tap + k, f)
                    squares.vectors[place] += np.float32(down[s, f]) ** 2
                    weights.vectors[place] -= rate * np.float32(down[s, f]) / np.sqrt(squares.vectors[place])
        tap += width


def _adagrad(
    weights: Floats32, squares: Floats32, gradient: Floats32, used: NDArray[np.bool_], rate: np.float32
) -> None:
    squares[used] += gradient[used] ** 2
    weights[used] -= rate * gradient[used] / np.sqrt(squares[used])

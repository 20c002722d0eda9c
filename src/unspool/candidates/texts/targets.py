"""Targets of models of texts as columns of numbers, and the scale of their scores, for every task."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.lazy_module import LazyModule

optimize = LazyModule("scipy.optimize")

_WIDEST = 50.0  # the logarithm of a factor larger than any that is needed


def columns(target: ArrayLike, task: Task, classes: int | None = None) -> Floats:
    """Turn targets into columns, one for each score of a model.

    Args:
        target: (N,) 0 and 1 for "binary", (N,) class indices for "multiclass", (N, K) 0 and 1 for "multilabel", (N,)
            numbers for "regression".
        task: of the targets.
        classes: K for "multiclass"; by default one more than the largest index.

    Returns:
        (N, 1) for "binary" and "regression", else (N, K).

    Raises:
        ValueError: the targets do not suit the task.

    Example:
        >>> columns([1, 0], "binary").tolist(), columns([2, 0], "multiclass").tolist()
        ([[1.0], [0.0]], [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    """
    given, arithmetic = np.asarray(target), ARITHMETIC[task]
    if given.ndim != arithmetic.dimensions or len(given) == 0:
        raise ValueError(f"targets of shape {given.shape} are none of {task}")
    if arithmetic.numbers:
        numbers = given.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError("a target is not a finite number")
        return numbers[:, None]
    whole = given.astype(np.int64)
    if (whole != given).any() or whole.min() < 0 or (task != "multiclass" and whole.max() > 1):
        raise ValueError(f"targets of {task} are whole numbers, from 0 on")
    return arithmetic.columns(whole, classes)


def fitted_scale(scores: Floats, wanted: Floats, task: Task) -> float:
    """The factor on held-out scores that minimises their loss (temperature scaling; Guo et al., 2017).

    Args:
        scores: (N, K) of texts that the model was not fitted to.
        wanted: (N, K) from `columns`.
        task: of the targets; for "regression" the factor is 1.

    Example:
        >>> sure = np.repeat([[4.0], [-4.0]], 4, axis=0)
        >>> round(fitted_scale(sure, np.array([[1], [1], [1], [0], [0], [0], [0], [1.0]]), "binary"), 2)
        0.27
    """
    if ARITHMETIC[task].numbers:
        return 1.0

    def at(exponent: float) -> float:
        return ARITHMETIC[task].loss(scores * np.exp(exponent), wanted)

    found: Any = optimize.minimize_scalar(at, bounds=(-5.0, 5.0), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def tempering(scores: Floats, task: Task, repeats: int = 1) -> float:
    """The factor, at most 1, that keeps a model from being more confident than its number of held-out texts justifies.

    If all decisions are right, a larger factor always lowers the loss, until errors on new texts seem impossible. After
    N right decisions, the next is wrong with probability 1 / (N + 2) (Laplace's rule of succession). So the mean
    probability of an error, over the held-out decisions, is kept from falling below that.

    Args:
        scores: (N, K) of held-out texts, scaled to give probabilities: logits.
        task: of the targets; for "regression" the factor is 1.
        repeats: R; the N rows are the same N / R texts R times, which justify no more confidence than once.

    Example:
        >>> scores = np.repeat([[400.0], [-400.0]], 49, axis=0)
        >>> factor = tempering(scores, "binary")
        >>> round(float(ARITHMETIC["binary"].doubts(scores * factor).mean()), 4), tempering(scores / 100, "binary")
        (0.01, 1.0)
    """
    if ARITHMETIC[task].numbers:
        return 1.0
    doubts = ARITHMETIC[task].doubts
    least = 1 / (doubts(scores).size / repeats + 2)
    if doubts(scores).mean() >= least:
        return 1.0

    def beyond(exponent: float) -> float:
        return float(doubts(scores * np.exp(exponent)).mean()) - least

    return float(np.exp(optimize.brentq(beyond, -_WIDEST, 0.0)))

"""What the models of texts are fitted to, for every task: columns of numbers, and scores back to outputs."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task


def columns(target: ArrayLike, task: Task, classes: int | None = None) -> Floats:
    """Lay targets out as columns, one for each score of a model.

    Args:
        target: (N,) 0 and 1; (N,) numbers of classes; (N, K) 0 and 1, one column a label; (N,) numbers.
        task: which of these, in this order: "binary", "multiclass", "multilabel", "regression".
        classes: K of "multiclass"; the largest number and one, if not given.

    Returns:
        (N, 1) for "binary" and "regression", else (N, K).

    Raises:
        ValueError: the targets are not the task's.

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


def outputs(scores: Floats, task: Task) -> Floats:
    """Turn scores into what a model answers.

    Args:
        scores: (N, K) log-odds of "binary" (K is 1) and "multilabel", logits of "multiclass", numbers of "regression".
        task: what they are of.

    Returns:
        (N,) for "binary" (the probability of 1) and "regression", else (N, K) probabilities.

    Example:
        >>> outputs(np.array([[0.0]]), "binary").tolist(), outputs(np.array([[1.0, 1.0]]), "multiclass").tolist()
        ([0.5], [[0.5, 0.5]])
    """
    return ARITHMETIC[task].outputs(scores)


def loss(scores: Floats, wanted: Floats, task: Task) -> float:
    """Mean loss of scores: the negative log-likelihood, or the squared error of "regression".

    Args:
        scores: (N, K) as of `outputs`.
        wanted: (N, K) from `columns`.
        task: what they are of.

    Example:
        >>> round(loss(np.zeros((2, 1)), np.ones((2, 1)), "binary"), 3)
        0.693
    """
    return ARITHMETIC[task].loss(scores, wanted)


def fitted_scale(scores: Floats, wanted: Floats, task: Task) -> float:
    """The factor on held-out scores at which their loss is least (Guo et al., 2017); 1 for "regression".

    Args:
        scores: (N, K) of texts that the model was not fitted to.
        wanted: (N, K) from `columns`.
        task: what they are of.

    Example:
        >>> sure = np.repeat([[4.0], [-4.0]], 4, axis=0)
        >>> round(fitted_scale(sure, np.array([[1], [1], [1], [0], [0], [0], [0], [1.0]]), "binary"), 2)
        0.27
    """
    if ARITHMETIC[task].numbers:
        return 1.0

    def at(exponent: float) -> float:
        return loss(scores * np.exp(exponent), wanted, task)

    found: Any = minimize_scalar(at, bounds=(-5.0, 5.0), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))

"""What the methods that forecast histories share, in NumPy: `native/histories.h`, operation by operation.

The trainer and the runtime share this file.
"""

from collections.abc import Callable
from functools import wraps

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Method = Callable[[Floats, int, int], Floats]
"""Forecasts the next steps of a history (T,), given the horizon H and the season: (H,)."""

MOST_STEPS = 1_000
"""Only the last steps of a history are read: this many, or three seasons if that is more. Earlier ones hardly count."""
LEAST_STEPS = 5
"""A shorter history continues with its last value."""
LONGEST_SEASON = 24
"""A longer season has no terms and no state of its own."""


def of_any_history(method: Method) -> Method:
    """Extend a method to short and constant histories; if its forecast is not finite, repeat the last season."""

    @wraps(method)
    def forecast(history: Floats, horizon: int, season: int) -> Floats:
        history = np.asarray(history, dtype=np.float64)[-max(MOST_STEPS, 3 * season) :]
        if len(history) < LEAST_STEPS or history.max() == history.min():
            return np.full(horizon, history[-1])
        found = method(history, horizon, season)
        if np.isfinite(found).all():
            return found
        return np.resize(history[-season if len(history) >= season else -1 :], horizon)

    return forecast


def damped_steps(gradient: Floats, products: Floats, damping: Floats, held: NDArray[np.bool_]) -> Floats:
    """Solve the damped normal equations for the steps of K sets of P parameters, (P, K); held ones do not move.

    Args:
        gradient: (P, K).
        products: (P, P, K).
        damping: (K,).
        held: (P, K).
    """
    count = len(gradient)
    lower, pivots = np.zeros_like(products), np.zeros_like(gradient)
    found = np.where(held, 0.0, -gradient)
    for row in range(count):
        for column in range(row):
            rest = np.where(held[row] | held[column], 0.0, products[row, column])
            for k in range(column):
                rest = rest - lower[row, k] * lower[column, k] * pivots[k]
            lower[row, column] = rest / pivots[column]
        own = products[row, row] * (1 + damping)
        rest = np.where(held[row] | ~(own > 0), 1.0, own)
        for k in range(row):
            rest = rest - lower[row, k] * lower[row, k] * pivots[k]
        pivots[row] = np.where(rest > 0, rest, 1.0)
    for row in range(count):
        for k in range(row):
            found[row] = found[row] - lower[row, k] * found[k]
    for row in reversed(range(count)):
        found[row] = found[row] / pivots[row]
        for k in range(row + 1, count):
            found[row] = found[row] - lower[k, row] * found[k]
    return np.where(np.isfinite(found), found, 0.0)


def in_order(values: Floats) -> float:
    """The sum of values, taken in order: NumPy's own is pairwise."""
    return float(np.add.accumulate(values)[-1])

"""Whether one model of texts is better than another by more than chance."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.gains import clearly_gains
from unspool.candidates.texts.arithmetic import Floats, Task, comparing

SURE = 1.0
"""Standard errors by which the loss of a more expensive model must be lower for it to be taken."""


def better(
    scores: Floats,
    than: Floats,
    wanted: Floats,
    task: Task,
    repeats: int = 1,
    groups: NDArray[np.generic] | None = None,
    *,
    absolute_errors: bool = False,
) -> bool:
    """Return whether the mean paired difference of losses exceeds `SURE` standard errors.

    Args:
        scores: (N, K), NaN where a text was not held out.
        than: (N, K), the scores to compare with.
        wanted: (N, K), from `targets.columns`.
        task: of the targets.
        repeats: R; the N rows are the same N / R texts, R times, and the R losses of a text are averaged.
        groups: (N / R,) of the texts, see `clearly_gains`; or None.
        absolute_errors: whether the losses of numbers are absolute errors, not squared ones.

    Example:
        >>> wanted = np.array([[1.0], [0.0], [1.0], [0.0]])
        >>> right = wanted - 0.5
        >>> better(right, 0 * right, wanted, "binary"), better(right, right, wanted, "binary")
        (True, False)
    """
    loss = comparing(task, absolute_errors).loss
    gain = (_losses(loss, than, wanted) - _losses(loss, scores, wanted)).reshape(repeats, -1).mean(axis=0)
    return clearly_gains(gain, SURE, groups)


def _losses(loss: Callable[[Floats, Floats], float], scores: Floats, wanted: Floats) -> NDArray[np.float64]:
    losses = np.full(len(scores), np.nan)
    for row in np.flatnonzero(~np.isnan(scores).any(axis=1)):
        losses[row] = loss(scores[row : row + 1], wanted[row : row + 1])
    return losses

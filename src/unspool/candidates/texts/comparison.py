"""When one model of texts is surely better than another."""

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import Floats, Task

SURE = 1.0
"""Standard errors by which a dearer model's loss must be less, for it to be taken."""


def better(scores: Floats, than: Floats, wanted: Floats, task: Task, repeats: int = 1) -> bool:
    """Tell whether the loss of scores is less than that of others by more than `SURE` standard errors, pair by pair.

    Args:
        scores: (N, K), NaN where a text was not held out.
        than: (N, K), likewise.
        wanted: (N, K), from `targets.columns`.
        task: what they are of.
        repeats: R, how often the same N / R texts follow each other; each of these counts once.

    Example:
        >>> wanted = np.array([[1.0], [0.0], [1.0], [0.0]])
        >>> right = wanted - 0.5
        >>> better(right, 0 * right, wanted, "binary"), better(right, right, wanted, "binary")
        (True, False)
    """
    gain = (_losses(than, wanted, task) - _losses(scores, wanted, task)).reshape(repeats, -1).mean(axis=0)
    gain = gain[~np.isnan(gain)]
    return bool(gain.mean() > SURE * gain.std() / np.sqrt(len(gain)))


def _losses(scores: Floats, wanted: Floats, task: Task) -> NDArray[np.float64]:
    losses = np.full(len(scores), np.nan)
    for row in np.flatnonzero(~np.isnan(scores).any(axis=1)):
        losses[row] = targets.loss(scores[row : row + 1], wanted[row : row + 1], task)
    return losses

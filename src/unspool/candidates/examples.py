"""Training examples, to which candidates are fitted and on which they are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.transformation import Transformation


@dataclass(frozen=True, eq=False)
class Examples:
    """Raw examples and their targets.

    Attributes:
        inputs: N raw texts, perhaps with cells beside them (see `TextRow`), or series (T_i, C).
        targets: (N,) or (N, K), as the task scores them.
        task: its name.
        classes: how many there are of "multiclass"; None for those in `targets`.
        groups: (N,) examples of one group are held out together; or None.
        times: (N,) when each was recorded, as numbers that rise; or None. With times, candidates are fitted to earlier
            examples and scored on later ones (`windows.expanding_windows`): what they are for is to come after all that
            they were fitted to.
        transformation: what turned numbers into these targets; None if they are the numbers themselves. Candidates
            learn the targets, and are compared by their errors in the unit of the numbers.
        absolute_errors: whether candidates for numbers are compared by absolute errors, which favour predictions near
            the median, rather than by squared ones, which favour the mean.
    """

    inputs: Sequence[Any]
    targets: ArrayLike
    task: Any
    classes: int | None = None
    groups: NDArray[np.int64] | None = None
    times: NDArray[np.float64] | None = None
    transformation: Transformation | None = None
    absolute_errors: bool = False

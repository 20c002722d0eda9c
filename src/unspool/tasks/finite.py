"""Refuses answers that are NaN or infinite."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError

_Numbers = TypeVar("_Numbers", bound=NDArray[Any])


def finite(answers: _Numbers) -> _Numbers:
    """Return the answers, (N, ...), if all are finite numbers; texts pass as they are.

    Raises:
        UserError: one is NaN or infinite.

    Example:
        >>> finite(np.array([0.5, 1.0])).tolist()
        [0.5, 1.0]
    """
    if answers.dtype.kind == "f" and not np.isfinite(answers).all():
        raise UserError(
            "The model cannot answer: some answers are NaN or infinite. Its weights or numbers in your file are too "
            "large: train the model again, or look for such numbers."
        )
    return answers

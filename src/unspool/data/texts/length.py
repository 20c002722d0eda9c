"""How many tokens of a text a model reads, chosen from the training texts."""

import numpy as np
from numpy.typing import NDArray

WHOLE = 0.99
"""Share of the training texts that are to be read whole."""

LONGEST = 2048
"""The most tokens that a model reads by default: a recurrent state carries little further."""

_STEP = 8


def choose_length(lengths: NDArray[np.integer]) -> int:
    """Choose a length at which 99 in 100 training texts are read whole, a multiple of 8 from 8 to 2,048.

    One very long text would else make room for itself in every batch.

    Args:
        lengths: (N,) tokens in each training text.

    Example:
        >>> choose_length(np.arange(1, 101)), choose_length(np.array([5])), choose_length(np.array([9000]))
        (104, 8, 2048)
    """
    enough = np.quantile(lengths, WHOLE, method="inverted_cdf")
    return int(min(LONGEST, max(1, -(-enough // _STEP)) * _STEP))

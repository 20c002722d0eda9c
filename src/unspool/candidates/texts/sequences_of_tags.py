"""The probabilities of a text's tags, each of which depends on the tag before.

The trainer and the runtime share this file.
"""

import numpy as np
from numpy.typing import NDArray


def in_sequence(scores: NDArray[np.float64], transitions: NDArray[np.floating]) -> NDArray[np.float64]:
    """(T, K) the probabilities of a text's tags, computed from its words' scores (T, K) from the first to the last.

    After a given tag, the probability of a tag is its sigmoid (this tag against the rest), divided by the sum of the
    sigmoids of all tags. It is averaged over the tags of the word before, weighted by their probabilities.

    Example:
        >>> in_sequence(np.zeros((2, 2)), np.array([[9.0, -9.0], [-9.0, 9.0], [9.0, -9.0]])).round(2).tolist()
        [[1.0, 0.0], [1.0, 0.0]]
    """
    found = np.zeros_like(scores)
    for step, row in enumerate(scores):
        summed = row + (transitions[:-1] if step else transitions[-1:])
        logarithms = np.minimum(summed, 0) - np.log1p(np.exp(-np.abs(summed)))  # of sigmoids, which may round to 0
        likely = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        found[step] = found[step - 1] @ likely if step else likely[0]
    return found

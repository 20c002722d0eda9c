"""A linear model that tags each word of a text by its forms, the words around it and the tag before it."""

from collections.abc import Sequence

import numpy as np

from unspool_runtime.answers import Floats
from unspool_runtime.node import Node
from unspool_runtime.ragged import sums
from unspool_runtime.texts.sequences_of_tags import in_sequence
from unspool_runtime.word_forms import window_features


class WordsModel:
    """Weights for the features of words and for the tag before, one tag against the rest.

    Args:
        node: its description.
        width: K.

    Raises:
        ModelError: it is damaged, or of a kind that this version does not know.
    """

    def __init__(self, node: Node, width: int):
        node.choice("kind", "window words")
        self._numbers = {feature: number for number, feature in enumerate(node.strings("features"))}
        if len(self._numbers) != len(node.strings("features")):
            raise node.wrong("a feature is there twice")
        self._weights = node.array("weights", np.float32, len(self._numbers), width)
        self._transitions = node.array("transitions", np.float32, width + 1, width)
        self._intercept = node.array("intercept", np.float32, width)

    def outputs(self, words: Sequence[str]) -> Floats:
        """(T, K) the probability of each tag of each word."""
        rows = [[self._numbers[one] for one in row if one in self._numbers] for row in window_features(words)]
        found = np.array([number for row in rows for number in row], np.int64)
        bounds = np.cumsum([0, *map(len, rows)])
        scores = sums(self._weights[found].astype(np.float64), bounds) + self._intercept
        return in_sequence(scores, self._transitions)

"""A classifier of texts that was a language model first."""

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.characters import Characters
from unspool_runtime.networks.recurrent import Direction, Given
from unspool_runtime.node import Node
from unspool_runtime.texts.lexicon import TokenNumbers

RARE, BOUNDARY, FIRST = 0, 1, 2
"""The vectors of words that the alphabet lacks, of what stands before a text, and of the alphabet's first word."""
MOST_LENGTH = 4096
_AT_ONCE = 64  # texts whose states are in memory together


class LanguageModelTexts:
    """An LSTM over the last words of a text; a linear head reads its last state, and the mean and maximum of all."""

    def __init__(self, node: Node, characters: Characters, width: int):
        node.choice("of", "words")
        self._words = TokenNumbers(node, characters)
        self._length = node.whole("length", 1, MOST_LENGTH)
        self._vectors = node.array("vectors", np.float32, FIRST + self._words.size, None)
        self._lstm = Direction(node.node("forward"), "lstm", "tanh", self._vectors.shape[1], reverse=False)
        head = node.array("head", np.float32, 3 * self._lstm.units + 1, width)
        self._head = head.astype(np.float64)
        self._units = node.array("units", np.float64, 2, 1)

    def scores(self, texts: list[str]) -> NDArray[np.float64]:
        """(N, K)."""
        tails = [self._tail(one) for one in self._words.read(texts)]
        found = np.empty((len(tails), self._head.shape[1]))
        order = np.argsort([len(one) for one in tails], kind="stable")
        for begin in range(0, len(order), _AT_ONCE):
            rows = order[begin : begin + _AT_ONCE].tolist()
            tokens = np.zeros((len(rows), len(tails[rows[-1]])), np.int32)
            for place, row in enumerate(rows):
                tokens[place, : len(tails[row])] = tails[row]
            for row, states in zip(rows, self._lstm(Given(self._vectors, tokens=tokens), every=True), strict=True):
                found[row] = self._score(states[: len(tails[row])])
        return np.asarray(found * self._units[1] + self._units[0])

    def _tail(self, words: NDArray[np.int32]) -> NDArray[np.int32]:
        known = np.where(words < 0, RARE, words + FIRST)[-self._length :]
        return np.concatenate(([BOUNDARY], known)).astype(np.int32)

    def _score(self, states: NDArray[np.float32]) -> NDArray[np.float64]:
        pooled = np.concatenate((states[-1], states.mean(axis=0), states.max(axis=0), [1.0]))
        # A product of its own for each text: a matrix product's bits may depend on how many there are.
        score: NDArray[np.float64] = pooled @ self._head
        return score

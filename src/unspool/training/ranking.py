"""The best answers of a network that pronounces, ranked by what it and joint n-grams hold of them together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.pronunciations.joint_ngrams import JointNgrams
from unspool.models.search import IMPOSSIBLE
from unspool.training.decoding import Decoded


@dataclass(frozen=True, eq=False)
class Ranking:
    """The K best answers of a network to each of N words, and how probable they are by n-grams.

    Attributes:
        found: the answers as the network ranks them.
        ngrams: (N, K) log-probabilities.
    """

    found: Decoded
    ngrams: NDArray[np.float64]

    @classmethod
    def of(cls, found: Decoded, model: JointNgrams, words: Sequence[str], said: Sequence[str]) -> "Ranking":
        """Ask n-grams about answers.

        Args:
            found: the answers.
            model: n-grams of letters and phonemes.
            words: N of them, as the network reads them.
            said: N times K answers in words, phonemes parted by spaces.
        """
        count = found.scores.shape[1]
        pairs = [word for word in words for _ in range(count)], [one.split() for one in said]
        return cls(found, model.log_probabilities(*pairs).reshape(-1, count))

    def weighed(self, weight: float) -> Decoded:
        """The answers in the order of (1 - weight) times the network's log-probability + weight times the n-grams'.

        These are their scores. Answers that were cut at the maximum stand behind those that have ended.
        """
        own = self.found.log_probabilities.astype(np.float64)
        there = ~(own < IMPOSSIBLE / 2)
        scores = np.where(there, (1 - weight) * np.where(there, own, 0) + weight * self.ngrams, IMPOSSIBLE)
        order = np.lexsort((-scores, ~self.found.ended), axis=1)
        rows = np.arange(len(order))[:, None] * order.shape[1] + order
        likely, scores, ended = (
            np.take_along_axis(one, order, axis=1) for one in (self.found.log_probabilities, scores, self.found.ended)
        )
        return Decoded(self.found.tokens.take(rows.ravel()), likely, scores, ended)

"""Joint n-grams beside a network that pronounces words: both rank its best answers."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from unspool_runtime.node import Node
from unspool_runtime.translation.joint_ngrams import Counts, JointNgrams
from unspool_runtime.translation.searching import Answer

KIND = "ranked by joint n-grams"


@dataclass(frozen=True, eq=False)
class Ranking:
    """How answers are ranked.

    Attributes:
        ngrams: of letters and phonemes.
        weight: of them, from 0 to 1; the network has the rest.
    """

    ngrams: JointNgrams
    weight: float

    @classmethod
    def read(cls, node: Node) -> "Ranking":
        """Read a description's "model" of the kind `KIND`.

        Raises:
            ModelError: it is damaged.
        """
        weight = node.number("weight")
        if not 0 <= weight <= 1:
            raise node.wrong("'weight' is not from 0 to 1")
        orders = tuple(
            Counts(*(one.array(name, np.int32, None) for name in ("sizes", "units", "counts")))
            for one in node.nodes("orders")
        )
        units = node.array("units", np.int32, None, None)
        ngrams = JointNgrams(node.texts("letters"), node.texts("phonemes"), units, orders)
        try:
            ngrams.check()
        except ValueError as error:
            raise node.wrong(str(error)) from error
        return cls(ngrams, weight)

    def ranked(self, found: list[list[Answer]], words: list[str], said: list[list[str]]) -> list[list[Answer]]:
        """Rank answers, the best first: those that have ended before those that were cut at the maximum.

        Args:
            found: the answers of a network to N words.
            words: as the network reads them.
            said: each of its answers in words, phonemes parted by spaces.
        """
        repeated = [word for word, some in zip(words, found, strict=True) for _ in some]
        chances = iter(self.ngrams.log_probabilities(repeated, [one.split() for one in chain(*said)]).tolist())
        scored = [[self._scored(one, next(chances)) for one in some] for some in found]
        return [sorted(some, key=lambda one: (not one.ended, -one.score)) for some in scored]

    def _scored(self, answer: Answer, chance: float) -> Answer:
        return answer._replace(score=(1 - self.weight) * answer.log_probability + self.weight * chance)

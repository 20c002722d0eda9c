"""Settings and results of a search, native or in NumPy: see native/transformer.h."""

from dataclasses import dataclass
from typing import NamedTuple

from unspool_runtime.errors import InputError
from unspool_runtime.node import Node
from unspool_runtime.ragged import Ragged

MOST_TOKENS, MOST_BEAM = 4096, 100
MOST_PENALTY = 100.0


@dataclass(frozen=True)
class Search:
    """How to search for answers, which have at least one id before the end.

    Attributes:
        start: the id that an answer begins with.
        end: the id that ends it.
        maximum: ids of an answer at most, its end among them.
        beam: hypotheses that are kept; 1 takes the most probable id each time (greedy).
        length_penalty: log-probabilities are divided by ((5 + length) / 6) to this power.
        returned: answers to each source.
        batch: sources at a time; answers do not depend on it.
    """

    start: int
    end: int
    maximum: int
    beam: int = 1
    length_penalty: float = 1.0
    returned: int = 1
    batch: int = 64

    @classmethod
    def read(cls, node: Node, ids: int) -> "Search":
        """Read the "task" of a description, of a model that writes so many ids."""
        penalty = node.number("length_penalty")
        if not 0 <= penalty <= MOST_PENALTY:
            raise node.wrong("'length_penalty' is not from 0 to 100")
        start, end = (node.whole(name, 1, ids - 1) for name in ("start", "end"))
        return cls(start, end, node.whole("maximum", 1, MOST_TOKENS), node.whole("beam", 1, MOST_BEAM), penalty)

    def penalty(self, length: int) -> float:
        """By which the log-probability of an answer of this length is divided."""
        return float(((5.0 + length) / 6.0) ** self.length_penalty)


class Answer(NamedTuple):
    """An answer to a source.

    Attributes:
        ids: without the end.
        log_probability: of all its ids, the end among them.
        score: by which answers are ranked.
        ended: whether it has ended; else it was cut at the maximum.
    """

    ids: list[int]
    log_probability: float
    score: float
    ended: bool


def refuse(sources: Ragged, how: Search, ids: int) -> None:
    """Make sure that a search can be made.

    Args:
        sources: N of them.
        how: the search.
        ids: that the model reads.

    Raises:
        InputError: the beam gives fewer answers, or a source has an id that the model does not read.
    """
    if not 0 < how.returned <= how.beam:
        raise InputError(f"A beam of {how.beam} gives from 1 to {how.beam} answers, not {how.returned}.")
    flat = sources.flat
    if flat.size and not (flat.min() > 0 and flat.max() < ids):
        raise InputError("An id of a source is not one that the model reads.")

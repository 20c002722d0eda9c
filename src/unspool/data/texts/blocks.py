"""Whether rows that stand together belong together: reviews of one film, notes on one patient, parts of one document.

Rows of one kind share rare words: names, above all. In a file whose rows stand in no order, neighbours share as few of
them as any two rows; how few is counted in the same rows, shuffled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged

MOST_ROWS = 50_000
"""That are looked at, the first ones."""
_LEAST_ROWS = 200
_RARE = 10  # rows at most that a rare word stands in
_NEAR = 5  # rows apart at most
_TIMES = 3.0  # as many neighbours with a rare word in common as by chance tell of blocks
_LEAST_SHARE = 0.01  # of the rows

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Neighbours that have a rare word in common: pairs of rows that stand at most 5 apart.

    Attributes:
        pairs: how many there are.
        by_chance: how many there are when rows are shuffled, those of one label among each other.
        rows: how many were looked at.
    """

    pairs: int
    by_chance: int
    rows: int

    @property
    def times(self) -> float:
        """How many times as many as by chance."""
        return self.pairs / max(self.by_chance, 1)

    @property
    def found(self) -> bool:
        """Whether rows that stand together belong together."""
        return self.times >= _TIMES and self.pairs - self.by_chance >= _LEAST_SHARE * self.rows


class BlockSearch:
    """Gathers which words the first rows of a file have.

    Example:
        >>> films = [[film, film + 1000] for film in range(100) for _ in range(4)]
        >>> search = BlockSearch()
        >>> search.add(Ragged.from_sequences(films))
        >>> search.result([0] * 400).found
        True
    """

    def __init__(self) -> None:
        self._rows: list[NDArray[np.int32]] = []
        self._words: list[NDArray[np.int32]] = []
        self._count = 0

    def add(self, words: Ragged) -> None:
        """Take the next rows.

        Args:
            words: of each row, as numbers that are the same for the same word in all rows.
        """
        kept = min(len(words), MOST_ROWS - self._count)
        if kept <= 0:
            return
        some = words.take(np.arange(kept))
        rows = np.repeat(np.arange(self._count, self._count + kept), some.lengths)
        pairs = _distinct(rows << 32 | some.flat.astype(np.int64))
        self._rows.append((pairs >> 32).astype(np.int32))
        self._words.append((pairs & 0xFFFFFFFF).astype(np.int32))
        self._count += kept

    def result(self, labels: Sequence[object]) -> Blocks:
        """Compare neighbours with neighbours by chance.

        Args:
            labels: of the rows, or of more; rows of one label are shuffled among each other, so that a file that is
                sorted by label is not taken for one of blocks.
        """
        if self._count < _LEAST_ROWS:
            return Blocks(0, 0, self._count)
        rows, words = np.concatenate(self._rows).astype(np.int64), np.concatenate(self._words)
        counts = np.bincount(words)
        rare = (counts[words] > 1) & (counts[words] <= _RARE)
        rows, words = rows[rare], words[rare]
        place = _shuffled(labels[: self._count])
        return Blocks(_near_pairs(rows, words), _near_pairs(place[rows], words), self._count)


def _near_pairs(rows: Rows, words: NDArray[np.int32]) -> int:
    """Count the pairs of rows, at most `_NEAR` apart, that have a word in common."""
    order = np.lexsort((rows, words))
    rows, words = rows[order], words[order]
    near = np.flatnonzero((words[1:] == words[:-1]) & (rows[1:] - rows[:-1] <= _NEAR))
    return len(_distinct(rows[near] << 32 | rows[near + 1]))


def _distinct(pairs: Rows) -> Rows:
    """Each number once, rising. NumPy's `unique` goes through a hash table, which takes twenty times as long."""
    ordered: Rows = np.sort(pairs)
    first = np.concatenate((np.ones(min(len(ordered), 1), bool), ordered[1:] != ordered[:-1]))
    return np.asarray(ordered[first])


def _shuffled(labels: Sequence[object]) -> Rows:
    """The new place of each row, which is an old one of its label."""
    numbers: dict[object, int] = {}
    label = np.array([numbers.setdefault(one, len(numbers)) for one in labels], dtype=np.int64)
    random = np.random.RandomState(0)
    place = np.arange(len(label))
    drawn = random.permutation(len(label))
    place[np.argsort(label, kind="stable")] = drawn[np.argsort(label[drawn], kind="stable")]
    return place

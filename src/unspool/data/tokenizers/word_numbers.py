"""Words counted in a stream of texts, in a memory that has a bound."""

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.words import words

MOST_WORDS = 2_000_000
"""The most different words, some 200 MB; those that come up later share one number, as they are rare."""

RARE = 0

Counts = NDArray[np.int64]


class WordNumbers:
    """Gives each word a number, from 1 on, in the order in which words come up; all that come too late get 0.

    Example:
        >>> numbers = WordNumbers()
        >>> numbers.of(["the film", "the plot"]).tolist()
        [[1, 2], [1, 3]]
    """

    def __init__(self, most_words: int = MOST_WORDS) -> None:
        self._number_of = _NumberOnDemand(most_words)

    def of(self, texts: Iterable[str]) -> Ragged:
        """Return the numbers of the words of N texts."""
        return self.of_words([words(text) for text in texts])

    def of_words(self, split: Sequence[Sequence[str]]) -> Ragged:
        """The same of N texts that are split."""
        flat = np.fromiter(map(self._number_of.__getitem__, chain.from_iterable(split)), dtype=np.int32)
        return Ragged.from_lengths(flat, [len(text) for text in split])

    def most_frequent(self, counts: Counts, at_most: int, seen: int) -> list[str]:
        """Return the most frequent words, those equally frequent in the order of the alphabet.

        Args:
            counts: (V,) how often each number was seen.
            at_most: how many words.
            seen: how often a word must have been seen, at least 1.
        """
        counted = ((word, int(counts[number])) for word, number in self._number_of.items() if number < len(counts))
        frequent = (pair for pair in counted if pair[1] >= seen)
        return [word for word, _ in nsmallest(at_most, frequent, key=lambda pair: (-pair[1], pair[0]))]

    def total(self, known: Iterable[str], counts: Counts) -> int:
        """Return how often these words were seen, all together.

        Args:
            known: different words.
            counts: (V,) how often each number was seen.
        """
        numbers = np.array([self._number_of.get(word, RARE) for word in known], dtype=np.int64)
        return int(counts[numbers[(numbers != RARE) & (numbers < len(counts))]].sum())

    def __len__(self) -> int:
        return len(self._number_of)


class _NumberOnDemand(dict[str, int]):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __missing__(self, word: str) -> int:
        if len(self) >= self._most:
            return RARE
        number = self[word] = len(self) + 1
        return number


def no_counts() -> Counts:
    """Return the counts before anything was counted."""
    return np.zeros(1, dtype=np.int64)


def with_counts_of(numbers: Ragged, counts: Counts) -> Counts:
    """Return counts, (V,), with those of more texts added: as long as the largest number asks for."""
    added = np.bincount(numbers.flat, minlength=len(counts)).astype(np.int64)
    added[: len(counts)] += counts
    return added

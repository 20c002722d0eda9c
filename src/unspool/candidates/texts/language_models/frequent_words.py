"""Texts in numbers of their most frequent words, as a language model reads them."""

from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.lexicon import Lexicon

RARE, BOUNDARY = 0, 1
"""The numbers of all words that are too rare to have a vector of their own, and of what stands between two texts."""
FIRST = 2
"""The number of the most frequent word."""
LENGTH = 400
"""Words of a text that a classifier reads, its last."""


class FrequentWords:
    """A vocabulary.

    Attributes:
        words: the most frequent first.
    """

    def __init__(self, words: list[str]):
        self.words = words
        self._lexicon = Lexicon(words)

    def __len__(self) -> int:
        """How many numbers there are."""
        return FIRST + len(self.words)

    @classmethod
    def of(cls, lexicon: Lexicon, texts: Ragged, most: int, least: int) -> tuple[Self, Ragged]:
        """Choose the words, and give the texts in their numbers.

        Args:
            lexicon: of all words.
            texts: N texts in its numbers.
            most: numbers at most.
            least: how often a word must occur.

        Example:
            >>> lexicon = Lexicon()
            >>> vocabulary, texts = FrequentWords.of(lexicon, lexicon.read(["b a a", "c a b"], grow=True), 4, 2)
            >>> vocabulary.words, texts.tolist()
            (['a', 'b'], [[3, 2, 2], [0, 2, 3]])
        """
        counts = np.bincount(texts.flat, minlength=len(lexicon))
        order = np.argsort(-counts, kind="stable")[: most - FIRST]
        kept = order[counts[order] >= least]
        numbers = np.full(len(lexicon), RARE, np.int32)
        numbers[kept] = FIRST + np.arange(len(kept), dtype=np.int32)
        names = lexicon.tokens()
        return cls([names[number] for number in kept.tolist()]), Ragged(numbers[texts.flat], texts.offsets)

    def read(self, texts: Iterable[str]) -> Ragged:
        """Turn N texts into numbers."""
        found = self._lexicon.read(texts)
        return Ragged(np.where(found.flat < 0, RARE, found.flat + FIRST).astype(np.int32), found.offsets)


def tail(text: NDArray[np.int32]) -> NDArray[np.int32]:
    """What a classifier reads of a text in numbers: a boundary, and its last words.

    Example:
        >>> tail(np.array([5, 6], np.int32)).tolist()
        [1, 5, 6]
    """
    return np.concatenate((np.array([BOUNDARY], np.int32), text[-LENGTH:]))

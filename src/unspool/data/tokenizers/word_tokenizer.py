"""The tokenizer whose tokens are words."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import INDEX_FROM, PAD, START, UNKNOWN
from unspool.data.tokenizers.word_numbers import Counts, WordNumbers, no_counts, with_counts_of
from unspool.data.tokenizers.words import words

MOST_WORDS = 20_000
"""The default size of a vocabulary."""

SEEN = 2
"""How often a word must stand in the training texts: one seen once teaches nothing."""

_FIRST_WORD = INDEX_FROM + 1
_NAMES = {PAD: "<pad>", START: "<start>", UNKNOWN: "<unknown>", INDEX_FROM: "<unused>"}
_CHUNK = 1000


@dataclass(frozen=True)
class WordTokenizer:
    """Words of any language (see `words.words`) as ids: 0 padding, 1 start, 2 an unknown word, known words from 4 on.

    Attributes:
        vocabulary: the words of ids 4, 5, 6, ..., the most frequent first.

    Example:
        >>> tokenizer = WordTokenizer.fit(["the film, the plot", "the plot thins"])
        >>> tokenizer.vocabulary, tokenizer.size
        (('the', 'plot'), 6)
        >>> ids = tokenizer.encode(["The plot twist"])
        >>> ids.tolist(), tokenizer.decode(ids[0])
        ([[1, 4, 5, 2]], 'the plot <unknown>')
    """

    vocabulary: tuple[str, ...] = field(repr=False)

    @classmethod
    def fit(cls, texts: Iterable[str], size: int | None = None) -> "WordTokenizer":
        """Take the most frequent words of the training texts, which are read once and not kept.

        Args:
            texts: of the training part only.
            size: how many ids at most, 4 of them special. None takes every word that was seen twice, at most 20,000.
        """
        numbers, counts, stream = WordNumbers(), no_counts(), iter(texts)
        while chunk := list(islice(stream, _CHUNK)):
            counts = with_counts_of(numbers.of(chunk), counts)
        return cls(chosen_words(numbers, counts, size))

    @property
    def size(self) -> int:
        """How many ids there are: every id is smaller."""
        return len(self.vocabulary) + _FIRST_WORD

    def encode(self, texts: Iterable[str]) -> Ragged:
        """Turn N texts into ids, each headed by the start."""
        return self.encode_words(map(words, texts))

    def encode_words(self, split: Iterable[Iterable[str]]) -> Ragged:
        """The same of N texts that are split into words."""
        id_of, flat, lengths = self._id_of, array("i"), []
        for text in split:
            ids = [START, *(id_of.get(word, UNKNOWN) for word in text)]
            flat.extend(ids)
            lengths.append(len(ids))
        return Ragged.from_lengths(np.array(flat, dtype=np.int32), lengths)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Name each id: its word, or `<pad>`, `<start>`, `<unknown>`.

        Raises:
            IndexError: an id is not smaller than `size`.
        """
        return [
            _NAMES[number] if number in _NAMES else self.vocabulary[number - _FIRST_WORD] for number in map(int, ids)
        ]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the words of the ids as a text, without padding and start."""
        return " ".join(self.tokens(number for number in ids if number not in (PAD, START)))

    def definition(self) -> dict[str, Any]:
        """Return what `from_definition` makes the same tokenizer of, ready for JSON."""
        return {"vocabulary": list(self.vocabulary)}

    @classmethod
    def from_definition(cls, definition: dict[str, Any]) -> "WordTokenizer":
        """Make the tokenizer that `definition` describes.

        Raises:
            ValueError: it describes none.
        """
        vocabulary = definition.get("vocabulary")
        if not isinstance(vocabulary, list) or not all(isinstance(word, str) and word for word in vocabulary):
            raise ValueError("the vocabulary is not a list of words")
        if len(set(vocabulary)) != len(vocabulary):
            raise ValueError("a word occurs twice in the vocabulary")
        return cls(tuple(vocabulary))

    @cached_property
    def _id_of(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.vocabulary, start=_FIRST_WORD)}


def chosen_words(numbers: WordNumbers, counts: Counts, size: int | None = None) -> tuple[str, ...]:
    """Apply the rule of `WordTokenizer.fit` to words that have been counted."""
    most = MOST_WORDS if size is None else max(size - _FIRST_WORD, 0)
    return tuple(numbers.most_frequent(counts, most, SEEN if size is None else 1))

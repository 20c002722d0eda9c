"""Words to numbers and back, with exactly the meaning of `keras.datasets.imdb`."""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np

from unspool import atomic_writes
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.tokens import tokenize
from unspool.errors import UserError

PAD = 0
START = 1
UNKNOWN = 2
INDEX_FROM = 3  # the word of rank r has the id r + 3: the most frequent has 4, and 3 itself is never used

_SPECIAL_NAMES = ("<pad>", "<start>", "<unknown>", "<unused>")


@dataclass(frozen=True)
class Vocabulary:
    """The words of a training set by frequency.

    A word's *rank* counts from 1, the most frequent; its *id*, what a model sees, is its rank + 3, after 0 for padding,
    1 for the start and 2 for a word that was left out. A word that is not in the vocabulary at all has no rank and is
    skipped wherever it stands, as in Keras's IMDb.

    Attributes:
        words: the word of rank 1, of rank 2, and so on.

    Raises:
        UserError: a word occurs twice, is empty or holds white space.

    Example:
        >>> vocabulary = Vocabulary.from_texts(["the film, the plot", "the plot thins"])
        >>> vocabulary.words
        ('the', 'plot', 'film', 'thins')
        >>> ids = vocabulary.encode(vocabulary.ranks(["The plot of the film"]), num_words=6)
        >>> ids.tolist()
        [[1, 4, 5, 4, 2]]
        >>> vocabulary.decode(ids[0])
        ['<start>', 'the', 'plot', 'the', '<unknown>']
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        for position, word in enumerate(self.words, start=1):
            if word.split() != [word]:
                raise UserError(f"Word {position} of the vocabulary is {word!r}: a word is not empty, without spaces.")
        if len(self._rank_of) != len(self.words):
            word, count = Counter(self.words).most_common(1)[0]
            raise UserError(f"The word {word!r} occurs {count} times: every word of a vocabulary must occur only once.")

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> "Vocabulary":
        """Rank the words of the training texts, most frequent first, those equally frequent by the alphabet."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(tokenize(text))
        return cls(tuple(sorted(counts, key=lambda word: (-counts[word], word))))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Vocabulary":
        """Read a vocabulary that `save` wrote.

        Raises:
            UserError: there is no such file, it is not UTF-8, or its lines are not a vocabulary.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise UserError(f"The vocabulary {path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise UserError(f"The vocabulary {path} is not UTF-8 text (byte {error.start}).") from error
        try:
            return cls(tuple(text.removesuffix("\n").split("\n")) if text else ())
        except UserError as error:
            raise UserError(f"{path} is not a vocabulary, one word a line. {error}") from error

    def save(self, path: str | PathLike[str]) -> None:
        """Write the words, one a line, UTF-8, most frequent first."""
        atomic_writes.write_aside(Path(path), "".join(f"{word}\n" for word in self.words).encode())

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def _rank_of(self) -> dict[str, int]:
        return {word: rank for rank, word in enumerate(self.words, start=1)}

    def ranks(self, texts: Iterable[str]) -> Ragged:
        """Tokenize N texts and return the ranks of their words, without those that the vocabulary does not know."""
        rank_of = self._rank_of
        flat, lengths = array("i"), []
        for text in texts:
            before = len(flat)
            flat.extend([rank_of[word] for word in tokenize(text) if word in rank_of])
            lengths.append(len(flat) - before)
        return Ragged.from_lengths(np.array(flat, dtype=np.int32), lengths)

    def encode(self, ranks: Ragged, num_words: int | None = None, skip_top: int = 0) -> Ragged:
        """Turn ranks into the ids that a model sees, each sequence headed by the start.

        The same as `keras.datasets.imdb.load_data(num_words=num_words, skip_top=skip_top)`: both limits act on *ids*.
        So `num_words=10000` keeps the 9,996 most frequent words, as ids 4 to 9,999, and `skip_top=20` leaves out the 16
        most frequent ones, ids 4 to 19, and turns the start, id 1, into the unknown word as well. (Keras without
        `num_words` leaves out the last word that occurs in the data; here None keeps every word.)

        Args:
            ranks: N sequences of ranks, from `ranks`.
            num_words: the size of the model's vocabulary: every id is smaller. None keeps all words.
            skip_top: every smaller id becomes the unknown word.

        Returns:
            N sequences of ids, each one longer than its ranks.

        Raises:
            UserError: `num_words` or `skip_top` is below 1 or 0.
            ValueError: a rank is not in this vocabulary.
        """
        if num_words is not None and num_words < 1:
            raise UserError(f"num_words is {num_words}: it must be at least 1, or None for all words.")
        if skip_top < 0:
            raise UserError(f"skip_top is {skip_top}: it cannot be negative.")
        if len(ranks.flat) and not 1 <= ranks.flat.min() <= ranks.flat.max() <= len(self):
            raise ValueError(f"ranks must lie between 1 and {len(self)}, the size of the vocabulary.")
        offsets = ranks.offsets + np.arange(len(ranks) + 1)
        ids = np.empty(offsets[-1], dtype=np.int32)
        is_word = np.ones(len(ids), dtype=bool)
        is_word[offsets[:-1]] = False
        ids[offsets[:-1]] = START
        ids[is_word] = ranks.flat + INDEX_FROM
        left_out = ids < skip_top
        if num_words is not None:
            left_out |= ids >= num_words
        ids[left_out] = UNKNOWN
        return Ragged(ids, offsets)

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Name each id: its word, or `<pad>`, `<start>`, `<unknown>` for 0, 1, 2 (and `<unused>` for 3).

        Raises:
            UserError: an id is negative or beyond the vocabulary.
        """
        return [self._name(int(number)) for number in ids]

    def _name(self, number: int) -> str:
        if 0 <= number <= INDEX_FROM:
            return _SPECIAL_NAMES[number]
        if not 0 < number <= len(self) + INDEX_FROM:
            raise UserError(f"The id {number} has no word: ids go from 0 to {len(self) + INDEX_FROM}.")
        return self.words[number - INDEX_FROM - 1]

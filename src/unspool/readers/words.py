"""Turns words that are already split into ids, for taggers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import INDEX_FROM, UNKNOWN
from unspool.descriptions.inputs import Tokens
from unspool.readers.definition import SavedReader

_FIRST = INDEX_FROM + 1
_LEAST = 2
"""Occurrences of a word that is known: one that training shows once stands for those that it never shows."""
_NAMES = ("<pad>", "<start>", "<unknown>", "<unused>")


@dataclass(frozen=True)
class WordReader(SavedReader):
    """Turns words, in lower case, into the ids that a model takes: all words of a text, however long it is.

    Attributes:
        words: that training shows at least twice, the most frequent first; the first has the id 4.
    """

    kind: ClassVar = "split words"

    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def fit(cls, texts: Iterable[Sequence[str]], size: int | None = None) -> "WordReader":
        """Learn the words of the training texts.

        Args:
            texts: N lists of words.
            size: of the vocabulary at most, with the four ids that stand for no word; None takes all words.
        """
        counts = Counter(word.lower() for text in texts for word in text)
        ordered = sorted((word for word, count in counts.items() if count >= _LEAST), key=lambda w: (-counts[w], w))
        return cls(tuple(ordered if size is None else ordered[: max(size - _FIRST, 0)]))

    @property
    def inputs(self) -> Tokens:
        """What the model is built for."""
        return Tokens(size=len(self.words) + _FIRST)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, start=_FIRST)}

    def read(self, texts: Iterable[Sequence[str]]) -> Ragged:
        """Turn N lists of words into as many ids each.

        Example:
            >>> WordReader(("good", "film")).read([["A", "Good", "film"]]).tolist()
            [[2, 4, 5]]
        """
        ids = self._ids
        return Ragged.from_sequences([[ids.get(word.lower(), UNKNOWN) for word in text] for text in texts])

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Name each id."""
        return [_NAMES[one] if one < _FIRST else self.words[one - _FIRST] for one in ids]

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        words = content["words"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError("the words are no list of texts")
        if len(set(words)) != len(words):
            raise ValueError("a word is there twice")
        return cls(tuple(words))

    @property
    def described(self) -> str:
        """What is read of a text, in words."""
        return f"{len(self.words):,} different words in lower case, a text of any length"

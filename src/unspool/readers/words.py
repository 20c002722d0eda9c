"""Turns words that are already split into ids, for taggers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import INDEX_FROM, UNKNOWN
from unspool.data.tokenizers.word_forms import forms_of
from unspool.descriptions.inputs import Tokens
from unspool.readers.definition import SavedReader

_FIRST = INDEX_FROM + 1
_LEAST, _LEAST_OF_ENDING = 2, 20
"""Words of training that a form stands for: rarer endings would leave too few words to learn the spellings from."""
_NAMES = ("<pad>", "<start>", "<unknown>", "<unused>")


@dataclass(frozen=True)
class WordReader(SavedReader):
    """Turns words into the ids that a model takes: all words of a text, however long it is.

    A word has the id of its first known form: the word in lower case, else its spelling, see `forms_of`.

    Attributes:
        words: the known forms, the most frequent first; the first has the id 4.
    """

    kind: ClassVar = "split words"

    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def fit(cls, texts: Iterable[Sequence[str]], size: int | None = None) -> "WordReader":
        """Learn the forms of the training texts' words.

        A word that occurs once has no id of its own: it stands, by a form that it shares with others, for words that
        training never shows.

        Args:
            texts: N lists of words.
            size: of the vocabulary at most, with the four ids that stand for no word; None takes all forms.
        """
        words = Counter(word for text in texts for word in text)
        forms = {word: forms_of(word) for word in words}
        counts: Counter[str] = Counter()
        known: set[str] = set()
        left = list(words)
        for level in range(max(map(len, forms.values()), default=0)):
            at = {word: forms[word][level] for word in left if level < len(forms[word])}
            for word, form in at.items():
                counts[form] += words[word]
            for word, form in at.items():
                if counts[form] >= (_LEAST_OF_ENDING if 0 < level < len(forms[word]) - 1 else _LEAST):
                    known.add(form)
            left = [word for word, form in at.items() if form not in known]
        ordered = sorted(known, key=lambda form: (-counts[form], form))
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
            >>> WordReader(("good", "<Xx>ly")).read([["A", "Good", "Emily"]]).tolist()
            [[2, 4, 5]]
        """
        return Ragged.from_sequences([[self._id(word) for word in text] for text in texts])

    def _id(self, word: str) -> int:
        return next((self._ids[form] for form in forms_of(word) if form in self._ids), UNKNOWN)

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
        return f"{len(self.words):,} different words and spellings of rarer ones, a text of any length"

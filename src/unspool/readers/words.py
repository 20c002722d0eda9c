"""Turns words that are already split into the ids of their forms, for taggers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import INDEX_FROM, UNKNOWN
from unspool.data.tokenizers.word_forms import FORMS, forms_of
from unspool.descriptions.inputs import WordForms
from unspool.readers.definition import SavedReader

_FIRST = INDEX_FROM + 1
_LEAST, _LEAST_ALIKE = 2, 5
"""How often a word must occur in training to get its own id, and how many different words must share any other form."""
_BEGINNINGS = FORMS - 3
"""The place of the first form that says how a word begins; before it stand the word, its spelling and its ends."""
_NOTHING = 0
"""The id of a form that is not known: it adds nothing to the vector of a word."""


@dataclass(frozen=True)
class WordReader(SavedReader):
    """Turns words into the ids of their forms, see `forms_of`: all words of a text, however long it is.

    Attributes:
        words: the known forms, the most frequent first; the first has the id 4.
    """

    kind: ClassVar = "forms of words"

    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def fit(cls, texts: Iterable[Sequence[str]], size: int | None = None) -> "WordReader":
        """Learn the forms of the training texts' words.

        A word that occurs only once is treated as unknown, like words that training never shows: the model thus learns
        to tag such words by their other forms, which they share with known words.

        Args:
            texts: N lists of words.
            size: of the vocabulary at most, with the four ids that stand for no form; None takes all forms.
        """
        words = Counter(word for text in texts for word in text)
        counts, alike = Counter[str](), Counter[str]()
        for word, count in words.items():
            for place, form in enumerate(forms_of(word)):
                counts[form] += count
                alike[form] += place > 0
        del counts[""]
        known = [form for form in counts if alike[form] >= _LEAST_ALIKE or (not alike[form] and counts[form] >= _LEAST)]
        known.sort(key=lambda form: (-counts[form], form))
        return cls(tuple(known if size is None else known[: max(size - _FIRST, 0)]))

    @property
    def inputs(self) -> WordForms:
        """What the model is built for."""
        return WordForms(size=len(self.words) + _FIRST, forms=FORMS)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, start=_FIRST)}

    def read(self, texts: Iterable[Sequence[str]]) -> Ragged:
        """Turn N lists of words into the ids of their forms, (M, 8) end to end.

        Example:
            >>> WordReader(("good", "<Xx>", "…ly")).read([["Good", "Emily"]]).flat.tolist()
            [[4, 5, 0, 0, 0, 0, 0, 0], [2, 5, 0, 6, 0, 0, 0, 0]]
        """
        listed = list(texts)
        places = {word: place for place, word in enumerate(dict.fromkeys(chain.from_iterable(listed)))}
        ids = np.array([self._ids_of(word) for word in places], np.int32).reshape(-1, FORMS)
        found = np.fromiter((places[word] for text in listed for word in text), np.int64)
        return Ragged.from_lengths(ids[found], [len(text) for text in listed])

    def _ids_of(self, word: str) -> list[int]:
        lower, *others = forms_of(word)
        return [self._ids.get(lower, UNKNOWN), *(self._ids.get(form, _NOTHING) for form in others)]

    def tokens(self, ids: Iterable[Sequence[int]]) -> list[str]:
        """Name each word by its ids: itself if it is known, else its spelling and how it ends."""
        return [self._name([int(one) for one in row]) for row in ids]

    def spelled(self, ids: Iterable[Sequence[int]]) -> list[str]:
        """The same, with the capitals of known words as their spelling says.

        Example:
            >>> reader = WordReader(("ada", "<x>", "<Xx>", "<X>"))
            >>> reader.spelled(reader.read([["ada", "Ada", "ADA"]])[0])
            ['ada', 'Ada', 'ADA']
        """
        rows = [[int(one) for one in row] for row in ids]
        return [self._spelled(name, row) for name, row in zip(self.tokens(rows), rows, strict=True)]

    def _spelled(self, name: str, ids: list[int]) -> str:
        spellings = (name, name[:1].upper() + name[1:], name.upper())
        return next((one for one in spellings if self._ids_of(one) == ids), name)

    def _name(self, ids: list[int]) -> str:
        names = ["" if one < _FIRST else self.words[one - _FIRST] for one in ids]
        word, spelling, *ends = names[:_BEGINNINGS]
        return word or spelling + next(filter(None, reversed(ends)), "") or "<unknown>"

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
        return f"words by {len(self.words):,} forms (words, spellings, endings and beginnings), texts of any length"

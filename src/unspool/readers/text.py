"""Texts to token ids: a rule fixed in training and saved with the model."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.definitions import read_definition, write_definition
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.tokenizer import load_tokenizer
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.descriptions.inputs import Tokens
from unspool.readers.definition import MOST_PADDED, TOKENIZER, SavedReader, positive
from unspool.readers.tokenized import TokenizedReader

_VOCABULARY = "vocabulary"


@dataclass(frozen=True)
class TextReader(TokenizedReader):
    """Turns texts into the ids that a model takes.

    Attributes:
        tokenizer: fitted on the training texts.
        length: tokens of a text that are read at most: the last ones, where opinions tend to be summed up.
    """

    kind: ClassVar = "text"

    length: int

    def read(self, texts: Iterable[str]) -> Ragged:
        """Turn N texts into N sequences of at most `length` ids.

        Example:
            >>> from unspool.data.tokenizers.tokenizer import fit_tokenizer
            >>> TextReader(fit_tokenizer(["good film", "good plot"], size=6), length=2).read(["a good film"]).tolist()
            [[4, 5]]
        """
        return self.tokenizer.encode(texts).last(self.length)

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        return cls(load_tokenizer(folder / TOKENIZER), positive(content["length"]))

    @property
    def described(self) -> str:
        """What is read of a text, in words."""
        return f"{self.tokenizer.size:,} different tokens, the last {self.length:,} of a text"


@dataclass(frozen=True)
class VocabularyReader(SavedReader):
    """Turns texts into the ids of a ranked vocabulary, padded in front, as `keras.datasets.imdb` and the chapter do.

    Attributes:
        vocabulary: of the training texts.
        num_words: see `Vocabulary.encode`.
        skip_top: the same.
        length: of every row: longer texts keep their end.
    """

    kind: ClassVar = "vocabulary"
    has_file: ClassVar = ("vocabulary",)

    vocabulary: Vocabulary = field(repr=False)
    num_words: int
    skip_top: int
    length: int

    @property
    def inputs(self) -> Tokens:
        """What the model is built for: as many ids as were asked for, even if a small vocabulary uses fewer."""
        return Tokens(size=self.num_words, length=self.length)

    def read(self, texts: Iterable[str]) -> NDArray[np.int32]:
        """Turn N texts into ids, (N, length).

        Example:
            >>> VocabularyReader(Vocabulary(("good", "film")), 6, 0, length=4).read(["A good film."]).tolist()
            [[0, 1, 4, 5]]
        """
        return self.read_ranks(self.vocabulary.ranks(texts))

    def read_ranks(self, ranks: Ragged) -> NDArray[np.int32]:
        """The same of texts whose words are ranks in the vocabulary already."""
        return pad(self.vocabulary.encode(ranks, num_words=self.num_words, skip_top=self.skip_top), self.length)

    def save(self, folder: Path) -> None:
        """Write tokenizer.json and reader.json."""
        write_definition(folder / TOKENIZER, _VOCABULARY, {"words": self.vocabulary.words})
        super().save(folder)

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        words = read_definition(folder / TOKENIZER, _VOCABULARY)["words"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError("the vocabulary is not a list of words")
        numbers = (positive(content["num_words"]), int(content["skip_top"]), positive(content["length"], MOST_PADDED))
        return cls(Vocabulary(tuple(words)), *numbers)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Name each id."""
        return self.vocabulary.decode(ids)

    @property
    def described(self) -> str:
        """What is read of a text, in words."""
        return f"{self.num_words:,} different tokens, the last {self.length:,} of a text"

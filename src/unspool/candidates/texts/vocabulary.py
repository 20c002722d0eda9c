"""The words or characters that a model of texts knows."""

from collections.abc import Iterable
from typing import Literal

import numpy as np

from unspool.candidates.texts.corpus import characters
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.lexicon import UNKNOWN, Lexicon

Unit = Literal["words", "characters"]


class Vocabulary:
    """Tokens by number, and texts as these numbers.

    Args:
        of: "words", with the punctuation between them, or "characters" as of `corpus.characters`.
        tokens: different ones, numbered from 0 in this order.

    Example:
        >>> Vocabulary("words", ["film", "a"]).read(["A film!"]).tolist()
        [[1, 0, -1]]
        >>> Vocabulary("characters", ["a", " "]).read(["Ab"]).tolist()
        [[1, 0, -1, 1]]
    """

    def __init__(self, of: Unit, tokens: list[str]):
        self.of, self.tokens = of, tokens
        if of == "words":
            self._lexicon = Lexicon(tokens)
        else:
            self._numbers = np.full(0x110000, UNKNOWN, np.int32)
            self._numbers[[ord(one) for one in tokens]] = np.arange(len(tokens))

    def read(self, texts: Iterable[str]) -> Ragged:
        """N texts as N sequences of int32 numbers, `UNKNOWN` for tokens that are not in the vocabulary."""
        if self.of == "words":
            return self._lexicon.read(texts)
        ragged = characters(texts)
        return Ragged(self._numbers[ragged.flat], ragged.offsets)

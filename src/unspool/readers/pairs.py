"""Texts to pieces of words, by one tokenizer for what is read and what is written, saved with the model."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import regex

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.byte_pairs import SIZE, BytePairTokenizer
from unspool.data.tokenizers.tokenizer import load_tokenizer
from unspool.data.tokenizers.words import UNSPACED
from unspool.readers.definition import TOKENIZER, flag, positive, text
from unspool.readers.tokenized import TokenizedReader

LONGEST = 512
"""Tokens of a text that are read at most, where nobody has said how many."""

_FEW, _SMALLER_SIZE = 10_000, 4000
"""With fewer pairs, the vocabulary is smaller, as most whole words are too rare to be learned."""

_SIZE_OF_WORDS, _WORD = 400, 32
"""The most subwords if most texts are single words that occur only once, or have a number that no other text has, and
the most characters of such a text. Hardly any held-out word or number then occurs in training, so it has to be read and
written in pieces of a letter or two."""
_DIGIT = regex.compile(r"\d")
_NOT_IN_SMALL_PIECES = regex.compile(rf"(?V1)[{UNSPACED}\p{{Hangul}}]")
"""Characters of scripts in which a sentence may have no spaces, or which have more characters than 400 subwords can
hold: most of them would be read and written byte by byte."""


@dataclass(frozen=True)
class PairReader(TokenizedReader):
    """Turns source texts, without white space around them, into the ids that a model takes.

    Attributes:
        tokenizer: fitted on the training texts of both sides.
        length: tokens of a text that are read at most: the first ones.
        lowercase: whether capitals are read, and written, as small letters.
        characters: every character of the training sources, once; "" in a model of an earlier version.
    """

    kind: ClassVar = "pairs"

    tokenizer: BytePairTokenizer = field(repr=False)
    length: int
    lowercase: bool = False
    characters: str = field(default="", repr=False)

    @classmethod
    def fit(
        cls,
        sources: Sequence[str],
        targets: Sequence[str],
        size: int | None = None,
        length: int | None = None,
        lowercase: bool = False,
        merged: Literal["both", "targets"] = "both",
    ) -> Self:
        """Learn the pieces of words of both sides together, and choose the length unless it is given.

        Pieces that occur in targets get smaller ids than the others, so that a model need not be able to write these.

        Args:
            sources: of the training pairs.
            targets: of the same.
            size: ids at most; None takes 8,000, 4,000 with fewer than 10,000 pairs, or 400 where most texts of a side
                are single words that no other pair has, or short texts with a number that no other has, in a script
                like the Latin one.
            length: tokens, or None for that of the longest training text, at most 512.
            lowercase: see `PairReader`.
            merged: the texts whose pieces are learned. Where they are the targets alone, a source is read byte by byte,
                unless it has pieces of targets in it.
        """
        if size is None:
            size = SIZE if len(sources) >= _FEW else _SMALLER_SIZE
            if merged == "both" and _suit_small_pieces(sources, targets):
                size = min(size, _SIZE_OF_WORDS)
        texts = chain(sources, targets) if merged == "both" else iter(targets)
        tokenizer = BytePairTokenizer.fit(_as_read(texts, lowercase), size)
        tokenizer = tokenizer.with_first(np.unique(tokenizer.encode(_as_read(targets, lowercase)).flat))
        if length is None:
            sides = (tokenizer.encode(_as_read(side, lowercase)).lengths.max(initial=1) for side in (sources, targets))
            length = min(LONGEST, int(max(sides)))
        characters = "".join(sorted(set(chain.from_iterable(_as_read(sources, lowercase)))))
        return cls(tokenizer, length, lowercase, characters)

    def read(self, texts: Iterable[str]) -> Ragged:
        """Turn N texts into N sequences of at most `length` ids, each headed by the start.

        Example:
            >>> PairReader.fit(["ein mann"] * 2, ["a man"] * 2, size=262, length=3).read(["ein"]).tolist()
            [[1, 71, 75]]
        """
        found = self.tokenizer.encode(_as_read(texts, self.lowercase))
        return first(found, self.length)

    def cut(self, texts: Iterable[str]) -> int:
        """How many texts have more tokens than are read."""
        return int((self.tokenizer.encode(_as_read(texts, self.lowercase)).lengths > self.length).sum())

    def unseen(self, text: str) -> str:
        """The characters of a text, except white space, that occur in no training source, each once; "" if unknown.

        Example:
            >>> PairReader.fit(["ein mann"] * 2, ["a man"] * 2).unseen("ein großer mann")
            'groß'
        """
        if not self.characters:
            return ""
        (text,) = _as_read([text], self.lowercase)
        known = self._known
        return "".join(dict.fromkeys(one for one in text if one not in known and not one.isspace()))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.characters)

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        tokenizer = load_tokenizer(folder / TOKENIZER)
        if not isinstance(tokenizer, BytePairTokenizer):
            raise ValueError("its tokenizer is not a byte-level BPE")
        characters = text(content.get("characters", ""))
        return cls(tokenizer, positive(content["length"]), flag(content["lowercase"]), characters)

    @property
    def described(self) -> str:
        """What is read of a text, in words."""
        small = ", in lower case" if self.lowercase else ""
        return f"{self.tokenizer.size:,} subwords, the first {self.length - 1:,} of a text{small}"


def first(sequences: Ragged, length: int) -> Ragged:
    """The first `length` steps of each sequence.

    Example:
        >>> first(Ragged.from_sequences([[7, 8, 9], [5]]), 2).tolist()
        [[7, 8], [5]]
    """
    kept = np.minimum(sequences.lengths, length)
    steps = np.arange(len(sequences.flat)) - np.repeat(sequences.offsets[:-1], sequences.lengths)
    return Ragged.from_lengths(sequences.flat[steps < length], kept)


def _suit_small_pieces(sources: Sequence[str], targets: Sequence[str]) -> bool:
    """Whether most texts of a side are words, or hold numbers, that no other has, and small pieces suit both scripts.

    Example:
        >>> _suit_small_pieces(["mouse", "ox"], ["mice", "oxen"]), _suit_small_pieces(["I know."], ["我知道。"])
        (True, False)
    """
    sides = sources, targets
    own = any(_of_single_words(side) or _of_own_numbers(side) for side in sides)
    return own and not any(map(_in_other_scripts, sides))


def _of_single_words(texts: Sequence[str]) -> bool:
    """Whether most texts are single words that occur only once.

    Example:
        >>> _of_single_words(["mouse", "ox", "a goose"]), _of_single_words(["yes", "yes", "no"])
        (True, False)
    """
    times = Counter(texts)
    words = sum(times[text] == 1 and len(text) <= _WORD and len(text.split()) == 1 for text in texts)
    return 2 * words > len(texts)


def _of_own_numbers(texts: Sequence[str]) -> bool:
    """Whether most texts are short and have a number, or a code with digits, that no other text has.

    Example:
        >>> _of_own_numbers(["1,50 EUR", "EUR 7.25", "free"]), _of_own_numbers(["2 January", "2 March"])
        (True, False)
    """
    numbers = [{word for word in text.split() if _DIGIT.search(word)} for text in texts]
    times = Counter(number for some in numbers for number in some)
    own = sum(
        len(text) <= _WORD and any(times[number] == 1 for number in some)
        for text, some in zip(texts, numbers, strict=True)
    )
    return 2 * own > len(texts)


def _in_other_scripts(texts: Sequence[str]) -> bool:
    """Whether most texts have characters that small pieces do not suit."""
    return 2 * sum(_NOT_IN_SMALL_PIECES.search(text) is not None for text in texts) > len(texts)


def _as_read(texts: Iterable[str], lowercase: bool) -> Iterable[str]:
    stripped = (text.strip() for text in texts)
    return (text.lower() for text in stripped) if lowercase else stripped

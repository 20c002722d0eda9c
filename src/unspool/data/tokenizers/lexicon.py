"""Many texts to numbers of tokens, fast, with a dictionary that grows as it reads."""

import threading
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.text_tokens import piece_tokens, text_tokens
from unspool.kernels import plain
from unspool.kernels.lexicon import NativeLexicon

UNKNOWN = -1
"""The number of a token that the lexicon lacks."""

_TEXTS = 8192  # read at a time
_LETTERS = 1 << 21  # and no more than these, unless one text has more


class Lexicon:
    """Tokens by number, in the order in which they were first read, and texts to these numbers.

    Native code reads what is ASCII, and `text_tokens` what is not; the tokens are those of `text_tokens` alone. (Only
    the order of first appearance may differ: within a few thousand texts, tokens beyond ASCII come last.) Several
    threads may read at once.

    Args:
        tokens: what it begins with, numbered in this order.

    Example:
        >>> lexicon = Lexicon()
        >>> lexicon.read(["a film", "A film, très a"], grow=True).tolist()
        [[0, 1], [0, 1, 2, 3, 0]]
        >>> lexicon.tokens(), lexicon.read(["a play"]).tolist()
        (['a', 'film', ',', 'très'], [[0, -1]])
    """

    def __init__(self, tokens: Iterable[str] = ()):
        code = plain.code()
        self._lexicon = _PythonLexicon() if code is None else NativeLexicon(code)
        self._one_at_a_time = threading.Lock()
        for token in tokens:
            self._lexicon.add(token)

    def __len__(self) -> int:
        return len(self._lexicon)

    def tokens(self) -> list[str]:
        """All tokens, in the order of their numbers."""
        return self._lexicon.tokens()

    def read(self, texts: Iterable[str], *, grow: bool = False) -> Ragged:
        """Turn texts into numbers of tokens.

        Args:
            texts: N texts, perhaps one after the other.
            grow: new tokens get numbers; else they are `UNKNOWN`.

        Returns:
            N sequences.
        """
        flats, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
        for some in in_batches(texts):
            with self._one_at_a_time:
                flat, counts = self._read(some, grow)
            flats.append(flat)
            lengths.append(counts)
        return Ragged.from_lengths(np.concatenate(flats), np.concatenate(lengths))

    def _read(self, texts: list[str], grow: bool) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        if isinstance(self._lexicon, _PythonLexicon):
            rows = [self._lexicon.numbers(text_tokens(text), grow) for text in texts]
            return np.array([number for row in rows for number in row], np.int32), np.array([len(row) for row in rows])
        raw = [text.encode("utf-8", "surrogatepass") for text in texts]
        return self._with_pieces(self._lexicon, *self._lexicon.read(raw, grow=grow, unknown=_LEFT_OUT), grow)

    def _with_pieces(
        self, lexicon: NativeLexicon, ids: NDArray[np.int32], offsets: NDArray[np.int64], grow: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Put the tokens of pieces in the pieces' places."""
        places = np.flatnonzero((ids < 0) & (ids != _LEFT_OUT))
        ids[ids == _LEFT_OUT] = UNKNOWN
        if len(places) == 0:
            return ids, np.diff(offsets)
        which = -1 - ids[places]
        number = lexicon.add if grow else lexicon.find
        numbers = [[number(token) for token in piece_tokens(piece)] for piece in lexicon.pieces()]
        counts = np.ones(len(ids), np.int64)
        counts[places] = np.array([len(row) for row in numbers])[which]
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
        expanded = np.repeat(ids, counts)
        for place, piece in zip(places.tolist(), which.tolist(), strict=True):
            expanded[before[place] : before[place + 1]] = numbers[piece]
        return expanded, np.diff(before[offsets])


_LEFT_OUT = -(2**31)  # unlike any piece's number


def in_batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Some thousand texts at a time, and no more than two million characters, unless one text has more."""
    chunk: list[str] = []
    letters = 0
    for text in texts:
        chunk.append(text)
        letters += len(text)
        if len(chunk) == _TEXTS or letters > _LETTERS:
            yield chunk
            chunk, letters = [], 0
    if chunk:
        yield chunk


class _PythonLexicon:
    """The same without native code."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def numbers(self, tokens: list[str], grow: bool) -> list[int]:
        number = self.add if grow else self.find
        return [number(token) for token in tokens]

    def add(self, token: str) -> int:
        return self._numbers.setdefault(token, len(self._numbers))

    def find(self, token: str) -> int:
        return self._numbers.get(token, UNKNOWN)

    def tokens(self) -> list[str]:
        return list(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

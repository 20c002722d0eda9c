"""Tokens to their numbers."""

import ctypes
import struct
import threading
import weakref
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.characters import Characters, codes_of, plain_characters
from unspool_runtime.errors import ModelError
from unspool_runtime.native import checked, pointer
from unspool_runtime.node import Node, Strings
from unspool_runtime.ragged import Ragged, bounds

UNKNOWN = -1
"""The number of a token that the lexicon lacks."""


class Lexicon:
    """Words and punctuation by number, and texts to these numbers.

    Native code reads texts of ASCII; others are split by `Characters`.

    Args:
        tokens: token i has the number i.
        characters: how texts beyond ASCII are split.
    """

    def __init__(self, tokens: Strings, characters: Characters):
        self._characters = characters
        code = native.library()
        self._numbers = _Native(code, tokens) if code is not None else _Plain(tokens)

    def read(self, texts: Iterable[str]) -> Ragged:
        """Texts to the numbers of their tokens, `UNKNOWN` for those that are not here."""
        given = list(texts)
        if isinstance(self._numbers, _Native) and all(map(str.isascii, given)):
            return self._numbers.read(given)
        find = self._numbers.find
        return Ragged.of([[find(token) for token in self._characters.tokens(text)] for text in given])


class Vocabulary:
    """Words without punctuation by number, and texts to these numbers.

    Args:
        words: word i has the number i.
    """

    def __init__(self, words: Strings):
        self._kept: NDArray[np.int32] | None = None
        code = native.library()
        self._numbers = _Native(code, words) if code is not None else _Plain(words)

    def read(self, text: str, split: Callable[[str], list[str]]) -> NDArray[np.int32]:
        """The numbers of a text's words, `UNKNOWN` for those that are not here.

        Args:
            text: in ASCII it is split by the rule of Keras's Tokenizer, in native code;
            split: splits it where it is not, or where there is no native code; by the same rule on ASCII.
        """
        if isinstance(self._numbers, _Native) and text.isascii():
            return self._numbers.words(text)
        words = split(text)
        return np.fromiter(map(self._numbers.find, words), np.int32, len(words))

    def packed(self, ids: NDArray[np.int32], unknown: int, start: int, length: int, padded: bool) -> bytes | None:
        """How native code reads texts in ASCII as tokens: `UnspoolWords` of native/network.h, with its arguments.

        It is good as long as this vocabulary is there; None where there is no native code.
        """
        if not isinstance(self._numbers, _Native):
            return None
        self._kept = np.ascontiguousarray(ids, np.int32)
        address = pointer(self._kept, np.int32).value or 0
        return _WORDS.pack(self._numbers.handle, address, unknown, start, padded, length)


_WORDS = struct.Struct("@2P2i2q")


class _Native:
    def __init__(self, code: ctypes.CDLL, tokens: Strings):
        handle = code.unspool_lexicon_new()
        if not handle:
            raise MemoryError("not enough memory for the words of this model")
        self._code, self._handle = code, ctypes.c_void_p(handle)
        self._one_at_a_time = threading.Lock()  # for what changes a lexicon
        weakref.finalize(self, code.unspool_lexicon_free, self._handle)
        starts = np.ascontiguousarray(tokens.starts, np.int64)
        raw = np.ascontiguousarray(tokens.raw)
        count = ctypes.c_int64(len(tokens))
        loaded = code.unspool_lexicon_load(self._handle, pointer(raw, np.uint8), pointer(starts, np.int64), count)
        _check(checked(loaded), tokens)

    def read(self, texts: list[str]) -> Ragged:
        starts = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(text) for text in texts], out=starts[1:])
        ids, offsets = np.empty(int(starts[-1]), np.int32), np.empty(len(texts) + 1, np.int64)
        with self._one_at_a_time:
            written = checked(
                self._code.unspool_lexicon_read(
                    self._handle,
                    ctypes.c_char_p("".join(texts).encode()),
                    pointer(starts, np.int64),
                    ctypes.c_int64(len(texts)),
                    ctypes.c_int32(0),
                    ctypes.c_int32(UNKNOWN),
                    pointer(ids, np.int32),
                    pointer(offsets, np.int64),
                )
            )
        return Ragged(ids[:written], offsets)

    def words(self, text: str) -> NDArray[np.int32]:
        ids = np.empty(len(text) // 2 + 1, np.int32)
        count = self._code.unspool_lexicon_words(
            self._handle, text.encode(), ctypes.c_int64(len(text)), pointer(ids, np.int32)
        )
        return ids[: checked(count)]

    @property
    def handle(self) -> int:
        """Of native code."""
        return self._handle.value or 0

    def find(self, token: str) -> int:
        raw = token.encode("utf-8", "surrogatepass")
        return int(self._code.unspool_lexicon_find(self._handle, raw, ctypes.c_int64(len(raw))))


class _Plain:
    """The same without native code."""

    def __init__(self, tokens: Strings):
        self._numbers: dict[str, int] = {}
        for token in tokens:
            self._numbers.setdefault(token, len(self._numbers))
        _check(len(self._numbers), tokens)

    def find(self, token: str) -> int:
        return self._numbers.get(token, UNKNOWN)


def _check(count: int, tokens: Strings) -> None:
    """Refuse a vocabulary in which a word occurs twice: numbers would not be its places."""
    if count != len(tokens):
        raise ModelError("The vocabulary of this model is damaged: a word is in it twice. Export it again.")


class TokenNumbers:
    """Texts to numbers of words, with the punctuation between them, or of characters.

    Args:
        node: "of" is "words" or "characters"; "alphabet" has the token of each number.
        characters: how texts beyond ASCII are split.

    Attributes:
        size: how many tokens are known.
    """

    def __init__(self, node: Node, characters: Characters):
        alphabet = node.strings("alphabet")
        self.size = len(alphabet)
        self._lexicon: Lexicon | None = None
        if node.choice("of", "words", "characters") == "words":
            self._lexicon = Lexicon(alphabet, characters)
            return
        letters = list(alphabet)
        if any(len(one) != 1 for one in letters):
            raise node.wrong("a character is none")
        self._alphabet = Alphabet(np.fromiter(map(ord, letters), np.int32, len(letters)))

    def read(self, texts: list[str]) -> Ragged:
        """N texts to N sequences of numbers, -1 for tokens that are not known."""
        if self._lexicon is not None:
            return self._lexicon.read(texts)
        plain = [plain_characters(text) for text in texts]
        return Ragged(self._alphabet(codes_of(plain)), bounds([len(text) for text in plain]))

    def space(self) -> int:
        """The number of the space among characters, or -1."""
        return -1 if self._lexicon is not None else int(self._alphabet(np.array([ord(" ")], np.int32))[0])


class Alphabet:
    """Characters by number: character `codes[i]` of Unicode has the number i.

    Example:
        >>> Alphabet(np.array([98, 97], np.int32))(np.array([97, 99, 98], np.int32)).tolist()
        [1, -1, 0]
    """

    def __init__(self, codes: NDArray[np.int32]):
        self._order = np.argsort(codes, kind="stable").astype(np.int32)
        self._codes = codes[self._order]

    def __call__(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """The numbers of characters (M,), -1 for those that are not here."""
        if not len(self._codes):
            return np.full(len(codes), UNKNOWN, np.int32)
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return np.where(self._codes[places] == codes, self._order[places], UNKNOWN).astype(np.int32)

"""Texts to words, in any language, by the classes of characters that a model brings along.

The classes are those by which the model was trained (docs/portable.md lists them): no library of Unicode is needed, and
no other version of Unicode can part words in another way.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.errors import InputError
from unspool_runtime.node import Node

PROPERTIES = (
    "letter",  # letters and marks of scripts that put spaces between words
    "number",
    "symbol",  # punctuation and symbols, without pictures
    "alone",  # a word by itself: of a script without spaces, or a picture
    "extend",
    "joiner",
    "spacing",
    "pictograph",
    "regional",
    "consonant",
    "linker",
    "conjunct",
    "apostrophe",
)
"""Bit i of a class says whether its characters have property i."""
CHARACTERS = 0x110000
MOST_CLASSES = 256
_JOINED = MOST_CLASSES  # is added to the class of a consonant that a linker joins to what stands before

_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ASCII_LINE_BREAK = re.compile(r"<br[ \t\n\r\f\v]*/?>", re.IGNORECASE | re.ASCII)
_PUNCTUATION = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[!-/:-@\[-`{-~]+")


class Characters:
    """The classes of all characters.

    Args:
        starts: (R,) int32, the first character of each run of characters of one class, rising from 0.
        classes: (R,) uint8, their classes.
        properties: of each class, as bits (`PROPERTIES`).
    """

    def __init__(self, starts: NDArray[np.int32], classes: NDArray[np.uint8], properties: tuple[int, ...]):
        self._starts, self._classes, self._properties = starts, classes, properties

    @classmethod
    def read(cls, node: Node) -> "Characters":
        """Read them from a model's description.

        Raises:
            ModelError: they are damaged.
        """
        starts, classes = node.array("starts", np.int32, None), node.array("classes", np.uint8, None)
        properties = tuple(int(one) for one in node.numbers("properties"))
        good = len(starts) == len(classes) > 0 == starts[0] and (np.diff(starts) > 0).all()
        if not good or starts[-1] >= CHARACTERS or not 0 < len(properties) <= MOST_CLASSES:
            raise node.wrong("the classes of characters do not fit each other")
        if classes.max() >= len(properties) or not all(0 <= one < 1 << len(PROPERTIES) for one in properties):
            raise node.wrong("there is a class of characters that is not described")
        return cls(starts, classes, properties)

    def words(self, text: str) -> list[str]:
        """Split a text into lower-case words, without punctuation."""
        if text.isascii():
            return self.plain_words(text)
        plain = unicodedata.normalize("NFKC", text).replace("’", "'")
        return self._found(self._word, _LINE_BREAK.sub(" ", plain).lower())

    @staticmethod
    def plain_words(text: str) -> list[str]:
        """The same by the rule of Keras's Tokenizer, which knows ASCII's punctuation alone.

        Example:
            >>> Characters.plain_words("Don't miss it!<br />A well-made film.")
            ["don't", 'miss', 'it', 'a', 'well', 'made', 'film']
        """
        return _LINE_BREAK.sub(" ", text).lower().translate(_PUNCTUATION).split()

    def tokens(self, text: str) -> list[str]:
        """Split a text into lower-case words and runs of punctuation."""
        return [token for piece in pieces(text) for token in self._piece(piece)]

    def _piece(self, piece: str) -> list[str]:
        if piece.isascii():
            return _ASCII_TOKEN.findall(piece.lower())
        plain = unicodedata.normalize("NFKC", piece).replace("’", "'").lower()
        return self._found(self._token, plain)

    def _found(self, pattern: "re.Pattern[str]", text: str) -> list[str]:
        """The parts of a text whose classes match a pattern."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.int32)
        classes = self._classes[np.searchsorted(self._starts, codes, side="right") - 1].tobytes().decode("latin-1")
        joined = [match.end() - 1 for match in self._linked.finditer(classes)]
        if joined:
            marked = np.frombuffer(classes.encode("latin-1"), np.uint8).astype("<u2")
            marked[joined] += _JOINED
            classes = marked.tobytes().decode("utf-16-le")
        return [text[match.start() : match.end()] for match in pattern.finditer(classes)]

    @cached_property
    def _word(self) -> "re.Pattern[str]":
        inside = _bit("letter") | _bit("number") | _bit("apostrophe")
        return re.compile(f"{self._alone()}|{self._set(lambda one: one & inside)}+")

    @cached_property
    def _token(self) -> "re.Pattern[str]":
        letter, symbol, apostrophe = self._having("letter"), self._having("symbol"), self._having("apostrophe")
        word = self._set(lambda one: one & (_bit("letter") | _bit("number")))
        return re.compile(f"{self._alone()}|{word}+(?:{apostrophe}{letter}+)?|{symbol}+")

    @cached_property
    def _linked(self) -> "re.Pattern[str]":
        """A consonant, and what joins it to those before."""
        between = self._set(lambda one: one & (_bit("conjunct") | _bit("linker")))
        return re.compile(f"{self._having('linker')}{between}*{self._having('consonant')}")

    def _alone(self) -> str:
        """A character that is a word by itself, with all that Unicode's grapheme clusters put behind it."""
        picture, region = self._having("alone", "pictograph"), self._having("regional")
        further = f"{self._having('extend')}*{self._having('joiner')}{self._having('pictograph')}"
        stays = self._set(lambda one: one & (_bit("extend") | _bit("joiner") | _bit("spacing")))
        joined = f"[\\u{_JOINED:04x}-\\u{2 * _JOINED - 1:04x}]"
        return f"(?:{region}{region}|{picture}(?:{further})*|{self._having('alone')})(?:{stays}|{joined})*"

    def _having(self, *names: str) -> str:
        wanted = sum(map(_bit, names))
        return self._set(lambda one: one & wanted == wanted)

    def _set(self, has: Callable[[int], object]) -> str:
        numbers = [number for number, one in enumerate(self._properties) if has(one)]
        chosen = "".join(f"\\u{number:04x}\\u{number + _JOINED:04x}" for number in numbers)
        return f"[{chosen}]" if chosen else "(?!)"


def _bit(name: str) -> int:
    return 1 << PROPERTIES.index(name)


def pieces(text: str) -> list[str]:
    """Cut a text at HTML line breaks and ASCII's white space."""
    return [piece for piece in _SPACE.split(_ASCII_LINE_BREAK.sub(" ", text)) if piece]


def plain_characters(text: str) -> str:
    """What n-grams of characters are taken of: lower case, NFKC beyond ASCII, one space between words and at the ends.

    Example:
        >>> plain_characters("A<br />Film")
        ' a film '
    """
    plain = " ".join(pieces(text))
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
    return f" {' '.join(plain.lower().split())} "


def codes_of(texts: list[str]) -> NDArray[np.int32]:
    """The characters of texts end to end, as numbers of Unicode."""
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.int32)


def refuse_unreadable(text: str, where: str) -> None:
    """Refuse a text that is empty or blank, or contains half a surrogate pair, which UTF-8 cannot encode.

    Args:
        text: the text.
        where: which one it is, for the message.

    Raises:
        InputError: it is empty, blank or not valid Unicode.
    """
    if not text or text.isspace():
        raise InputError(f"{where} is empty or blank. Leave it out.")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        raise InputError(f"{where}: it contains half a character, {half}. Remove it.") from None

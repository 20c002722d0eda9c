"""Texts to pieces of words and back: byte-level BPE (Sennrich et al., 2016; on bytes, Radford et al., 2019).

The classes of characters at whose borders a text is cut come with the model, as the trainer's tokenizer has them: no
other version of Unicode can cut it elsewhere.
"""

import heapq
import re
import sys
from functools import lru_cache

import numpy as np

from unspool_runtime.characters import CHARACTERS
from unspool_runtime.errors import InputError
from unspool_runtime.node import Node

FIRST = 3
"""The first id of a piece: before it are padding, start and one that is not used."""
MOST_IDS = 1 << 22
MOST_BYTES = 1 << 10
"""Of a piece that the model knows."""
MOST_UNCUT = 1 << 16
"""Bytes of a text between two cuts: the time to join them grows with their number."""
_KEPT = 1 << 16

# A character beyond ASCII is read as one that stands for its class.
_OTHER, _LETTER, _NUMBER, _SPACE = _STAND_INS = "\xa1\xc0\xb2\x85"
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_CUT = re.compile(
    "'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z{l}]+| ?[0-9{n}]+| ?[^{s}A-Za-z{l}0-9{n}]+|[{s}]+(?![^{s}])|[{s}]+".format(
        l=_LETTER, n=_NUMBER, s="\t\n\x0b\x0c\r " + _SPACE
    )
)


class BytePairs:
    """A tokenizer.

    Args:
        node: "bytes" (256) int32, the id of each byte; "merges" (M, 3) int32, two ids and the one that they become, in
            the order in which they are joined; "starts" (R) int32, where each run of characters of one class begins,
            and "classes" (R) uint8, theirs: 0 others, 1 letters, 2 numbers, 3 white space; "lowercase", whether
            capitals are read as small letters.

    Attributes:
        size: how many ids there are, those that are no pieces among them.
    """

    def __init__(self, node: Node):
        self._bytes = node.indices("bytes", MOST_IDS, 256)
        merges = node.indices("merges", MOST_IDS, None, 3)
        self._lowercase = node.flag("lowercase")
        self._starts, self._classes = node.array("starts", np.int32, None), node.array("classes", np.uint8, None)
        good = len(self._starts) == len(self._classes) > 0 == self._starts[0] and (np.diff(self._starts) > 0).all()
        if not good or self._starts[-1] >= CHARACTERS or self._classes.max() >= len(_STAND_INS):
            raise node.wrong("the classes of characters do not fit each other")
        self._pieces = {number: bytes([byte]) for byte, number in enumerate(self._bytes.tolist())}
        if len(self._pieces) != len(self._bytes) or min(self._pieces) < FIRST:
            raise node.wrong("two bytes have one id, or one is not that of a piece")
        self._merges: dict[tuple[int, int], tuple[int, int]] = {}
        for rank, (left, right, joined) in enumerate(merges.tolist()):
            if left not in self._pieces or right not in self._pieces or joined < FIRST:
                raise node.wrong(f"merge {rank} joins what is no piece")
            piece = self._pieces[left] + self._pieces[right]
            if len(piece) > MOST_BYTES or self._pieces.setdefault(joined, piece) != piece:
                raise node.wrong(f"merge {rank} makes a piece that is too long, or another one's")
            self._merges[left, right] = rank, joined
        self.size = max(self._pieces) + 1
        self._ids = lru_cache(_KEPT)(self._joined)

    def encode(self, text: str, most: int = sys.maxsize) -> list[int]:
        """The ids of a text, the first `most`.

        Raises:
            InputError: it holds half a surrogate pair, which no UTF-8 has, or is cut nowhere for too long.
        """
        if self._lowercase:
            text = text.lower()
        found: list[int] = []
        for match in _CUT.finditer(self._classed(text)):
            try:
                piece = text[match.start() : match.end()].encode()
            except UnicodeEncodeError as error:
                raise InputError(f"A text is not valid Unicode: {error}. Remove the character.") from error
            if len(piece) > MOST_UNCUT:
                raise InputError(f"A word of a text has {len(piece):,} bytes; the limit is {MOST_UNCUT:,}. Shorten it.")
            found += self._ids(piece)
            if len(found) >= most:
                break
        return found[:most]

    def decode(self, ids: list[int]) -> str:
        """The text of ids: those that are no pieces are left out, and what is no UTF-8 becomes U+FFFD."""
        return b"".join(self._pieces.get(number, b"") for number in ids).decode(errors="replace")

    def _classed(self, text: str) -> str:
        return text if text.isascii() else _BEYOND_ASCII.sub(self._stand_ins, text)

    def _stand_ins(self, match: "re.Match[str]") -> str:
        codes = np.frombuffer(match[0].encode("utf-32-le", "surrogatepass"), np.int32)
        classes = self._classes[np.searchsorted(self._starts, codes, side="right") - 1]
        return "".join(_STAND_INS[one] for one in classes.tolist())

    def _joined(self, piece: bytes) -> tuple[int, ...]:
        """The ids of a piece of text: of all pairs side by side, the one with the lowest rank is joined first."""
        ids = self._bytes[np.frombuffer(piece, np.uint8)].tolist()
        after = list(range(1, len(ids) + 1))
        before = list(range(-1, len(ids) - 1))
        waiting: list[tuple[int, int, int]] = []  # ranks, places of pairs, and what they become

        def wait(left: int, right: int) -> None:
            if left >= 0 and right < len(ids) and (ids[left], ids[right]) in self._merges:
                rank, joined = self._merges[ids[left], ids[right]]
                heapq.heappush(waiting, (rank, left, joined))

        for left in after[:-1]:
            wait(left - 1, left)
        while waiting:
            _, left, joined = heapq.heappop(waiting)
            right = after[left] if ids[left] >= 0 else len(ids)
            if right >= len(ids) or self._merges.get((ids[left], ids[right]), (0, -1))[1] != joined:
                continue  # one of the two has been joined to another meanwhile
            ids[left], ids[right] = joined, -1
            after[left] = after[right]
            if after[left] < len(ids):
                before[after[left]] = left
            wait(before[left], left)
            wait(left, after[left])
        return tuple(number for number in ids if number >= 0)

"""Byte-level BPE as a part of a portable model: its pieces, and the characters between which it cuts."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.data.tokenizers.vocabulary import UNKNOWN
from unspool.errors import UserError
from unspool.export.packing import Node

CHARACTERS = 0x110000
_ASSIGNED = 0x40000
"""Beyond them Unicode has no letters and no numbers."""
_SPACES = [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
"""Unicode's white space, which has not changed since version 6.3."""


def byte_pairs_node(tokenizer: BytePairTokenizer) -> Node:
    """Describe a tokenizer.

    Raises:
        UserError: it has pieces that are not joined from bytes.
    """
    pieces = tokenizer.definition()["bpe"]["model"]
    ids, merges = pieces["vocab"], [one.split(" ") if isinstance(one, str) else one for one in pieces["merges"]]
    alphabet = _alphabet()
    joined = [(ids[left], ids[right], ids[left + right]) for left, right in merges]
    single = [ids[alphabet[byte]] for byte in range(256)]
    unmade = {*ids.values()} - {number for _, _, number in joined} - {*single} - {*range(UNKNOWN + 1)}
    if unmade:
        raise UserError(
            f"This model cannot be exported: {len(unmade)} pieces of its tokenizer are not joined from bytes."
        )
    return {
        "bytes": np.array(single, np.int32),
        "merges": np.array(joined, np.int32).reshape(-1, 3),
        **classes_of_characters(),
    }


@cache
def classes_of_characters() -> dict[str, NDArray[Any]]:
    """Runs of letters, numbers, white space and others, as the tokenizers library tells them apart.

    It is asked, and not a table of Unicode: which version it has cannot be seen otherwise.

    Example:
        >>> classes = classes_of_characters()
        >>> [int(classes["classes"][classes["starts"].searchsorted(ord(one), "right") - 1]) for one in "!a1 é٣我😀"]
        [0, 1, 2, 3, 1, 2, 1, 0]
    """
    found = np.zeros(CHARACTERS, np.uint8)
    asked = [chr(code) for code in range(_ASSIGNED) if not 0xD800 <= code < 0xE000]
    numbers = np.array([ord(one) for one in asked])
    for number, neighbour in ((1, "a"), (2, "1")):
        found[numbers[_joins(neighbour, asked)]] = number
    found[_SPACES] = 3
    starts = np.flatnonzero(np.diff(found, prepend=255))
    return {"starts": starts.astype(np.int32), "classes": found[starts]}


def _joins(neighbour: str, characters: list[str]) -> NDArray[np.bool_]:
    """Which characters stay together with one that stands before them."""
    from tokenizers.pre_tokenizers import ByteLevel

    cut = ByteLevel(add_prefix_space=False)
    together = np.ones(len(characters), bool)
    for first in range(0, len(characters), 4096):
        text = "".join(f"\n{neighbour}{one}" for one in characters[first : first + 4096])
        starts = np.array([start for _, (start, _) in cut.pre_tokenize_str(text)])
        together[first + starts[starts % 3 == 2] // 3] = False
    return together


def _alphabet() -> list[str]:
    """The character that stands for each byte (Radford et al., 2019)."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in shown]
    return [chr(byte if byte in shown else 256 + rest.index(byte)) for byte in range(256)]

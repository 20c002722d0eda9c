"""How characters are read, as a table that goes with a model: by it, any program parts words as training did."""

from functools import cache
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from unspool.data.tokenizers.words import UNSPACED

CHARACTERS = 0x110000
_PICTURE = r"\p{Extended_Pictographic}"
_REGION = r"\p{Regional_Indicator}"
_ALONE = rf"{UNSPACED}{_PICTURE}{_REGION}"
PROPERTIES = {
    "letter": rf"[\p{{L}}\p{{M}}--{UNSPACED}]",
    "number": rf"[\p{{N}}--{UNSPACED}]",
    "symbol": rf"[\p{{P}}\p{{S}}--[{_ALONE}]]",
    "alone": rf"[{_ALONE}]",
    "extend": r"\p{Grapheme_Cluster_Break=Extend}",
    "joiner": r"\p{Grapheme_Cluster_Break=ZWJ}",
    "spacing": r"\p{Grapheme_Cluster_Break=SpacingMark}",
    "pictograph": _PICTURE,
    "regional": _REGION,
    "consonant": r"\p{Indic_Conjunct_Break=Consonant}",
    "linker": r"\p{Indic_Conjunct_Break=Linker}",
    "conjunct": r"\p{Indic_Conjunct_Break=Extend}",
    "apostrophe": "'",
}
"""What counts of a character where texts are split (`data.tokenizers.words`, `data.tokenizers.text_tokens`): bit i of a
character's class says whether it has property i."""


@cache
def properties_of_characters() -> NDArray[np.int32]:
    """The properties of each character of Unicode as bits, (0x110000,).

    Example:
        >>> table = properties_of_characters()
        >>> [bin(table[ord(character)]) for character in "a1'"]
        ['0b1', '0b10', '0b1000000000100']
    """
    every = "".join(map(chr, range(CHARACTERS)))
    found = np.zeros(CHARACTERS, np.int32)
    for bit, pattern in enumerate(PROPERTIES.values()):
        for match in regex.finditer(rf"(?V1)(?:{pattern})+", every):
            found[match.start() : match.end()] |= 1 << bit
    return found


@cache
def characters_node() -> dict[str, Any]:
    """The table as runs of characters of one class, and the properties of each class."""
    bits = properties_of_characters()
    properties, classes = np.unique(bits, return_inverse=True)
    starts = np.flatnonzero(np.diff(classes, prepend=-1))
    return {
        "starts": starts.astype(np.int32),
        "classes": classes[starts].astype(np.uint8),
        "properties": properties.tolist(),
    }

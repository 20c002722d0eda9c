"""What of Python's Unicode a browser cannot be trusted to share: other versions know other characters.

Normal form and lower case of an assigned character stay the same in all versions of Unicode. What a version lacks, and
which characters count where Greek's final sigma is told from others, do not.
"""

import sys
import unicodedata
from functools import cache

import numpy as np


@cache
def tables() -> dict[str, list[int]]:
    """Sets of characters, each as runs: where one begins and where it ends, each counted from the number before.

    `unassigned` are not known; Python leaves them as they are. A capital sigma is final if `cased` stands before it and
    not behind it, where what is `ignored` is passed over.

    Example:
        >>> start, length = tables()["unassigned"][:2]
        >>> chr(start), unicodedata.category(chr(start)), length  # between two Greek letters
        ('\\u0378', 'Cn', 2)
        >>> start, length = tables()["cased"][:2]
        >>> chr(start), length
        ('A', 26)
    """
    kinds = [unicodedata.category(chr(code)) for code in range(sys.maxunicode + 1)]
    known = [code for code, kind in enumerate(kinds) if kind not in ("Cn", "Co", "Cs") and code != ord("\n")]
    cased, passed = _before_final("", known), _before_final("a", known)
    return {
        "unassigned": _runs([code for code, kind in enumerate(kinds) if kind == "Cn"]),
        "cased": _runs(cased),
        "ignored": _runs(sorted({*passed} - {*cased})),
    }


def _before_final(start: str, codes: list[int]) -> list[int]:
    """The characters behind which Python finds a sigma final, where the word begins so; all in one go."""
    words = "\n".join(f"{start}{chr(code)}Σ" for code in codes).lower().split("\n")
    return [code for code, word in zip(codes, words, strict=True) if word.endswith("ς")]


def _runs(codes: list[int]) -> list[int]:
    inside = np.zeros(sys.maxunicode + 1, np.int8)
    inside[codes] = 1
    edges = np.flatnonzero(np.diff(inside, prepend=0, append=0))
    found: list[int] = np.diff(edges, prepend=0).tolist()
    return found

"""The forms by which models that tag know a word: as it is written, in lower case, or by its spelling.

The trainer and the runtime share this file.
"""

import re
from collections.abc import Iterator

_DIGIT = re.compile("[0-9]")
_LONGEST_ENDING = 3


def forms_of(word: str) -> Iterator[str]:
    """Give the forms of a word, the most exact first.

    The last ones, its spellings, say where it has capitals, whether it has digits, and how it ends, so that many words
    share them: `<x>` stands for lower case, `<Xx>` for a capital at the start, `<X>` for capitals only, `<xX>` for
    others, and `<>` for no letters that have a case; a 9 within the brackets stands for digits.

    Example:
        >>> list(forms_of("Talking"))
        ['Talking', 'talking', '<Xx>ing', '<Xx>ng', '<Xx>g', '<Xx>']
        >>> list(forms_of("4th"))
        ['4th', '<x9>th', '<x9>h', '<x9>']
    """
    lower = word.lower()
    yield word
    if lower != word:
        yield lower
    spelling = _spelling(word, lower)
    for length in range(min(_LONGEST_ENDING, len(lower) - 1), 0, -1):
        yield spelling + lower[-length:]
    yield spelling


def _spelling(word: str, lower: str) -> str:
    upper = word.upper()
    if lower == upper:
        case = ""
    elif word == lower:
        case = "x"
    elif word == upper and len(word) > 1:
        case = "X"
    else:
        case = "Xx" if word[1:] == lower[1:] else "xX"
    return f"<{case}{'9' if _DIGIT.search(word) else ''}>"

"""The forms by which models that tag know a word: the word itself, its spelling, and how it ends and begins.

The trainer and the runtime share this file.
"""

import re

_DIGIT = re.compile("[0-9]")
_AFFIXES = (1, 2, 3)
FORMS = 2 + 2 * len(_AFFIXES)
"""How many forms there are."""


def forms_of(word: str) -> list[str]:
    """Give the forms of a word: in lower case, its spelling, its last 1, 2 and 3 characters, and its first ones.

    The spelling says where a word has capitals and whether it has digits: `<x>` stands for lower case, `<Xx>` for a
    capital at the start, `<X>` for capitals only, `<xX>` for others, and `<>` for no letters that have a case; a 9
    within the brackets stands for digits. A form that needs more characters than the word has is empty.

    Example:
        >>> forms_of("Talking")
        ['talking', '<Xx>', '…g', '…ng', '…ing', 't…', 'ta…', 'tal…']
        >>> forms_of("4G")
        ['4g', '<X9>', '…g', '…4g', '', '4…', '4g…', '']
    """
    lower, upper = word.lower(), word.upper()
    if lower == upper:
        case = ""
    elif word == lower:
        case = "x"
    elif word == upper and len(word) > 1:
        case = "X"
    else:
        case = "Xx" if word[1:] == lower[1:] else "xX"
    there = [size if size <= len(lower) else 0 for size in _AFFIXES]
    ends = ["…" + lower[-size:] if size else "" for size in there]
    begins = [lower[:size] + "…" if size else "" for size in there]
    return [lower, f"<{case}{'9' if _DIGIT.search(word) else ''}>", *ends, *begins]

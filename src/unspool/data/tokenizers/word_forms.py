"""The forms by which models that tag know a word: in lower case, or by its spelling.

The trainer and the runtime share this file.
"""

import re

_DIGIT = re.compile("[0-9]")
_LONGEST_ENDING = 3


def forms_of(word: str) -> list[str]:
    """Give the forms of a word, the most exact first: in lower case, its spelling with an ending, and its spelling.

    The spelling says where a word has capitals and whether it has digits: `<x>` stands for lower case, `<Xx>` for a
    capital at the start, `<X>` for capitals only, `<xX>` for others, and `<>` for no letters that have a case; a 9
    within the brackets stands for digits. Endings are the last three characters, the last two and the last one.

    Example:
        >>> forms_of("Talking")
        ['talking', '<Xx>ing', '<Xx>ng', '<Xx>g', '<Xx>']
        >>> forms_of("4th")
        ['4th', '<x9>th', '<x9>h', '<x9>']
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
    spelling = f"<{case}{'9' if _DIGIT.search(word) else ''}>"
    lengths = range(min(_LONGEST_ENDING, len(lower) - 1), 0, -1)
    return [lower, *(spelling + lower[-length:] for length in lengths), spelling]

"""The forms by which models that tag know a word: the word itself, its spelling, and how it ends and begins.

The trainer and the runtime share this file.
"""

import re
from collections.abc import Sequence

_DIGIT = re.compile("[0-9]")
_AFFIXES = (1, 2, 3)
FORMS = 2 + 2 * len(_AFFIXES)
"""How many forms there are."""
NEAR = 2
"""The number of words on either side that a linear model sees."""
NEAR_LETTERS, _LETTERS = 4, 4
"""The number of letters on either side that it sees where each word is a single letter, and those of an n-gram."""
NEAR_LETTERS, _LETTERS = 4, 4
"""The number of letters on either side that it sees where each word is a single letter, and those of an n-gram."""
_LONGEST_END = 4
"""The position of the last three characters among the forms."""


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


def window_features(words: Sequence[str]) -> list[list[str]]:
    """Return the features of each word of a text, as strings, for a linear model that tags words (Ratnaparkhi, 1996).

    The first character says what follows it: 0 to 7, one of the word's own forms; a to d, one of the two words before
    it and the two after it; e to h, the spelling or the last three characters of a word next to it; i and j, the pair
    of the word and one next to it. Beyond the ends of the text, all forms are empty. In a text whose words are single
    letters, k and the number of a place, from 0 for the fourth one before the letter to 8 for the fourth one after it,
    stand before the one to four letters that begin there.

    Example:
        >>> window_features(["A", "film"])[1][8:]
        ['a', 'ba', 'c', 'd', 'e<Xx>', 'f', 'g', 'h', 'ia film', 'jfilm ']
        >>> [feature for feature in window_features([*"films"])[1] if feature.startswith("k3")]
        ['k3f', 'k3fi', 'k3fil', 'k3film']
    """
    lower = [word.lower() for word in words]
    of_letters = all(len(word) == 1 for word in lower)
    letters = "".join([" " * NEAR_LETTERS, *lower, " " * NEAR_LETTERS])
    known = {word: forms_of(word) for word in words}
    nothing = [""] * FORMS
    around = [nothing] * NEAR + [known[word] for word in words] + [nothing] * NEAR
    found = []
    for place in range(len(words)):
        twice_before, before, own, after, twice_after = around[place : place + 2 * NEAR + 1]
        row = [f"{number}{form}" for number, form in enumerate(own) if form]
        row += [f"a{twice_before[0]}", f"b{before[0]}", f"c{after[0]}", f"d{twice_after[0]}"]
        row += [f"e{before[1]}", f"f{after[1]}", f"g{before[_LONGEST_END]}", f"h{after[_LONGEST_END]}"]
        row += [f"i{before[0]} {own[0]}", f"j{own[0]} {after[0]}"]
        found.append(row + _ngrams(letters[place : place + 2 * NEAR_LETTERS + 1]) if of_letters else row)
    return found


def _ngrams(letters: str) -> list[str]:
    """The features of the n-grams in some letters."""
    sizes = range(1, _LETTERS + 1)
    return [
        f"k{begin}{letters[begin : begin + size]}"
        for begin in range(len(letters))
        for size in sizes
        if begin + size <= len(letters)
    ]

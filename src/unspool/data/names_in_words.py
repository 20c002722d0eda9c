"""Names, such as those of columns and labels, as messages list them and as a person types them."""

import shlex
from collections.abc import Sequence


def first_few(names: Sequence[str], most: int = 5) -> str:
    """The first few of some names, for a message.

    Example:
        >>> first_few(["neg", "pos"]), first_few("abcdef")
        ('neg, pos', 'a, b, c, d, e, ...')
    """
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def first_and_more(names: Sequence[str], most: int, between: str = ", ") -> str:
    """The first of some names, and how many more there are.

    Example:
        >>> first_and_more(["neg", "pos"], 2), first_and_more("abcdef", 2)
        ('neg, pos', 'a, b and 4 more')
    """
    more = len(names) - most
    return between.join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def as_typed(names: Sequence[str]) -> str:
    """Names of columns as an option's value in a shell: in quotes if one holds a space.

    Example:
        >>> as_typed(["mood", "film maker"]), as_typed(["mood"])
        ("'mood,film maker'", 'mood')
    """
    return shlex.quote(",".join(names))

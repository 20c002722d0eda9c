"""What a template needs to show a Result: figures as people read them, and text made safe to look at."""

import unicodedata
from collections.abc import Sequence

# Characters that show nothing themselves but turn round, hide or break what stands beside them.
_DIRECTION_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOT_IN_XML = frozenset("\ufffe\uffff")
_WHITE_SPACE = frozenset("\n\t")
_MOST_LISTED = 20


def visible(text: str) -> str:
    """Replace control and other invisible characters by their names, as in "⟨U+202E⟩".

    These are control characters (except line feed and tab), direction controls, halves of surrogate pairs, which no
    file can hold, and U+FFFE and U+FFFF, which no figure can. Markup is not touched: the template escapes it.

    Example:
        >>> visible("abc\\u202edef\\x00")
        'abc⟨U+202E⟩def⟨U+0000⟩'
    """
    return "".join(f"⟨U+{ord(mark):04X}⟩" if _acts(mark) else mark for mark in text)


def _acts(mark: str) -> bool:
    if mark in _WHITE_SPACE:
        return False
    return mark in _DIRECTION_CONTROLS or mark in _NOT_IN_XML or unicodedata.category(mark) in ("Cc", "Cs")


def shortened(text: str, length: int) -> str:
    """Cut a text to at most `length` characters, with an ellipsis at the end.

    Example:
        >>> shortened("a fine film", 7)
        'a fine…'
    """
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def plain(figure: float) -> str:
    """Format a figure that is not a share.

    Example:
        >>> plain(0.93144)
        '0.931'
    """
    return f"{figure:.3f}"


def count(number: int) -> str:
    """Format a whole number with thousands separators.

    Example:
        >>> count(652577)
        '652,577'
    """
    return f"{number:,}"


_LONGEST = 1e9
"""Seconds that anything takes: some thirty years. A record from elsewhere may say anything."""


def duration(seconds: float) -> str:
    """Format a duration in a suitable unit.

    Example:
        >>> duration(0.31), duration(26.9), duration(133), duration(7384)
        ('0.3 s', '27 s', '2 min 13 s', '2 h 3 min')
        >>> duration(0.02), duration(float("inf"))
        ('under 0.1 s', 'unknown')
    """
    if not 0 <= seconds < _LONGEST:
        return "unknown"
    if 0 < seconds < 0.05:
        return "under 0.1 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def not_scored(why: str, seconds: float) -> str:
    """Explain why a candidate has no score.

    Example:
        >>> not_scored("no time was left for it", 0.0), not_scored("it would have taken longer than the budget", 27.0)
        ('not tried: no time was left for it', 'stopped: it would have taken longer than the budget')
    """
    return f"{'stopped' if seconds else 'not tried'}: {why}"


def setting_value(value: object) -> str:
    """Format the value of a setting.

    Example:
        >>> setting_value(0.000123456), setting_value(True), setting_value("lstm")
        ('0.000123', 'true', 'lstm')
    """
    return f"{value:.3g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def listed(names: Sequence[str]) -> str:
    """Names with commas between them, as many as a reader looks at.

    Example:
        >>> listed(("price", "age")), listed([f"c{number}" for number in range(1_022)])[-14:]
        ('price, age', 'and 1,002 more')
    """
    more = f" and {count(len(names) - _MOST_LISTED)} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more

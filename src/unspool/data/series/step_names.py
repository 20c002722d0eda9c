"""What the names of columns tell of steps: whether they are numbered, and in which order."""

import re
from collections import Counter
from collections.abc import Sequence

LEAST_STEPS = 5
"""Columns with the same name but for a number that are taken for the steps of a channel, at least."""
_FEW = 0.5
"""The most columns that are left out because they are not numbered, as a share of the numbered ones."""
_IN_DATES = (
    *("jan(uary)?", "feb(ruary)?", "mar(ch)?", "apr(il)?", "may", "june?", "july?", "aug(ust)?"),
    *("sept?(ember)?", "oct(ober)?", "nov(ember)?", "dec(ember)?"),
    *("spring", "summer", "autumn", "fall", "winter"),
    *("mon(day)?", "tue(sday)?", "wed(nesday)?", "thu(rsday)?", "fri(day)?", "sat(urday)?", "sun(day)?"),
)
_DATE = re.compile(rf"[\s._-]*(?<![^\W\d_])({'|'.join(_IN_DATES)})(?![^\W\d_])|(?<=\d)\s*[ap]\.?m\b\.?", re.IGNORECASE)
_NUMBER = re.compile(r"[\s._-]*[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")


def channels_in(names: Sequence[str]) -> list[str] | None:
    """The steps of each channel, as in x_0 to x_9, if all columns belong to several such; None if not."""
    steps: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        numbered = re.fullmatch(r"(.*\D)(\d+)", name)
        if numbered is None:
            return None
        steps.setdefault(numbered[1], []).append((numbered[2], name))
    first, *others = [[number for number, _ in one] for one in steps.values()]
    if not others or len(first) < LEAST_STEPS or any(one != first for one in others):
        return None
    return [f"{one[0][1]} to {one[-1][1]}" for one in steps.values()]


def in_order(names: Sequence[str]) -> bool:
    """Tell whether names are numbered, as in t1, t2 or 2019, 2020, or are months or days of the week."""
    return len({family(name) for name in names}) == 1


def are_numbered(names: Sequence[str]) -> bool:
    """Tell whether names are in order, as `in_order` tells, but for a few.

    Example:
        >>> are_numbered(["age", *(f"t{step}" for step in range(9))]), are_numbered(["age", "t1", "t2"])
        (True, False)
    """
    others = beside_numbered(names)
    return in_order([name for name in names if name not in others])


def beside_numbered(names: Sequence[str]) -> list[str]:
    """The few names that are not numbered where most are: they share a family with no other, nor begin with a number.

    Example:
        >>> beside_numbered(["age", "1kHz", *(f"t{step}" for step in range(9))]), beside_numbered(["age", "t1", "t2"])
        (['age'], [])
    """
    families = Counter(map(family, names))
    others = [name for name in names if families[family(name)] == 1 and not name.strip()[:1].isdigit()]
    most = max(families.values(), default=0)
    return others if most >= LEAST_STEPS and len(others) <= _FEW * (len(names) - len(others)) else []


def family(name: str) -> str:
    """What names that are numbered in sequence have in common: all but numbers, months, weekdays, and am or pm.

    Example:
        >>> [family(name) for name in ("t_1", "t_2.5", "x", "x.1", "-1.5e-3", "2026-01", "march_2", "market")]
        ['t', 't', 'x', 'x', '', '', '', 'market']
        >>> [family(name) for name in ("01-Jan", "Thu 1 January", "2026Jan05", "8 AM", "12:30pm", "pm2.5")]
        ['', '', '', '', ':', 'pm']
    """
    return re.sub(_NUMBER, "", re.sub(_DATE, "", name)).strip()


def numbers_in(name: str) -> list[float]:
    """The numbers in a name, in the order of which steps are numbered.

    Example:
        >>> [numbers_in(name) for name in ("t_2.5", "2026-01-31", "-3", "x")]
        [[2.5], [2026.0, 1.0, 31.0], [-3.0], []]
    """
    found = re.findall(r"(?:^[-+])?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?", name.strip())
    return [float(number.replace(",", ".")) for number in found]

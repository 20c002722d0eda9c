"""Columns of dates and times, which are neither texts nor labels."""

import re
from collections.abc import Iterable

from unspool.data.cell_values import is_missing, is_moment, mostly

_RATIO = re.compile(r"(\d{1,2}(?:[.,]\d+)?)/(\d{1,2})")
"""Stars of five, a time signature: 4/5, 3.5/5, 3/4."""
_OF_METERS = {"2", "4", "8", "16"}


def are_moments(cells: Iterable[object]) -> bool:
    """Tell whether most of the cells of a column are dates or times, and not ratios.

    Ratios, such as 4/5, have one denominator that none exceeds, or several of time signatures. Others are days, with
    the month first (3/15) or last (15/4).

    Example:
        >>> are_moments(["4/5", "5/5"]), are_moments(["6/8", "3/4"]), are_moments(["3/9", "3/15"])
        (False, False, True)
    """
    there = [cell for cell in cells if not is_missing(cell)]
    if not mostly(is_moment, there):
        return False
    found = [_RATIO.fullmatch(cell.strip()) if isinstance(cell, str) else None for cell in there]
    ratios = [one for one in found if one]
    if 2 * len(ratios) <= len(there):
        return True
    below = {one[2] for one in ratios}
    if len(below) > 1:
        return not below <= _OF_METERS
    return any(float(one[1].replace(",", ".")) > int(one[2]) for one in ratios)

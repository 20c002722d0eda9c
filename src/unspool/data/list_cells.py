"""Lists of numbers in the cells of a table, as lists or written out as text."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import is_missing, is_number, mostly, step_of, steps_of
from unspool.data.tables.problems import Flaw, Reason

_LEAST_STEPS = 3
"""Fewer numbers in a cell are taken for a pair, such as coordinates, or for a list of labels."""
_SAMPLE = 50
"""Cells of a column that are looked at."""
_BETWEEN = re.compile(r"\s*[,;]\s*|\s+")
_SPACES = re.compile(r"[^\s,;]\s+[^\s,;]")
_FLAT = re.compile(r"\[([^\[\]]*)\]")
_NESTED = re.compile(rf"\[\s*{_FLAT.pattern}(?:[\s,;]*{_FLAT.pattern})*[\s,;]*\]")
_ABSENT = frozenset(("", "null", "none"))
_ELLIPSIS = "..."
_ONE_SEPARATOR = "Separate the numbers by commas only, and write decimals with a point"
_WHOLE = "Write the whole list, as an array's tolist() gives it"


def holds_lists(cells: Sequence[Any]) -> bool:
    """Tell whether most cells of a column are lists of three numbers or more, as lists or as text.

    Whole numbers without brackets around them count as texts: they may be the ids of words.

    Example:
        >>> holds_lists(["[1, 2, 3]"]), holds_lists(["0.5 1 2"]), holds_lists(["7 8 9"]), holds_lists(["1.5 kg each"])
        (True, True, False, False)
    """
    sample = list(islice((cell for cell in cells if not is_missing(cell)), _SAMPLE))
    return mostly(_is_list, sample) and any(not isinstance(cell, str) or set("[.") & set(cell) for cell in sample)


def numbers_in_words(cells: Sequence[Any]) -> bool:
    """Tell whether most cells are texts of nothing but three numbers or more, which may be series.

    Example:
        >>> numbers_in_words(["70 80 82", "151 150 147"]), numbers_in_words(["70 80", "a b c"])
        (True, False)
    """
    sample = list(islice((cell for cell in cells if not is_missing(cell)), _SAMPLE))
    return mostly(lambda cell: isinstance(cell, str) and _is_list(cell), sample)


def holds_fractions(cells: Sequence[Any]) -> bool:
    """Tell whether a column holds lists of numbers that are not all whole, as labels are.

    Example:
        >>> holds_fractions([[1.5, 2.0, 3.0]]), holds_fractions([[1, 4, 7]]), holds_fractions([1.5])
        (True, False, False)
    """
    if not holds_lists(cells):
        return False
    sample = islice((cell for cell in cells if not is_missing(cell)), _SAMPLE)
    found = [numbers_in(cell, "") for cell in sample]
    return any(not isinstance(one, Flaw) and bool((one != np.rint(one)).any()) for one in found)


def numbers_in(cell: Any, name: str) -> NDArray[np.float64] | Flaw:
    """Turn a cell into the (T,) numbers of its list, or (A, B) of A lists of B numbers; or say what is wrong with it.

    Numbers that are missing, NaN, null, None or nothing between two commas, are NaN.

    Example:
        >>> numbers_in("[1, 2.5, nan]", "x").tolist(), numbers_in([[1, 2], [3, 4], [5, 6]], "x").shape
        ([1.0, 2.5, nan], (3, 2))
        >>> numbers_in("1,,3", "x").tolist(), numbers_in("0,5 0,25", "x").detail
        ([1.0, nan, 3.0], 'there are both commas and spaces between its numbers')
        >>> numbers_in("[1. 2. ... 9.]", "x").detail
        'the list contains "...": numbers were left out when it was printed'
    """
    if isinstance(cell, str) and _ELLIPSIS in cell:
        detail = 'the list contains "...": numbers were left out when it was printed'
        return Flaw(Reason.TYPE, detail, name, _WHOLE, _WHOLE)
    if isinstance(cell, str) and (between := _mixed_separators(cell)) and _is_list(cell):
        detail = f"there are both {' and '.join(between)} between its numbers"
        return Flaw(Reason.TYPE, detail, name, _ONE_SEPARATOR, _ONE_SEPARATOR)
    found = _list_in(cell)
    if is_missing(found) or (isinstance(found, list) and not any(one != [] for one in found)):
        return Flaw(Reason.NO_VALUE, "the series has no steps", name)
    if not isinstance(found, list):
        return Flaw(Reason.TYPE, f"{str(cell)[:40]!r} is not a list of numbers", name)
    if not any(isinstance(one, list) for one in found):
        return _flat(found, name)
    sizes = {len(one) if isinstance(one, list) else 0 for one in found}
    if len(sizes) > 1:
        detail = f"the inner lists differ in length: {min(sizes):,} to {max(sizes):,} numbers"
        return Flaw(Reason.TYPE, detail, name)
    flat = _flat([value for one in found for value in one], name)
    return flat if isinstance(flat, Flaw) else flat.reshape(len(found), -1)


def _is_list(cell: Any) -> bool:
    found = _list_in(cell)
    if isinstance(found, list) and found and all(isinstance(one, list) for one in found):
        found = [value for one in found for value in one]
    if not isinstance(found, list) or len(found) < _LEAST_STEPS:
        return False
    there = [value for value in found if str(value).lower() not in (*_ABSENT, _ELLIPSIS)]
    return bool(there) and all(is_number(value) and not isinstance(value, bool) for value in there)


def _list_in(cell: Any) -> Any:
    """The list in a cell; if it is written out as text, its numbers are texts. Any other cell as it is."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if _NESTED.fullmatch(text):
        return [_words(inner) for inner in _FLAT.findall(text)]
    bare = _FLAT.fullmatch(text)
    return _words(bare[1] if bare else text)


def _words(text: str) -> list[str]:
    if "," not in text and ";" not in text:
        return text.split()
    words = _BETWEEN.split(text.strip())
    return words if words[-1] else words[:-1]


def _mixed_separators(cell: str) -> list[str]:
    """What separates the numbers of a list, if it is not the same everywhere: then commas may be decimal commas."""
    for text in _FLAT.findall(cell) or [cell]:
        there = {"commas": "," in text, "semicolons": ";" in text, "spaces": _SPACES.search(text) is not None}
        if sum(there.values()) > 1:
            return [name for name, found in there.items() if found]
    return []


def _flat(values: Sequence[Any], name: str) -> NDArray[np.float64] | Flaw:
    found = steps_of(values, name)
    if found is not None:
        return found
    steps = [step_of(None if str(value).lower() in _ABSENT else value, name) for value in values]
    flaw = next((one for one in steps if isinstance(one, Flaw)), None)
    return flaw or np.array(steps, np.float64)

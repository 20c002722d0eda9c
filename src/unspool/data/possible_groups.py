"""Columns that nobody named as groups, whose rows a random split would separate though they belong together."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from unspool.data.cell_values import is_missing, is_number, mostly
from unspool.data.labels import as_number
from unspool.data.moments import are_moments
from unspool.data.names_in_words import as_typed
from unspool.data.usual_names import GROUP_NAMES

_LEAST_VALUES = 10
"""That a column has, and twice as many as there are labels: another form of the label has as many."""
_WORDS = 3
"""Of a name, on average; texts have more."""
_ID = re.compile(r"(?:^|[_ .-])(?:id|Id|ID)$|(?<=[a-z])I[dD]$")
_NUMBERED = re.compile(r"(?:^|[_ .-])(?:no|number|nr)$")
_AFTER_A_NAME = {"id", "no", "nr", "number", "code", "name", ""}
_CHANCE = 1e-6
"""Below which it is no chance that all rows of each value have one label."""


def possible_group(cells: Mapping[str, Sequence[Any]], names: Sequence[str], label: str) -> str | None:
    """The column that may identify groups, since all rows with the same value have the same label; None if none does.

    A model that recognises the value, such as a customer's name in the text, is right on other rows of the same
    customer, and need not be on those of new ones.

    Args:
        cells: of the first rows of a table, by column.
        names: of the columns that are not read.
        label: the column of the labels.

    Example:
        >>> cells = {"who": [f"p{n // 3}" for n in range(60)], "mood": [str(n // 3 % 2) for n in range(60)]}
        >>> possible_group(cells, ["who"], "mood")
        'who'
    """
    for name in names:
        if not may_identify(name, cells[name]):
            continue
        pairs = [
            (str(one), str(other))
            for one, other in zip(cells[name], cells[label], strict=True)
            if not is_missing(one) and not is_missing(other)
        ]
        labels, values = Counter(other for _, other in pairs), {one for one, _ in pairs}
        if len({*pairs}) > len(values) or len(values) < max(_LEAST_VALUES, 2 * len(labels)) or len(labels) < 2:
            continue
        repeated, most = len(pairs) - len(values), max(labels.values()) / len(pairs)
        if repeated * math.log(most) > math.log(_CHANCE):
            continue
        return name
    return None


def words_on_group(name: str | None) -> tuple[str, ...]:
    """Say what to do about a column that `possible_group` found, unless it found none."""
    if name is None:
        return ()
    return (
        f"column {name}: all rows with the same value have the same label, and a random split can put them into "
        "different parts, so that scores are too high. If new rows have other values, hold out whole groups: --group "
        f"{as_typed([name])}; in Python group=",
    )


def group_of_series(
    values: Mapping[str, Sequence[str]], labels: Sequence[Any] | None, named_by: Sequence[str] = ()
) -> str | None:
    """The column that may identify groups of series, since it has the same value in several; None if none does.

    Columns that are named like persons or machines come first. One that follows from the label is another form of it.

    Args:
        values: of columns with one value in each series, (N,).
        labels: (N,) of the series; None if each step has one.
        named_by: the columns that together name a series, if there are several.

    Example:
        >>> values = {"site": [*"abbabb"], "patient": [*"ppqqrr"]}
        >>> group_of_series(values, [*"xyxyxy"]), group_of_series(values, [*"iijjkk"])
        ('patient', None)
    """
    for name in sorted(values, key=lambda name: not names_group(name)):
        cells = list(values[name])
        different = len(set(cells))
        is_name = name in named_by or names_group(name)
        if not 1 < different < len(cells) or (different < _LEAST_VALUES and not is_name):
            continue
        if labels is not None and name not in named_by:
            each = list(map(str, labels))
            recur = 2 * len(set(each)) <= len(each)  # numbers hardly do
            if recur and len(set(zip(each, cells, strict=True))) == len(set(each)):
                continue
        return name
    return None


def words_on_group_of_series(name: str | None) -> tuple[str, ...]:
    """Say what to do about a column that `group_of_series` found, unless it found none."""
    if name is None:
        return ()
    return (
        f"column {name} has one value in each series, and the same in several. If new series have other values, hold "
        f"out whole groups: --group {as_typed([name])}; in Python group=",
    )


def names_group(name: str) -> bool:
    """Tell whether a column is named like those that identify persons or machines.

    Example:
        >>> [names_group(name) for name in ("patient", "Subject ID", "patientNo", "user_rating", "household_id")]
        [True, True, True, False, False]
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    first, *others = re.split(r"[^a-z0-9]+", words.strip())
    return first in GROUP_NAMES and set(others) <= _AFTER_A_NAME


def names_series(name: str, cells: Sequence[Any]) -> bool:
    """Tell whether a column says by whole numbers whose series a row is, such as a patient's: they are no step.

    Example:
        >>> names_series("patient", ["101", "102"]), names_series("household_id", [7, 7]), names_series("load", [7, 7])
        (True, True, False)
    """
    if not names_group(name) and not is_id(name):
        return False
    numbers = [as_number(cell) for cell in cells if not is_missing(cell)]
    return bool(numbers) and all(number is not None and number.is_integer() for number in numbers)


def is_id(name: str) -> bool:
    """Tell whether the name of a column ends in "id".

    Example:
        >>> [name for name in ("household_id", "caseID", "Trial Id", "humid", "id_2") if is_id(name)]
        ['household_id', 'caseID', 'Trial Id']
    """
    return _ID.search(name) is not None


def may_identify(name: str, cells: Sequence[Any]) -> bool:
    """Tell whether a column may hold names or numbers of persons or things: no quantities, no times, no texts."""
    numbered = names_group(name) or _NUMBERED.search(name) or is_id(name)
    if are_moments(cells) or (mostly(is_number, cells) and not numbered):
        return False
    there = [str(cell) for cell in cells if not is_missing(cell)]
    return sum(len(cell.split()) for cell in there) <= _WORDS * len(there)

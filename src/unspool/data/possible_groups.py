"""Columns that nobody named as groups, whose rows a random split would separate though they belong together."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from unspool.data.cell_values import is_missing, is_number, mostly
from unspool.data.labels import as_typed
from unspool.data.moments import are_moments
from unspool.data.usual_names import GROUP_NAMES, usual

_LEAST_VALUES = 10
"""That a column has, and twice as many as there are labels: another form of the label has as many."""
_WORDS = 3
"""Of a name, on average; texts have more."""
_ID = re.compile(r"(?:^|[_ .-])(?:id|Id|ID|no|number|nr)$|(?<=[a-z])I[dD]$")
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
        if not _may_name(name, cells[name]):
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


def words_on_group_of_series(
    cells: Mapping[str, Sequence[Any]], names: Sequence[str], series: str, label: str
) -> tuple[str, ...]:
    """Say which column may identify groups of series, since it has one value in each series, and the same in several.

    Args:
        cells: of the first rows of a table with a row for each step, by column.
        names: of the columns that are not read.
        series: the column that tells series apart.
        label: the column of the labels.

    Example:
        >>> cells = {"recording": [*"aabbccdd"], "patient": [*"ppppqqrr"], "label": [*"xxxxyyyy"]}
        >>> words_on_group_of_series(cells, ["patient"], "recording", "label")[0][:47]
        'column patient has one value in each series, an'
    """
    labels, usually = {str(one) for one in cells[label] if not is_missing(one)}, usual(names, GROUP_NAMES)
    for name in names:
        if len(labels) < 2 or not _may_name(name, cells[name]) or any(map(is_missing, cells[name])):
            continue
        pairs = {(str(one), str(other)) for one, other in zip(cells[series], cells[name], strict=True)}
        count, values = len({one for one, _ in pairs}), {other for _, other in pairs}
        enough = name == usually or len(values) >= max(_LEAST_VALUES, 2 * len(labels))
        if len(pairs) == count and enough and 1 < len(values) < count:
            return (
                f"column {name} has one value in each series, and the same in several. If new series have other "
                f"values, hold out whole groups: --group {as_typed([name])}; in Python group=",
            )
    return ()


def _may_name(name: str, cells: Sequence[Any]) -> bool:
    """Whether a column may hold names or numbers of persons or things: no quantities, no times, no texts."""
    if are_moments(cells) or (mostly(is_number, cells) and not _ID.search(name)):
        return False
    there = [str(cell) for cell in cells if not is_missing(cell)]
    return sum(len(cell.split()) for cell in there) <= _WORDS * len(there)

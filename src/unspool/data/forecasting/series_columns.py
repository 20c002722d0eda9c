"""Tables with a column for each series: which columns an option such as `--label shop_a,shop_b` or `shop_*` names."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from unspool.data.required_columns import require
from unspool.errors import AdvisedError

SERIES = "series"
"""The column that tells series apart in tables of forecasts, where each has a column of its own in the data."""
_WILD = "*?"
_LAST_PART = re.compile(r"(?<=[-_ .])[^-_ .]+$|\d+$")


def parts_of_label(label: str | None, columns: Sequence[str]) -> tuple[str, ...]:
    """The names and patterns that stand for several columns; none if it is one column, or one that is not there.

    Example:
        >>> parts_of_label("a, b", ["day", "a", "b"]), parts_of_label("shop_*", ["day", "shop_a"])
        (('a', 'b'), ('shop_*',))
        >>> parts_of_label("a", ["a"]), parts_of_label("a,b", ["a,b"]), parts_of_label("c,d", ["a", "b"])
        ((), (), ())
    """
    if label is None or label in columns:
        return ()
    parts = tuple(part.strip() for part in label.split(","))
    wild = any(map(_is_pattern, parts))
    return parts if wild or (len(parts) > 1 and any(part in columns for part in parts)) else ()


def label_of_several(columns: Sequence[str]) -> str:
    """An example of a label that names several of some columns: by what most names begin with, or the first two.

    Example:
        >>> label_of_several(["SKU-1", "SKU-2", "price"]), label_of_several(["north", "south", "east"])
        ('SKU-*', 'north,south')
        >>> label_of_several(["a,b_1", "a,b_2", "north", "south"])
        'north,south'
    """
    columns = [name for name in columns if "," not in name] or list(columns)
    stems = Counter(stem for name in columns if (stem := _LAST_PART.sub("", name)))
    stem, count = stems.most_common(1)[0] if stems else ("", 0)
    return f"{stem}*" if count > 1 else ",".join(columns[:2])


def columns_of_parts(
    path: Path, parts: Sequence[str], columns: Sequence[str], numeric: Sequence[str]
) -> tuple[str, ...]:
    """The columns that some parts name, in their order, each once.

    Args:
        path: of the table.
        parts: see `parts_of_label`.
        columns: of the table.
        numeric: those of them that a pattern may stand for.

    Raises:
        UserError: there is no such column.

    Example:
        >>> columns_of_parts(Path("sales.csv"), ["b", "*"], ["day", "a", "b"], ["a", "b"])
        ('b', 'a')
        >>> columns_of_parts(Path("days.csv"), ["max[C]_*"], ["max[C]_1", "maxC_2"], ["max[C]_1", "maxC_2"])
        ('max[C]_1',)
    """
    found: dict[str, None] = {}
    for part in parts:
        if part in columns or not _is_pattern(part):
            require(path, columns, part, "label")
            found[part] = None
            continue
        matching = [name for name in numeric if _matches(name, part)]
        if not matching:
            raise AdvisedError(
                f"{path} has no column of numbers whose name matches {part!r} (--label).",
                f"Its columns are {', '.join(columns)}.",
            )
        found |= dict.fromkeys(matching)
    return tuple(found)


def names_any(label: str, columns: Sequence[str]) -> bool:
    """Whether a label is one of some columns, or names at least one of them as a part or by a pattern.

    Example:
        >>> names_any("shop_*", ["shop_a"]), names_any("a,b", ["b"]), names_any("a", ["day"])
        (True, True, False)
    """
    parts = [label, *(part.strip() for part in label.split(","))]
    return any(name == part or (_is_pattern(part) and _matches(name, part)) for part in parts for name in columns)


def free_name(name: str, taken: Collection[str | None]) -> str:
    """A name that no other column has: the given one, if need be with underscores behind it.

    Example:
        >>> free_name("series", ["day"]), free_name("series", ["series"])
        ('series', 'series_')
    """
    while name in taken:
        name += "_"
    return name


def _is_pattern(part: str) -> bool:
    return any(sign in part for sign in _WILD)


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern.replace("[", "[[]"))  # brackets stand for themselves

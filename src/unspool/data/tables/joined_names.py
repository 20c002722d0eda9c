"""Names of series in several columns, such as a person and the number of their trial."""

import csv
import re
from collections.abc import Sequence
from typing import Any

from unspool.data.tables.written_numbers import without_decimals

_QUOTED = re.compile(r'[,"\r\n]')


def joined_name(names: Sequence[str], cells: Sequence[Any]) -> str | None:
    """Join the cells of one row into the name of a series; None if one is missing.

    Whole numbers are written without decimals, as pandas adds these to columns with a missing value.

    Example:
        >>> joined_name(["person", "trial"], ["ada", 3.0]), joined_name(["person", "trial"], ["ada", " "])
        ('ada, 3', None)
    """
    texts = ["" if cell is None or cell != cell else without_decimals(str(cell).strip()) for cell in cells]
    return ", ".join(map(_quoted, texts)) if all(texts) else None


def named_cells(columns: Sequence[str], name: str) -> dict[str, str]:
    """The cells of the columns that name a series, by its name; one column holds the name itself.

    Example:
        >>> named_cells(["person", "trial"], joined_name(["person", "trial"], ["Doe, J.", 3]))
        {'person': 'Doe, J.', 'trial': '3'}
    """
    cells = [name] if len(columns) == 1 else next(csv.reader([name], skipinitialspace=True))
    return dict(zip(columns, cells, strict=True))


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""')) if _QUOTED.search(text) else text

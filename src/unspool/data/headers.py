"""The header of a CSV or TSV file: whether its first line is one."""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from unspool.data.cell_values import is_missing, is_number, mostly
from unspool.data.labels import shown
from unspool.data.tables.comma_numbers import CommaNumber, has_decimal_comma
from unspool.data.tables.delimited_header import UNNAMED, names_steps
from unspool.data.tables.table import Chunk, Table
from unspool.data.tables.written_numbers import has_unit, is_no_number
from unspool.errors import UserError

_SENTENCE = 6  # a name with so many words is no name of a column
_FEW, _OFTEN = 20, 5
"""A column has a few recurring values if there are at most `_FEW` and each occurs at least `_OFTEN` times."""
_LONG_SCALE, _SELDOM = 8, 0.1
"""This many rising or falling names are no accident, unless more than this share of the rows rise or fall, too."""
WITH_HEADER = ("CSV", "TSV")
"""The formats whose first line names the columns."""


def refuse_headerless(
    table: Table, sample: Chunk, *, names: str = "text,label", otherwise: str = "name its columns (--text, --label)"
) -> None:
    """Refuse a CSV or TSV file whose first line looks like an example: read as names, it would be lost.

    If a name is a word above numbers, and none is a number above numbers, the line is a header. Otherwise it looks like
    an example if a name occurs again in its own column (unless more columns hold a few recurring values that do not
    include their names), if a name is a number above numbers (unless such names number steps or years, or are points of
    a scale), or if a name is a whole sentence above texts that are not much longer.

    Args:
        table: of any kind; only delimited files have a header.
        sample: its first rows.
        names: a header to suggest.
        otherwise: what to do if the first line is a header after all, as an imperative.

    Raises:
        UserError: shows the line, and says what to do.
    """
    if table.format.name not in WITH_HEADER or not len(sample):
        return
    above_numbers = [name for name, cells in sample.cells.items() if mostly(is_number, cells)]
    numbers = [name for name in above_numbers if is_number(name) or has_decimal_comma(name)]
    if not numbers and any(map(_is_word, above_numbers)):
        return
    steps = numbers if names_steps(numbers) or _is_scale(numbers, sample) else []
    repeated = [name for name, cells in sample.cells.items() if name in cells and name not in steps]
    sentences = [name for name, cells in sample.cells.items() if _is_sentence_like(name, cells)]
    foreign = sum(map(_is_foreign, sample.cells, sample.cells.values()))
    if foreign > len(repeated):
        repeated = []  # a column is named like one of its values
    if steps or (len(numbers) == 1 < len(sample.cells) and numbers[0].isdecimal()):
        numbers = []  # as in 1, 2, 3 or 2019, 2020, or one year
    if repeated or numbers or sentences:
        first = ", ".join(shown(name) for name in list(sample.cells)[:4])
        raise UserError(
            f"{table.path}, line 1: '{first}{', ...' * (len(sample.cells) > 4)}' looks like an example, not like the "
            f"names of the columns. Add a header line above it, such as {names}. If line 1 is the header, {otherwise}."
        )


def _is_word(name: str) -> bool:
    """Tell whether a name has letters and stands neither for a number nor for a missing number or name."""
    is_cell = name[:1].isdigit() or has_unit(name) or is_no_number(name)  # as 12b, $5, NA
    return any(map(str.isalpha, name)) and not is_cell and not UNNAMED.fullmatch(name)


def _is_foreign(name: str, cells: Sequence[Any]) -> bool:
    """Tell whether a column has only a few recurring values, and its name is none of them."""
    counts = Counter(map(str, cells))
    recur = 1 < len(counts) <= _FEW and min(counts.values()) >= _OFTEN
    return recur and _is_word(name) and name not in counts and not any(map(is_missing, cells))


def _is_scale(names: Sequence[str], sample: Chunk) -> bool:
    """Tell whether names are points of a scale, such as wavelengths: they rise or fall throughout, few rows do."""
    if len(names) < _LONG_SCALE or not _is_monotonic([_number(name) for name in names]):
        return False
    rows = list(zip(*(sample.cells[name] for name in names), strict=True))
    monotonic = sum(_is_monotonic([_number(cell) for cell in row]) for row in rows)
    return monotonic <= _SELDOM * len(rows)


def _is_monotonic(numbers: Sequence[float]) -> bool:
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


def _number(cell: Any) -> float:
    if has_decimal_comma(cell):
        return float(CommaNumber(cell))
    return float(cell) if is_number(cell) else math.nan


def _is_sentence_like(name: str, cells: Sequence[Any]) -> bool:
    lengths = sorted(len(cell) for cell in cells if isinstance(cell, str))
    words = len(name.split())
    return words >= _SENTENCE and not name.endswith("?") and 2 * len(name) >= lengths[len(lengths) // 2]

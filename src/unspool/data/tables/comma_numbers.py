"""Numbers with a decimal comma, as spreadsheets write them in most of Europe."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from unspool.data.tables.written_numbers import WrittenNumber, with_values, without_sign

SEPARATING = (";", "\t")
"""Delimiters of files in which a comma belongs to a number."""

_GROUPED = r"[1-9]\d{0,2}(?:[. \u00a0\u202f]\d{3})+"  # thousands; the last two are no-break spaces, as in French
_COMMA = re.compile(rf"\s*[-+]?(?:{_GROUPED}|\d*),\d+(?:[eE][-+]?\d+)?\s*")
_THOUSANDS = re.compile(rf"\s*[-+]?{_GROUPED}\s*")
_EITHER = re.compile(r"\s*[-+]?[1-9]\d{0,2},\d{3}\s*")
_EITHER_POINT = re.compile(r"\s*[-+]?[1-9]\d{0,2}\.\d{3}\s*")
_POINT = re.compile(r"\s*[-+]?\d*\.\d+(?:[eE][-+]?\d+)?\s*")
_INTEGER = re.compile(r"\s*[-+]?\d+\s*")
_INTEGER_OR_POINT = re.compile(rf"{_INTEGER.pattern}|{_POINT.pattern}")


class CommaNumber(WrittenNumber):
    """A number with a decimal comma, perhaps with a percent or currency sign.

    Example:
        >>> number = CommaNumber("1.234,5")
        >>> float(number), number.with_point, str(number), float(CommaNumber("9,8 %"))
        (1234.5, '1234.5', '1.234,5', 9.8)
    """

    __slots__ = ()

    @property
    def with_point(self) -> str:
        """The number with a decimal point, and without its percent or currency sign and thousands separators."""
        return re.sub(r"[.\s]", "", without_sign(self)).replace(",", ".")


def has_decimal_comma(cell: object) -> bool:
    """Tell whether a cell holds a number with a decimal comma that is not read as a number.

    Example:
        >>> has_decimal_comma("1,5"), has_decimal_comma("1.234,50"), has_decimal_comma("1.5"), has_decimal_comma("a,b")
        (True, True, False, False)
        >>> has_decimal_comma("9,8 %"), has_decimal_comma(CommaNumber("1,5"))
        (True, False)
    """
    if not isinstance(cell, str) or isinstance(cell, WrittenNumber) or "," not in cell:
        return False
    return _COMMA.fullmatch(without_sign(cell)) is not None


def may_separate_thousands(cell: str) -> bool:
    """Tell whether the only comma of a number may separate thousands as well as decimals.

    Example:
        >>> [may_separate_thousands(cell) for cell in ("1,234", "-12,345 %", "1,5", "0,123", "1.234,567")]
        [True, True, False, False, False]
    """
    return _EITHER.fullmatch(without_sign(cell)) is not None


def comma_words(cells: Sequence[Any]) -> str:
    """Say why the numbers of a column with commas are not read, and what to do; a clause after its name.

    Example:
        >>> comma_words(["1,5"])
        "has numbers with a decimal comma, such as '1,5'. Write a decimal point, or separate cells by semicolons"
    """
    commas = [cell for cell in cells if has_decimal_comma(cell)]
    if all(map(may_separate_thousands, commas)):
        return (
            f"has numbers such as {commas[0]!r}, whose comma may separate thousands or decimals. Write 1234 or 1.234 "
            "for 1,234"
        )
    return (
        f"has numbers with a decimal comma, such as {commas[0][:40]!r}. Write a decimal point, or separate cells "
        "by semicolons"
    )


def columns_with_commas(cells: Mapping[str, Sequence[str]], delimiter: Callable[[], str]) -> frozenset[str]:
    """Find the columns whose numbers are written with a decimal comma, by the first rows of a file.

    These are columns of numbers, none of them with a decimal point, of a file whose cells are separated by semicolons
    or tabs. If three digits follow every comma of a column (1,234), these are decimal commas if others in the file
    certainly are, or if semicolons separate the cells, as long as no number in the file has a decimal point. In a file
    with decimal commas alone, a point (1.234) separates thousands.

    Args:
        cells: those of the first N rows, by the name of the column.
        delimiter: returns that of the file; not called if no column has commas.

    Example:
        >>> sorted(columns_with_commas({"a": ["1,5", "2"], "b": ["1.234", "7"]}, lambda: ";"))
        ['a', 'b']
        >>> sorted(columns_with_commas({"a": ["1,5", "2"], "b": ["1.234", "7"], "c": ["0.5", "1"]}, lambda: ";"))
        ['a']
        >>> sorted(columns_with_commas({"a": ["1,234"], "c": ["0.5", "1"]}, lambda: ";"))
        []
    """
    commas = {name for name, column in cells.items() if any(map(_has_comma, column)) and _is_written_so(column)}
    if not commas or (separator := delimiter()) not in SEPARATING:
        return frozenset()
    sure = frozenset(columns_with_decimal_commas(cells))
    if columns_with_decimal_points(cells) or not (sure or separator == ";"):
        return sure
    grouped = {name for name, column in cells.items() if any(map(_THOUSANDS.fullmatch, column))}
    return frozenset(commas | {name for name in grouped if _is_written_so(cells[name])})


def columns_of_whole_numbers(cells: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Find the columns of whole numbers in the first rows of a file with decimal commas.

    Later rows may hold 1.234, meaning 1234, or decimals. Columns that are empty in the first rows may begin later.

    Example:
        >>> sorted(columns_of_whole_numbers({"a": ["7", "", "12"], "b": ["x", "7"], "c": ["", ""], "d": ["0.5", "1"]}))
        ['a', 'c']
    """
    return frozenset(name for name, column in cells.items() if not with_values(column) or _is_written_so(column))


def columns_as_commas(cells: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Find the columns that can be read with a decimal comma, if decimals are known to follow one.

    Example:
        >>> sorted(columns_as_commas({"a": ["1,234"], "b": ["1.234", "7"], "c": ["0.5", "1"], "d": ["5"]}))
        ['a', 'b']
    """
    return frozenset(
        name for name, column in cells.items() if any(map(is_comma_number, column)) and _is_written_so(column)
    )


def columns_with_decimal_commas(cells: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find the columns of numbers whose comma cannot always separate thousands, each with a number that shows it.

    Example:
        >>> columns_with_decimal_commas({"a": ["1,234", "0,512"], "b": ["1,234", "7"], "c": ["0.5", "1"]})
        {'a': '0,512'}
    """
    sure = {name: next(filter(_is_decimal_comma, column), None) for name, column in cells.items()}
    return {name: cell.strip() for name, cell in sure.items() if cell is not None and _is_written_so(cells[name])}


def columns_with_decimal_points(cells: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find the columns of numbers whose point cannot always separate thousands, each with a number that shows it.

    Example:
        >>> columns = {"a": ["1,5"], "b": ["1.234", "7"], "c": ["1.234", "0.5"], "d": ["9.5", "a bore", "a fine film"]}
        >>> columns_with_decimal_points(columns)
        {'c': '0.5'}
    """
    sure = {name: next(filter(_is_decimal_point, column), None) for name, column in cells.items()}
    return {name: cell.strip() for name, cell in sure.items() if cell is not None and _are_numbers(cells[name])}


def columns_with_either_point(cells: Mapping[str, Sequence[str]], delimiter: Callable[[], str]) -> dict[str, str]:
    """Find the columns that are read with a decimal point although it may separate thousands, each with a number of it.

    Files of such a delimiter often have decimal commas. If no number in one shows which it is, neither 1,5 nor 0.5,
    its points are read as decimal points.

    Args:
        cells: of the first N rows, by the name of the column.
        delimiter: gives that of the file; not called where there is no such column.

    Example:
        >>> columns_with_either_point({"a": ["1.250", "2", "17.000"]}, lambda: ";")
        {'a': '1.250'}
        >>> columns_with_either_point({"a": ["1.250", "2"], "b": ["0.5", "1"]}, lambda: ";")
        {}
    """
    found = {
        name: next(cell for cell in column if _EITHER_POINT.fullmatch(cell)).strip()
        for name, column in cells.items()
        if any("." in cell and _EITHER_POINT.fullmatch(cell) for cell in column) and _is_written_so(column)
    }
    if not found or delimiter() not in SEPARATING:
        return {}
    shown = (any(map(_has_comma, column)) and _are_numbers(column) for column in cells.values())
    return {} if columns_with_decimal_points(cells) or any(shown) else found


def _has_comma(cell: str) -> bool:
    return "," in cell and _COMMA.fullmatch(cell) is not None


def _is_decimal_comma(cell: str) -> bool:
    return _has_comma(cell) and not _EITHER.fullmatch(cell)


def _is_decimal_point(cell: str) -> bool:
    return "." in cell and _POINT.fullmatch(cell) is not None and not _THOUSANDS.fullmatch(cell)


def _has_points(column: Sequence[str]) -> bool:
    """Whether a column has numbers whose point cannot separate thousands."""
    return any(map(_is_decimal_point, column))


def _are_numbers(column: Sequence[str]) -> bool:
    """Whether most cells that have a value are numbers, whichever decimal separator they use.

    A single number among texts does not count.
    """
    there = with_values(column)
    return 2 * sum(1 for cell in there if is_comma_number(cell) or _INTEGER_OR_POINT.fullmatch(cell)) > len(there)


def _is_written_so(column: Sequence[str]) -> bool:
    """Whether most cells that have a value are whole numbers or have a decimal comma, and none a decimal point."""
    there = with_values(column)
    fitting = sum(1 for cell in there if is_comma_number(cell) or _INTEGER.fullmatch(cell))
    return 2 * fitting > len(there) and not _has_points(there)


def is_comma_number(cell: str) -> bool:
    """Tell whether a cell of such a column has a decimal comma or separators of thousands."""
    return _has_comma(cell) or _THOUSANDS.fullmatch(cell) is not None

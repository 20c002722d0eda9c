"""Numbers as people and spreadsheets write them: with percent or currency signs, and thousands separators."""

import re
from collections.abc import Mapping, Sequence

CURRENCIES = "$€£¥₹₽₩₺₪₫₴"
_SIGNS = f"%{CURRENCIES}"
_ANY_SIGN = re.compile(f"[{_SIGNS}]")
_LONGEST = 40
"""Characters of a number with its sign; longer cells are texts."""

_POINT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d., \u00a0\u202f]*(?:[eE][-+]?\d+)?")  # whatever its point and comma mean


class WrittenNumber(str):
    """A number as its file writes it: a string that `float` converts as intended."""

    __slots__ = ()

    @property
    def with_point(self) -> str:
        """The number as Python writes it."""
        raise NotImplementedError

    def __float__(self) -> float:
        """The number."""
        return float(self.with_point)


class PointNumber(WrittenNumber):
    """A number with a percent or currency sign or with thousands separators, which are commas; decimals follow a point.

    Example:
        >>> number = PointNumber("-$1,234.5")
        >>> float(number), number.with_point, str(number), float(PointNumber("12.5 %"))
        (-1234.5, '-1234.5', '-$1,234.5', 12.5)
    """

    __slots__ = ()

    @property
    def with_point(self) -> str:
        """The number without its percent or currency sign and its thousands separators."""
        return without_sign(self).replace(",", "")


def without_sign(cell: str) -> str:
    """Return a number without its percent or currency sign, if it has one; any other text as it is.

    Example:
        >>> without_sign("12.5 %"), without_sign("-€ 1,200"), without_sign("1.5"), without_sign("5% of $3")
        ('12.5', '-1,200', '1.5', '5% of $3')
    """
    sign = _sign_of(cell)
    return cell if sign is None else _without(cell, sign)


def columns_with_signs(cells: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Find the columns whose numbers are written with a percent or currency sign, by the first rows of a file.

    Most cells of such a column that are not empty are numbers with the same sign, and only zeros are numbers without
    it: what 0.125 beside 12.5% means cannot be known.

    Example:
        >>> sorted(columns_with_signs({"a": ["12%", "", "7 %"], "b": ["$5", "€5"], "c": ["12%", "0.12"], "d": ["5"]}))
        ['a']
    """
    return frozenset(name for name, column in cells.items() if any(map(_ANY_SIGN.search, column)) and _same(column))


def columns_with_grouped_numbers(cells: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Find the columns whose commas certainly separate thousands, by the first rows of a file.

    All numbers with a comma are written like 1,234, and one of them has two commas or a decimal point as well, or all
    of them follow a currency sign: prices do not have three decimals.

    Example:
        >>> columns = {"a": ["1,234", "1,234,567"], "b": ["1,234.5", "7"], "c": ["$1,234", "$7"], "d": ["1,234"]}
        >>> sorted(columns_with_grouped_numbers(columns))
        ['a', 'b', 'c']
    """
    return frozenset(name for name, column in cells.items() if any("," in cell for cell in column) and _grouped(column))


def is_point_number(cell: str, *, grouped: bool) -> bool:
    """Tell whether a cell of such columns is a number that Python cannot read; if `grouped`, commas separate thousands.

    Example:
        >>> is_point_number("5%", grouped=False), is_point_number("$1,200", grouped=True)
        (True, True)
        >>> is_point_number("$1,200", grouped=False), is_point_number("5", grouped=True)
        (False, False)
    """
    if len(cell) > _LONGEST:
        return False
    number = without_sign(cell).strip()
    if grouped and _GROUPED.fullmatch(number):
        return True
    return number != cell.strip() and _POINT.fullmatch(number) is not None


def _sign_of(cell: str) -> str | None:
    """The only percent or currency sign of a number: after it or, for a currency, before it."""
    if len(cell) > _LONGEST or len(signs := _ANY_SIGN.findall(cell)) != 1:
        return None
    if signs[0] == "%" and not cell.rstrip().endswith("%"):
        return None
    return signs[0] if _NUMBER.fullmatch(_without(cell, signs[0])) else None


def _without(cell: str, sign: str) -> str:
    before, _, behind = cell.strip().partition(sign)
    return before.rstrip() + behind.lstrip()


def _same(column: Sequence[str]) -> bool:
    there = [cell for cell in column if cell and not cell.isspace()]
    signs = [sign for cell in there if (sign := _sign_of(cell)) is not None]
    if 2 * len(signs) <= len(there) or len(set(signs)) > 1:
        return False
    return not any(_NUMBER.fullmatch(cell.strip()) and cell.strip("+-0., \u00a0\u202f") for cell in there)


def _grouped(column: Sequence[str]) -> bool:
    there = [cell.strip() for cell in column if cell and not cell.isspace()]
    numbers = [without_sign(cell) for cell in there]
    commas = [cell for cell, number in zip(there, numbers, strict=True) if "," in cell and _NUMBER.fullmatch(number)]
    if not commas or not all(_GROUPED.fullmatch(without_sign(cell)) for cell in commas):
        return False
    fitting = sum(1 for number in numbers if _GROUPED.fullmatch(number) or _POINT.fullmatch(number))
    sure = any(cell.count(",") > 1 or "." in cell for cell in commas)
    return 2 * fitting > len(there) and (sure or all(cell.lstrip("+-")[0] in CURRENCIES for cell in commas))

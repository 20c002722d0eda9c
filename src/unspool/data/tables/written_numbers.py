"""Numbers as people and spreadsheets write them: with signs, units, thousands separators and parentheses."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

CURRENCIES = "$€£¥₹₽₩₺₪₫₴"
_SIGNS = f"%{CURRENCIES}"
_ANY_SIGN = re.compile(f"[{_SIGNS}]")
_ANY_MARK = re.compile(rf"[{_SIGNS}(°]|[^\W\d_]")
_LONGEST = 40
"""Characters of a number with its sign; longer cells are texts."""
NO_NUMBER = ("na", "n/a", "<na>", "#n/a", "#nv", "#n/d", "nan", "null", "none", "?", ".")
"""What programs write in a column of numbers where one is missing, in whatever case; #NV and #N/D are Excel's #N/A."""
_OF_A_NAME = 10  # rows that would hardly all have the same number with a unit
_OF_TIMES = re.compile(
    r"am|pm|z|utc|gmt|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?"
    r"|nov(ember)?|dec(ember)?",
    re.IGNORECASE,
)
"""What follows the digits of times, as in 3 PM or 2026 Jan."""

_POINT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d., \u00a0\u202f]*(?:[eE][-+]?\d+)?")  # whatever its point and comma mean
_UNIT = re.compile(r"°?[^\W\d_]{1,8}(?:/[^\W\d_]{1,8})?[²³]?$|°$")
_WHOLE = re.compile(r"(-?\d+)\.0+")
_PARENTHESES = re.compile(r"([^\d()+-]*)\(([^()+-]*)\)([^\d()+-]*)")


def without_decimals(cell: Any) -> Any:
    """A whole number without the `.0` that pandas adds if a cell of its column is missing; any other cell as it is.

    Example:
        >>> without_decimals("7.0"), without_decimals("7.5"), without_decimals("a")
        ('7', '7.5', 'a')
    """
    whole = _WHOLE.fullmatch(cell) if isinstance(cell, str) else None
    return whole.group(1) if whole else cell


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
    """A number with a sign or a unit, in parentheses, or with commas as thousands separators; decimals follow a point.

    Example:
        >>> number = PointNumber("-$1,234.5")
        >>> float(number), number.with_point, str(number), float(PointNumber("12.5 %")), float(PointNumber("(5 kg)"))
        (-1234.5, '-1234.5', '-$1,234.5', 12.5, -5.0)
    """

    __slots__ = ()

    @property
    def with_point(self) -> str:
        """The number without its sign or unit, parentheses and thousands separators."""
        return without_sign(self).replace(",", "")


class BareNumber(WrittenNumber):
    """A number without the sign or unit of the others in its column: its meaning is unknown.

    Example:
        >>> float(BareNumber("0.12"))
        Traceback (most recent call last):
        ValueError: 0.12 lacks the sign or the unit of its column
    """

    __slots__ = ()

    @property
    def with_point(self) -> str:
        """There is none: the unit of the number is unknown."""
        raise ValueError(f"{self} lacks the sign or the unit of its column")


def without_sign(cell: str) -> str:
    """Return a number without its percent or currency sign or its unit, and with a minus in place of parentheses.

    Any other text is returned as it is.

    Example:
        >>> without_sign("12.5 %"), without_sign("-€ 1,200"), without_sign("1.5"), without_sign("5% of $3")
        ('12.5', '-1,200', '1.5', '5% of $3')
        >>> without_sign("12 kg"), without_sign("(1,234.50)"), without_sign("($5)")
        ('12', '-1,234.50', '-5')
    """
    inside = _in_parentheses(cell)
    if inside is not None:
        return f"-{without_sign(inside)}"
    sign = _sign_of(cell)
    return cell if sign is None else _without(cell, sign)


def has_unit(cell: object) -> bool:
    """Tell whether a cell is a number with a unit or a sign after or before it.

    Example:
        >>> has_unit("12 kg"), has_unit("$5"), has_unit("12"), has_unit("12 monkeys or so"), has_unit("3 PM")
        (True, True, False, False, False)
    """
    return isinstance(cell, str) and _sign_of(cell) is not None


def columns_with_signs(cells: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find the columns whose numbers are written with a sign or a unit, or in parentheses, by the first rows of a file.

    Each comes with its sign or unit, which is empty where numbers are only in parentheses.

    Either most cells of such a column that have a value are numbers with the same percent or currency sign or the same
    unit, and only zeros are numbers without it: what 0.125 beside 12.5% means cannot be known. Or most of them are
    numbers, some of which are in parentheses, and some are not: then (5) is -5, as accountants write it. If all of
    ten rows or more have the same number and letter, such as 3a, it is taken for a name.

    Example:
        >>> columns_with_signs({"a": ["12%", "", "7 %"], "b": ["$5", "€5"], "c": ["12%", "0.12"], "d": ["5"]})
        {'a': '%'}
        >>> columns_with_signs({"a": ["12 kg", "7 kg"], "b": ["12 kg", "7 g"], "c": ["(5)", "7"], "d": ["(5)"]})
        {'a': 'kg', 'c': ''}
    """
    marked = {name: column for name, column in cells.items() if any(map(_ANY_MARK.search, column))}
    found = {name: _sign_of_all(column) for name, column in marked.items() if not _is_one_name(column)}
    return {name: sign or "" for name, sign in found.items() if sign or _some_in_parentheses(cells[name])}


def _is_one_name(column: Sequence[str]) -> bool:
    return len(column) >= _OF_A_NAME and len({*column}) == 1 and re.fullmatch(r"\d+[A-Za-z]", column[0]) is not None


def has_sign(cell: str, sign: str) -> bool:
    """Tell whether a cell has the sign or unit of its column.

    Zeros and texts that are not numbers always pass.

    Example:
        >>> [has_sign(cell, "%") for cell in ("5 %", "0", "n/a", "0.05", "5 kg")]
        [True, True, True, False, False]
        >>> has_sign("5", ""), has_sign("$5", "")
        (True, False)
    """
    found = _sign_of(cell)
    return found == sign if found is not None else not (sign and _is_other_than_zero(cell))


def columns_with_grouped_numbers(cells: Mapping[str, Sequence[str]], known: bool = False) -> frozenset[str]:
    """Find the columns whose commas certainly separate thousands, by the first rows of a file.

    All numbers with a comma are written like 1,234, and one of them has two commas or a decimal point as well, or all
    of them follow a currency sign: prices do not have three decimals. If it is `known` that decimals follow a
    point, the first condition is enough.

    Example:
        >>> columns = {"a": ["1,234", "1,234,567"], "b": ["1,234.5", "7"], "c": ["$1,234", "$7"], "d": ["1,234"]}
        >>> sorted(columns_with_grouped_numbers(columns))
        ['a', 'b', 'c']
    """
    return frozenset(
        name for name, column in cells.items() if any("," in cell for cell in column) and _grouped(column, known)
    )


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


def with_values(column: Sequence[str]) -> list[str]:
    """Return the cells of a column that are neither empty nor say that a number is missing.

    Example:
        >>> with_values(["5", "", " ", "NA", "n/a", "a"])
        ['5', 'a']
    """
    return [cell for cell in column if cell and cell.strip().lower() not in ("", *NO_NUMBER)]


def is_no_number(cell: object) -> bool:
    """Tell whether a cell says that a number is missing.

    Example:
        >>> [is_no_number(cell) for cell in ("NA", " . ", "#N/A", "#DIV/0!", "0", "", None)]
        [True, True, True, False, False, False, False]
    """
    return isinstance(cell, str) and cell.strip().lower() in NO_NUMBER


def _sign_of(cell: str) -> str | None:
    """The only percent or currency sign of a number, or its unit: after it or, for a currency, before it."""
    cell = _in_parentheses(cell) or cell
    if len(cell) > _LONGEST:
        return None
    signs = _ANY_SIGN.findall(cell) or _units(cell.strip())
    if len(signs) != 1 or (signs[0] == "%" and not cell.rstrip().endswith("%")):
        return None
    return signs[0] if _NUMBER.fullmatch(_without(cell, signs[0])) else None


def _units(cell: str) -> list[str]:
    """What a text ends in, if it may be a unit; ½ is none, and neither is the PM of 3 PM."""
    found = _UNIT.search(cell)
    if found is None or _OF_TIMES.fullmatch(found[0]) or any(map(str.isnumeric, found[0].rstrip("²³"))):
        return []
    return [found[0]]


def _in_parentheses(cell: str) -> str | None:
    """The number in parentheses, with its sign or unit, which may be outside of them; None for any other text."""
    if "(" not in cell or len(cell) > _LONGEST or (found := _PARENTHESES.fullmatch(cell.strip())) is None:
        return None
    inside = "".join(part.strip() for part in found.groups())
    return inside if _NUMBER.fullmatch(inside) or _sign_of(inside) is not None else None


def _without(cell: str, sign: str) -> str:
    before, _, behind = cell.strip().partition(sign)
    return before.rstrip() + behind.lstrip()


def _sign_of_all(column: Sequence[str]) -> str | None:
    """The sign or the unit that all numbers of a column have, zeros aside, if most cells are such numbers."""
    there = with_values(column)
    signs = [sign for cell in there if (sign := _sign_of(cell)) is not None]
    if 2 * len(signs) <= len(there) or len(set(signs)) > 1 or any(map(_is_other_than_zero, there)):
        return None
    return signs[0]


def _is_other_than_zero(cell: str) -> bool:
    """Whether a cell holds a number without a sign that is not zero."""
    plain = _in_parentheses(cell) or cell.strip()
    return len(plain) <= _LONGEST and _NUMBER.fullmatch(plain) is not None and bool(plain.strip("+-0., \u00a0\u202f"))


def _some_in_parentheses(column: Sequence[str]) -> bool:
    there = [cell.strip() for cell in with_values(column)]
    opened = [inside for cell in there if (inside := _in_parentheses(cell)) is not None]
    plain = [cell for cell in there if _NUMBER.fullmatch(cell)]
    return bool(opened and plain) and 2 * (len(opened) + len(plain)) > len(there) and not any(map(_sign_of, opened))


def _grouped(column: Sequence[str], known: bool) -> bool:
    there = [cell.strip() for cell in with_values(column)]
    numbers = [without_sign(cell) for cell in there]
    commas = [cell for cell, number in zip(there, numbers, strict=True) if "," in cell and _NUMBER.fullmatch(number)]
    if not commas or not all(_GROUPED.fullmatch(without_sign(cell)) for cell in commas):
        return False
    fitting = sum(1 for number in numbers if _GROUPED.fullmatch(number) or _POINT.fullmatch(number))
    sure = known or any(cell.count(",") > 1 or "." in cell for cell in commas)
    return 2 * fitting > len(there) and (sure or all(cell.lstrip("+-(")[0] in CURRENCIES for cell in commas))

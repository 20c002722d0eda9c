"""How numbers and dates are written in a table, judged by its first rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

from unspool.data.names_in_words import first_and_more
from unspool.data.tables.comma_numbers import (
    SEPARATING,
    CommaNumber,
    columns_as_commas,
    columns_of_whole_numbers,
    columns_with_commas,
    columns_with_decimal_commas,
    columns_with_decimal_points,
    columns_with_either_point,
    is_comma_number,
)
from unspool.data.tables.numbered_dates import DateOrder, Dates, NumberedDate, is_numbered_date
from unspool.data.tables.written_numbers import (
    BareNumber,
    PointNumber,
    WrittenNumber,
    columns_with_grouped_numbers,
    columns_with_signs,
    has_sign,
    is_point_number,
    without_sign,
)

Decimal: TypeAlias = Literal["comma", "point"]
"""What separates the decimals of numbers."""
DECIMALS: tuple[Decimal, ...] = get_args(Decimal)

_MOST_NAMED = 20
_FEW = 5


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers and dates are written in a table.

    Attributes:
        commas: columns of numbers with a decimal comma.
        whole: columns of whole numbers, in which a point separates thousands, because the file has decimal commas.
        signs: columns of numbers with a percent or currency sign or a unit, each with that sign or unit; and
            columns with negative numbers in parentheses, with "" if they have neither.
        grouped: columns of numbers whose commas separate thousands.
        points: columns of numbers whose point may separate thousands, with an example of each.
        dates: columns of dates with the year last.
        decimals: columns of numbers with a point that cannot separate thousands.
        disputed: columns whose numbers are read as training had them, with an example, or are written differently.
        contrary: says that the numbers of the file are written differently from those of training, if they are.
    """

    commas: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    signs: Mapping[str, str] = field(default_factory=dict)
    grouped: frozenset[str] = frozenset()
    points: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, DateOrder] = field(default_factory=dict)
    decimals: frozenset[str] = frozenset()
    disputed: Mapping[str, str] = field(default_factory=dict)
    contrary: str = ""

    def marked(self, cells: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        """Cells by column, marked where Python would misread a number or a date."""
        marked = dict(cells)
        for name in (self.commas | self.whole | self.signs.keys() | self.grouped) & cells.keys():
            marked[name] = [self._number(name, cell) for cell in marked[name]]
        for name, order in self.dates.items():
            marked[name] = [NumberedDate(cell, order) if is_numbered_date(cell) else cell for cell in marked[name]]
        return marked

    def _number(self, name: str, cell: str) -> str:
        if name in self.signs or name in self.grouped:
            sign = self.signs.get(name, "")
            if not has_sign(cell, sign):
                return BareNumber(cell) if has_sign(cell, "") else cell
        with_comma = name in self.commas or name in self.whole
        if with_comma and is_comma_number(without_sign(cell) if name in self.signs else cell):
            return CommaNumber(cell)
        written = name in self.signs or name in self.grouped
        return PointNumber(cell) if written and is_point_number(cell, grouped=name in self.grouped) else cell

    def in_words(self, names: Iterable[str | None], first_cells: Callable[[str], Iterable[Any]]) -> tuple[str, ...]:
        """How numbers and dates are written in some columns, with examples from their first cells."""
        asked = [name for name in dict.fromkeys(names) if name is not None]
        words = []
        if commas := [name for name in asked if name in self.commas]:
            words.append(f"numbers in {_columns(commas, _MOST_NAMED)} are written with a decimal comma")
        for name in [name for name in asked if name in self.signs or name in self.grouped][:_MOST_NAMED]:
            shown = next((cell for cell in first_cells(name) if isinstance(cell, WrittenNumber) and float(cell)), None)
            if shown is not None:
                words.append(f"numbers in column {name}, such as {shown.strip()}, are read as {shown.with_point}")
        words += self.points_in_words(asked)
        for name in asked:
            order = self.dates.get(name)
            if order is not None and order.first is not None:
                first = order.first.removesuffix("-first")
                words.append(f"dates in column {name} have the {first} first, such as {order.example}")
        return tuple(words)

    def points_in_words(self, names: Iterable[str | None]) -> tuple[str, ...]:
        """Which columns have numbers such as 1.234, whose point may separate thousands."""
        return tuple(
            f"numbers in column {name}, such as {self.points[name]}, are read with a decimal point; write "
            f"{self.points[name].replace('.', '')} if it separates thousands"
            for name in names
            if name is not None and name in self.points
        )

    def notes(self, names: Iterable[str | None]) -> tuple[str, ...]:
        """Say in which of some columns training decided how numbers are read, or that the file differs from it."""
        asked = [name for name in dict.fromkeys(names) if name is not None and name in self.disputed]
        if not asked or self.contrary:
            return (self.contrary,) if asked else ()
        return (f"numbers in {_columns(asked, _FEW)}, {self.disputed[asked[0]]}, as in training",)

    def example(self, name: str, cells: Iterable[str]) -> str:
        """How the first number of a column with a comma or a point is read; a clause."""
        one = next(cell for cell in cells if is_comma_number(without_sign(cell)))
        number = self._number(name, one)
        read = number.with_point if isinstance(number, WrittenNumber) else one.strip()
        return f"such as {one.strip()}, are read as {read}"

    def decimal(self, names: Iterable[str | None]) -> Decimal | None:
        """What separates decimals in some columns; None if no number has decimals, or columns differ."""
        asked = {*names}
        comma, point = asked & self.commas, asked & (self.grouped | self.decimals | self.points.keys())
        return None if bool(comma) == bool(point) else "comma" if comma else "point"

    def date_order(self, names: Iterable[str | None]) -> Dates | None:
        """The order of day and month in the first of some columns whose dates have the year last; else None."""
        return next((self.dates[name].first for name in names if name is not None and name in self.dates), None)


def notation_of_numbers(
    cells: Mapping[str, Sequence[Any]], delimiter: Callable[[], str], decimal: Decimal | None = None
) -> Notation:
    """How numbers are written in columns of text, given the delimiter of their file.

    `decimal`, what separated decimals in training, decides about numbers such as 1,234 and 1.234, unless another number
    in the file, or a comma between its cells, shows that this file is written the other way.

    Example:
        >>> cells = {"a": ["1,234", "7"], "b": ["x", "y"]}
        >>> found = notation_of_numbers(cells, lambda: ";", decimal="point")
        >>> float(found.marked(cells)["a"][0]), found.notes(["a", "b"])
        (1234.0, ('numbers in column a, such as 1,234, are read as 1234, as in training',))
        >>> cells = {"a": ["1,234", "7"], "b": ["0,5", "1"]}
        >>> found = notation_of_numbers(cells, lambda: ";", decimal="point")
        >>> float(found.marked(cells)["a"][0]), found.notes(["a", "b"])[0].partition(", but ")[0]
        (1.234, 'numbers in this file have a decimal comma, such as 0,5 in column b')
    """
    signs, grouped = columns_with_signs(cells), columns_with_grouped_numbers(cells)
    plain = {**cells} | {name: list(map(without_sign, cells[name])) for name in signs}
    plain |= {name: [cell.replace(",", "") for cell in plain[name]] for name in grouped}
    commas, points = columns_with_commas(plain, delimiter), columns_with_either_point(plain, delimiter)
    sure = columns_with_decimal_points(plain)
    whole = columns_of_whole_numbers(plain) if commas and not sure else frozenset[str]()
    found = Notation(commas, whole, signs, grouped, points, decimals=frozenset(sure))
    if decimal is None:
        return found
    if decimal == "comma":
        either = columns_as_commas(plain) - commas
        whole = columns_of_whole_numbers(plain) if delimiter() in SEPARATING else whole
        trained = replace(found, commas=commas | either, whole=whole, points={})
        sure |= {name: next(filter(_is_grouped, cells[name])).strip() for name in cells if name in grouped}
        other = "point" if sure or (either and delimiter() == ",") else None
    else:
        known = columns_with_grouped_numbers(cells, known=True)
        either = commas | known - grouped
        trained = replace(found, commas=frozenset(), whole=frozenset(), grouped=known)
        sure = columns_with_decimal_commas(plain)
        other = "comma" if sure else None
    if other is None:
        return replace(trained, disputed={name: trained.example(name, cells[name]) for name in either})
    shown = next((f", such as {cell} in column {name}" for name, cell in sure.items()), "")
    contrary = f"numbers in this file have a decimal {other}{shown}, but those in training had a decimal {decimal}"
    return replace(found, contrary=contrary, disputed=dict.fromkeys([*either, *sure], ""))


def _is_grouped(cell: str) -> bool:
    return "," in cell and is_point_number(cell, grouped=True)


def _columns(names: Sequence[str], most: int) -> str:
    return f"column{'s' * (len(names) > 1)} {first_and_more(names, most)}"

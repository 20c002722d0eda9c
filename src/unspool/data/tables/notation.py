"""How numbers and dates are written in a table, judged by its first rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from unspool.data.tables.comma_numbers import (
    CommaNumber,
    columns_as_commas,
    columns_with_commas,
    columns_with_decimal_points,
    columns_with_either_point,
    is_comma_number,
)
from unspool.data.tables.numbered_dates import DateOrder, Dates, NumberedDate, is_numbered_date
from unspool.data.tables.written_numbers import (
    PointNumber,
    WrittenNumber,
    columns_with_grouped_numbers,
    columns_with_signs,
    is_point_number,
    without_sign,
)

Decimal = Literal["comma", "point"]
"""What separates the decimals of numbers."""
DECIMALS = ("comma", "point")

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers and dates are written in a table.

    Attributes:
        commas: columns of numbers with a decimal comma.
        signs: columns of numbers with a percent or currency sign or a unit, or with negative numbers in parentheses.
        grouped: columns of numbers whose commas separate thousands.
        points: columns of numbers whose point may separate thousands, with an example of each.
        dates: columns of dates with the year last.
        decimals: columns of numbers with a point that cannot separate thousands.
        notes: on columns whose numbers are read as in training, or are written differently.
    """

    commas: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    grouped: frozenset[str] = frozenset()
    points: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, DateOrder] = field(default_factory=dict)
    decimals: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)

    def marked(self, cells: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        """Cells by column, marked where Python would misread a number or a date."""
        marked = dict(cells)
        for name in (self.commas | self.signs | self.grouped) & cells.keys():
            marked[name] = [self._number(name, cell) for cell in marked[name]]
        for name, order in self.dates.items():
            marked[name] = [NumberedDate(cell, order) if is_numbered_date(cell) else cell for cell in marked[name]]
        return marked

    def _number(self, name: str, cell: str) -> str:
        if name in self.commas and is_comma_number(without_sign(cell) if name in self.signs else cell):
            return CommaNumber(cell)
        written = name in self.signs or name in self.grouped
        return PointNumber(cell) if written and is_point_number(cell, grouped=name in self.grouped) else cell

    def in_words(self, names: Iterable[str | None], first_cells: Callable[[str], Iterable[Any]]) -> tuple[str, ...]:
        """How numbers and dates are written in some columns, with examples from their first cells."""
        asked = [name for name in dict.fromkeys(names) if name is not None]
        words = []
        if commas := [name for name in asked if name in self.commas]:
            more = f" and {len(commas) - _MOST_NAMED:,} more" if len(commas) > _MOST_NAMED else ""
            where = f"column{'s' * (len(commas) > 1)} {', '.join(commas[:_MOST_NAMED])}{more}"
            words.append(f"numbers in {where} are written with a decimal comma")
        for name in [name for name in asked if name in self.signs | self.grouped][:_MOST_NAMED]:
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

    `decimal`, what separated decimals in training, decides about numbers such as 1,234 and 1.234.

    Example:
        >>> cells = {"a": ["1,234", "7"], "b": ["0,5", "1"]}
        >>> found = notation_of_numbers(cells, lambda: ";", decimal="point")
        >>> found.marked(cells)["a"], found.notes["a"]
        (['1,234', '7'], 'numbers in column a, such as 1,234, are read as 1234, as in training')
        >>> found.notes["b"]
        'numbers in column b, such as 0,5, are read as 0.5, but numbers in training have a decimal point'
    """
    signs, grouped = columns_with_signs(cells), columns_with_grouped_numbers(cells)
    plain = {**cells} | {name: list(map(without_sign, cells[name])) for name in signs}
    plain |= {name: [cell.replace(",", "") for cell in plain[name]] for name in grouped}
    commas, points = columns_with_commas(plain, delimiter), columns_with_either_point(plain, delimiter)
    found = Notation(commas, signs, grouped, points, decimals=columns_with_decimal_points(plain) - commas)
    if decimal == "comma":
        changed = columns_as_commas(plain) - commas
        against = grouped | found.decimals
        points = {name: point for name, point in points.items() if name not in changed}
        found = replace(found, commas=commas | changed, points=points)
    elif decimal == "point":
        changed = columns_with_grouped_numbers(cells, known=True) - grouped
        against = commas - changed
        found = replace(found, commas=commas - changed, grouped=grouped | changed)
    else:
        return found
    notes = {}
    for name in changed | against:
        why = "as in training" if name in changed else f"but numbers in training have a decimal {decimal}"
        one = next(cell for cell in found.marked({name: [*cells[name]]})[name] if "," in cell or "." in cell)
        read = one.with_point if isinstance(one, WrittenNumber) else one.strip()
        notes[name] = f"numbers in column {name}, such as {one.strip()}, are read as {read}, {why}"
    return replace(found, notes=notes)

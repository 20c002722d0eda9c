"""Columns that are read as one: a time in several, labels that have one each, or a name in several."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from unspool.data.tables.formats import Row
from unspool.data.tables.problems import Flaw
from unspool.errors import AdvisedError, UserError


@dataclass(frozen=True, slots=True)
class JoinedColumns:
    """Several columns that stand for one.

    Attributes:
        names: of the columns.
        join: makes a cell of the names and a row's cells, or tells what is wrong with these.
        stay: whether the table keeps the columns beside the joined one.
    """

    names: tuple[str, ...]
    join: Callable[[Sequence[str], Sequence[Any]], Any]
    stay: bool = False


def parts_of(name: str | None, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a column is joined from: none if it is one itself, or none of them exists.

    Example:
        >>> parts_of("year, month", ["year", "month", "y"]), parts_of("day", ["day"]), parts_of(None, [])
        (('year', 'month'), (), ())
    """
    if name is None or name in columns or "," not in name:
        return ()
    parts = tuple(part.strip() for part in name.split(","))
    return parts if any(part in columns for part in parts) else ()


def shown_columns(names: Sequence[str]) -> str:
    """One column or several, as a message calls them.

    Example:
        >>> shown_columns(["shop"]), shown_columns(["store", "item", "size"])
        ('column shop', 'columns store, item and size')
    """
    *first, last = names
    return f"columns {', '.join(first)} and {last}" if first else f"column {last}"


def refuse_parts(path: object, name: str, parts: Sequence[str], columns: Sequence[str], what: str) -> None:
    """Refuse to join missing columns, or one column twice.

    Args:
        path: of the table.
        name: of the joined column.
        parts: that it is joined from.
        columns: of the table.
        what: the joined column is for.

    Raises:
        UserError: names the column.
    """
    for part in parts:
        if part not in columns:
            near = get_close_matches(part, columns, n=1)
            raise AdvisedError(
                f"{path} has no column {part!r} for the {what} {name}.",
                f"{f'Did you mean {near[0]}? ' if near else ''}Its columns are {', '.join(columns)}.",
            )
        if parts.count(part) > 1:
            raise UserError(f"{path}: column {part} is named twice for the {what}. Name it once.")


def columns_after(columns: Sequence[str], joined: Mapping[str, JoinedColumns]) -> tuple[str, ...]:
    """The columns of a table once some are joined: the joined ones first."""
    gone = {name for one in joined.values() if not one.stay for name in one.names}
    return (*joined, *(name for name in columns if name not in gone))


def rows_after(rows: Iterator[Row], columns: Sequence[str], joined: Mapping[str, JoinedColumns]) -> Iterator[Row]:
    """The rows of a table with some columns joined; a row whose cells cannot be joined is its flaw."""
    places = {name: place for place, name in enumerate(columns)}
    kept = [places[name] for name in columns_after(columns, joined)[len(joined) :]]
    for mark, cells in rows:
        if isinstance(cells, Flaw):
            yield mark, cells
            continue
        made = [one.join(one.names, [cells[places[name]] for name in one.names]) for one in joined.values()]
        flaw = next((cell for cell in made if isinstance(cell, Flaw)), None)
        yield mark, flaw or [*made, *(cells[place] for place in kept)]

"""One column with the texts, or several that are read as one text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from unspool.data.cell_values import is_missing
from unspool.errors import UserError

SEPARATOR = " | "
"""Stands between the texts of several columns, so that a model can tell where one ends."""


def text_columns(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that are read: the one of that name, or those between its commas.

    Args:
        text: what a person has named, as in "title,body".
        columns: of the table.

    Example:
        >>> text_columns("title, body", ["title", "body"]), text_columns("a,b", ["a,b", "a"])
        (('title', 'body'), ('a,b',))
    """
    if text in columns:
        return (text,)
    return tuple(name if name in columns else name.strip() for name in text.split(","))


def have_text(text: str, columns: Sequence[str]) -> bool:
    """Tell whether a table has all columns that are read."""
    return all(name in columns for name in text_columns(text, columns))


def texts_of_cells(cells: Mapping[str, Sequence[Any]], text: str) -> Sequence[Any]:
    """Return the texts of some rows: those of a column, or of several with `SEPARATOR` between them.

    An empty cell leaves its place empty; where all of a row are, its text is missing. A cell that holds no text stands
    for the row's text, to be told from one.

    Args:
        cells: N values by the name of the column.
        text: as of `text_columns`.

    Example:
        >>> texts_of_cells({"title": ["Fine", None, None], "body": ["A film.", "Dull.", ""]}, "title,body")
        ['Fine | A film.', ' | Dull.', None]
    """
    columns = [cells[name] for name in text_columns(text, list(cells))]
    if len(columns) == 1:
        return columns[0]
    return [_joined(parts) for parts in zip(*columns, strict=True)]


def _joined(parts: tuple[Any, ...]) -> Any:
    there = [part for part in parts if not is_missing(part)]
    wrong = [part for part in there if not isinstance(part, str)]
    if wrong or not there:
        return wrong[0] if wrong else None
    return SEPARATOR.join("" if is_missing(part) else part.strip() for part in parts)


def refuse_repeated(path: Path, text: str, columns: Sequence[str]) -> None:
    """Refuse to read a column twice.

    Raises:
        UserError: one is named twice.
    """
    names = text_columns(text, columns)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{path}: column {twice} is named twice for the text. Name it once.")

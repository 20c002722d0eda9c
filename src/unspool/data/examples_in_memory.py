"""Examples that are in memory already: the texts, tokens or series of a data frame, of lists, or of arrays."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.frames import eager, is_frame, plain_cell
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.texts.side_columns import NO_SIDE, SideColumns
from unspool.data.texts.tagged_texts import TOKEN_NAMES
from unspool.data.texts.text_columns import have_text, text_columns, texts_of_cells
from unspool.data.usual_names import usual
from unspool.errors import UserError


def are_texts(examples: Sequence[Any] | NDArray[Any]) -> bool:
    """Tell whether the first of some examples is a text, or a list of tokens, and no series."""
    return isinstance(examples[0], str) or _is_tokens(examples[0])


def texts_of(data: Any, column: str | None, side: SideColumns = NO_SIDE) -> list[str]:
    """The texts of a data frame's column, or of several as in "title,body", or of a list; None and numbers are refused.

    Args:
        data: a data frame, or a list of texts; with columns beside the text, also a list of rows, each a dict.
        column: of the frame or the rows.
        side: columns whose cells come with the texts, see `TextRow`.

    Raises:
        UserError: there is no such column, or an entry is not a text, or a cell no number or category; names its
            position, from 0.
    """
    if is_frame(data):
        frame = eager(data)
        name = column if column is not None else (frame.columns[0] if len(frame.columns) == 1 else None)
        if name is None or not have_text(name, frame.columns):
            raise UserError(f"The data frame has no column {column!r}. Its columns are {', '.join(frame.columns)}.")
        side.require("The data frame", frame.columns)
        names = text_columns(name, frame.columns)
        data = _texts_with_cells({one: frame[one].to_list() for one in {*names, *side.names}}, names, name, side)
    elif side and column is not None and len(data) and all(isinstance(row, Mapping) for row in data):
        names = text_columns(column, [*data[0]])
        data = _texts_with_cells(_cells_of_rows(data, [*names, *side.names]), names, column, side)
    entries = data.tolist() if isinstance(data, np.ndarray) else list(data)
    for position, entry in enumerate(entries):
        if isinstance(entry, Flaw):
            raise UserError(f"Entry {position} (counted from 0), column {entry.column}: {entry.detail}.")
        if not isinstance(entry, str):
            raise UserError(f"Entry {position} (counted from 0) is {entry!r}, and a text was expected.")
        _refuse_unreadable(entry, f"Entry {position} (counted from 0)")
    return entries


def _texts_with_cells(
    columns: Mapping[str, Sequence[Any]], names: Sequence[str], column: str, side: SideColumns
) -> list[Any]:
    cells = {name: [plain_cell(cell) for cell in given] for name, given in columns.items()}
    texts = texts_of_cells({name: cells[name] for name in names}, column)
    return list(side.rows(texts, cells) if side else texts)


def _cells_of_rows(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, list[Any]]:
    """The cells of some columns of rows, each a dict."""
    found: dict[str, list[Any]] = {}
    for name in names:
        for position, row in enumerate(rows):
            if name not in row:
                raise UserError(f"Entry {position} (counted from 0) has no column {name!r}, which this model reads.")
        found[name] = [row[name] for row in rows]
    return found


def tokens_of(data: Any, column: str | None) -> list[tuple[str, ...]]:
    """The tokens of N texts, from a data frame's column of lists, or from a list of lists.

    Args:
        data: the frame or the list.
        column: of a frame; None finds it by usual names, as in files.

    Raises:
        UserError: there is no such column, or an entry is no list of texts; names its position, from 0.
    """
    if is_frame(data):
        frame = eager(data)
        column = column or usual(frame.columns, TOKEN_NAMES) or TOKEN_NAMES[0]
        if column not in frame.columns:
            raise UserError(f"The data frame has no column {column!r}. Its columns are {', '.join(frame.columns)}.")
        data = frame[column].to_list()
    for position, entry in enumerate(data):
        if not _is_tokens(entry):
            raise UserError(f"Entry {position} (counted from 0) is {entry!r}, and a list of tokens was expected.")
        for number, token in enumerate(entry):
            _refuse_unreadable(token, f"Entry {position} (counted from 0): token {number}")
    return [tuple(map(str, entry)) for entry in data]


def _refuse_unreadable(text: str, where: str) -> None:
    """Refuse what files may not contain either: a blank text, or half a character."""
    flaw = byte_flaw(text)
    if not text.strip():
        raise UserError(f"{where} is empty or blank. Leave it out.")
    if flaw is not None and flaw.reason is Reason.NOT_UTF8:
        raise UserError(f"{where}: {flaw.detail}. Remove it.")


def _is_tokens(entry: Any) -> bool:
    is_list = isinstance(entry, list | tuple | np.ndarray)
    return is_list and len(entry) > 0 and all(isinstance(token, str) for token in entry)


def series_of(data: Any, channels: int | None = None, whole: bool = False) -> list[NDArray[np.float32]]:
    """N series (T_i, C) of an array (N, T, C) or (N, T), or of a list of arrays; steps of NaN at the end are cut off.

    Args:
        data: the array or the list.
        channels: C, or None where that is open, as long as all have the same.
        whole: whether nothing is cut off, as each step needs its tag.

    Raises:
        UserError: an entry is no such series; names its position, from 0.
    """
    found: list[NDArray[np.float32]] = []
    for position, entry in enumerate(data):
        try:
            with np.errstate(over="ignore"):  # too large a number becomes infinite, and is told later
                if np.iscomplexobj(entry):
                    raise TypeError("complex numbers")
                array = np.asarray(entry, dtype=np.float32)
        except (TypeError, ValueError) as error:
            rows = " If its keys name columns, make a data frame of the list." if isinstance(entry, Mapping) else ""
            if isinstance(entry, np.void):
                rows = " If the array's fields are columns, make a data frame: pandas.DataFrame(data)."
            raise UserError(f"Entry {position} (counted from 0) is not a series of numbers.{rows}") from error
        if array.ndim == 0:
            raise UserError(
                f"Entry {position} (counted from 0) is a number, and a series was expected. Give a list of series; to "
                "forecast one, give a data frame with a row for each step, or pandas.Series(data), and a horizon."
            )
        array = array[:, None] if array.ndim == 1 else array
        wanted = channels if channels is not None else (found[0].shape[1] if found else None)
        if array.ndim != 2 or (wanted is not None and array.shape[1] != wanted):
            shape = f"(steps, {wanted})" if wanted is not None else "(steps, channels)"
            images = " Flatten each step: entry.reshape(len(entry), -1)." if array.ndim > 2 else ""
            raise UserError(
                f"Entry {position} (counted from 0) has the shape {np.shape(entry)}, and a series {shape} was expected."
                f"{images}"
            )
        found.append(array if whole else array[: _end(array)])
    return found


def _end(series: NDArray[np.float32]) -> int:
    """Where the steps of NaN begin that fill an array up."""
    there = np.flatnonzero(~np.isnan(series).all(axis=1))
    return int(there[-1]) + 1 if len(there) else 0

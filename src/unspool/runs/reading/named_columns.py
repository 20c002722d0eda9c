"""The columns that a person or a recipe names, checked against a table's header before anything heavy is imported."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from unspool.data.forecasting.series_columns import columns_of_parts, parts_of_label
from unspool.data.headers import refuse_headerless
from unspool.data.required_columns import require, require_all, require_text, spelled
from unspool.data.tables.compression import ending_of
from unspool.data.tables.formats import BY_ENDING
from unspool.data.tables.table import Table, read_table
from unspool.data.text_and_label import find_label, find_text
from unspool.data.texts.line_files import aligned_table
from unspool.data.texts.text_columns import text_columns
from unspool.errors import UserError
from unspool.files import expanded
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import DataSettings, FileSettings, PairSettings, column_read
from unspool.runs.records.folder import RECIPE

_ONE = ("label", "source", "target", "group", "time", "id", "split", "newest", "series")
_SEVERAL = {"numeric": "--numeric", "categorical": "--categorical", "channels": "channel", "known_ahead": "covariate"}


def with_names_spelled(settings: FileSettings) -> FileSettings:
    """The settings with the names of columns as the file spells them (see `spelled`).

    Raises:
        UserError: the table cannot be opened.
    """
    given = {what: names for what in (*_ONE, *_SEVERAL, "text", "steps") if (names := getattr(settings, what))}
    if settings.two_files:
        given.pop("target")
    given = {what: names for what, names in given.items() if not "".join(names).isascii()}
    if not given or not _is_table(path := expanded(settings.path)):
        return settings
    columns = read_table(path).columns
    found: dict[str, Any] = {
        what: _spelled(names, columns) if isinstance(names, str) else tuple(spelled(name, columns) for name in names)
        for what, names in given.items()
    }
    return replace(settings, **found)


def _spelled(names: str, columns: Sequence[str]) -> str:
    """The name of a column, or of several with commas between them."""
    whole = spelled(names, columns)
    return whole if whole in columns else ",".join(spelled(one.strip(), columns) for one in names.split(","))


def refuse_missing_columns(settings: FileSettings) -> None:
    """Refuse options that name a column which the table does not have, or a second file which is not there.

    Raises:
        UserError: names the nearest column, and all of them; or the table cannot be opened.
    """
    settings = with_names_spelled(settings)
    path = Path(settings.path)
    if settings.two_files:
        aligned_table(path, Path(settings.target or ""))
    if not _is_table(path):
        return
    label = None if settings.forecasts else settings.label
    times = (settings.time, settings.newest)
    columns = read_table(path, times=times, label=label, series=settings.series).columns
    if settings.text is not None:
        require_text(path, columns, settings.text)
    parts = parts_of_label(settings.label, columns) if settings.forecasts else ()
    columns_of_parts(path, parts, columns, columns)
    named = [(what, getattr(settings, what)) for what in _ONE if not (parts and what == "label")]
    named += [(what, name) for option, what in _SEVERAL.items() for name in getattr(settings, option) or ()]
    require_all(path, columns, named)


def refuse_missing_columns_of(
    model: Path, path: Path, text: str | None, label: str | None = None, score: str | None = None
) -> tuple[str, ...]:
    """The same of a table for a trained model: it reads a column of the training's name where none is named.

    Args:
        model: its folder.
        path: of the table.
        text: the column that is read, if it is named.
        label: the column with the truth, if it is named.
        score: the column with texts to score, if it is named.

    Returns:
        What to point out about numbers such as 1.234 in columns that training read as numbers: the point may
        separate thousands.

    Raises:
        UserError: see `refuse_missing_columns`; or the model's recipe cannot be read.
    """
    if not _is_table(path):
        return ()
    data = load_recipe(model / RECIPE).data
    decimal = data.decimal if isinstance(data, FileSettings) else None
    table = read_table(path, "skip", label=label, decimal=decimal)
    reads_column = isinstance(data, FileSettings) and data.kind in ("text", "pairs")
    if text is not None or reads_column:
        text_column(data, table, text)
    if label is not None:
        require(path, table.columns, spelled(label, table.columns), "label")
    if score is not None:
        require(path, table.columns, score, "--score")
    return table.words_on_points(_numbers_of(data, table)) if isinstance(data, FileSettings) else ()


def _numbers_of(data: FileSettings, table: Table) -> tuple[str, ...]:
    """The columns that a model may read as numbers."""
    if data.kind in ("text", "pairs"):
        return (data.label or "", *(data.numeric or ()))
    named = {data.series, data.group, data.id, data.split}
    return tuple(name for name in table.columns if name not in named)


def text_column(data: DataSettings, table: Table, text: str | None) -> str:
    """The column that was named, or that of training; a named dataset has none, and takes the usual one.

    Args:
        data: what the model was trained on.
        table: that it is to read.
        text: the name of the column, or of several; None for that of training.

    Raises:
        UserError: the table does not have it.
    """
    if text is not None:
        text = _spelled(text, table.columns)
        require_text(table.path, table.columns, text)
        return text
    trained = column_read(data)
    if trained is None and isinstance(data, PairSettings) and data.source in table.columns:
        trained = data.source
    if trained is None:
        return find_text(table.path, table.first())[0]
    trained = _spelled(trained, table.columns)
    missing = [name for name in text_columns(trained, table.columns) if name not in table.columns]
    if missing:
        otherwise = "name the column with the texts (--text)"
        refuse_headerless(table, table.first(), names=",".join(missing), otherwise=otherwise)
        raise UserError(
            f"{table.path} has no column {missing[0]!r}, which the model reads. Its columns are "
            f"{', '.join(table.columns)}. Name the one with the texts: --text COLUMN."
        )
    return trained


def label_column(data: DataSettings, table: Table, label: str | None, taken: str) -> str:
    """The column of labels that was named, or that of training, or the one that looks like it beside `taken`.

    Raises:
        UserError: the table does not have it.
    """
    trained = data.label if isinstance(data, FileSettings) else None
    if label is None and trained is None:
        return find_label(table.path, table.first(), {taken})[0]
    label, trained = (name if name is None else spelled(name, table.columns) for name in (label, trained))
    if label is None and trained not in table.columns:
        raise UserError(
            f"{table.path} has no column {trained!r}, which the model predicts. Its columns are "
            f"{', '.join(table.columns)}. Name the one with the truth (--label COLUMN; in Python label=)."
        )
    found = label or trained or ""
    require(table.path, table.columns, found, "label")
    return found


def _is_table(path: Path) -> bool:
    return path.is_file() and ending_of(path) in BY_ENDING

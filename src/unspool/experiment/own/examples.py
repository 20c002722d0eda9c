"""The labelled examples in a person's file: text or series, found, read, and looked through."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from unspool.data.columns import LABEL_NAMES, find_columns, usual
from unspool.data.examples import TextExamples, read_examples
from unspool.data.inspection import TextInspection, inspect_texts
from unspool.data.series.examples import SeriesExamples, read_series
from unspool.data.series.inspection import SeriesInspection, inspect_series
from unspool.data.series.long_form import SERIES_NAMES, find_series_columns
from unspool.data.tables.table import Chunk, read_table
from unspool.errors import UserError
from unspool.experiment.own.recipe import OwnFile

Examples = TextExamples | SeriesExamples
Inspection = TextInspection | SeriesInspection

_FOR_TEXTS, _FOR_SERIES = ("text", "id", "test"), ("series", "channels", "newest")


def kind_of(path: Path, series: str | None, channels: tuple[str, ...] | None) -> Literal["text", "series"]:
    """Tell whether a file holds texts or series.

    Series are in .npz files, in tables where a column is named for them, and in tables of numbers that have a column
    of a usual name whose values recur: a row for each time step.

    Args:
        path: of the file.
        series: the column that tells series apart, if it was named.
        channels: the columns with their numbers, if these were named.

    Raises:
        UserError: the file cannot be read.
    """
    if path.suffix.lower() == ".npz" or series is not None or channels is not None:
        return "series"
    first = next(iter(read_table(path, on_error="skip").chunks()))
    return "series" if _in_long_form(first) else "text"


def read_file(data: OwnFile, seed: int) -> Examples:
    """Read what a file holds, find its task, and decide what each example is for.

    Raises:
        UserError: the file cannot be read, something cannot be used, or an option is given that its kind has not.
    """
    names = _FOR_SERIES if data.kind == "text" else _FOR_TEXTS
    for name in names:
        if getattr(data, name) is not None:
            hint = " The newest texts are held out by --time." if name == "newest" else ""
            raise UserError(f"{data.path}: --{name} is not for {'texts' if data.kind == 'text' else 'series'}.{hint}")
    fractions = (data.validation_fraction, data.test_fraction)
    if data.kind == "series":
        return read_series(
            data.path,
            series=data.series,
            label=data.label,
            channels=data.channels,
            time=data.time,
            group=data.group,
            split=data.split,
            newest=data.newest,
            task=data.task,
            fractions=fractions,
            seed=seed,
            on_error=data.on_error,
        )
    table = read_table(data.path, data.on_error)
    columns = find_columns(
        table,
        text=data.text,
        label=data.label,
        group=data.group,
        time=data.time,
        id=data.id,
        split=data.split,
    )
    test = read_table(data.test, data.on_error) if data.test is not None else None
    return read_examples(table, columns, test=test, task=data.task, fractions=fractions, seed=seed)


def as_found(data: OwnFile, examples: Examples) -> OwnFile:
    """Name the columns that were found, so that the model's recipe says them."""
    if isinstance(examples, SeriesExamples):
        return data if Path(data.path).suffix.lower() == ".npz" else _series_as_found(data)
    columns = examples.columns
    return replace(data, text=columns.text, label=columns.label, split=columns.split)


def inspected(examples: Examples, data: OwnFile) -> Inspection:
    """Look through the examples; for texts this fits the tokenizer."""
    if isinstance(examples, SeriesExamples):
        return inspect_series(examples)
    return inspect_texts(examples, data.tokenizer, data.size)


def _series_as_found(data: OwnFile) -> OwnFile:
    found = find_series_columns(
        read_table(data.path),
        series=data.series,
        label=data.label,
        channels=data.channels,
        time=data.time,
        group=data.group,
        split=data.split,
        newest=data.newest,
    )
    return replace(data, series=found.series, label=found.label, channels=found.channels, time=found.time)


def _in_long_form(first: Chunk) -> bool:
    series = usual(first.cells, SERIES_NAMES)
    if series is None or not len(first):
        return False
    values = [str(value) for value in first.cells[series]]
    label = usual(first.cells, LABEL_NAMES)
    others = [cells for name, cells in first.cells.items() if name not in (series, label)]
    return len(set(values)) < len(values) and bool(others) and sum(map(_is_numeric, others)) * 2 > len(others)


def _is_numeric(cells: list[object]) -> bool:
    """Whether most cells are numbers; NaN and infinity are, so that they are told as what is wrong with a series."""
    return 2 * sum(map(_is_number, cells)) > len(cells)


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True

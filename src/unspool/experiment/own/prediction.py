"""A model at work on a file: the file's columns, and what the model says of each row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unspool.data.columns import require
from unspool.data.roles import text_flaw
from unspool.data.tables.problems import OnError, Problem, Reason, settle
from unspool.data.tables.table import Chunk, Table, format_of, read_table
from unspool.data.tables.writing import write_table
from unspool.errors import UserError
from unspool.experiment.own.attributions import Attributor
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.reading import TextReader
from unspool.experiment.own.series_prediction import decisions_on, read_for
from unspool.progress import bar, spinner

PREDICTION, PROBABILITY, ATTRIBUTIONS, ERROR = "prediction", "probability", "attributions", "attribution_error"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was written.

    Attributes:
        out: the file.
        rows: how many, each with a prediction.
        left_out: how many rows of the input have none, by reason.
        predictions: how many have which label; none for numbers and for several labels at once.
    """

    out: Path
    rows: int
    left_out: dict[str, int]
    predictions: dict[str, int]


def check_out(out: Path) -> None:
    """Refuse a place for predictions before any work is done.

    Raises:
        UserError: its ending is no table's, or its folder is not there.
    """
    format_of(out)
    if not out.parent.is_dir():
        raise UserError(f"--out {out}: there is no folder {out.parent}.")


def predict_file(
    model: OwnModel,
    path: Path,
    out: Path,
    *,
    text: str | None = None,
    attributions: bool = False,
    on_error: OnError = "stop",
) -> Predicted:
    """Predict each row of a file, and write its columns with the predictions beside them: whole, or not at all.

    The file is read twice, a thousand rows at a time: first to see that it can be used, then to predict. Memory does
    not grow with its length. Series are read whole.

    Args:
        model: from `load_own_model`.
        path: of a table or a folder of texts; for series, a .npz file or a table with a row for each time step.
        out: the table to write.
        text: the column that is read, or None for the one of training.
        attributions: whether to write how much each token speaks for the prediction.
        on_error: what is done about a row that cannot be used: "stop" at it, or "skip" it and count it.

    Raises:
        UserError: a file cannot be read or written, a column is missing or would be written twice, no row can be used,
            or one is not and `on_error` is "stop".
    """
    check_out(out)
    if isinstance(model.reader, TextReader):
        return _predict_texts(model, model.reader, path, out, text, attributions, on_error)
    if text is not None or attributions:
        raise UserError("--text and --attributions are for texts; this model reads series.")
    return _predict_series(model, path, out, on_error)


def _predict_texts(
    model: OwnModel, reader: TextReader, path: Path, out: Path, text: str | None, attributions: bool, on_error: OnError
) -> Predicted:
    table = read_table(path, on_error)
    column = text or model.recipe.data.text
    assert column is not None
    require(table.path, table.columns, column, "text")
    new = [*_new_columns(model), *([ATTRIBUTIONS, ERROR] if attributions else [])]
    _refuse_columns(path, table.columns, new)
    with spinner(f"Reading {path.name}"):
        count, left_out = _counted(table, column)
    attributor = Attributor(model) if attributions else None
    tally: Counter[str] = Counter()

    def rows() -> Iterator[Row]:
        with bar(f"Predicting {path.name}", count) as advance:
            for chunk in _usable(table, column):
                yield from _with_predictions(model, reader, chunk, column, attributor, tally)
                advance(len(chunk))

    written = write_table(rows(), out, [*table.columns, *new])
    return Predicted(out, written, left_out, dict(tally.most_common()))


def _predict_series(model: OwnModel, path: Path, out: Path, on_error: OnError) -> Predicted:
    with spinner(f"Reading {path.name}"):
        column, series = read_for(model, path, on_error)
    new = _new_columns(model)
    _refuse_columns(path, (column,), new)
    tally: Counter[str] = Counter()

    def rows() -> Iterator[Row]:
        for name, label, probability in decisions_on(model, path, series):
            _count(label, tally)
            yield {column: name} | _columns(model, label, probability)

    written = write_table(rows(), out, [column, *new])
    left_out = {reason.value: count for reason, count in series.left_out.most_common()}
    return Predicted(out, written, left_out, dict(tally.most_common()))


def _with_predictions(
    model: OwnModel, reader: TextReader, chunk: Chunk, column: str, attributor: Attributor | None, tally: Counter[str]
) -> Iterator[Row]:
    ids = reader.read(chunk.cells[column])
    found = model.answers(ids)
    labels, probabilities = model.decisions(found)
    explained = attributor.explain(ids, found) if attributor is not None else [None] * len(chunk)
    for index, label in enumerate(labels):
        row = {name: cells[index] for name, cells in chunk.cells.items()}
        row |= _columns(model, label, probabilities[index] if probabilities else None)
        explanation = explained[index]
        if explanation is not None:
            row |= {ATTRIBUTIONS: explanation.pairs, ERROR: explanation.error}
        _count(label, tally)
        yield row


def _new_columns(model: OwnModel) -> list[str]:
    return [PREDICTION] if model.codec.task == "regression" else [PREDICTION, PROBABILITY]


def _columns(model: OwnModel, label: Any, probability: Any) -> Row:
    """What is said of one row, as a cell can hold it: several labels as a text, where they were one in training."""
    separator = model.codec.separator
    if isinstance(label, tuple):
        label = separator.join(label) if separator is not None else list(label)
    if probability is None:
        return {PREDICTION: label}
    return {
        PREDICTION: label,
        PROBABILITY: list(probability.values()) if isinstance(probability, dict) else probability,
    }


def _count(label: Any, tally: Counter[str]) -> None:
    if isinstance(label, str):
        tally[label] += 1


def _refuse_columns(path: Path, columns: tuple[str, ...], new: list[str]) -> None:
    for name in new:
        if name in columns:
            raise UserError(f"{path} has a column {name!r} already, which would be written. Rename it.")


def _counted(table: Table, column: str) -> tuple[int, dict[str, int]]:
    """Count the rows that can be used, and the others by reason."""
    left_out: Counter[Reason] = Counter()
    count = 0
    for chunk in table.chunks():
        problems = [*chunk.problems, *_text_problems(chunk, column)]
        settle(problems, table.path, table.on_error)
        left_out.update(problem.flaw.reason for problem in problems)
        count += len(chunk) - len(problems) + len(chunk.problems)
    if not count:
        raise UserError(f"{table.path}: no row can be used.")
    return count, {reason.value: found for reason, found in left_out.most_common()}


def _usable(table: Table, column: str) -> Iterator[Chunk]:
    for chunk in table.chunks():
        flawed = {problem.place.row for problem in _text_problems(chunk, column)}
        if not flawed:
            yield chunk
            continue
        kept = [index for index, place in enumerate(chunk.places) if place.row not in flawed]
        yield Chunk(
            [chunk.places[index] for index in kept],
            {name: [cells[index] for index in kept] for name, cells in chunk.cells.items()},
            chunk.problems,
        )


def _text_problems(chunk: Chunk, column: str) -> list[Problem]:
    found = ((text_flaw(text, column), place) for text, place in zip(chunk.cells[column], chunk.places, strict=True))
    return [Problem(flaw, place) for flaw, place in found if flaw is not None]

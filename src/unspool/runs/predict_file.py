"""A trained model at work on a file: predictions written beside its columns."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import text_flaw
from unspool.data.series.labelled import LabelledSeries
from unspool.data.tables.folder import beside_classes
from unspool.data.tables.formats import JSON_LINES, PARQUET, holds_labelled_lines
from unspool.data.tables.joined_names import named_cells
from unspool.data.tables.problems import Flaw, OnError, Problem, Reason, by_reason, settle
from unspool.data.tables.table import Chunk, Table, read_table
from unspool.data.tables.writing import Printed, check_out, format_written, write_table
from unspool.data.texts.line_files import holds_lines
from unspool.data.texts.pairs import SOURCE_NAMES
from unspool.data.texts.side_columns import SideColumns
from unspool.data.texts.text_columns import texts_of_cells
from unspool.data.texts.texts_alone import FLAT_FOLDER, read_texts_alone
from unspool.data.usual_names import TEXT_NAMES
from unspool.errors import UserError, advising_users
from unspool.progress import bar, spinner
from unspool.readers import ForecastReader, PairReader, RawWordReader, Reader, WordReader, reads_texts
from unspool.runs.answer_columns import PREDICTION, Row, answer_cells, answer_columns, in_one_cell
from unspool.runs.model import TrainedModel
from unspool.runs.notes_on_texts import NotesOnTexts
from unspool.runs.predict_forecasts import predict_forecasts
from unspool.runs.predicted import Predicted, refuse_columns
from unspool.runs.reading.model_inputs import (
    AT_ONCE,
    outputs_on,
    read_series_for,
    refuse_tokens,
    side_columns,
    tagged_texts_for,
)
from unspool.runs.reading.named_columns import text_column
from unspool.runs.recipes.recipe import FileSettings, column_read

if TYPE_CHECKING:
    from unspool.runs.explanation import Attributor

ATTRIBUTIONS, ERROR = "attributions", "attribution_error"
TOKENS = "tokens"
"""The column of tokens from a file whose columns have no names."""


@advising_users()
def predict_file(
    model: TrainedModel,
    reader: Reader,
    path: Path,
    out: Path | Printed,
    *,
    text: str | None = None,
    attributions: bool = False,
    on_error: OnError = "stop",
    beam: int | None = None,
    length_penalty: float | None = None,
) -> Predicted:
    """Predict each row of a file, and write its columns with the predictions beside them: whole, or not at all.

    The file is read twice, a thousand rows at a time: first to see that it can be used, then to predict. Memory does
    not grow with its length. Series are read whole.

    Args:
        model: trained.
        reader: the model's.
        path: of a table; for texts, also a folder or a text file with one text a line; for series, also a .npz file or
            a table with a row for each time step.
        out: the table to write, or a stream for it.
        text: the column that is read, or None for the one of training.
        attributions: whether to write how much each token speaks for the prediction.
        on_error: what is done about a row that cannot be used: "stop" at it, or "skip" it and count it.
        beam: of translation, hypotheses that the search keeps, or None for as many as the recipe says.
        length_penalty: of the beam search, or None for that of the recipe.

    Raises:
        UserError: a file cannot be read or written, a column is missing or would be written twice, no row can be used,
            or one is not and `on_error` is "stop".
    """
    if not isinstance(out, Printed):
        check_out(out, path)
    refuse_tokens(reader)
    model = model.searching(beam, length_penalty)
    if isinstance(reader, ForecastReader):
        if text is not None or attributions:
            raise UserError("--text and --attributions are for texts; this model forecasts series.")
        return predict_forecasts(model, reader, path, out, on_error)
    if isinstance(reader, WordReader | RawWordReader):
        return _predict_tokens(model, reader, path, out, text, attributions, on_error)
    if reads_texts(reader):
        return _predict_texts(model, reader, path, out, text, attributions, on_error)
    if text is not None or attributions:
        raise UserError("--text and --attributions are for texts; this model reads series.")
    return _predict_series(model, reader, path, out, on_error)


def _predict_texts(
    model: TrainedModel,
    reader: Any,
    path: Path,
    out: Path | Printed,
    text: str | None,
    attributions: bool,
    on_error: OnError,
) -> Predicted:
    side = side_columns(reader)
    if side.names and holds_lines(path) and not holds_labelled_lines(path):
        raise UserError(
            f"{path} has one text a line; this model reads {', '.join(side.names)} beside the text. Give a table with "
            "these columns, such as a .csv file."
        )
    table, column = table_of_texts(model, reader, path, text, on_error)
    side.require(path, table.columns)
    new = [*answer_columns(model.task), *([ATTRIBUTIONS, ERROR] if attributions else [])]
    refuse_columns(path, table.columns, new)
    with spinner(f"Reading {path.name}"):
        count, left_out = usable_rows(table, lambda chunk: _text_problems(chunk, column, side))
    attributor = None
    if attributions:
        from unspool.runs.attributions import attributor_of

        attributor = attributor_of(model, reader)
    tally: Counter[str] = Counter()
    notes = NotesOnTexts(model, reader)

    def rows() -> Iterator[Row]:
        with bar(f"Predicting {path.name}", count) as advance:
            for chunk in _usable(table, column, side):
                texts = _texts(chunk, column, side)
                notes.look(texts)
                for row in _with_predictions(model, reader, chunk, texts, attributor, tally):
                    notes.look_at_answer(row.get(PREDICTION))
                    yield row
                    advance(1)

    written = write_table(rows(), out, [*table.columns, *new])
    said = (*_notes_on_folder(path), *table.notes_on_decimals(side.numeric), *notes.found)
    return Predicted(out, written, left_out, dict(tally.most_common()), said)


def _notes_on_folder(path: Path) -> Iterator[str]:
    names = beside_classes(path)
    if len(names) == 1:
        yield f"it has folders of texts, so {names[0]} beside them was not read"
    elif names:
        yield f"it has folders of texts, so {len(names):,} .txt files beside them, such as {names[0]}, were not read"


def table_of_texts(
    model: TrainedModel, reader: Any, path: Path, text: str | None, on_error: OnError = "stop"
) -> tuple[Table, str]:
    """Open a file with texts, and find the column that a model reads: that of training unless it is named.

    A file with one text a line has no named columns; a folder that holds texts itself has one column, of the texts.

    Raises:
        UserError: the file cannot be read, or does not have the column.
    """
    if holds_lines(path) and not holds_labelled_lines(path) and text is not None:
        raise UserError(f"{path} has one text a line and no columns: --text has no effect.")
    usual = SOURCE_NAMES[0] if isinstance(reader, PairReader) else TEXT_NAMES[0]
    data = model.recipe.data
    decimal = data.decimal if isinstance(data, FileSettings) else None
    table = read_texts_alone(path, column_read(data) or usual, on_error, decimal=decimal)
    if table.format is FLAT_FOLDER and text is None:
        return table, table.columns[0]
    return table, text_column(data, table, text)


def _predict_tokens(
    model: TrainedModel,
    reader: WordReader | RawWordReader,
    path: Path,
    out: Path | Printed,
    text: str | None,
    attributions: bool,
    on_error: OnError,
) -> Predicted:
    """Write each row with its tag beside it; or with the tags of its tokens, as lists or, in CSV, joined by spaces."""
    if attributions:
        raise UserError("--attributions are for models with one answer a text; this one has one for each token.")
    found = tagged_texts_for(model, path, text, on_error=on_error)
    column = found.text or TOKENS
    columns = tuple(found.rows[0]) if found.rows else (column,)
    refuse_columns(path, columns, answer_columns(model.task))
    as_lists = format_written(out) in (JSON_LINES, PARQUET)
    tally: Counter[str] = Counter()

    def rows() -> Iterator[Row]:
        with bar(f"Predicting {path.name}", len(found)) as advance:
            for start in range(0, len(found), AT_ONCE):
                texts = found.texts[start : start + AT_ONCE]
                labels, probabilities = model.decide(model.outputs(reader.read(texts)))
                for index, tokens in enumerate(texts):
                    tally.update(labels[index])
                    row = found.rows[start + index] if found.rows else {column: list(tokens)}
                    row = row | answer_cells(model.task, labels[index], probabilities[index])
                    if found.series is not None:
                        yield from (dict(zip(row, cells, strict=True)) for cells in zip(*row.values(), strict=True))
                    else:
                        yield row if as_lists else {name: in_one_cell(cell) for name, cell in row.items()}
                advance(len(texts))

    written = write_table(rows(), out, [*columns, *answer_columns(model.task)])
    return Predicted(out, written, by_reason(found.left_out), dict(tally.most_common()))


def _predict_series(model: TrainedModel, reader: Any, path: Path, out: Path | Printed, on_error: OnError) -> Predicted:
    with spinner(f"Reading {path.name}"):
        column, series = read_series_for(model, reader, path, on_error)
    if model.task.by_step and series.rows is not None:
        return _predict_steps(model, reader, path, out, series, series.rows)
    new = answer_columns(model.task)
    naming = series.named_by or (column,)
    refuse_columns(path, naming, new)
    tally: Counter[str] = Counter()
    joined = model.task.by_step and format_written(out) not in (JSON_LINES, PARQUET)

    def rows() -> Iterator[Row]:
        for positions, outputs in outputs_on(model, reader, path, series):
            labels, probabilities = model.decide(outputs)
            for index, position in enumerate(positions):
                tally.update(labels[index] if model.task.by_step else ())
                if model.task.names:
                    _count(labels[index], tally)
                probability = probabilities[index] if probabilities else None
                row = named_cells(naming, series.names[position]) | answer_cells(model.task, labels[index], probability)
                yield {name: in_one_cell(cell) for name, cell in row.items()} if joined else row

    written = write_table(rows(), out, [*naming, *new])
    return Predicted(out, written, by_reason(series.left_out), dict(tally.most_common()), series.notes)


def _predict_steps(
    model: TrainedModel, reader: Any, path: Path, out: Path | Printed, series: LabelledSeries, rows: NDArray[np.int64]
) -> Predicted:
    """Write each row of a table that is a step of a series, with its tag beside it, in the order of the table."""
    table, new = read_table(path, "skip"), answer_columns(model.task)  # reading the series has reported flaws
    refuse_columns(path, table.columns, new)
    names = model.task.names
    number_of = {name: number for number, name in enumerate(names)}
    tags, likely = np.full(int(rows.max()) + 1, -1), np.zeros(int(rows.max()) + 1)
    for positions, outputs in outputs_on(model, reader, path, series):
        labels, probabilities = model.decide(outputs)
        for index, position in enumerate(positions):
            steps = rows[series.offsets[position] : series.offsets[position + 1]]
            tags[steps], likely[steps] = [number_of[tag] for tag in labels[index]], probabilities[index]

    def tagged() -> Iterator[Row]:
        for chunk in table.chunks():
            for index, row in enumerate(place.row for place in chunk.places):
                if row < len(tags) and tags[row] >= 0:
                    answer = answer_cells(model.task, [names[tags[row]]], [float(likely[row])])
                    cells = {name: cells[index] for name, cells in chunk.cells.items()}
                    yield cells | {name: cell for name, (cell,) in answer.items()}

    written = write_table(tagged(), out, [*table.columns, *new])
    counts = np.bincount(tags[tags >= 0], minlength=len(names))
    tally = {names[number]: int(counts[number]) for number in np.argsort(-counts, kind="stable") if counts[number]}
    return Predicted(out, written, by_reason(series.left_out), tally, series.notes)


def _with_predictions(
    model: TrainedModel,
    reader: Any,
    chunk: Chunk,
    texts: list[Any],
    attributor: "Attributor | None",
    tally: Counter[str],
) -> Iterator[Row]:
    inputs = reader.read(texts)
    outputs = model.outputs(inputs)
    labels, probabilities = model.decide(outputs)
    explanations = attributor.explain(inputs, outputs) if attributor is not None else None
    for index, label in enumerate(labels):
        row = {name: cells[index] for name, cells in chunk.cells.items()}
        row |= answer_cells(model.task, label, probabilities[index] if probabilities else None)
        if explanations is not None:
            explanation = next(explanations)
            row |= {ATTRIBUTIONS: explanation.pairs, ERROR: explanation.error}
        if model.task.names:
            _count(label, tally)
        yield row


def _count(label: Any, tally: Counter[str]) -> None:
    if isinstance(label, str):
        tally[label] += 1


def usable_rows(table: Table, problems_of: Callable[[Chunk], Iterable[Problem]]) -> tuple[int, dict[str, int]]:
    """Count the rows that can be used, and the others by reason; `problems_of` finds those of a chunk that was read.

    Raises:
        UserError: no row can be used, or one is not and the table stops there.
    """
    left_out: Counter[Reason] = Counter()
    count = 0
    for chunk in table.chunks():
        problems = [*chunk.problems, *problems_of(chunk)]
        settle(problems, table.path, table.on_error)
        left_out.update(problem.flaw.reason for problem in problems)
        count += len(chunk) - len(problems) + len(chunk.problems)
    if not count:
        raise UserError(f"{table.path}: no row can be used.")
    return count, by_reason(left_out)


def _usable(table: Table, column: str, side: SideColumns) -> Iterator[Chunk]:
    for chunk in table.chunks():
        flawed = {problem.place.row for problem in _text_problems(chunk, column, side)}
        if not flawed:
            yield chunk
            continue
        kept = [index for index, place in enumerate(chunk.places) if place.row not in flawed]
        yield Chunk(
            [chunk.places[index] for index in kept],
            {name: [cells[index] for index in kept] for name, cells in chunk.cells.items()},
            chunk.problems,
        )


def rows_with_cells(table: Table, column: str, side: SideColumns) -> list[str]:
    """Read the texts of a whole table, with the cells beside them.

    Raises:
        UserError: a row cannot be used.
    """
    usable_rows(table, lambda chunk: _text_problems(chunk, column, side))
    return [text for chunk in table.chunks() for text in _texts(chunk, column, side)]


def _texts(chunk: Chunk, column: str, side: SideColumns) -> list[Any]:
    """The texts of a chunk, with the cells beside them; a flaw where these cannot be used."""
    texts = texts_of_cells(chunk.cells, column)
    return list(side.rows(texts, chunk.cells)) if side else list(texts)


def _text_problems(chunk: Chunk, column: str, side: SideColumns) -> list[Problem]:
    found = zip(_texts(chunk, column, side), chunk.places, strict=True)
    flaws = ((text if isinstance(text, Flaw) else text_flaw(text, column), place) for text, place in found)
    return [Problem(flaw, place) for flaw, place in flaws if flaw is not None]

"""A trained model that writes texts at work on a file: the best texts, drawn ones, or the scores of given ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from unspool.data.cell_values import text_flaw
from unspool.data.required_columns import require
from unspool.data.tables.joined_names import named_cells
from unspool.data.tables.problems import OnError, Problem, by_reason
from unspool.data.tables.table import Chunk
from unspool.data.tables.writing import Printed, check_out, write_table
from unspool.data.texts.text_columns import texts_of_cells
from unspool.errors import UserError
from unspool.progress import bar, spinner
from unspool.readers import PairReader, Reader
from unspool.runs.answer_columns import PREDICTION, Row
from unspool.runs.model import TrainedModel
from unspool.runs.notes_on_texts import NotesOnTexts
from unspool.runs.predict_file import TOKENS, table_of_texts, usable_rows
from unspool.runs.predicted import Predicted, refuse_columns
from unspool.runs.reading.model_inputs import read_series_for, refuse_tokens
from unspool.tasks.written_texts import WrittenText

if TYPE_CHECKING:
    from unspool.models.search import Sampling

RANK, SCORE, LOG_PROBABILITY, ENDED = "rank", "score", "log_probability", "ended"
OF_TOKENS = "token_log_probabilities"

_FEW = 200
"""Examples that the model is asked about at a time: each may become a hundred rows."""


@dataclass(frozen=True)
class Best:
    """The best texts of each example, a row for each.

    Attributes:
        count: how many.
        beam: see `TrainedModel.translate`; length_penalty, too.
        length_penalty: see there.
    """

    count: int
    beam: int | None = None
    length_penalty: float | None = None

    columns: ClassVar = (RANK, PREDICTION, SCORE, LOG_PROBABILITY, ENDED)

    def rows(self, model: TrainedModel, inputs: Any, targets: Sequence[str], first: int) -> Iterator[list[Row]]:
        """The rows of each of N inputs, with N targets where these are read; `first` is the position of the first."""
        for texts in model.translate(inputs, self.count, self.beam, self.length_penalty):
            yield [{RANK: rank} | _cells(one) for rank, one in enumerate(texts, start=1)]


@dataclass(frozen=True)
class Drawn:
    """A text that is drawn for each example.

    Attributes:
        how: the draw.
    """

    how: "Sampling"

    columns: ClassVar = (PREDICTION, SCORE, LOG_PROBABILITY, ENDED)

    def rows(self, model: TrainedModel, inputs: Any, targets: Sequence[str], first: int) -> Iterator[list[Row]]:
        """The row of each of N inputs, see `Best`."""
        yield from ([_cells(one) for one in texts] for texts in model.sample(inputs, self.how, first=first))


@dataclass(frozen=True)
class Scored:
    """How probable a text is that stands in the file already.

    Attributes:
        target: its column.
    """

    target: str

    columns: ClassVar = (LOG_PROBABILITY, TOKENS, OF_TOKENS)

    def rows(self, model: TrainedModel, inputs: Any, targets: Sequence[str], first: int) -> Iterator[list[Row]]:
        """The row of each of N inputs; a cell is empty where the model cannot write a token."""
        for found in model.score_pairs(inputs, targets):
            names, likely = zip(*found.tokens, strict=True)
            cells = (_number(found.log_probability), [*names], [*map(_number, likely)])
            yield [dict(zip(self.columns, cells, strict=True))]


Asked: TypeAlias = Best | Drawn | Scored


def predict_written(
    model: TrainedModel,
    reader: Reader,
    path: Path,
    out: Path | Printed,
    asked: Asked,
    *,
    text: str | None = None,
    on_error: OnError = "stop",
) -> Predicted:
    """Write the columns of a file with what a model that writes texts was asked for beside them, see `predict_file`.

    Args:
        model: trained.
        reader: the model's.
        path: of a table; for captions of a .npz file or a table with a row for each time step.
        out: the table to write, or a stream for it.
        asked: what for.
        text: the column that is read, or None for the one of training.
        on_error: what is done about a row that cannot be used.

    Raises:
        UserError: the model writes no texts; or as for `predict_file`.
    """
    if not isinstance(out, Printed):
        check_out(out, path)
    refuse_tokens(reader)
    model.refuse_without_texts()
    if isinstance(reader, PairReader):
        return _of_texts(model, reader, path, out, asked, text, on_error)
    if text is not None or isinstance(asked, Scored):
        raise UserError("--text and --score are for texts; this model reads series. In Python, use Model.score_pairs.")
    return _of_series(model, reader, path, out, asked, on_error)


def _of_texts(
    model: TrainedModel,
    reader: PairReader,
    path: Path,
    out: Path | Printed,
    asked: Asked,
    text: str | None,
    on_error: OnError,
) -> Predicted:
    table, column = table_of_texts(model, reader, path, text, on_error)
    target = None
    if isinstance(asked, Scored):
        target = asked.target
        require(table.path, table.columns, target, "target")
    refuse_columns(path, table.columns, asked.columns)
    with spinner(f"Reading {path.name}"):
        count, left_out = usable_rows(table, lambda chunk: _problems(chunk, column, target).values())

    notes = NotesOnTexts(model, reader)

    def rows() -> Iterator[Row]:
        done = 0
        with bar(f"Predicting {path.name}", count) as advance:
            for chunk in table.chunks():
                flawed, texts = _problems(chunk, column, target), texts_of_cells(chunk.cells, column)
                usable = [index for index in range(len(chunk)) if index not in flawed]
                for some in (usable[start : start + _FEW] for start in range(0, len(usable), _FEW)):
                    notes.look(texts[index] for index in some)
                    inputs = reader.read([texts[index] for index in some])
                    targets = [chunk.cells[target][index] for index in some] if target is not None else []
                    for index, found in zip(some, asked.rows(model, inputs, targets, done), strict=True):
                        own = {name: cells[index] for name, cells in chunk.cells.items()}
                        notes.look_at_answer(found[0].get(PREDICTION))
                        yield from (own | one for one in found)
                    advance(len(some))
                    done += len(some)

    written = write_table(rows(), out, [*table.columns, *asked.columns])
    return Predicted(out, written, left_out, {}, notes.found)


def _of_series(
    model: TrainedModel, reader: Any, path: Path, out: Path | Printed, asked: Asked, on_error: OnError
) -> Predicted:
    with spinner(f"Reading {path.name}"):
        column, series = read_series_for(model, reader, path, on_error)
    naming = series.named_by or (column,)
    refuse_columns(path, naming, asked.columns)

    def rows() -> Iterator[Row]:
        with bar(f"Predicting {path.name}", len(series)) as advance:
            for start in range(0, len(series), _FEW):
                positions = np.arange(start, min(start + _FEW, len(series)))
                found = asked.rows(model, reader.read_series(series.arrays(positions)), [], start)
                for position, some in zip(positions, found, strict=True):
                    yield from (named_cells(naming, series.names[position]) | one for one in some)
                advance(len(positions))

    written = write_table(rows(), out, [*naming, *asked.columns])
    return Predicted(out, written, by_reason(series.left_out), {}, series.notes)


def _problems(chunk: Chunk, column: str, target: str | None) -> dict[int, Problem]:
    """The rows of a chunk whose texts cannot be used, by their position in it."""
    sides = [(column, texts_of_cells(chunk.cells, column))]
    if target is not None:
        sides.append((target, chunk.cells[target]))
    found = {}
    for index, place in enumerate(chunk.places):
        flaw = next(filter(None, (text_flaw(texts[index], name) for name, texts in sides)), None)
        if flaw is not None:
            found[index] = Problem(flaw, place)
    return found


def _cells(one: WrittenText) -> Row:
    return {PREDICTION: one.text, SCORE: one.score, LOG_PROBABILITY: one.log_probability, ENDED: one.ended}


def _number(value: float) -> float | None:
    return value if isfinite(value) else None

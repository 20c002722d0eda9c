"""Reads the answers of another model to the test examples of a run, from a file or from memory."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unspool.data import frames
from unspool.data.tables.formats import named_as_table
from unspool.data.tables.problems import Place
from unspool.data.tables.table import Chunk, read_table
from unspool.evaluation.contenders import OtherModel
from unspool.runs.other_models.arrays import read_array
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.tables import read_answer_table


@dataclass(frozen=True, eq=False)
class InMemory:
    """Answers in memory, not in a file.

    Attributes:
        name: of the model.
        answers: N labels, numbers or texts; an array of probabilities, (N, K) in the order of the labels, or (N,) for
            the second of two labels; or a data frame with the columns of a file of answers.
    """

    name: str
    answers: Any = field(repr=False)


def is_answers(path: Path) -> bool:
    """Whether a path is a file of answers, not the folder of a run."""
    return not path.is_dir() and (named_as_table(path) or (path.is_file() and path.suffix != ".unspool"))


def answers_of(given: Path | InMemory, examples: ExamplesOfTest) -> OtherModel:
    """Read the answers of another model to the test examples of a run.

    A file, or a data frame, has a row for each example. Rows are matched by the columns of the run's
    test_predictions.csv that identify examples, such as "row"; rows of other examples are ignored. Without such a
    column, there must be as many rows as test examples; the first column or the index of a data frame may number them,
    else they must be in order. The answers are in a column `prediction`, in a column of probabilities for each label,
    named after it, or in both. Along with `prediction`, a column `probability` is read, as `predict` writes it.
    Forecasts have a row for each step, see `forecasts.read_forecast_table`.

    Raises:
        UserError: the file cannot be read, or an answer is missing, duplicated or unusable.
    """
    if isinstance(given, InMemory) and not frames.is_frame(given.answers):
        return read_array(given.name, given.answers, examples)
    if isinstance(given, InMemory):
        cells = frames.columns_of(_with_index(given.answers))
        count = len(next(iter(cells.values()), []))
        rows = Chunk([Place(row) for row in range(1, count + 1)], cells, problems=[])
        return read_answer_table(given.name, tuple(cells), iter([rows]), examples)
    table = read_table(given)
    return read_answer_table(str(given), table.columns, table.chunks(), examples)


def _with_index(frame: Any) -> Any:
    """A pandas data frame with its index as the first column, as in a file that pandas writes; others as they are."""
    index = getattr(frame, "index", None)
    name = getattr(index, "name", None) or "index"
    if not hasattr(frame, "reset_index") or getattr(index, "nlevels", 1) > 1 or name in frame.columns:
        return frame
    return frame.reset_index(names=name)

"""Reads the answers of another model to the test examples of a run, from a file or from memory."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from unspool.data.frames import columns_of, is_frame
from unspool.data.kept_in_cache import kept_frame
from unspool.data.tables.formats import BY_ENDING, named_as_table
from unspool.data.tables.problems import Place
from unspool.data.tables.table import Chunk, read_table
from unspool.data.texts.conll import CONLL
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.files import reason_of
from unspool.runs.answer_columns import PREDICTION
from unspool.runs.other_models.arrays import read_array
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.matching import order_by_numbers
from unspool.runs.other_models.outputs import has_shares
from unspool.runs.other_models.tables import read_answer_table
from unspool.runs.other_models.tagged_files import read_tagged_file, read_tagged_rows
from unspool.tasks import Task


@dataclass(frozen=True, eq=False)
class InMemory:
    """Answers in memory, not in a file.

    Attributes:
        name: of the model.
        answers: N labels, numbers or texts; an array of probabilities, (N, K) in the order of the labels, or (N,) for
            the second of two labels; or a data frame with the columns of a file of answers. A pandas series whose index
            numbers the test examples, or holds their row numbers, is put in their order.
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
    column, they are matched by another column of the run's data file, such as the text or an id. Else there must be as
    many rows as test examples; the first column, or the index of a data frame or a series, may number them, or they
    must be in order. A file that is no table has an answer in each line, in their order; a CoNLL file, or a table with
    a row for each token, has tagged texts, which are matched by their tokens. The answers are in a column `prediction`,
    in a column of probabilities for each label, named after it, or in both. Along with `prediction`, a column
    `probability` is read, as `predict` writes it. Forecasts have a row for each step, see
    `forecasts.read_forecast_table`.

    Raises:
        UserError: the file cannot be read, or an answer is missing, duplicated or unusable.
    """
    if isinstance(given, InMemory) and not is_frame(given.answers):
        return _of_array(given.name, given.answers, examples)
    if isinstance(given, InMemory):
        cells = columns_of(_with_index(given.answers))
        count = len(next(iter(cells.values()), []))
        if examples.task.by_step and examples.counted and count:
            table = read_table(kept_frame(given.answers, "data"))
            tagged = read_tagged_rows(given.name, table, examples)
            if tagged is not None:
                return tagged
        rows = Chunk([Place(row) for row in range(1, count + 1)], cells, problems=[])
        return read_answer_table(given.name, tuple(cells), iter([rows]), examples)
    if examples.task.by_step and given.suffix.lower() in CONLL:
        return read_tagged_file(given, examples)
    if not named_as_table(given) and given.is_file():
        return read_answer_table(str(given), (PREDICTION,), iter([_lines(given, examples.task)]), examples)
    table = read_table(given)
    tagged = read_tagged_rows(str(given), table, examples) if examples.task.by_step else None
    if tagged is not None:
        return tagged
    return read_answer_table(str(given), table.columns, table.chunks(), examples)


def _lines(path: Path, task: Task) -> Chunk:
    """The lines of a text file, an answer each; labels perhaps as fastText writes them."""
    try:
        lines = path.read_text("utf-8-sig").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} cannot be read as a text file with one prediction per line: {reason_of(error)}. Use such a file, "
            f"or a table ({', '.join(sorted(BY_ENDING))})."
        ) from error
    if has_shares(task):
        lines = [" ".join(word.removeprefix("__label__") for word in line.split(" ")) for line in lines]
    places = [Place(row, what="line") for row in range(1, len(lines) + 1)]
    return Chunk(places, {PREDICTION: [line.removesuffix("\r") for line in lines]}, problems=[])


def _of_array(name: str, answers: Any, examples: ExamplesOfTest) -> OtherModel:
    """Answers in a list or an array; those of a pandas series by its index, if that says which examples they are."""
    if hasattr(answers, "iloc") and len(answers) == len(examples) and not _counts_rows(answers.index):
        ordered = order_by_numbers([str(one) for one in answers.index], examples)
        if ordered is not None:
            order, meaning = ordered
            found = read_array(name, answers.iloc[order], examples)
            how = "matched by" if order == sorted(order) else "put in the order of the test examples by"
            note = f"The predictions of {name} were {how} {meaning.replace('the first column', 'the index', 1)}."
            return replace(found, notes=(*found.notes, note))
    return read_array(name, answers, examples)


def _counts_rows(index: Any) -> bool:
    """Whether the index of a data frame or series is the usual one, which says no more than the order of the rows."""
    return bool(getattr(index, "start", None) == 0 and getattr(index, "step", None) == 1)


def _with_index(frame: Any) -> Any:
    """A pandas data frame with its index as the first column, as in a file that pandas writes; others as they are."""
    index = getattr(frame, "index", None)
    name = getattr(index, "name", None) or "index"
    if not hasattr(frame, "reset_index") or getattr(index, "nlevels", 1) > 1 or name in frame.columns:
        return frame
    if _counts_rows(index):
        return frame
    return frame.reset_index(names=name)

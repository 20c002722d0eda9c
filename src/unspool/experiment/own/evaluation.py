"""A model judged on a labelled file that it has never seen."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from unspool.data.columns import Columns, require
from unspool.data.examples import TextExamples
from unspool.data.parts import TEST
from unspool.data.survey import survey
from unspool.data.tables.problems import OnError
from unspool.data.tables.table import read_table
from unspool.data.task import TASKS
from unspool.errors import UserError
from unspool.evaluation.result import BinaryScores, Predictions
from unspool.evaluation.scores import binary_scores
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.reading import TextReader
from unspool.progress import bar, spinner


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How good a model is on a file.

    Attributes:
        rows: how many were scored.
        left_out: how many cannot be used, by reason.
        scores: with their intervals.
    """

    rows: int
    left_out: dict[str, int]
    scores: BinaryScores


def evaluate_file(
    model: OwnModel, path: Path, *, text: str | None = None, label: str | None = None, on_error: OnError = "stop"
) -> Evaluated:
    """Score a model on all rows of a labelled file.

    Args:
        model: from `load_own_model`.
        path: of a table or a folder of texts by class.
        text: the column that is read, or None for the one of training.
        label: the column with the truth, or None for the one of training.
        on_error: what is done about a row that cannot be used, a label that training never showed among them.

    Raises:
        UserError: the file cannot be read, a column is missing, no row can be used, all have one label, or one row
            cannot be used and `on_error` is "stop".
    """
    if not isinstance(model.reader, TextReader) or model.codec.task != "binary":
        raise UserError(f"Texts with one of two labels can be judged; this model's task is {TASKS[model.codec.task]}.")
    table = read_table(path, on_error)
    columns = Columns(text or model.recipe.data.text or "", label or model.recipe.data.label or "")
    for name, what in ((columns.text, "text"), (columns.label, "label")):
        require(table.path, table.columns, name, what)
    with spinner(f"Reading {path.name}"):
        found = survey(table, columns)
        flaws = {
            position: replace(flaw, column=columns.label)
            for position, one in enumerate(found.labels)
            if (flaw := model.codec.flaw(one))
        }
        found = found.without(flaws)
    if not len(found):
        raise UserError(f"{path}: no row can be used.")
    targets = np.asarray(model.codec.encode(found.labels), dtype=np.int64)
    examples = TextExamples((found,), (np.full(len(found), TEST, dtype=np.int8),), model.codec, ())
    answers = []
    with bar(f"Predicting {path.name}", len(found)) as advance:
        for batch in examples.stream():
            answers.append(model.answers(model.reader.read(batch.texts)))
            advance(len(batch.texts))
    scores = binary_scores(Predictions(targets, np.concatenate(answers)), model.threshold)
    left_out = {reason.value: count for reason, count in found.left_out.most_common()}
    return Evaluated(len(found), left_out, scores)

"""A model judged on a labelled file that it has never seen."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.columns import Columns, require
from unspool.data.examples import TextExamples
from unspool.data.parts import TEST
from unspool.data.survey import Survey, survey
from unspool.data.tables.problems import OnError, Place, Problem, Reason, settle
from unspool.data.tables.table import read_table
from unspool.data.task import Label, Task
from unspool.errors import UserError
from unspool.evaluation.result import BinaryScores, Predictions
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.task_result import TaskPredictions, TaskScores
from unspool.evaluation.task_scores import task_scores
from unspool.experiment.own.judging import truth_of
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.reading import SeriesReader, TextReader
from unspool.experiment.own.series_prediction import answers_on, read_for
from unspool.progress import bar, spinner


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How good a model is on a file.

    Attributes:
        rows: how many rows, or series, were scored.
        left_out: how many cannot be used, by reason.
        task: of the model.
        scores: with their intervals.
        notes: what must be known to read the scores, each a sentence.
    """

    rows: int
    left_out: dict[str, int]
    task: Task
    scores: BinaryScores | TaskScores
    notes: tuple[str, ...] = ()


def evaluate_file(
    model: OwnModel, path: Path, *, text: str | None = None, label: str | None = None, on_error: OnError = "stop"
) -> Evaluated:
    """Score a model on all rows, or series, of a labelled file.

    Where the file has the column by which examples were kept together in training (`--group`), whole groups are drawn
    for the intervals; where all are of one group, examples are, and a note says what the intervals then do not cover.

    Args:
        model: from `load_own_model`.
        path: of a table or a folder of texts by class; for series, of a .npz file or a table with a row for each step.
        text: the column that is read, or None for the one of training.
        label: the column with the truth, or None for the one of training.
        on_error: what is done about a row that cannot be used, a label that training never showed among them.

    Raises:
        UserError: the file cannot be read, a column is missing, no row can be used, all have one of two labels, or one
            row cannot be used and `on_error` is "stop".
    """
    found = (
        _texts(model, path, text, label, on_error)
        if isinstance(model.reader, TextReader)
        else _series(model, path, text, label, on_error)
    )
    truth = truth_of(model.codec, model.codec.encode(found.labels))
    task, resamples, notes = model.codec.task, model.recipe.evaluation.resamples, []
    groups = found.groups
    if groups is not None and len(np.unique(groups)) == 1:
        groups = None
        notes.append(
            "All examples belong to one group, so that the intervals are over examples: they do not say how far the "
            "scores would move in another group."
        )
    if task == "multilabel" and not truth.any():
        notes.append(
            "No example has any label, so that there is nothing to find: F1 and average precision are undefined."
        )
    scores = (
        binary_scores(Predictions(truth, found.answers, groups), model.threshold, resamples=resamples)
        if task == "binary"
        else task_scores(task, TaskPredictions(truth, found.answers, groups), model.threshold, resamples=resamples)
    )
    left_out = {reason.value: count for reason, count in found.left_out.most_common()}
    return Evaluated(len(truth), left_out, task, scores, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Found:
    """Labels of N examples, what the model says of them, and their groups, where these are known."""

    labels: list[Label]
    answers: NDArray[np.float64]
    groups: NDArray[np.int64] | None
    left_out: Counter[Reason]


def _texts(model: OwnModel, path: Path, text: str | None, label: str | None, on_error: OnError) -> _Found:
    data, table = model.recipe.data, read_table(path, on_error)
    group = data.group if data.group in table.columns else None
    columns = Columns(text or data.text or "", label or data.label or "", group)
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
    return _Found(found.labels, np.concatenate(list(_answers(model, path, found))), found.groups, found.left_out)


def _answers(model: OwnModel, path: Path, found: Survey) -> Iterator[NDArray[np.float64]]:
    assert isinstance(model.reader, TextReader)
    examples = TextExamples((found,), (np.full(len(found), TEST, dtype=np.int8),), model.codec, ())
    with bar(f"Predicting {path.name}", len(found)) as advance:
        for batch in examples.stream():
            yield model.answers(model.reader.read(batch.texts))
            advance(len(batch.texts))


def _series(model: OwnModel, path: Path, text: str | None, label: str | None, on_error: OnError) -> _Found:
    if text is not None:
        raise UserError("--text is for texts; this model reads series.")
    assert isinstance(model.reader, SeriesReader)
    with spinner(f"Reading {path.name}"):
        _, series = read_for(model, path, on_error, labelled=True, label=label)
    flaws = {position: flaw for position, one in enumerate(series.labels) if (flaw := model.codec.flaw(one))}
    settle(
        (Problem(flaw, Place(position + 1, series.names[position], "series")) for position, flaw in flaws.items()),
        path,
        on_error,
    )
    left_out = series.left_out + Counter(flaw.reason for flaw in flaws.values())
    series = series.take(np.setdiff1d(np.arange(len(series)), list(flaws)))
    if not len(series):
        raise UserError(f"{path}: no series can be used.")
    answers: list[Any] = [found for _, found in answers_on(model, path, series)]
    return _Found(series.labels, np.concatenate(answers), series.groups, left_out)

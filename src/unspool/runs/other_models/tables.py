"""Reads a table of another model's answers: a file, or a data frame."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from unspool.data.labels import first_few, shown
from unspool.data.tables.table import Chunk
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import PREDICTION, PROBABILITY, SAME_NUMBER
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.forecasts import read_forecast_table
from unspool.runs.other_models.matching import in_order, matched
from unspool.runs.other_models.outputs import are_complete, has_shares, scored, shares_of_labels
from unspool.tasks import Forecasting, Task
from unspool.tasks.other_answers import UnusableAnswer


def read_answer_table(
    source: str, columns: Sequence[str], chunks: Iterator[Chunk], examples: ExamplesOfTest
) -> OtherModel:
    """Read the answers to the test examples of a run, see `answers_of`.

    Args:
        source: names the table in messages.
        columns: of the table.
        chunks: its rows.
        examples: the test examples.

    Raises:
        UserError: an answer is missing, duplicated or unusable.
    """
    if isinstance(examples.task, Forecasting):
        return read_forecast_table(source, columns, chunks, examples)
    naming = [name for name in examples.rows if name in columns]
    wanted = [
        name for name in columns if name not in naming and name in (PREDICTION, PROBABILITY, *examples.task.names)
    ]
    shares = [name for name in examples.task.names if name in wanted]
    _refuse_without_answers(f"{source} (columns {first_few(columns)})", wanted, shares, examples.task)
    labels = next((name for name in examples.labelled if name in columns and name not in (*naming, *wanted)), None)
    wanted += [labels] if labels is not None else []
    if naming:
        places, cells, notes = matched(source, naming, wanted, chunks, examples)
    else:
        places, cells, notes = in_order(source, columns, wanted, chunks, examples)

    def where(position: int) -> str:
        return f"{source}, {places[position]}"

    if labels is not None:
        _refuse_other_labels(labels, cells.pop(labels), where, examples)
    return _read(source, cells, where, examples, notes)


def _refuse_other_labels(column: str, cells: list[Any], where: Callable[[int], str], examples: ExamplesOfTest) -> None:
    """Check, by the labels in the same table, that the answers are for the run's test examples."""
    task = examples.task
    if not (has_shares(task) or task.predicts_numbers):
        return
    try:
        given = task.decide(task.decided(cells, examples.truth), None)[0]
    except UnusableAnswer:
        return
    true = task.true_labels(examples.truth)
    for position, (one, other) in enumerate(zip(given, true, strict=True)):
        if not (np.isclose(one, other, rtol=SAME_NUMBER) if task.predicts_numbers else one == other):
            named = f" ({examples.named(position, [*examples.rows])})" if examples.rows else ""
            raise UserError(
                f"{where(position)}: column {column} has {shown(one)!r}, but the test example of {examples.run}{named} "
                f"is labelled {shown(other)!r}. Give predictions for that run's test examples, or leave out column "
                f"{column} if the labels were changed."
            )


def _refuse_without_answers(source: str, wanted: Sequence[str], shares: Sequence[str], task: Task) -> None:
    if PREDICTION in wanted or are_complete(shares, task):
        return
    if shares and has_shares(task):
        missing = next(name for name in task.names if name not in shares)
        raise UserError(
            f"{source} has a column of probabilities for {shares[0]}, but none for {missing}. Add one for each label, "
            f"or a column {PREDICTION}."
        )
    labels = f", or a column of probabilities for each label ({first_few(task.names)})" if has_shares(task) else ""
    what = f"Its column {PROBABILITY} does not say for which label. " if PROBABILITY in wanted else ""
    raise UserError(f"{source} has no column {PREDICTION}. {what}Add one{labels}.")


def _read(
    source: str,
    cells: dict[str, list[Any]],
    where: Callable[[int], str],
    examples: ExamplesOfTest,
    notes: tuple[str, ...],
) -> OtherModel:
    """Turn the answers to the n test examples, in their order, into outputs to score."""
    task = examples.task
    try:
        decided = task.decided(cells[PREDICTION], examples.truth) if PREDICTION in cells else None
        named = [name for name in task.names if name in cells]
        shares = None
        if are_complete(named, task):
            shares = shares_of_labels({name: cells[name] for name in named}, task)
        elif decided is not None and PROBABILITY in cells:
            shares = task.shares(decided, cells[PROBABILITY])
    except UnusableAnswer as error:
        raise UserError(f"{where(error.position)}: {error.why}.") from error
    return scored(source, decided, shares, examples, notes)

"""Another model's labels and probabilities, as outputs that are scored beside those of the run."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.names_in_words import first_few
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import PREDICTION
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.tasks import Task
from unspool.tasks.other_answers import UnusableAnswer, probability_of

_ROUNDING, _MOST_ROUNDING = 0.005, 0.1
"""The largest error of a probability rounded to two decimals, by which the sum may be off for each label; and the most
by which it may be off in total."""


def has_shares(task: Task) -> bool:
    """Whether a model can answer with a probability for each label."""
    return task.has_probabilities and not task.by_step


def are_complete(named: Sequence[str], task: Task) -> bool:
    """Whether columns for these labels give all probabilities; for two labels, one column is enough."""
    if not has_shares(task) or not named:
        return False
    return len(named) == len(task.names) or (task.chooses_among_labels and len(task.names) == 2)


def shares_of_labels(cells: dict[str, list[Any]], task: Task) -> NDArray[np.float64]:
    """(n, K) the probability of each label, from columns that `are_complete`."""
    found = {name: _probabilities(column, f"the probability of {name}") for name, column in cells.items()}
    for name in task.names:
        if name not in found:
            (other,) = found.values()
            found[name] = 1 - other
    shares = np.column_stack([found[name] for name in task.names])
    if task.chooses_among_labels:
        totals = shares.sum(axis=1)
        strange = np.flatnonzero(
            np.abs(totals - 1) > min(max(_ROUNDING * len(task.names), 2 * _ROUNDING), _MOST_ROUNDING) + 1e-9
        )
        if len(strange):
            raise UnusableAnswer(int(strange[0]), f"the probabilities sum to {totals[strange[0]]:.4g}, not to 1")
        shares /= totals[:, np.newaxis]
    return shares


def _probabilities(column: Sequence[Any], what: str) -> NDArray[np.float64]:
    """Cells as probabilities, converted all at once, or one by one if one of them is invalid, to name it."""
    try:
        found = np.array(column).astype(np.float64)
    except (TypeError, ValueError):
        found = np.full(len(column), np.nan)
    if found.shape != (len(column),) or not ((found >= 0) & (found <= 1)).all():
        return np.array([probability_of(cell, position, what) for position, cell in enumerate(column)])
    return found


def scored(
    source: str,
    decided: NDArray[np.float64] | None,
    shares: NDArray[np.float64] | None,
    examples: ExamplesOfTest,
    notes: tuple[str, ...] = (),
) -> OtherModel:
    """The answers to all test examples, in their order; without labels, one half or the highest probability decides.

    Args:
        source: names the other model.
        decided: its labels, from `Task.decided`; None if it gives only probabilities.
        shares: from `shares_of_labels`, or None.
        examples: the test examples.
        notes: how the answers were read.

    Raises:
        UserError: labels contradict the probabilities.
    """
    task = examples.task
    outputs = None if shares is None else task.from_shares(shares)
    if outputs is not None and decided is not None and _contradict(decided, outputs):
        raise UserError(
            f"{source}: column {PREDICTION} contradicts the columns of probabilities ({first_few(task.names)}): labels "
            "are predicted for the rows where their probability is lower than for the others. Are the columns named "
            f"after the wrong labels? Correct their names, or leave out column {PREDICTION} or the probabilities."
        )
    if decided is None:
        assert outputs is not None
        decided = task.decided([task.cell(label) for label in task.decide(outputs, None)[0]], examples.truth)
    if outputs is not None and np.isin(outputs, (0, 1)).all():
        outputs, notes = None, (*notes, f"The probabilities of {source} are all 0 or 1, and were read as labels.")
    if not has_shares(task) and not task.by_step:
        outputs = decided
    return OtherModel(source, decided, outputs, notes)


def _contradict(decided: NDArray[np.float64], outputs: NDArray[np.float64]) -> bool:
    """Whether labels are predicted for the rows where their probability is lower than for the others.

    The covariance of decisions and probabilities, summed over labels, is never negative if the most probable label
    is predicted, or every label above some threshold.
    """
    covariance = ((decided - decided.mean(axis=0)) * outputs).mean(axis=0).sum()
    return bool(covariance < -1e-9)

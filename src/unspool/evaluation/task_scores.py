"""How good the predictions of a task are, each figure with its 95% interval."""

import numpy as np

from unspool.data.task import Task
from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.measures import MEASURES
from unspool.evaluation.resampling import bootstrap_distribution, percentile_interval
from unspool.evaluation.result import Score
from unspool.evaluation.task_result import TaskPredictions, TaskScores

HALF = 0.5


def task_scores(
    task: Task,
    predictions: TaskPredictions,
    threshold: float | None = None,
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> TaskScores:
    """Scores predictions, with 95% percentile bootstrap intervals.

    As for `scores.binary_scores`: the intervals speak of this one trained model on other test examples; where there
    are groups, whole groups are drawn. Classes and labels that no example has are not scored.

    Args:
        task: "multiclass", "multilabel" or "regression".
        predictions: of N examples, at least two.
        threshold: a probability at or above it is a yes, for each of several labels.
        resamples: how many bootstrap resamples.
        seed: of the resamples.

    Raises:
        UserError: fewer than two examples, targets and outputs that do not fit each other, an output that is not
            finite (names the first row), one group only.

    Example:
        >>> predictions = TaskPredictions(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 2.0]))
        >>> scores = task_scores("regression", predictions)
        >>> scores.figures["rmse"].value, scores.figures["mae"].value
        (1.0, 0.5)
    """
    targets, outputs = checked(predictions)
    units = checked_units(predictions.groups, len(targets))
    cut = HALF if threshold is None else threshold
    measures = MEASURES[task]
    values = {name: measure.value(targets, outputs, cut) for name, measure in measures.items()}
    defined = [name for name, value in values.items() if np.isfinite(value)]
    figures = [measures[name].prepare(targets, outputs, cut) for name in defined]
    distribution = bootstrap_distribution(
        lambda counts: np.stack([figure(counts) for figure in figures]), units, resamples=resamples, seed=seed
    )
    scores = {
        name: Score(values[name], percentile_interval(row)) for name, row in zip(defined, distribution, strict=True)
    }
    return TaskScores(len(targets), scores, cut if task == "multilabel" else None)


def checked(predictions: TaskPredictions) -> tuple[np.ndarray, np.ndarray]:
    """Gives targets and outputs, once it is sure that they can be scored.

    Raises:
        UserError: as for `task_scores`.
    """
    targets, outputs = np.asarray(predictions.targets), np.asarray(predictions.outputs, dtype=np.float64)
    if len(targets) < 2:
        raise UserError(f"scores need at least two examples; there are {len(targets)}")
    if len(outputs) != len(targets) or (targets.ndim == 2 and outputs.shape != targets.shape):
        raise UserError(f"targets have shape {targets.shape}, but outputs have shape {outputs.shape}")
    strange = np.flatnonzero(~np.isfinite(outputs.reshape(len(outputs), -1)).all(axis=1))
    if strange.size:
        raise UserError(f"predictions must be finite; row {strange[0]} (counted from 0) is {outputs[strange[0]]}")
    return targets, outputs

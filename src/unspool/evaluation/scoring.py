"""How good predictions are, each figure with its 95% interval."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.measures.intervals import interval_of
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.resampling import bootstrap_distribution
from unspool.evaluation.result import Predictions, Score, Scores
from unspool.evaluation.support import rarer_label

HALF = 0.5
"""The threshold of a task that needs none."""

Measures = Mapping[str, Measure]


def score(
    measures: Measures,
    predictions: Predictions,
    threshold: float | None = None,
    *,
    resamples: int = 2000,
    seed: int = 0,
    details: Mapping[str, Any] | None = None,
) -> Scores:
    """Score predictions, with 95% intervals: the percentiles of the bootstrap, or Wilson's (1927).

    An accuracy or another share of examples has Wilson's, unless there are groups; so has a score such as an AUC that
    is exactly 0 or 1, from which no resample could differ. Means over classes or labels have wider intervals where
    classes are rare, see `intervals.hidden`. The intervals say how far a score of this one trained model would move on
    other test examples of the same kind. They do not say how far it would move had the model been trained again: for
    that, see `compare_recipes`. Where there are groups, whole groups are drawn. Classes and labels that no example has
    are not scored.

    Args:
        measures: of the task, by name.
        predictions: of N examples, at least two.
        threshold: a probability at or above it is a yes; None where the task needs none.
        resamples: how many bootstrap resamples.
        seed: of the resamples.
        details: what else the task tells, see `Scores.details`.

    Raises:
        UserError: fewer than two examples, targets and outputs that do not fit each other, an output that is not
            finite (names the first row), one group only.

    Example:
        >>> from unspool.tasks import Regression
        >>> predictions = Predictions(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 2.0]))
        >>> scores = score(Regression().measures, predictions)
        >>> scores["rmse"].value, scores["mae"].value
        (1.0, 0.5)
    """
    targets, outputs = checked(predictions)
    units = checked_units(predictions.groups, len(targets))
    cut = cut_at(threshold)
    if not np.isfinite(cut):
        raise UserError(f"the threshold must be a finite number; it is {threshold}")
    values = {name: measure.of(targets, outputs, cut) for name, measure in measures.items()}
    defined = [name for name, value in values.items() if not np.isnan(value)]
    figures = [measures[name].prepare(targets, outputs, cut) for name in defined]
    distribution = bootstrap_distribution(
        lambda counts: np.stack([figure(counts) for figure in figures]), units, resamples=resamples, seed=seed
    )
    scores = {
        name: Score(
            values[name],
            interval_of(
                measures[name],
                values[name],
                row,
                targets,
                units,
                rarer_label(measures[name], targets, units),
                figure,
            ),
        )
        for name, row, figure in zip(defined, distribution, figures, strict=True)
    }
    return Scores(len(targets), scores, None if threshold is None else float(threshold), dict(details or {}))


def cut_at(threshold: float | None) -> float:
    """The probability from which on the answer is yes: one half where no threshold was picked."""
    return HALF if threshold is None else threshold


def checked(predictions: Predictions) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return targets and outputs after checking that they can be scored.

    Raises:
        UserError: as for `score`.
    """
    targets, outputs = np.asarray(predictions.targets), np.asarray(predictions.outputs, dtype=np.float64)
    if len(targets) < 2:
        raise UserError(f"scores need at least two examples; there are {len(targets)}")
    if len(outputs) != len(targets) or outputs.ndim < targets.ndim:
        raise UserError(f"targets have shape {targets.shape}, but outputs have shape {outputs.shape}")
    strange = np.flatnonzero(~np.isfinite(outputs.reshape(len(outputs), -1)).all(axis=1))
    if strange.size:
        row = outputs[strange[0]]
        raise UserError(
            f"predictions must be finite; row {strange[0]} (counted from 0) holds {row[~np.isfinite(row)].flat[0]}"
        )
    return targets, outputs

"""Test examples that a model was trained on: how many there are, and how the model compares on the others."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.result import Baseline, Predictions, Verdict
from unspool.evaluation.scoring import Measures, cut_at
from unspool.evaluation.verdict import verdict
from unspool.runs.groups import several
from unspool.runs.reading.preparation import Prepared, PreparedPart
from unspool.runs.records.seen import Fingerprints, Seen, fingerprints
from unspool.runs.trained import Trained


def seen_in(prepared: Prepared, trained: Trained) -> Seen:
    """Fingerprints of the training and validation examples, including unlabelled texts that the model has read."""
    training, validation = (_prints(part) for part in (prepared.training, prepared.validation))
    if trained.choice is not None and trained.choice.unlabelled:
        training = np.concatenate([training, prepared.unlabelled.prints])
    return Seen.of(training, validation)


def seen_in_test(prepared: Prepared, trained: Trained) -> NDArray[np.bool_]:
    """Tell of each of the N test examples whether the model was trained on it, or its training stopped by it, (N,).

    No forecast is counted: each begins after all that training has seen of its series.
    """
    if prepared.forecasts is not None:
        return np.zeros(len(prepared.test), dtype=bool)
    seen = seen_in(prepared, trained)
    if prepared.validation is prepared.test:  # as in the chapter
        seen = replace(seen, validation=np.zeros(0, dtype=np.int64))
    return seen.holds(_prints(prepared.test))


def _prints(part: PreparedPart) -> Fingerprints:
    if part.whole is not None:
        return part.whole
    return part.fingerprints if part.fingerprints is not None else fingerprints(part.raw())


def on_seen(
    seen: NDArray[np.bool_],
    found: Verdict,
    measures: Measures,
    predictions: Predictions,
    threshold: float | None,
    baselines: Sequence[Baseline],
    *,
    same: str | None = None,
    shared: str | None = None,
    resamples: int = 2000,
) -> str:
    """Say how many test examples a model has learned from, and how it compares with a baseline on the others.

    Such examples are still scored: scores on a published test set are comparable only if they cover all of it.

    Args:
        seen: (N,) which test examples it has learned from.
        found: the verdict on all N.
        measures: of the task, by name.
        predictions: of the model.
        threshold: of the model.
        baselines: with their predictions of the same N.
        same: the name of the baseline that the model itself is, if it is one.
        shared: what alone they have in common with training examples, in words; None if they are the same.
        resamples: how many bootstrap resamples.

    Returns:
        Sentences, or nothing if there are no such examples.
    """
    count, total = int(np.count_nonzero(seen)), len(seen)
    if not count:
        return ""
    copies = f"Of the {total:,} test examples, {_copies(count, shared)}"
    said = f"{copies}, so the scores may be too high."
    rows, measure = np.flatnonzero(~seen), measures[found.measure]
    rest = _taken(predictions, rows)
    against = next(one for one in baselines if one.name == found.baseline)
    try:
        other = verdict(
            measures,
            rest,
            threshold,
            [replace(against, outputs=np.asarray(against.outputs)[rows])],
            measure=found.measure,
            resamples=resamples,
        )
    except UserError:  # too few are left, or one group
        return said
    if other.measure != found.measure:
        return said
    cuts = ((rest.outputs, threshold), (np.asarray(against.outputs)[rows], against.scores.threshold))
    reached = [measure.of(rest.targets, outputs, cut_at(cut)) for outputs, cut in cuts]
    ours, theirs = map(measure.say, reached)
    of_all = measure.of(predictions.targets, predictions.outputs, cut_at(threshold))
    if reached[0] > of_all if measure.higher_is_better else reached[0] < of_all:  # copies may have other labels
        said = f"{copies}."
    has = f"On the other {len(rows):,}, this model has {measure.noun} of {ours}"
    if same == against.name:
        return f"{said} {has}."
    margin = measure.say_difference(other.difference, other.interval)
    return f"{said} {has} and {against.title} of {theirs}, a difference of {margin}."


def _copies(count: int, shared: str | None) -> str:
    if shared is None:
        return f"{count:,} also {'occurs' if count == 1 else 'occur'} in training or validation"
    return f"{count:,} {'shares its' if count == 1 else 'share their'} {shared} with one in training or validation"


def _taken(predictions: Predictions, rows: NDArray[np.int64]) -> Predictions:
    groups = None if predictions.groups is None else several(predictions.groups[rows].astype(np.int64))
    return Predictions(np.asarray(predictions.targets)[rows], np.asarray(predictions.outputs)[rows], groups)

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.measures import MEASURES
from unspool.evaluation.task_result import TaskPredictions
from unspool.evaluation.task_scores import task_scores

NUMBERS = np.linspace(0.0, 9.0, 40)


def test_every_measure_has_an_interval_around_it():
    random = np.random.default_rng(0)
    found = task_scores("regression", TaskPredictions(NUMBERS, NUMBERS + random.normal(size=40)), resamples=300)
    assert list(found.figures) == list(MEASURES["regression"])
    for score in found.figures.values():
        assert score.interval.low < score.value < score.interval.high
    assert (found.examples, found.threshold) == (40, None)


def test_groups_are_drawn_whole():
    errors = np.repeat(np.random.default_rng(0).normal(size=10), 4)
    alone = task_scores("regression", TaskPredictions(NUMBERS, NUMBERS + errors), resamples=300)
    grouped = task_scores(
        "regression", TaskPredictions(NUMBERS, NUMBERS + errors, np.repeat(np.arange(10), 4)), resamples=300
    )
    widths = [scores.figures["mae"].interval.high - scores.figures["mae"].interval.low for scores in (alone, grouped)]
    assert widths[1] > 1.5 * widths[0]


def test_what_is_undefined_is_left_out():
    found = task_scores("regression", TaskPredictions(NUMBERS, np.full(40, 4.0)), resamples=50)
    assert "spearman" not in found.figures
    assert "r2" in found.figures


def test_several_labels_are_scored_at_their_threshold():
    truth = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    predictions = TaskPredictions(truth, truth * 0.2 + 0.1)
    assert task_scores("multilabel", predictions, 0.2, resamples=50).figures["micro_f1"].value == 1
    found = task_scores("multilabel", predictions, resamples=50)
    assert found.figures["micro_f1"].value == 0
    assert found.threshold == 0.5


@pytest.mark.parametrize(
    ("targets", "outputs", "groups", "message"),
    [
        ([1.0], [1.0], None, "at least two examples"),
        ([1.0, 2.0], [1.0], None, r"outputs have shape \(1,\)"),
        ([[1, 0], [0, 1]], [[0.5], [0.5]], None, "outputs have shape"),
        ([1.0, 2.0], [1.0, np.nan], None, "row 1 "),
        ([1.0, 2.0], [1.0, 2.0], [7, 7], "one group"),
    ],
)
def test_what_cannot_be_scored_is_refused(targets, outputs, groups, message):
    groups = None if groups is None else np.array(groups)
    with pytest.raises(UserError, match=message):
        task_scores("regression", TaskPredictions(np.array(targets), np.array(outputs), groups), resamples=50)

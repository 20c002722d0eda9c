"""The verdict: which baseline, which words, and whether the interval is paired."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.reconstruction_result import ReconstructionBaseline, ReconstructionScores
from unspool.evaluation.result import Baseline, Interval, Predictions, Score
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.task_result import TaskBaseline, TaskPredictions
from unspool.evaluation.task_scores import task_scores
from unspool.evaluation.verdict import reconstruction_verdict, task_verdict, verdict

LABELS = np.tile([0, 1], 500)


def _right_in(wrong, labels=LABELS):
    """Probabilities that are wrong for the examples named."""
    probabilities = np.where(labels == 1, 0.9, 0.1)
    probabilities[wrong] = 1 - probabilities[wrong]
    return probabilities


def _baseline(name, probabilities, threshold=0.5, labels=LABELS):
    scores = binary_scores(Predictions(labels, probabilities), threshold, resamples=10)
    return Baseline(name, f"the {name} one", scores, probabilities, 1.0)


WEAK = _baseline("weak", _right_in(np.arange(400)))
STRONG = _baseline("strong", _right_in(np.arange(100)))


def test_better():
    found = verdict(Predictions(LABELS, _right_in(np.arange(50))), 0.5, (WEAK, STRONG))
    assert found.baseline == "strong"
    assert found.beats_baseline
    assert found.measure == "accuracy"
    assert found.difference == pytest.approx(0.05)
    assert 0.03 < found.interval.low < 0.05 < found.interval.high < 0.07
    assert found.words == (
        "Yes. On the test set of 1,000 examples this model is right more often than the strong one: 95.0% against "
        f"90.0%, a difference of +5.0 points (95% interval +{100 * found.interval.low:.1f} to "
        f"+{100 * found.interval.high:.1f})."
    )


def test_worse():
    found = verdict(Predictions(LABELS, _right_in(np.arange(200))), 0.5, (WEAK, STRONG))
    assert not found.beats_baseline
    assert found.interval.high < 0
    assert found.words.startswith(
        "No. On the test set of 1,000 examples the strong one is right more often: 90.0% against 80.0%, "
        "a difference of -10.0 points (95% interval -1"
    )


def test_no_evidence():
    found = verdict(Predictions(LABELS, _right_in(np.arange(95, 193))), 0.5, (WEAK, STRONG))
    assert not found.beats_baseline
    assert found.interval.low < 0 < found.interval.high
    assert found.words.startswith("Not shown. On the test set of 1,000 examples this model is right in 90.2% and the")
    assert found.words.endswith("there is no evidence of a difference.")


def test_the_interval_is_paired():
    """Both wrong on the same 400: unpaired, the difference's interval would be some 8 points wide."""
    hard = np.arange(400)
    baseline = _baseline("same", _right_in(hard))
    found = verdict(Predictions(LABELS, _right_in(hard[:-1])), 0.5, (baseline,))
    assert found.difference == pytest.approx(0.001)
    assert found.interval.high - found.interval.low < 0.005
    assert not found.beats_baseline  # one example may well not be drawn: the interval reaches zero
    assert found.interval.low == 0


@pytest.mark.parametrize("halved", ["ours", "theirs"])
def test_each_side_is_read_at_its_own_threshold(halved):
    """Half the probabilities and half the threshold are the same answers; at the other's threshold they are not."""
    probabilities = _right_in(np.arange(100))
    probabilities[0] = 0.4
    full, half = (probabilities, 0.5), (probabilities / 2, 0.25)
    ours, theirs = (half, full) if halved == "ours" else (full, half)
    found = verdict(Predictions(LABELS, ours[0]), ours[1], (_baseline("other", *theirs),))
    assert found.difference == 0
    assert found.interval == Interval(0, 0)


def test_groups_widen_the_interval():
    wrong = np.arange(0, 200)
    alone = verdict(Predictions(LABELS, _right_in(wrong)), 0.5, (STRONG,))
    grouped = verdict(Predictions(LABELS, _right_in(wrong), np.arange(1000) // 20), 0.5, (STRONG,))
    assert grouped.difference == alone.difference
    assert grouped.interval.high - grouped.interval.low > 2 * (alone.interval.high - alone.interval.low)


def test_a_small_but_certain_difference_does_not_read_as_zero():
    labels = np.tile([0, 1], 20_000)
    baseline = _baseline("strong", _right_in(np.arange(40), labels), labels=labels)
    found = verdict(Predictions(labels, _right_in(np.arange(10), labels)), 0.5, (baseline,))
    assert found.beats_baseline
    assert "+0.0 " not in found.words
    assert "+0.07 points (95% interval +0.05 to +0.10)" in found.words


def test_without_baselines_there_is_no_verdict():
    with pytest.raises(UserError, match="at least one baseline"):
        verdict(Predictions(LABELS, _right_in([])), 0.5, ())


def _reconstruction(name, losses):
    score = Score(float(losses.mean()), Interval(0, 1))
    scores = ReconstructionScores(len(losses), score, score, score, score)
    return ReconstructionBaseline(name, f"the {name} one", scores, None, losses, 1.0)


LOSSES = np.random.default_rng(0).gamma(4, 0.05, 1000)
WORSE = (_reconstruction("weak", LOSSES + 0.1), _reconstruction("strong", LOSSES + 0.05))


def test_an_autoencoder_with_a_lower_loss_is_better():
    found = reconstruction_verdict(0.99 * LOSSES, WORSE)
    assert (found.baseline, found.measure, found.beats_baseline) == ("strong", "cross_entropy", True)
    assert found.difference == pytest.approx(-0.05 - 0.01 * LOSSES.mean())
    assert found.interval.low < found.difference < found.interval.high < 0


def test_better_in_words():
    noise = np.random.default_rng(1).normal(0, 0.05, 1000)
    found = reconstruction_verdict(LOSSES + noise, WORSE)
    ours, theirs = (LOSSES + noise).mean(), (LOSSES + 0.05).mean()
    assert found.words == (
        "Yes. On the test set of 1,000 examples this autoencoder reconstructs better than the strong one: a "
        f"cross-entropy of {ours:.3f} against {theirs:.3f} nats a pixel, a difference of {ours - theirs:.3f} "
        f"(95% interval {found.interval.low:.3f} to {found.interval.high:.3f})."
    )


def test_worse_and_no_evidence_in_words():
    noise = np.random.default_rng(1).normal(0, 0.05, 1000)
    worse = reconstruction_verdict(LOSSES + 0.2 + noise - noise.mean(), WORSE)
    ours, theirs = LOSSES.mean() + 0.2, LOSSES.mean() + 0.05
    assert not worse.beats_baseline
    assert worse.words.startswith(
        "No. On the test set of 1,000 examples the strong one reconstructs better than this autoencoder: a "
        f"cross-entropy of {theirs:.3f} against {ours:.3f} nats a pixel, a difference of +0.150 (95% interval +0.14"
    )
    open_still = reconstruction_verdict(LOSSES + 0.05 + noise - noise.mean(), WORSE)
    assert not open_still.beats_baseline
    assert open_still.interval.low < 0 < open_still.interval.high
    assert open_still.words.startswith(
        "Not shown. On the test set of 1,000 examples this autoencoder reconstructs with"
    )
    assert open_still.words.endswith("there is no evidence of a difference.")


def test_the_interval_of_losses_is_paired():
    """Examples differ far more from each other than the two models do."""
    found = reconstruction_verdict(LOSSES + 0.049, WORSE)
    assert found.interval.high - found.interval.low < 1e-9
    assert found.beats_baseline


def test_squared_errors_are_called_so():
    found = reconstruction_verdict(LOSSES, WORSE, likelihood="gaussian")
    assert found.measure == "mse"
    assert "a mean squared error of" in found.words
    assert "nats" not in found.words


def test_losses_must_fit_the_baselines():
    with pytest.raises(UserError, match="each of the 1,000 test examples"):
        reconstruction_verdict(LOSSES[1:], WORSE)
    with pytest.raises(UserError, match="finite loss"):
        reconstruction_verdict(LOSSES * np.nan, WORSE)
    with pytest.raises(UserError, match="at least one baseline"):
        reconstruction_verdict(LOSSES, ())


NUMBERS = np.linspace(0.0, 10.0, 60)
ERRORS = np.tile([1.0, -1.0], 30)


def _task_baseline(outputs, task="regression", targets=NUMBERS, threshold=None):
    scores = task_scores(task, TaskPredictions(targets, outputs), threshold, resamples=50)
    return TaskBaseline("linear", "a linear model", scores, outputs, 1.0)


@pytest.mark.parametrize(
    ("size", "beats", "words"),
    [
        (
            0.5,
            True,
            "Yes. On the test set of 60 examples this model does better than a linear model: a root mean squared",
        ),
        (
            2.0,
            False,
            "No. On the test set of 60 examples a linear model does better: a root mean squared error of 1.00",
        ),
        (
            1.0,
            False,
            "Not shown. On the test set of 60 examples this model has a root mean squared error of 1.00 and a",
        ),
    ],
)
def test_a_number_is_judged_by_its_squared_errors(size, beats, words):
    noise = np.random.default_rng(0).normal(scale=1e-3, size=60)
    baselines = [_task_baseline(np.full(60, 5.0)), _task_baseline(NUMBERS + ERRORS)]
    found = task_verdict("regression", TaskPredictions(NUMBERS, NUMBERS + size * ERRORS + noise), None, baselines)
    assert found.measure == "rmse"
    assert found.beats_baseline is beats
    assert found.words.startswith(words)
    assert found.difference == pytest.approx(size - 1, abs=0.01)


def test_numbers_in_a_large_unit_are_judged_as_in_a_small_one():
    noise = np.random.default_rng(0).normal(size=60)
    found = [
        task_verdict(
            "regression",
            TaskPredictions(NUMBERS * unit, (NUMBERS + noise) * unit),
            None,
            [_task_baseline((NUMBERS + 2 * ERRORS) * unit, targets=NUMBERS * unit)],
        )
        for unit in (1.0, 1e-12)
    ]
    assert found[0].beats_baseline
    for end in ("low", "high"):
        assert getattr(found[1].interval, end) == pytest.approx(1e-12 * getattr(found[0].interval, end), rel=1e-6)


def test_several_classes_are_judged_by_right_answers():
    classes = np.arange(60) % 3
    right, half = np.eye(3)[classes], np.eye(3)[np.where(np.arange(60) < 30, classes, 0)]
    found = task_verdict(
        "multiclass", TaskPredictions(classes, right), None, [_task_baseline(half, "multiclass", classes)]
    )
    assert found.words.startswith("Yes. On the test set of 60 examples this model is right more often than a linear")
    assert "100.0% against 66.7%, a difference of +33.3 points" in found.words


def test_several_labels_are_judged_each_side_at_its_own_threshold():
    truth = np.stack([np.arange(60) % 2, np.arange(60) % 3 == 0], axis=1).astype(float)
    baseline = _task_baseline(truth * 0.2 + 0.1, "multilabel", truth, threshold=0.2)
    found = task_verdict("multilabel", TaskPredictions(truth, truth), 0.5, [baseline])
    assert found.difference == 0
    assert found.words.startswith("Not shown.")

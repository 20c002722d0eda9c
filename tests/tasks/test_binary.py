import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.evaluation.curves import accuracy_threshold, youden_threshold
from unspool.evaluation.result import Predictions
from unspool.tasks import Binary, Multiclass

TASK = Binary(("neg", "pos"))


def _predictions(examples=400, seed=0, groups=None):
    random = np.random.default_rng(seed)
    targets = random.integers(0, 2, examples)
    logits = 1.5 * (targets - 0.5) + random.normal(size=examples)
    return Predictions(targets, (1 / (1 + np.exp(-logits))).astype(np.float32), groups)


def test_labels_come_back():
    targets = TASK.encode(["pos", "neg", "pos"])
    assert targets.dtype == np.int64
    assert targets.tolist() == [1, 0, 1]
    assert TASK.decode(targets) == ["pos", "neg", "pos"]
    assert (TASK.indices("neg"), TASK.indices("pos")) == ((0,), (1,))
    assert TASK.strata(["pos", "neg"]).tolist() == ["pos", "neg"]


@pytest.mark.parametrize("names", [("false", "true"), ("False", "True")])
def test_booleans_of_data_frames_and_of_files_are_the_same(names):
    task, given = Binary(names), ["True", "true", True, "FALSE", False]
    assert task.encode(given).tolist() == [1, 1, 1, 0, 0]
    assert task.indices("TRUE") == (1,)
    assert task.flaw("yes") is not None
    assert Multiclass(("True", "true", "yes")).encode(["true", "True"]).tolist() == [1, 0]


def test_an_answer_is_the_second_label_from_the_threshold_on():
    outputs = TASK.answers(np.array([[0.3], [0.25], [0.1]], dtype=np.float32))
    assert outputs.shape == (3,)
    labels, probabilities = TASK.decide(outputs, 0.25)
    assert labels == ["pos", "pos", "neg"]
    assert probabilities == pytest.approx([0.3, 0.25, 0.9])
    assert TASK.decide(outputs, None)[0] == ["neg"] * 3
    assert TASK.answers_in_words(0.25) == "pos where its probability is at least 0.250"
    assert TASK.answers_in_words(0.0) == "pos where its probability is at least 0.000"
    assert TASK.answers_in_words(None) == "pos where its probability is at least 0.500"


def test_an_explanation_speaks_for_the_answer():
    assert TASK.explained_score(0.3, 0.25) == (0, 1.0)
    assert TASK.explained_score(0.3, None) == (0, -1.0)


def test_the_threshold_serves_what_is_asked_for():
    """Nine in ten are of the first label, so that accuracy asks for a higher threshold than the rates do."""
    random = np.random.default_rng(0)
    targets = (np.arange(400) % 10 == 0).astype(int)
    outputs = np.clip(0.3 + 0.2 * targets + random.normal(0, 0.15, 400), 0, 1)
    youden, accuracy = youden_threshold(targets, outputs), accuracy_threshold(targets, outputs)
    assert youden < accuracy
    assert TASK.pick_threshold(targets, outputs) == youden
    assert TASK.pick_threshold(targets, outputs, "auc") == youden
    assert TASK.pick_threshold(targets, outputs, "accuracy") == accuracy


@pytest.mark.parametrize("measure", [None, "accuracy"])
def test_the_threshold_of_one_label_alone_is_one_half(measure):
    assert TASK.pick_threshold(np.ones(5, int), np.linspace(0.6, 0.9, 5), measure) == 0.5


def test_values_are_scikit_learns():
    predictions = _predictions()
    scores = TASK.scores(predictions, 0.45, resamples=10)
    truth, outputs = predictions.targets, predictions.outputs
    answers = outputs >= 0.45
    assert (scores.examples, scores.threshold) == (400, 0.45)
    assert {name: score.value for name, score in scores.figures.items()} == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(truth, answers),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, answers),
            "auc": metrics.roc_auc_score(truth, outputs),
            "brier": metrics.brier_score_loss(truth, outputs),
        }
    )
    assert scores.details["confusion_matrix"] == metrics.confusion_matrix(truth, answers).tolist()


def test_the_interval_of_the_accuracy_is_the_binomial_one():
    accuracy = TASK.scores(_predictions(examples=2000), 0.5, resamples=50)["accuracy"]
    expected = stats.binomtest(round(accuracy.value * 2000), 2000).proportion_ci(method="wilson")
    assert (accuracy.interval.low, accuracy.interval.high) == (expected.low, expected.high)


def test_the_interval_of_the_auc_is_as_wide_as_delongs():
    """DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), written out pair by pair."""
    predictions = _predictions(examples=600)
    negatives = predictions.outputs[predictions.targets == 0][:, np.newaxis]
    positives = predictions.outputs[predictions.targets == 1]
    in_order = (positives > negatives) + 0.5 * (positives == negatives)
    variance = in_order.mean(axis=0).var(ddof=1) / len(positives) + in_order.mean(axis=1).var(ddof=1) / len(negatives)
    interval = TASK.scores(predictions, 0.5, resamples=5000)["auc"].interval
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.06)


def test_groups_are_drawn_whole():
    """Every example twice: with groups the interval is that of the examples once, without them it is too narrow."""
    once = _predictions(examples=300)
    targets, outputs = np.repeat(once.targets, 2), np.repeat(once.outputs, 2)
    alone = TASK.scores(once, 0.5)
    grouped = TASK.scores(Predictions(targets, outputs, np.repeat(np.arange(300) * 7, 2)), 0.5)
    ungrouped = TASK.scores(Predictions(targets, outputs), 0.5)
    assert grouped["auc"].interval.low == pytest.approx(alone["auc"].interval.low, abs=1e-12)
    assert grouped["brier"].interval.low == pytest.approx(alone["brier"].interval.low, abs=1e-12)
    assert grouped["accuracy"].interval.low == pytest.approx(alone["accuracy"].interval.low, abs=0.01)
    assert ungrouped["accuracy"].interval.low > grouped["accuracy"].interval.low


def test_a_perfect_predictor():
    scores = TASK.scores(Predictions(np.array([0, 0, 1, 1, 1]), np.array([0.0, 0.1, 0.9, 0.9, 1.0])), 0.5)
    assert [scores[name].value for name in ("auc", "accuracy", "balanced_accuracy")] == [1, 1, 1]
    lows = [scores[name].interval.low for name in ("auc", "accuracy", "balanced_accuracy")]
    assert lows == pytest.approx([0.342, 0.566, 0.510], abs=1e-3)  # Wilson's of 2, 5 and 4
    assert scores.details == {"confusion_matrix": [[2, 0], [0, 3]]}


def test_a_constant_predictor():
    scores = TASK.scores(Predictions(np.array([0, 0, 0, 1]), np.full(4, 0.25)), 0.5)
    assert [scores[name].value for name in ("auc", "balanced_accuracy", "accuracy")] == [0.5, 0.5, 0.75]
    assert scores.details == {"confusion_matrix": [[3, 0], [1, 0]]}
    assert scores["auc"].interval.low == scores["auc"].interval.high == 0.5


def test_a_probability_at_the_threshold_is_read_as_the_second_label():
    assert TASK.scores(Predictions(np.array([0, 1]), np.array([0.4, 0.5])), 0.5)["accuracy"].value == 1
    assert TASK.scores(Predictions(np.array([0, 1]), np.array([0.4, 0.5])), None).threshold is None


@pytest.mark.parametrize(
    ("targets", "outputs", "groups", "message"),
    [
        ([1, 1, 1], [0.1, 0.2, 0.3], None, "all 3 labels are 1"),
        ([], [], None, "shape"),
        ([0, 2, 1], [0.1, 0.2, 0.3], None, "row 1 .* is 2"),
        ([0, 1, 1], [0.1, np.nan, np.nan], None, r"row 1 .* is NaN \(2 such of 3\)"),
        ([0, 1, 1], [0.1, 0.5, np.inf], None, "row 2 .* is inf"),
        ([0, 1, 1], [-0.1, 0.5, 0.5], None, "row 0 .* is -0.1"),
        ([0, 1, 1], [0.1, 0.5], None, "3 labels, but the probabilities"),
        ([0, 1, 1], [0.1, 0.5, 0.6], [0, 0], "groups have shape"),
        ([0, 1, 1], [0.1, 0.5, 0.6], [4, 4, 4], "one group"),
    ],
)
def test_what_cannot_be_scored_is_refused(targets, outputs, groups, message):
    predictions = Predictions(np.array(targets), np.array(outputs), None if groups is None else np.array(groups))
    with pytest.raises(UserError, match=message):
        TASK.scores(predictions, 0.5)


def test_one_label_alone_is_refused_before_anything_is_trained():
    with pytest.raises(UserError, match=r"All 3 validation examples have the label pos: .* Hold out others"):
        TASK.check(np.array([1, 1, 1]), "validation")
    with pytest.raises(UserError, match=r"All 2 test examples have the label neg: .* Files given with --test"):
        TASK.check(np.array([0, 0]), "test")
    with pytest.raises(UserError, match="There is only 1 test example, and scores need at least 2"):
        TASK.check(np.array([0]), "test")
    TASK.check(np.array([1, 0]), "test")


@pytest.mark.parametrize(
    ("training", "share", "answers"), [([1, 1, 0], 2 / 3, "pos"), ([0, 0, 1], 1 / 3, "neg"), ([0, 1], 0.5, "pos")]
)
def test_the_majority_class(training, share, answers):
    found = TASK.most_frequent(np.array(training), np.array([0, 1]), np.array([0, 1]))
    assert (found.name, found.title) == ("majority-class", "the majority class")
    assert found.outputs.tolist() == pytest.approx([share] * 2)
    assert TASK.decide(found.outputs, found.threshold)[0] == [answers] * 2


def test_what_the_chapter_printed():
    figures = PublishedFigures("the chapter", auc=0.9, balanced_accuracy=0.8375)
    assert TASK.published(figures, "auc") == "0.9"
    assert TASK.published(figures, "balanced_accuracy") == "83.75%"
    assert TASK.published(figures, "accuracy") == ""


def test_accuracy_says_little_if_nearly_all_examples_have_one_label():
    outputs = np.full(20, 0.1)
    outputs[:2] = 0.9

    def caution(rare, measure="accuracy"):
        return TASK.caution(Predictions((np.arange(20) < rare).astype(int), outputs), 0.5, measure)

    assert caution(2) == (
        "Accuracy says little here, as 90.0% of the test examples are neg. To judge by balanced accuracy, train with "
        "--set evaluation.measure=balanced_accuracy."
    )
    assert caution(3) == caution(2, "balanced_accuracy") == ""


def test_a_label_that_is_never_predicted_is_named():
    targets, outputs = np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.3, 0.2, 0.4, 0.2])
    assert TASK.caution(Predictions(targets, outputs), 0.4) == ""
    assert TASK.caution(Predictions(targets, outputs), None) == "It never predicts pos (2 test examples)."
    assert TASK.caution(Predictions(targets[:4], outputs[:4]), None) == "It never predicts pos (1 test example)."

"""Each measure in its two forms, and what it leaves undefined."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.intervals import hidden
from unspool.evaluation.support import support_of
from unspool.tasks import Binary, Multiclass, Multilabel, Regression

TASKS = [Binary(("a", "b")), Multiclass(("a", "b", "c")), Multilabel(("a", "b", "c")), Regression()]
MEASURES = {task.name: task.measures for task in TASKS}

EVERY = [(task, name) for task, measures in MEASURES.items() for name in measures]


def predictions(task, examples, seed):
    """Targets and outputs with ties, all classes and labels among them."""
    random = np.random.default_rng(seed)
    if task == "regression":
        targets = random.integers(0, 6, examples).astype(float)
        return targets + 1000, np.round(targets + random.normal(size=examples)) + 1000
    if task == "binary":
        return random.permutation(np.arange(examples) % 2), random.integers(1, 9, examples) / 10
    scores = random.integers(1, 6, (examples, 3)).astype(float)
    if task == "multilabel":
        return random.integers(0, 2, (examples, 3)).astype(float), scores / 10
    return random.permutation(np.arange(examples) % 3), scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("task", "name"), EVERY)
@settings(deadline=None, max_examples=30)  # on a busy machine one call may take long
@given(seed=st.integers(0, 10_000), examples=st.integers(6, 40))
def test_an_example_that_counts_thrice_is_one_that_stands_there_thrice(task, name, seed, examples):
    measure = MEASURES[task][name]
    targets, outputs = predictions(task, examples, seed)
    counts = np.random.default_rng(seed).integers(1, 4, examples)
    expected = measure.value(np.repeat(targets, counts, axis=0), np.repeat(outputs, counts, axis=0), 0.35)
    found = measure.prepare(targets, outputs, 0.35)(np.stack([counts, np.ones(examples)]).astype(float))
    assert found.shape == (2,)
    np.testing.assert_allclose(found, [expected, measure.value(targets, outputs, 0.35)], atol=1e-9)


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_examples_that_are_not_drawn_do_not_count(task, name):
    measure = MEASURES[task][name]
    targets, outputs = predictions(task, 30, 1)
    drawn = np.arange(30) < 20
    found = measure.prepare(targets, outputs, 0.35)(drawn[np.newaxis].astype(float))
    assert found[0] == pytest.approx(measure.value(targets[drawn], outputs[drawn], 0.35), abs=1e-9)


@pytest.mark.parametrize(
    ("task", "name"), [(task, name) for task, name in EVERY if task in ("multiclass", "multilabel")]
)
def test_a_class_that_is_not_drawn_is_neither_left_out_nor_counted_as_wrong(task, name):
    measure = MEASURES[task][name]
    targets, outputs = predictions(task, 40, 3)
    drawn = targets != 2 if task == "multiclass" else targets[:, 2] == 0
    found = measure.prepare(targets, outputs, 0.35)(drawn[np.newaxis].astype(float))
    wanted = measure.value(targets[drawn], outputs[drawn], 0.35)
    if name in ("balanced_accuracy", "macro_f1", "auc", "average_precision"):  # it has its figure on all examples
        classes = outputs.shape[1]
        found = found - _figure_of_class(task, name, targets, outputs) / classes
        wanted *= (classes - 1) / classes
    assert found[0] == pytest.approx(wanted, abs=1e-9)


def _figure_of_class(task, name, targets, outputs):
    """The figure of class 2 on all examples, by scikit-learn."""
    truth = targets == 2 if task == "multiclass" else targets[:, 2] == 1
    if name in ("auc", "average_precision"):
        return (metrics.roc_auc_score if name == "auc" else metrics.average_precision_score)(truth, outputs[:, 2])
    answers = outputs.argmax(axis=1) == 2 if task == "multiclass" else outputs[:, 2] >= 0.35
    return (metrics.recall_score if name == "balanced_accuracy" else metrics.f1_score)(truth, answers)


def test_a_model_that_never_finds_a_rare_class_gets_no_more_where_the_class_is_not_drawn():
    targets, never = np.array([1] + [0] * 99), np.zeros(100)
    counts = np.stack([np.ones(100), np.arange(100) > 0])  # the second without the rare class
    found = MEASURES["binary"]["balanced_accuracy"].prepare(targets, never, 0.5)(counts)
    assert found.tolist() == [0.5, 0.5]


def test_values_are_those_of_scikit_learn():
    targets, outputs = predictions("multiclass", 60, 2)
    answers = outputs.argmax(axis=1)
    found = {name: measure.value(targets, outputs, 0.5) for name, measure in MEASURES["multiclass"].items()}
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(targets, answers),
            "balanced_accuracy": metrics.balanced_accuracy_score(targets, answers),
            "macro_f1": metrics.f1_score(targets, answers, average="macro"),
            "auc": metrics.roc_auc_score(targets, outputs, multi_class="ovr"),
            "log_loss": metrics.log_loss(targets, outputs),
        }
    )
    targets, outputs = predictions("binary", 60, 2)
    found = {name: measure.value(targets, outputs, 0.35) for name, measure in MEASURES["binary"].items()}
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(targets, outputs >= 0.35),
            "balanced_accuracy": metrics.balanced_accuracy_score(targets, outputs >= 0.35),
            "auc": metrics.roc_auc_score(targets, outputs),
            "brier": metrics.brier_score_loss(targets, outputs),
        }
    )
    targets, outputs = predictions("multilabel", 60, 2)
    yes = outputs >= 0.35
    found = {name: measure.value(targets, outputs, 0.35) for name, measure in MEASURES["multilabel"].items()}
    assert found == pytest.approx(
        {
            "micro_f1": metrics.f1_score(targets, yes, average="micro"),
            "macro_f1": metrics.f1_score(targets, yes, average="macro"),
            "average_precision": metrics.average_precision_score(targets, outputs, average="macro"),
            "subset_accuracy": metrics.accuracy_score(targets, yes),
        }
    )


@pytest.mark.parametrize(
    ("task", "name", "targets", "outputs"),
    [
        ("multiclass", "auc", np.array([1, 1]), np.full((2, 3), 1 / 3)),
        ("multilabel", "average_precision", np.zeros((3, 2)), np.full((3, 2), 0.5)),
        ("multilabel", "macro_f1", np.zeros((3, 2)), np.full((3, 2), 0.5)),
        ("multilabel", "micro_f1", np.zeros((3, 2)), np.full((3, 2), 0.4)),
        ("regression", "spearman", np.array([1.0, 2.0]), np.array([3.0, 3.0])),
        ("regression", "r2", np.array([1.0, 1.0]), np.array([3.0, 4.0])),
    ],
)
def test_what_is_undefined_is_no_number(task, name, targets, outputs):
    assert np.isnan(MEASURES[task][name].value(targets, outputs, 0.5))


def test_equal_numbers_have_no_variance_to_explain_whatever_is_rounded():
    targets, outputs = np.array([0.1] * 7 + [0.7, 0.9]), np.linspace(0, 1, 9)
    counts = np.stack([np.arange(9) < 7, np.ones(9)]).astype(float)
    assert np.isnan(MEASURES["regression"]["r2"].prepare(targets, outputs, 0.5)(counts)).tolist() == [True, False]


def test_a_verdict_rests_on_one_measure():
    assert [task.headline for task in TASKS] == ["accuracy", "accuracy", "micro_f1", "rmse"]


@pytest.mark.parametrize(("task", "name"), [("multiclass", "auc"), ("multilabel", "average_precision")])
def test_what_takes_too_long_to_rank_is_left_undefined(task, name, monkeypatch):
    targets, outputs = predictions(task, 40, 3)
    measure = MEASURES[task][name]
    assert not np.isnan(measure.value(targets, outputs, 0.5))
    monkeypatch.setattr("unspool.evaluation.measures.labels.MOST_RANKED", 119)
    assert np.isnan(measure.value(targets, outputs, 0.5))


def test_a_measure_has_its_article():
    nouns = [measure.noun for measures in MEASURES.values() for measure in measures.values()]
    assert {"an accuracy", "an AUC", "a Brier score", "an R²", "a root mean squared error"} <= set(nouns)


def test_two_classes_have_the_interval_and_the_support_of_one_auc():
    """Each class against the rest has the same figure, on the same pairs of examples."""
    targets, units = np.repeat([0, 1], [16, 4]), np.arange(20)
    scores = np.where(targets == 1, 0.8, 0.2) + np.arange(20) / 1000
    both, half = np.stack([1 - scores, scores], axis=1), np.full((20, 2), 0.5)
    one, two = (weighted.mean_auc(targets[:, np.newaxis] == c, both[:, c]) for c in ([1], [0, 1]))
    other = weighted.mean_auc(targets[:, np.newaxis] == [0, 1], half)
    np.testing.assert_allclose(hidden([two], units), hidden([one], units))
    assert support_of(MEASURES["multiclass"]["auc"], targets, units, figures=([two], [other])).alike == 4

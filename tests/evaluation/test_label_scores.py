import numpy as np
import pytest
from sklearn import metrics

from unspool.evaluation.label_scores import confusion, label_scores
from unspool.evaluation.result import Predictions

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 4, 80)
OUTPUTS = RANDOM.dirichlet(np.ones(5), 80)


def test_classes_are_scored_as_by_scikit_learn():
    found = label_scores(Predictions(TARGETS, OUTPUTS), None)
    answers = OUTPUTS.argmax(axis=1)
    expected = metrics.precision_recall_fscore_support(TARGETS, answers, labels=range(5), zero_division=0.0)
    for number, one in enumerate(found):
        row = (one.precision, one.recall, one.f1, one.examples)
        assert row == pytest.approx(tuple(column[number] for column in expected))
    for number in range(4):
        ranked = metrics.average_precision_score(number == TARGETS, OUTPUTS[:, number])
        assert found[number].average_precision == pytest.approx(ranked)
    assert found[4].average_precision is None


def test_labels_are_scored_at_the_threshold():
    truth = (OUTPUTS > 0.3).astype(int)
    assert all(one.f1 == 1 for one in label_scores(Predictions(truth, OUTPUTS), 0.3))
    at_half = label_scores(Predictions(truth, OUTPUTS), 0.5)
    recalls = metrics.recall_score(truth, (OUTPUTS >= 0.5).astype(int), average=None)
    assert [one.recall for one in at_half] == pytest.approx(recalls.tolist())
    assert recalls.max() < 1
    assert label_scores(Predictions(truth, OUTPUTS), None) == at_half


def test_the_confusion_matrix_is_scikit_learns():
    found = confusion(Predictions(TARGETS, OUTPUTS), most=10)
    np.testing.assert_array_equal(
        found.matrix, metrics.confusion_matrix(TARGETS, OUTPUTS.argmax(axis=1), labels=range(5))
    )
    mistakes = found.mistakes(3)
    assert [found.matrix[truth, answer] for truth, answer, _ in mistakes] == [examples for *_, examples in mistakes]
    wrong = found.matrix[~np.eye(5, dtype=bool)]
    assert [examples for *_, examples in mistakes] == sorted(wrong.tolist(), reverse=True)[:3]
    assert all(truth != answer for truth, answer, _ in mistakes)


def test_rare_classes_become_one():
    found = confusion(Predictions(TARGETS, OUTPUTS), most=3)
    kept = sorted(np.argsort(-np.bincount(TARGETS), kind="stable")[:2].tolist())
    assert found.labels.tolist() == [*kept, -1]
    truth, answers = (np.where(np.isin(one, kept), one, -1) for one in (TARGETS, OUTPUTS.argmax(axis=1)))
    np.testing.assert_array_equal(found.matrix, metrics.confusion_matrix(truth, answers, labels=[*kept, -1]))


def test_where_all_is_right_there_are_no_mistakes():
    assert confusion(Predictions(TARGETS, np.eye(5)[TARGETS]), most=5).mistakes(9) == []

import numpy as np
import pytest

from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.baselines.tags import (
    are_steps,
    most_frequent_tags,
    window_models,
)
from unspool.evaluation.measures.tags import tag_measures

ACCURACY = tag_measures(("a", "b"))["accuracy"]


def part(texts, rows):
    longest = max(map(len, rows))
    targets = np.array([[*row, *[-1] * (longest - len(row))] for row in rows])
    return RawPart(lambda: texts, targets)


def test_each_token_has_its_most_frequent_tag_and_others_that_of_all():
    training = part([("x", "y", "X"), ("y", "y")], [[0, 1, 0], [1, 0]])
    test = part([("Y",), ("new", "x")], [[1], [1, 0]])
    found = most_frequent_tags(RawParts(training, training, test, ACCURACY), 2)
    assert found.outputs[0, 0].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert found.outputs[1].tolist() == pytest.approx(np.array([[3 / 5, 2 / 5], [1, 0]]))
    assert found.outputs[0, 1].tolist() == [0, 0]
    assert found.held_out == pytest.approx(4 / 5)


def test_a_window_tells_what_a_word_alone_does_not():
    # The tag of "it" depends on the word before.
    texts = [("see", "it"), ("read", "it")] * 20
    rows = [[0, 0], [0, 1]] * 20
    both = part(texts, rows)
    [found] = window_models(RawParts(both, both, both, ACCURACY), 2)
    assert found.held_out == 1.0
    assert most_frequent_tags(RawParts(both, both, both, ACCURACY), 2).held_out == 0.75
    assert found.outputs[both.targets >= 0].sum(axis=-1) == pytest.approx(np.ones(80))


def test_a_window_of_steps():
    rows = np.random.RandomState(0).randint(0, 2, (30, 6))
    series = [np.stack([row, -row], axis=1).astype(np.float32) for row in rows]
    both = RawPart(lambda: series, rows)
    found = window_models(RawParts(both, both, both, ACCURACY), 2)[0]
    assert (found.name, found.title) == ("window-regression", "logistic regression over windows of 5 words or steps")
    assert found.held_out == 1.0


def test_a_forest_sees_what_is_no_sum_of_steps():
    """Where a channel moves, whichever way; the linear model has a number too few for that."""
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.integers(0, 2, (30, 2)), 20, axis=1)
    series = [(rng.normal(size=40) * (0.1 + row))[:, None].astype(np.float32) for row in rows]
    both = RawPart(lambda: series, rows)
    linear, forest = window_models(RawParts(both, both, RawPart(lambda: series[:3], rows[:3]), ACCURACY), 2)
    assert are_steps(both)
    assert forest.title == "a random forest over windows of 5 to 129 steps"
    assert forest.outputs.shape == (3, 40, 2)
    assert forest.held_out > 0.95 > linear.held_out

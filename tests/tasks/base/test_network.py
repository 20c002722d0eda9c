"""What all tasks have in common in their networks."""

import numpy as np
import pytest

from unspool.models import Seq2Vec
from unspool.tasks import Binary, Multiclass, Multilabel, Regression


@pytest.mark.parametrize(
    ("task", "outputs", "activation"),
    [
        (Binary(("a", "b")), 1, "sigmoid"),
        (Multiclass(("a", "b", "c")), 3, "softmax"),
        (Multilabel(("a", "b")), 2, "sigmoid"),
        (Regression(), 1, "linear"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_model_gets_the_head_that_its_task_needs(task, outputs, activation):
    plain = Seq2Vec(units=3, outputs=7, activation="tanh")
    head = task.head(plain)
    assert (head.outputs, head.activation, head.units) == (task.outputs, activation, 3)
    assert task.outputs == outputs
    assert task.head(plain, outputs=5).outputs == 5


def test_weights_come_with_the_examples_only_where_they_are_asked_for_and_matter():
    inputs, task = np.zeros((4, 2)), Binary(("a", "b"))
    uneven, even = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert len(task.examples(inputs, uneven, balanced=False)) == 2
    assert len(task.examples(inputs, even, balanced=True)) == 2
    weights = task.examples(inputs, uneven, balanced=True)[2]
    assert weights.tolist() == pytest.approx([2 / 3] * 3 + [2])
    assert len(Regression().examples(inputs, uneven, balanced=True)) == 2

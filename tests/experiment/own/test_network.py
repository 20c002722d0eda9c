import numpy as np
import pytest

from unspool.data.labels import LabelCodec
from unspool.experiment.own.network import decisions
from unspool.experiment.own.preparation import weights_of_classes


def test_a_binary_answer_is_read_at_its_threshold():
    codec = LabelCodec.fit(["neg", "pos"])
    labels, probabilities = decisions(np.array([0.3, 0.2, 0.4]), codec, threshold=0.3)
    assert labels == ["pos", "neg", "pos"]
    assert probabilities == pytest.approx([0.3, 0.8, 0.4])


def test_of_several_classes_the_most_probable_is_taken():
    codec = LabelCodec.fit(["a", "b", "c"] * 3)
    assert decisions(np.array([[0.2, 0.5, 0.3], [0.1, 0.2, 0.7]]), codec, 0.5) == (["b", "c"], [0.5, 0.7])


def test_several_labels_at_once_each_have_a_probability():
    codec = LabelCodec.fit(["a|b", "b"])
    labels, probabilities = decisions(np.array([[0.6, 0.5], [0.1, 0.2]]), codec, 0.5)
    assert labels == [("a", "b"), ()]
    assert probabilities == [{"a": 0.6, "b": 0.5}, {"a": 0.1, "b": 0.2}]


def test_classes_are_weighted_only_where_they_are_unequal():
    codec = LabelCodec.fit(["neg", "pos"])
    assert weights_of_classes(codec, np.array([0, 1, 1])) is not None
    assert weights_of_classes(codec, np.array([0, 1])) is None
    weights = weights_of_classes(codec, np.array([0, 1, 1, 1]))
    assert weights[0] == pytest.approx(weights[1:].sum())
    assert weights_of_classes(LabelCodec.fit([1.5, 2.5, 3.5]), np.array([0.0, 1.0, 1.0])) is None

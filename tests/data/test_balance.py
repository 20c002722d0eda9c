import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from unspool.data.balance import Balance, are_unequal, balance_of, class_weights, quantiles
from unspool.tasks import Binary, Multilabel, Regression

PARTS = np.array([0, 0, 0, 1, 2], dtype=np.int8)


@given(st.lists(st.integers(0, 3), min_size=1))
def test_class_weights_are_scikit_learns_balanced(targets: list[int]) -> None:
    present = np.unique(targets)
    weights = class_weights(np.array(targets), 5)
    assert weights[present] == pytest.approx(
        compute_class_weight("balanced", classes=present, y=targets) * len(present) / 5
    )
    assert weights[4] == 0


def test_a_class_half_as_frequent_again_is_not_yet_unequal() -> None:
    assert not are_unequal(np.array([30, 20]))
    assert are_unequal(np.array([31, 20]))
    assert are_unequal(np.array([2, 0]))


def test_labels_are_counted_in_each_part_the_most_frequent_in_training_first() -> None:
    found = balance_of(Binary(("a", "b")), ["a", "b", "b", "a", "a"], PARTS)
    assert found.parts == {"training": 3, "validation": 1, "test": 1}
    assert list(found.labels.items()) == [("b", (2, 0, 0)), ("a", (1, 1, 1))]
    assert found.numbers is None


def test_several_labels_are_each_counted() -> None:
    found = balance_of(Multilabel(("a", "b"), "|"), ["a|b", "b", "", "a", "b|a"], PARTS)
    assert found.labels == {"a": (1, 1, 1), "b": (2, 0, 1)}


def test_only_the_training_numbers_are_described() -> None:
    found = balance_of(Regression(), ["3", "1", "n/a", "99", "99"], PARTS)
    assert found.labels == {}
    assert found.numbers == (1.0, 1.0, 1.0, 3.0, 3.0, 3.0)
    assert balance_of(Regression(), ["n/a"] * 5, PARTS).numbers is None


def test_quantiles_are_some_of_the_values() -> None:
    assert quantiles(np.arange(1, 101)) == [1, 10, 50, 90, 99, 100]
    assert quantiles(np.array([2.5, 7.5])) == [2.5, 2.5, 2.5, 7.5, 7.5, 7.5]


def test_weights_are_named_where_labels_are_unequal() -> None:
    parts = {"training": 4, "validation": 0, "test": 0}
    assert Balance(parts, {"a": (3, 0, 0), "b": (1, 0, 0)}, None).weights == pytest.approx({"a": 2 / 3, "b": 2.0})
    assert Balance(parts, {"a": (2, 0, 0), "b": (2, 0, 0)}, None).weights == {}
    assert Balance(parts, {}, (1.0,) * 6).weights == {}
    assert Balance(parts, {"a": (3, 0, 0), "b": (1, 0, 0)}, None, one_each=False).weights == {}


def test_several_labels_of_an_example_have_no_weights():
    labels, parts = [("a",), ("a", "b"), ("a",), ("a",)], np.zeros(4, np.int8)
    found = balance_of(Multilabel(("a", "b")), labels, parts)
    assert found.labels == {"a": (4, 0, 0), "b": (1, 0, 0)}
    assert found.weights == {}

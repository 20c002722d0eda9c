"""Linear models over features: what is plain to see is learned, and what training lacks keeps its place."""

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_info

from unspool.evaluation.baselines import linear
from unspool.evaluation.baselines.linear import fit_classes, fit_labels, fit_numbers, fit_one_label

CLASSES = np.arange(90) % 3
LABELS = np.stack([CLASSES == 0, CLASSES != 2], axis=1).astype("float32")
DENSE = np.eye(3)[CLASSES] + 0.1 * np.random.default_rng(0).normal(size=(90, 3))
FEATURES = [pytest.param(DENSE, id="dense"), pytest.param(sparse.csr_array(np.round(DENSE, 1)), id="sparse")]


@pytest.mark.parametrize("features", FEATURES)
def test_one_label_is_learned(features):
    found = fit_one_label(features, LABELS[:, 0])(features)
    assert found.shape == (90,)
    np.testing.assert_array_equal(found >= 0.5, LABELS[:, 0])


@pytest.mark.parametrize("features", FEATURES)
def test_several_labels_are_learned(features):
    found = fit_labels(features, LABELS)(features)
    np.testing.assert_array_equal(found >= 0.5, LABELS)


@pytest.mark.parametrize("features", FEATURES)
def test_classes_are_learned(features):
    found = fit_classes(features, CLASSES, 3)(features)
    np.testing.assert_array_equal(found.argmax(axis=1), CLASSES)
    np.testing.assert_allclose(found.sum(axis=1), 1)


@pytest.mark.parametrize("features", FEATURES)
def test_a_single_class_is_always_predicted(features):
    """A run on texts in groups ended in a traceback if one group had all examples of the other classes."""
    found = fit_classes(features, np.full(90, 1), 3)(features[:2])
    assert found.tolist() == [[0, 1, 0], [0, 1, 0]]


def test_no_threads_wait_for_sums_of_products(monkeypatch):
    class Model:
        def fit(self, features, targets):
            threads.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
            return self

    threads = []
    monkeypatch.setattr(linear, "_logistic", lambda features: Model())
    fit_one_label(DENSE, LABELS[:, 0])
    assert set(threads) == {1}


@pytest.mark.parametrize("features", FEATURES)
def test_numbers_are_learned(features):
    found = fit_numbers(features, 100.0 + CLASSES)(features)
    assert np.abs(found - (100.0 + CLASSES)).max() < 0.6


@pytest.mark.parametrize("features", FEATURES)
def test_a_class_that_training_lacks_keeps_its_place(features):
    some = np.flatnonzero(CLASSES != 1)
    found = fit_classes(features[some], CLASSES[some], 3)(features)
    assert found.shape == (90, 3)
    assert not found[:, 1].any()


def test_a_label_that_all_or_none_have_is_said_of_all_or_none():
    same = np.stack([np.zeros(90), np.ones(90)], axis=1)
    assert fit_labels(DENSE, same)(DENSE[:4]).tolist() == [[0, 1]] * 4

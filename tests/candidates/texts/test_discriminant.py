"""A discriminant from points with and without a label: against scikit-learn's, and that the others help."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from unspool.candidates.texts.discriminant import WEIGHT, discriminant

WIDTH = 6


def _points(count: int, classes: int, seed: int = 0):
    """Points around the classes' centers, of one covariance that hides them: its largest direction tells nothing."""
    random = np.random.default_rng(seed)
    kinds = np.arange(count) % classes
    centers = np.zeros((classes, WIDTH))
    centers[:, 0] = 5 * np.arange(classes)
    return centers[kinds] + random.normal(size=(count, WIDTH)) * [1, 6, 1, 1, 1, 1], kinds


def _right(weights, points, kinds) -> float:
    return float(((points @ weights[:-1] + weights[-1]).argmax(axis=1) == kinds).mean())


@pytest.mark.parametrize("classes", [2, 3])
def test_with_labels_for_nearly_all_it_is_linear_discriminant_analysis(classes):
    points, kinds = _points(2000, classes)
    found = discriminant(points, np.eye(classes)[kinds], points[:1], np.zeros((1, classes)))
    expected = LinearDiscriminantAnalysis(solver="lsqr").fit(points, kinds)
    logits = points @ found[:-1] + found[-1]
    told = expected.decision_function(points)
    if classes == 2:
        logits, told = logits[:, 1] - logits[:, 0], np.asarray(told)
    else:
        logits, told = (of - of.mean(axis=1, keepdims=True) for of in (logits, told))
    np.testing.assert_allclose(logits, told, rtol=0.02, atol=0.05)


@pytest.mark.parametrize("classes", [2, 3])
def test_points_without_a_label_help(classes):
    points, kinds = _points(3000, classes)
    few, rest = slice(0, 4 * classes), slice(4 * classes, 3000)
    labels = np.eye(classes)[kinds[few]]
    nearest = np.array([points[few][kinds[few] == kind].mean(axis=0) for kind in range(classes)])
    start = points[rest] @ nearest.T - (nearest**2).sum(axis=1) / 2
    assert (start.argmax(axis=1) == kinds[rest]).mean() < 0.9
    weights = discriminant(points[few], labels, points[rest], start / 10)
    assert _right(weights, points[rest], kinds[rest]) > 0.98


def test_many_points_without_a_label_count_no_more_than_some():
    points, kinds = _points(440, 2)
    few, rest = slice(0, 20), slice(20, 440)
    labels = np.eye(2)[kinds[few]]
    start = np.stack((-points[rest, 0], points[rest, 0]), axis=1)
    assert len(points[rest]) > WEIGHT * 20
    once = discriminant(points[few], labels, points[rest], start)
    twice = discriminant(points[few], labels, np.repeat(points[rest], 2, axis=0), np.repeat(start, 2, axis=0))
    np.testing.assert_allclose(once, twice, rtol=1e-6, atol=1e-6)


def test_a_class_that_no_label_names_gets_no_point():
    points, kinds = _points(900, 3)
    few = np.flatnonzero(kinds[:60] != 1)
    weights = discriminant(points[few], np.eye(3)[kinds[few]], points, np.zeros((900, 3)))
    assert np.isfinite(weights).all()
    guessed = (points @ weights[:-1] + weights[-1]).argmax(axis=1)
    assert (guessed == 1).mean() < 0.02


def test_one_point_of_a_class_and_constant_numbers_give_finite_weights():
    points = np.zeros((10, 3))
    weights = discriminant(points, np.eye(2)[[0] + [1] * 9], np.zeros((40, 3)), np.zeros((40, 2)))
    assert np.isfinite(weights).all()
    assert weights[-1, 1] > weights[-1, 0]

"""Which linear model over vectors is taken: the discriminant only where texts without a label surely help."""

import numpy as np
import pytest

from unspool.candidates.texts import targets, vector_heads
from unspool.candidates.texts.comparison import better
from unspool.candidates.texts.folds import folds

C, WIDTH = 0.01, 24


@pytest.fixture(scope="module")
def clusters():
    """Two clusters, 40 with labels and 2,000 without; which cluster each is in."""
    random = np.random.default_rng(0)
    kinds = np.arange(2040) % 2
    points = random.normal(size=(2040, WIDTH)) * np.linspace(0.5, 1.5, WIDTH)
    points[:, 0] += 4 * kinds - 2
    return (points - points.mean(axis=0)) / points.std(axis=0), kinds


def _best(points, wanted, task, count=40):
    return vector_heads.best(points[:count], points[count:], wanted[:count], task, C, 0)


def test_discriminants_are_taken_where_clusters_are_the_classes(clusters):
    points, kinds = clusters
    wanted = targets.columns(kinds, "binary", None)
    regression = vector_heads.regression(points[:40], wanted[:40], "binary", C, 0)
    right = [
        (((points[40:] @ one[:-1] + one[-1])[:, 0] > 0) == kinds[40:]).mean()
        for one in (regression, _best(points, wanted, "binary"))
    ]
    assert right[1] > 0.98 > right[0] + 0.05


def test_the_regression_is_taken_where_clusters_are_not_the_classes(clusters):
    points, _ = clusters
    wanted = targets.columns((points[:, 0] + points[:, 1] > 0).astype(int), "binary", None)
    expected = vector_heads.regression(points[:200], wanted[:200], "binary", C, 0)
    np.testing.assert_array_equal(_best(points, wanted, "binary", 200), expected)
    worse = vector_heads.discriminants(points[:200], points[200:], wanted[:200], "binary", expected)
    wrong = [(((points @ one[:-1] + one[-1]) > 0) != wanted).mean() for one in (expected, worse)]
    assert wrong[0] < wrong[1] - 0.05


def test_numbers_and_very_few_have_the_regression(clusters):
    points, kinds = clusters
    for task, wanted, count in (
        ("regression", 2.0 * kinds[:, None] - 1, 40),
        ("binary", targets.columns(kinds, "binary", None), 9),
    ):
        expected = vector_heads.regression(points[:count], wanted[:count], task, C, 0)
        np.testing.assert_array_equal(_best(points, wanted, task, count), expected)
    alone = vector_heads.best(points[:40], points[:0], wanted[:40], "binary", C, 0)
    np.testing.assert_array_equal(alone, vector_heads.regression(points[:40], wanted[:40], "binary", C, 0))


def test_several_classes_and_several_labels(clusters):
    points, kinds = clusters
    classes = targets.columns(kinds, "multiclass", 2)
    of_classes = _best(points, classes, "multiclass")
    assert ((points @ of_classes[:-1] + of_classes[-1]).argmax(axis=1) == kinds).mean() > 0.98
    labels = np.stack((kinds, 1 - kinds), axis=1).astype(float)
    of_labels = _best(points, labels, "multilabel")
    assert (((points @ of_labels[:-1] + of_labels[-1]) > 0) == labels).mean() > 0.98


def _alternatives(points, kinds, count):
    """Vectors that say nothing, and vectors that say which cluster they are in."""
    nothing = np.random.default_rng(1).normal(size=(count, WIDTH))
    return [nothing, points[:count]], targets.columns(kinds[:count], "binary", None)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_vectors_are_chosen_that_tell_more_of_held_out_texts(clusters, task):
    vectors, wanted = _alternatives(*clusters, 60)
    assert vector_heads.choice(vectors, wanted, task, C, 0) == 1
    assert vector_heads.choice(vectors[::-1], wanted, task, C, 0) == 0
    assert vector_heads.choice([vectors[1], vectors[1]], wanted, task, C, 0) == 0
    assert vector_heads.choice([one[:9] for one in vectors], wanted[:9], task, C, 0) == 0


def test_vectors_are_chosen_on_some_texts_and_the_given_parts(clusters, monkeypatch):
    vectors, wanted = _alternatives(*clusters, 60)
    groups, compared, fitted, fit = np.arange(60) // 2, [], [], vector_heads.regression

    def watched(scores, than, truth, task, times, known):
        compared.append((np.flatnonzero(~np.isnan(scores[:, 0])).tolist(), known.tolist()))
        return better(scores, than, truth, task, times, known)

    monkeypatch.setattr(vector_heads, "better", watched)
    monkeypatch.setattr(vector_heads, "regression", lambda x, *more: fitted.append(x) or fit(x, *more))
    monkeypatch.setattr(vector_heads, "COMPARED", 50)
    parts = [(np.arange(40), np.arange(40, 60))]
    vector_heads.choice(vectors, wanted, "binary", C, 0, parts, groups)
    assert vector_heads.choice(vectors, wanted, "binary", C, 0, [(np.arange(50), np.arange(51, 60))]) == 0
    rows = np.sort(np.random.default_rng(0).permutation(60)[:50])
    np.testing.assert_array_equal(fitted[1], vectors[1][rows[rows < 40]])
    assert compared == [(np.flatnonzero(rows >= 40).tolist(), groups[rows].tolist())]


def test_few_vectors_are_split_several_times(clusters, monkeypatch):
    points, kinds = clusters
    wanted, seeds = targets.columns(kinds, "binary", None), []

    def split(*arguments, seed):
        seeds.append(seed)
        return folds(*arguments, seed=seed)

    monkeypatch.setattr(vector_heads, "folds", split)
    _best(points, wanted, "binary", 40)
    _best(points, wanted, "binary", 1_000)
    assert seeds == [0, 1, 2, 3, 4, 0]


def test_discriminants_are_compared_with_the_regression_on_the_given_parts(clusters, monkeypatch):
    """Only these rows are fitted to and scored; the others count for neither."""
    points, kinds = clusters
    wanted, parts, compared = targets.columns(kinds, "binary", None), [(np.arange(30), np.arange(30, 40))], []

    def watched(helped, plain, truth, task, times, groups):
        compared.append((np.flatnonzero(~np.isnan(helped[:, 0])).tolist(), len(plain), times, groups))
        return better(helped, plain, truth, task, times, groups)

    monkeypatch.setattr(vector_heads, "better", watched)
    groups = np.arange(60)
    for seed in (0, 1):
        vector_heads.best(points[:60], points[60:], wanted[:60], "binary", C, seed, parts, groups)
    assert compared == [(list(range(30, 40)), 60, 1, groups)] * 2

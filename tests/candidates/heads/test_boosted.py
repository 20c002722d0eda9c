"""Boosted trees: what scikit-learn says, kept as arrays; calibration, bounds, the same bits with more threads."""

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from unspool.candidates.heads import BoostedClassifier, BoostedRegressor, boosting, most_rows
from unspool.candidates.heads.boosting import BoostedTrees
from unspool.candidates.heads.calibration import softmax
from unspool.candidates.pace import Pace

HOW = {
    "max_iter": 50,
    "learning_rate": 0.2,
    "max_leaf_nodes": 63,
    "max_bins": 63,
    "l2_regularization": 1,
    "early_stopping": False,
}


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine, threads of the peer wait for each other."""
    with threadpool_limits(1, "openmp"):
        yield


def draw(rows, classes=3, seed=0):
    """Rows whose class is a product of two features decides, which no line does."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 6)).astype(np.float32)
    numbers = x[:, 0] * x[:, 1] + 0.2 * random.normal(size=rows)
    edges = np.quantile(x[:, 0] * x[:, 1], np.arange(1, classes) / classes)
    return x, np.digitize(numbers, edges).astype(np.int64), numbers.astype(np.float64)


@pytest.mark.parametrize("classes", [2, 3])
def test_scores_are_those_of_scikit_learn(classes):
    x, labels, _ = draw(500, classes)
    new = draw(200, seed=1)[0]
    classifier, _ = BoostedClassifier.fit(x, labels, classes, seed=0)
    peer = HistGradientBoostingClassifier(**HOW, random_state=0).fit(x, labels)
    np.testing.assert_allclose(softmax(classifier.trees(new)), peer.predict_proba(new), atol=1e-5)


def test_numbers_are_those_of_scikit_learn_in_any_unit():
    x, _, numbers = draw(500)
    new, targets = draw(200, seed=1)[0], np.stack([numbers, 1e30 * numbers + 3e30], axis=1)
    regressor, _ = BoostedRegressor.fit(x, targets, seed=0)
    peer = HistGradientBoostingRegressor(**HOW, random_state=0).fit(x, numbers)
    outputs = regressor.outputs(new)
    np.testing.assert_allclose(outputs[:, 0], peer.predict(new), atol=1e-3)
    np.testing.assert_allclose(outputs[:, 1], 1e30 * outputs[:, 0] + 3e30, rtol=1e-3, atol=1e27)


def test_held_out_probabilities_say_how_well_new_ones_are_told():
    x, labels, numbers = draw(900)
    new, truth, new_numbers = draw(900, seed=1)
    classifier, held_out = BoostedClassifier.fit(x, labels, 3, seed=0)
    outputs = classifier.outputs(new)
    np.testing.assert_allclose(outputs.sum(axis=1), 1)
    right = outputs.argmax(axis=1) == truth
    assert right.mean() > 0.75
    assert abs(outputs.max(axis=1).mean() - right.mean()) < 0.05
    assert abs((held_out.argmax(axis=1) == labels).mean() - right.mean()) < 0.05
    regressor, held_numbers = BoostedRegressor.fit(x, numbers[:, None], seed=0)
    error, held_error = (
        np.sqrt(np.square(said[:, 0] - true).mean())
        for said, true in ((regressor.outputs(new), new_numbers), (held_numbers, numbers))
    )
    assert error < 0.6
    assert abs(error - held_error) < 0.1


def test_held_rows_calibrate_trees_that_do_not_know_them():
    x, labels, numbers = draw(800)
    held, truth, _ = draw(300, seed=1)
    classifier, said = BoostedClassifier.fit_held(x, labels, 3, 0, held, truth)
    np.testing.assert_array_equal(said, classifier.outputs(held))
    assert (said.argmax(axis=1) == truth).mean() > 0.7
    other, _ = BoostedClassifier.fit_held(x, labels, 3, 0, held, (truth + 1) % 3)
    np.testing.assert_array_equal(other.trees(held), classifier.trees(held))
    assert other.temperature.factor < 0.1 * classifier.temperature.factor
    regressor, numbers_said = BoostedRegressor.fit_held(x, numbers[:, None], 0, held)
    np.testing.assert_array_equal(numbers_said, regressor.outputs(held))


@pytest.mark.parametrize("present", [[0], [1], [0, 2], [0, 1, 3]])
def test_classes_that_are_missing_are_unlikely(present):
    x, labels, _ = draw(300)
    labels = np.array(present)[labels % len(present)]
    trees = boosting.grow_classifier(x, labels, 4, seed=0)
    probabilities = softmax(trees(x))
    missing = np.setdiff1d(np.arange(4), present)
    assert 0 < probabilities[:, missing].max() < 0.25
    assert probabilities[:, missing].mean() < 0.01
    assert set(probabilities.argmax(axis=1)) == set(present)


def test_a_class_of_one_example():
    x, labels, _ = draw(100)
    labels[:] = labels > 0
    labels[7] = 2
    classifier, held_out = BoostedClassifier.fit(x, labels, 3, seed=0)
    assert np.flatnonzero(np.isnan(held_out).any(axis=1)).tolist() == [7]  # the only example of its class
    assert np.isfinite(classifier.outputs(x)).all()


def test_targets_that_are_all_the_same():
    x = draw(60)[0]
    regressor, held_out = BoostedRegressor.fit(x, np.full((60, 1), 7.0), seed=0)
    np.testing.assert_allclose(held_out, 7)
    np.testing.assert_allclose(regressor.outputs(x), 7)


def test_threads_change_no_bit(monkeypatch):
    x, labels, numbers = draw(1000)
    found = []
    monkeypatch.setattr(boosting, "WORTH_THREADS", 0)
    monkeypatch.setattr("unspool.cores.busy", lambda: False)
    monkeypatch.setattr(boosting, "ROUNDS", 3)
    for threads in (1, 2):
        monkeypatch.setattr("unspool.cores.usable", lambda threads=threads: threads)
        trees = boosting.grow_classifier(x, labels, 3, 0), boosting.grow_regressor(x, numbers[:, None], 0)
        found.append([one.arrays() for one in trees])
    for other in found[1:]:
        for first, second in zip(found[0], other, strict=True):
            for name in first:
                np.testing.assert_array_equal(first[name], second[name], name)


def test_a_busy_machine_gives_one_core(monkeypatch):
    limits = []
    monkeypatch.setattr(boosting, "WORTH_THREADS", 100)
    monkeypatch.setattr("unspool.cores.usable", lambda: 4)
    monkeypatch.setattr(
        boosting, "threadpool_limits", lambda count, api: limits.append(count) or threadpool_limits(1, api)
    )
    x, _, numbers = draw(60)
    for load, rows in ((1.0, 60), (9.0, 60), (1.0, 10)):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, 0, 0), raising=False)
        boosting.grow_regressor(x[:rows], numbers[:rows, None], 0)
    assert limits == [4, 1, 1]


def test_rows_are_drawn_where_all_would_take_too_long(monkeypatch):
    x, labels, numbers = draw(1000)
    sizes, grown = [], boosting._fitted

    def counted(model, features, targets):
        sizes.append(len(features))
        return grown(model, features, targets)

    monkeypatch.setattr(boosting, "_fitted", counted)
    monkeypatch.setattr(boosting, "ROUNDS", 3)
    monkeypatch.setattr(boosting, "MOST_WORK", 6 * 3 * boosting.ROUNDS * 4 * 400)
    assert most_rows(6, 3, fits=4) == 400
    _, held_out = BoostedClassifier.fit(x, labels, 3, seed=0)
    assert sizes == [400] * 5
    assert np.isfinite(held_out).all()
    monkeypatch.setattr(boosting, "MOST_NUMBERS", 6 * 300)
    sizes.clear()
    BoostedRegressor.fit(x, numbers[:, None], seed=0)
    assert sizes == [300] * 5


def test_of_many_features_only_those_that_tell_most_are_read(monkeypatch):
    x, labels, numbers = draw(1500)
    wide = np.random.default_rng(1).normal(size=(1500, 90)).astype(np.float32)
    telling = [7, 50]  # no line tells anything from either alone
    wide[:, telling] = x[:, :2]
    shapes, fitted = [], boosting._fitted

    def counted(model, features, targets):
        shapes.append(features.shape)
        return fitted(model, features, targets)

    monkeypatch.setattr(boosting, "_fitted", counted)
    monkeypatch.setattr(boosting, "FEWEST", 8)
    monkeypatch.setattr(boosting, "WORK", 1500 * 8 * 3 * boosting.ROUNDS)
    new, truth, new_numbers = draw(600, seed=1)
    wide_new = np.random.default_rng(2).normal(size=(600, 90)).astype(np.float32)
    wide_new[:, telling] = new[:, :2]
    trees = boosting.grow_classifier(wide, labels, 3, 0)
    assert shapes == [(1003, 90), (1500, 8)]
    assert set(telling) < set(trees.forest.feature.tolist())
    assert len(set(trees.forest.feature.tolist()) - {-1}) <= 8
    assert (trees(wide_new).argmax(axis=1) == truth).mean() > 0.7
    monkeypatch.setattr(boosting, "WORK", 1500 * 8 * boosting.ROUNDS)
    both = boosting.grow_regressor(wide, np.stack([numbers, wide[:, 3]], axis=1), 0)(wide_new)
    assert np.sqrt(np.square(both[:, 0] - new_numbers).mean()) < 0.7
    assert np.sqrt(np.square(both[:, 1] - wide_new[:, 3]).mean()) < 0.3, "each number has features of its own"
    assert most_rows(90, 3, fits=100) == most_rows(8, 3, fits=100), "the others take no time"
    monkeypatch.setattr(boosting, "WORK", 1500 * 90 * 3 * boosting.ROUNDS)
    shapes.clear()
    boosting.grow_classifier(wide, labels, 3, 0)
    assert shapes == [(1500, 90)], "all of them, as there is time"


def test_the_choice_of_features_sees_every_class(monkeypatch):
    monkeypatch.setattr(boosting, "FEWEST", 8)
    monkeypatch.setattr(boosting, "WORK", 0)
    monkeypatch.setattr(boosting, "_FIRST_ROWS", 10)
    wide = np.random.default_rng(1).normal(size=(400, 20)).astype(np.float32)
    labels = np.zeros(400, np.int64)
    labels[397] = 2
    assert np.isfinite(boosting.grow_classifier(wide, labels, 3, 0)(wide)).all()


@pytest.mark.parametrize("numbers", [False, True])
def test_it_is_judged_after_each_fold(monkeypatch, numbers):
    monkeypatch.setattr(boosting, "ROUNDS", 2)
    shares = []

    class Watched(Pace):
        def judge(self, done):
            shares.append(done)

    x = np.random.default_rng(0).normal(size=(80, 3)).astype(np.float32)
    if numbers:
        BoostedRegressor.fit(x, x[:, :1].astype(np.float64), 0, Watched(1.0))
    else:
        BoostedClassifier.fit(x, (x[:, 0] > 0).astype(np.int64), 2, 0, Watched(1.0))
    np.testing.assert_allclose(shares, [0.2, 0.4, 0.6, 0.8])


def test_saved_arrays_give_the_same_bits():
    x, labels, numbers = draw(300)
    for head, _ in (BoostedClassifier.fit(x, labels, 3, seed=0), BoostedRegressor.fit(x, numbers[:, None], seed=0)):
        np.testing.assert_array_equal(type(head).from_arrays(head.arrays()).outputs(x), head.outputs(x))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"base": np.zeros(2)}, "different numbers of outputs"),
        ({"base": np.array([0, np.inf, 0])}, "not finite"),
        ({"feature": np.zeros(1, np.int32)}, "tree"),
    ],
)
def test_damaged_arrays_are_refused(wrong, why):
    x, labels, _ = draw(100)
    arrays = boosting.grow_classifier(x, labels, 3, 0).arrays()
    with pytest.raises(ValueError, match=why):
        BoostedTrees.from_arrays(arrays | wrong)
    with pytest.raises(ValueError, match="not finite"):
        BoostedTrees.from_arrays(arrays | {"values": np.full_like(arrays["values"], np.nan)})


@pytest.mark.parametrize("threads", [1, 4])
def test_trees_grown_at_the_same_time_neither_warn_nor_lose_warning_filters(threads, monkeypatch):
    monkeypatch.setattr(boosting, "WORTH_THREADS", 0)
    monkeypatch.setattr(boosting.cores, "busy", lambda: False)
    monkeypatch.setattr(boosting.cores, "usable", lambda: threads)
    x, _, numbers = draw(60)
    x, before, often = np.tile(x, 10), warnings.filters[:], sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda seed: boosting.grow_regressor(x, numbers[:, None], seed, max_iter=1), range(20)))
    finally:
        sys.setswitchinterval(often)
    assert warnings.filters == before

"""Heads: leave-one-out against fits that do leave one out, calibration, equal bits from saved arrays."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import Ridge

from unspool import kernels
from unspool.candidates.heads import (
    BoostedClassifier,
    LogisticClassifier,
    RidgeClassifier,
    RidgeRegressor,
    Temperature,
    TreesClassifier,
    TreesRegressor,
)
from unspool.candidates.heads.calibration import log_loss, softmax
from unspool.candidates.heads.ridge import fit_linear
from unspool.candidates.heads.trees import Forest, end_to_end


def draw(rows, columns, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    y = x[:, :3].sum(axis=1) + 0.5 * rng.normal(size=rows)
    return x, y.astype(np.float64)


@pytest.mark.parametrize("shape", [(20, 60), (60, 20), (30, 30)])
def test_leave_one_out_is_what_leaving_one_out_gives(shape):
    x, y = draw(*shape)
    found = fit_linear(x, y[:, None])
    centred = x - x.mean(axis=0)
    alpha = found.strength * np.square(centred.astype(np.float64)).sum() / len(x)
    for index in range(0, len(x), 7):
        rest = np.delete(np.arange(len(x)), index)
        expected = Ridge(alpha=alpha).fit(x[rest].astype(np.float64), y[rest]).predict(x[index : index + 1])
        np.testing.assert_allclose(found.held_out[index], expected, rtol=2e-3, atol=2e-3)
    expected = Ridge(alpha=alpha).fit(x.astype(np.float64), y).predict(x)
    np.testing.assert_allclose(found.linear(x)[:, 0], expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("shape", "most"), [((20, 60), 100), ((60, 20), 100), ((60, 5), 100), ((60, 5), 3)])
def test_leaving_a_group_out_is_what_a_fit_without_it_gives(shape, most, monkeypatch):
    monkeypatch.setattr("unspool.candidates.heads.ridge.MOST_LEFT_OUT", most)
    x, y = draw(*shape)
    groups = np.arange(len(x)) * 4 // len(x)
    found = fit_linear(x, y[:, None], groups)
    centred = x - x.mean(axis=0)
    alpha = found.strength * np.square(centred.astype(np.float64)).sum() / len(x)
    for group in range(min(most, 4)):
        out = groups % most == group
        expected = Ridge(alpha=alpha).fit(x[~out].astype(np.float64), y[~out]).predict(x[out])
        np.testing.assert_allclose(found.held_out[out, 0], expected, rtol=2e-3, atol=2e-3)


def of_groups(groups, seed):
    """Features and labels of groups of 8: what they share tells a class in its group, one feature tells it in all."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), 8)
    labels = np.arange(groups)[group] % 2
    x = np.concatenate((1.5 * rng.normal(size=(groups, 30))[group], rng.normal(size=(len(group), 10))), axis=1)
    x[:, 0] = labels - 0.5 + rng.normal(size=groups)[group]
    return x.astype(np.float32), labels, group


@pytest.mark.parametrize("head", [RidgeClassifier, LogisticClassifier, TreesClassifier, BoostedClassifier])
def test_probabilities_hold_for_new_groups(head):
    x, labels, groups = of_groups(20, seed=0)
    new, truth, _ = of_groups(200, seed=10)
    seed = {} if head is RidgeClassifier else {"seed": 0}
    losses = []
    for known in (None, groups):
        classifier, held_out = head.fit(x, labels, 2, **seed, groups=known)
        losses.append(
            [log_loss(one, np.eye(2)[those]) for one, those in ((held_out, labels), (classifier.outputs(new), truth))]
        )
    (said_alone, alone), (said, together) = losses
    assert together < alone - 0.01
    assert abs(said - together) < 0.15 < alone - said_alone


@pytest.mark.parametrize("head", [RidgeClassifier, LogisticClassifier, TreesClassifier, BoostedClassifier])
def test_a_class_of_one_group_does_not_count_for_calibration(head):
    x, labels, groups = of_groups(20, seed=0)
    labels[groups == 0] = 2
    seed = {} if head is RidgeClassifier else {"seed": 0}
    _, held_out = head.fit(x, labels, 3, **seed, groups=groups)
    np.testing.assert_array_equal(np.isnan(held_out).any(axis=1), groups == 0)
    alone, held_out = head.fit(x, np.minimum(groups, 1), 2, **seed, groups=np.minimum(groups, 1))
    assert np.isfinite(held_out).all()  # no other group has both classes: groups cannot be held out
    assert np.isfinite(alone.outputs(x)).all()


@pytest.mark.parametrize("rows", [60, 200])
@pytest.mark.parametrize("most_exact", [2**33, 0])
def test_collinear_features_give_the_weights_that_leave_one_out_promises(rows, most_exact, monkeypatch):
    """The values of smooth series: rounded to float32, their products hid what the weights are."""
    monkeypatch.setattr("unspool.candidates.heads.ridge.MOST_EXACT", most_exact)
    rng = np.random.default_rng(0)
    curves = np.stack([np.exp(-np.square(np.linspace(0, 1, 100) - at) / 0.05) for at in np.linspace(0, 1, 8)])
    shares = rng.random((rows + 200, 8))
    x = (shares @ curves + 1e-5 * rng.normal(size=(rows + 200, 100))).astype(np.float32)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = (shares[:, 0] - shares[:, 5])[:, None]
    found = fit_linear(x[:rows], y[:rows])
    assert found.strength < 1e-4
    for error in (found.held_out - y[:rows], found.linear(x[:rows]) - y[:rows], found.linear(x[rows:]) - y[rows:]):
        assert np.abs(error).max() < 0.02


def test_probabilities_that_ridge_regression_shrinks_are_sharpened():
    yes = np.arange(480) % 2
    x = (np.random.default_rng(0).normal(size=(480, 200)) + 0.2 * (2 * yes - 1)[:, None]).astype(np.float32)
    x, new, wanted = x[:80], x[80:], np.where(yes[:80], 0.99, 0.01)[:, None]
    limits = np.array([[0.01], [0.99]])
    (shrunk, before), (sharp, after) = (
        RidgeRegressor.fit(x, wanted, limits, sharpened=sharpened) for sharpened in (False, True)
    )
    assert np.square(after - wanted).mean() < np.square(before - wanted).mean()
    np.testing.assert_array_equal(sharp.outputs(new) > 0.5, shrunk.outputs(new) > 0.5)
    assert np.abs(sharp.outputs(new) - 0.5).mean() > np.abs(shrunk.outputs(new) - 0.5).mean()
    assert sharp.outputs(1000 * new).min() == 0.01


def test_noise_asks_for_more_regularisation_than_a_law():
    x, _ = draw(60, 20)
    noise = np.random.default_rng(1).normal(size=60)
    assert fit_linear(x, noise[:, None]).strength > fit_linear(x, x[:, :1].astype(float)).strength


def test_ridge_regression_keeps_the_unit():
    x, y = draw(50, 10)
    small, held_small = RidgeRegressor.fit(x, y[:, None])
    large, held_large = RidgeRegressor.fit(x, 1000 * y[:, None] + 7)
    np.testing.assert_allclose(large.outputs(x), 1000 * small.outputs(x) + 7, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(held_large, 1000 * held_small + 7, rtol=1e-4, atol=1e-2)


def test_numbers_stay_near_those_of_training():
    x, y = draw(50, 10)
    head, held_out = RidgeRegressor.fit(x, y[:, None])
    least, greatest = y.min(), y.max()
    quarter = (greatest - least) / 4
    np.testing.assert_allclose(head.outputs(1000 * x).min(), least - quarter)
    np.testing.assert_allclose(head.outputs(1000 * x).max(), greatest + quarter)
    np.testing.assert_array_equal(head.outputs(x), head.linear(x))
    assert held_out.min() >= least - quarter
    earlier = {name: array for name, array in head.arrays().items() if name != "limits"}
    assert (
        RidgeRegressor.from_arrays(earlier).outputs(1000 * x).max() > 100 * greatest
    )  # saved before there were limits
    for wrong in (np.zeros((2, 2)), np.array([[1.0], [0.0]]), np.array([[np.nan], [0.0]])):
        with pytest.raises(ValueError, match="limits"):
            RidgeRegressor.from_arrays(head.arrays() | {"limits": wrong})


def test_numbers_are_not_negative_if_none_was_in_training():
    x, y = draw(50, 10)
    head, held_out = RidgeRegressor.fit(x, np.stack([y - y.min(), y - y.min() - 0.01], axis=1))
    outputs = head.outputs(1000 * x).min(axis=0)
    assert outputs[0] == 0 <= held_out[:, 0].min()
    assert outputs[1] < -1


@pytest.mark.parametrize("classes", [2, 3])
def test_classifiers_learn_what_can_be_learned_and_are_calibrated(classes):
    x, y = draw(400, 12)
    labels = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes)).astype(np.int64)
    new, new_y = draw(1000, 12, seed=1)
    truth = np.digitize(new_y, np.quantile(y, np.arange(1, classes) / classes))
    for head, held_out in (
        RidgeClassifier.fit(x, labels, classes),
        LogisticClassifier.fit(x, labels, classes),
        TreesClassifier.fit(x, labels, classes, seed=0, trees=100, tried=0.5),
    ):
        outputs = head.outputs(new)
        np.testing.assert_allclose(outputs.sum(axis=1), 1)
        right = outputs.argmax(axis=1) == truth
        assert right.mean() > 0.7
        assert abs(outputs.max(axis=1).mean() - right.mean()) < 0.08
        assert abs((held_out.argmax(axis=1) == labels).mean() - right.mean()) < 0.08


def test_labels_that_are_noise_are_given_even_probabilities():
    x, _ = draw(200, 300)
    labels = np.random.default_rng(2).integers(0, 2, 200)
    head, _ = RidgeClassifier.fit(x, labels, 2)
    assert np.abs(head.outputs(draw(100, 300, seed=3)[0]) - 0.5).max() < 0.2


def test_separable_classes_are_not_given_certainty():
    scores = np.array([[1.0, -1.0], [-1.0, 1.0]] * 5)
    probabilities = Temperature.fit(scores, np.array([0, 1] * 5)).probabilities(scores)
    np.testing.assert_allclose(probabilities.max(axis=1), 6 / 7, atol=1e-3)  # 5 examples a class: (5 + 1) / (5 + 2)


def test_the_temperature_is_the_best():
    rng = np.random.default_rng(4)
    scores = rng.normal(size=(3000, 3))
    labels = np.array([rng.choice(3, p=p) for p in softmax(2.5 * scores)])
    found = Temperature.fit(scores, labels)
    assert 2.2 < found.factor < 2.8
    truth = np.eye(3)[labels]
    assert log_loss(found.probabilities(scores), truth) < log_loss(softmax(scores), truth)


def test_a_forest_says_what_scikit_learn_says():
    x, y = draw(120, 9)
    labels = np.digitize(y, [-1, 1])
    grown = ExtraTreesClassifier(15, random_state=0).fit(x, labels)
    forest = Forest.of(end_to_end(grown), grown.classes_, 3)
    new = draw(50, 9, seed=1)[0]
    smoothed = 0.97 * grown.predict_proba(new) + 0.03 / 3
    np.testing.assert_allclose(forest(new), smoothed, atol=1e-6)


@pytest.mark.skipif(kernels.status().path != "native", reason="there is nothing to compare")
def test_trees_are_the_same_without_native_code():
    x, y = draw(60, 9)
    labels, new = np.digitize(y, [-1, 1]), draw(150, 9, seed=1)[0]

    def said():
        classifier, held_out = TreesClassifier.fit(x, labels, 4, seed=2, trees=10)
        regressor, held_out_numbers = TreesRegressor.fit(x, y[:, None], seed=2, trees=10)
        return held_out, held_out_numbers, classifier.outputs(new), regressor.outputs(new)

    found = said()
    with kernels.use("reference"):
        expected = said()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_node_of_a_classifier_tries_no_more_than_enough_features(monkeypatch):
    x, y = draw(60, 9)
    few, _ = TreesClassifier.fit(x, (y > 0).astype(np.int64), 2, seed=0, trees=5, tried=2 / 9)
    monkeypatch.setattr("unspool.candidates.heads.trees.MOST_TRIED", 2)
    limited, _ = TreesClassifier.fit(x, (y > 0).astype(np.int64), 2, seed=0, trees=5, tried=1.0)
    np.testing.assert_array_equal(limited.forest.feature, few.forest.feature)


def test_too_few_features_for_trees_are_refused():
    x, y = draw(60, 9)
    regressor, _ = TreesRegressor.fit(x, y[:, None], seed=0, trees=10)
    with pytest.raises(ValueError, match="more than 3 features"):
        regressor.outputs(x[:, :3])


def test_a_class_that_a_fold_lacks():
    x, _ = draw(30, 4)
    labels = np.array([0] * 14 + [1] * 15 + [2])
    for head, held_out in (RidgeClassifier.fit(x, labels, 3), TreesClassifier.fit(x, labels, 3, seed=0, trees=10)):
        assert np.flatnonzero(np.isnan(held_out).any(axis=1)).tolist() == [29]  # the only example of its class
        assert np.isfinite(head.outputs(x)).all()


def test_saved_arrays_give_the_same_bits():
    x, y = draw(60, 8)
    labels = (y > 0).astype(np.int64)
    for head, _ in (
        RidgeClassifier.fit(x, labels, 2),
        RidgeRegressor.fit(x, y[:, None]),
        LogisticClassifier.fit(x, labels, 2),
        TreesClassifier.fit(x, labels, 2, seed=0, trees=10),
        TreesRegressor.fit(x, y[:, None], seed=0, trees=10),
    ):
        np.testing.assert_array_equal(type(head).from_arrays(head.arrays()).outputs(x), head.outputs(x))


@pytest.mark.parametrize("array", ["threshold", "values"])
def test_trees_of_which_some_nodes_lack_numbers_are_refused(array):
    x, y = draw(30, 4)
    arrays = TreesRegressor.fit(x, y[:, None], seed=0, trees=3)[0].arrays()
    with pytest.raises(ValueError, match="no thresholds or values"):
        Forest.from_arrays(arrays | {array: arrays[array][:-1]})


@pytest.mark.parametrize("array", ["left", "right", "roots"])
@pytest.mark.parametrize("value", [-5, 0, 10**6])
def test_trees_that_lead_nowhere_are_refused(array, value):
    x, y = draw(30, 4)
    arrays = TreesRegressor.fit(x, y[:, None], seed=0, trees=3)[0].arrays()
    arrays[array] = arrays[array].copy()
    arrays[array][0] = value
    if array == "roots" and value == 0:
        return  # where the first tree does begin
    with pytest.raises(ValueError, match="tree"):
        Forest.from_arrays(arrays)

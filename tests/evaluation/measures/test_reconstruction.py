"""Errors of reconstructions: values by hand and against scikit-learn and Keras, what padding may not do, bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics

from unspool.errors import UserError
from unspool.evaluation.measures.reconstruction import example_errors

SHAPES = arrays.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=5)
UNIT = st.floats(0, 1, width=32)


def _sequences(examples=60, seed=0):
    random = np.random.default_rng(seed)
    targets = random.random((examples, 4, 3), dtype=np.float32)
    return targets, np.clip(targets + random.normal(0, 0.2, targets.shape), 0, 1).astype(np.float32)


def test_values_by_hand():
    targets = np.array([[[1.0, 0.0]], [[0.5, 0.5]]])
    reconstructions = np.array([[[0.8, 0.4]], [[0.5, 0.25]]])
    errors = example_errors(targets, reconstructions)
    assert errors.squared == pytest.approx([(0.04 + 0.16) / 2, 0.0625 / 2])
    assert errors.cross_entropy == pytest.approx(
        [-(np.log(0.8) + np.log(0.6)) / 2, -(np.log(0.5) + 0.5 * np.log(0.25) + 0.5 * np.log(0.75)) / 2]
    )
    assert errors.entropy == pytest.approx([0, np.log(2)])
    assert errors.losses is errors.cross_entropy
    np.testing.assert_array_equal(errors.columns, np.stack([errors.squared, errors.cross_entropy, errors.entropy], 1))


def test_values_are_scikit_learns():
    targets, reconstructions = _sequences()
    errors = example_errors(targets, reconstructions)
    assert errors.squared.mean() == pytest.approx(metrics.mean_squared_error(targets.ravel(), reconstructions.ravel()))
    black = (targets > 0.5).astype(np.float32)
    likely = np.clip(reconstructions, 0.01, 0.99)
    errors = example_errors(black, likely)
    assert errors.cross_entropy.mean() == pytest.approx(metrics.log_loss(black.ravel(), likely.ravel()), rel=1e-6)
    assert not errors.entropy.any()


def test_a_certain_error_costs_what_keras_says():
    errors = example_errors([[[1.0]], [[0.0]]], [[[0.0]], [[1.0]]])
    assert errors.cross_entropy == pytest.approx([-np.log(1e-7)] * 2)


@given(arrays.arrays(np.float32, SHAPES, elements=UNIT), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_no_reconstruction_is_better_than_the_target_itself(targets, seed):
    other = np.random.default_rng(seed).random(targets.shape)
    perfect, errors = example_errors(targets, targets), example_errors(targets, other)
    assert np.all(perfect.squared == 0)
    assert perfect.cross_entropy == pytest.approx(perfect.entropy, abs=1e-5)
    assert np.all(errors.cross_entropy >= errors.entropy - 1e-12)
    assert np.all(errors.squared <= (errors.cross_entropy - errors.entropy) / 2 + 1e-12)  # Pinsker's inequality


@given(st.data(), st.sampled_from(["bernoulli", "gaussian"]))
@settings(max_examples=40, deadline=None)
def test_what_the_mask_leaves_out_counts_nowhere(data, likelihood):
    """Each example alone, cut to the steps that count, has the same errors, whatever stands in the others."""
    targets = data.draw(arrays.arrays(np.float32, SHAPES, elements=UNIT))
    reconstructions = data.draw(arrays.arrays(np.float32, targets.shape, elements=UNIT))
    mask = data.draw(arrays.arrays(bool, targets.shape[:2]))
    mask[:, data.draw(st.integers(0, targets.shape[1] - 1))] = True
    padding = data.draw(st.sampled_from([0, 7, -1e30, np.nan, np.inf]))
    padded = [np.where(mask[..., np.newaxis], array, np.float32(padding)) for array in (targets, reconstructions)]
    errors = example_errors(*padded, mask, likelihood=likelihood)
    for index, counted in enumerate(mask):
        alone = example_errors(
            targets[index : index + 1, counted], reconstructions[index : index + 1, counted], likelihood=likelihood
        )
        assert errors.losses[index] == pytest.approx(alone.losses[0], rel=1e-12)
        assert errors.squared[index] == pytest.approx(alone.squared[0], rel=1e-12)


def test_a_long_example_counts_no_more_than_a_short_one():
    targets, mask = np.zeros((2, 5, 1)), np.array([[True] * 5, [False] * 4 + [True]])
    reconstructions = np.stack([np.zeros((5, 1)), np.ones((5, 1))])
    assert example_errors(targets, reconstructions, mask).squared.tolist() == [0, 1]


def test_many_examples_are_measured_as_few_are():
    targets, reconstructions = (np.tile(array, (700, 10, 10)) for array in _sequences(3))
    errors = example_errors(targets, reconstructions)
    few = example_errors(*_sequences(3))
    assert errors.losses == pytest.approx(np.tile(few.losses, 700))


def test_any_numbers_are_judged_by_squared_error_alone():
    errors = example_errors([[[-3.0]], [[70.0]]], [[[-1.0]], [[70.0]]], likelihood="gaussian")
    assert (errors.cross_entropy, errors.entropy) == (None, None)
    assert errors.losses.tolist() == [4, 0]
    assert errors.columns.tolist() == [[4], [0]]


def _with(place, value, shape=(3, 2, 2)):
    array = np.full(shape, 0.5)
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("targets", "reconstructions", "mask", "message"),
    [
        (_with((), 0.5), _with((), 0.5, (3, 2, 1)), None, r"one shape; they have \(3, 2, 2\) and \(3, 2, 1\)"),
        (
            np.zeros((3, 2)),
            np.zeros((3, 2)),
            None,
            r"\(examples, steps, features\); they are float64 of shape \(3, 2\)",
        ),
        (np.zeros((0, 2, 2)), np.zeros((0, 2, 2)), None, "targets must be numbers of shape"),
        (np.full((3, 2, 2), "a"), _with((), 0.5), None, "targets must be numbers"),
        (_with((1, 0, 1), np.nan), _with((), 0.5), None, r"example 1, step 0, feature 1 .* is nan \(1 such of 12\)"),
        (_with((), 0.5), _with((2, 1), np.inf), None, "reconstructions must be finite numbers; example 2, step 1"),
        (_with((0, 1, 1), 255), _with((), 0.5), None, "targets must lie between 0 and 1; example 0, step 1, feature 1"),
        (_with((), 0.5), _with((0, 1, 1), -0.1), None, "reconstructions must lie between 0 and 1.* is -0.1"),
        (
            _with((), 0.5),
            _with((), 0.5),
            np.ones((3, 1), bool),
            r"each of \(3, 2\) steps; it is bool of shape \(3, 1\)",
        ),
        (_with((), 0.5), _with((), 0.5), np.ones((3, 2)), "it is float64"),
        (_with((), 0.5), _with((), 0.5), np.array([[1, 1], [0, 0], [0, 1]], bool), "example 1 .* has no step"),
    ],
)
def test_what_cannot_be_scored_is_refused(targets, reconstructions, mask, message):
    with pytest.raises(UserError, match=message):
        example_errors(targets, reconstructions, mask)

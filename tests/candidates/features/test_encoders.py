"""Encoders of series: what each feature means, equal bits again, any lengths and channels."""

import numpy as np
import pytest

from unspool.candidates.features import (
    Competition,
    Convolution,
    FittedConvolution,
    Quantiles,
    fill_missing,
    formulas,
    prepare,
)
from unspool.candidates.features.convolution import dilations_for
from unspool.candidates.features.plain import RawValues, Statistics, Totals
from unspool.candidates.features.scaling import Scaling
from unspool.kernels import FlatSeries

ENCODERS = pytest.mark.parametrize(
    "description",
    [
        Convolution(biases=168),
        Convolution(biases=84, pools=1, differences=False, scale=True),
        Competition(groups=4),
        Quantiles(),
        RawValues(),
        Statistics(),
        Totals(),
    ],
    ids=repr,
)


def walks(lengths, channels, seed=0):
    rng = np.random.default_rng(seed)
    return FlatSeries.of([rng.normal(size=(length, channels)).cumsum(axis=0) for length in lengths])


@ENCODERS
@pytest.mark.parametrize("channels", [1, 3])
def test_any_lengths_give_finite_features_and_the_same_bits_again(description, channels):
    series = walks([1, 2, 3, 5, 9, 40, 40, 77, 0], channels)
    encoder = description.fit(series, seed=3)
    found = encoder.transform(series)
    assert found.dtype == np.float32
    assert len(found) == 9
    assert np.isfinite(found).all()
    again = description.fit(series, seed=3)
    np.testing.assert_array_equal(again.transform(series), found)
    loaded = type(encoder).from_arrays(encoder.arrays())
    np.testing.assert_array_equal(loaded.transform(series), found)


@ENCODERS
def test_a_series_does_not_see_its_neighbours(description):
    series = walks([30, 30, 12, 50], 2)
    encoder = description.fit(series, seed=0)
    together = encoder.transform(series)
    for index in range(4):
        np.testing.assert_array_equal(encoder.transform(series.part(index, index + 1))[0], together[index])


@pytest.mark.parametrize("origin", [[[0.0]], [np.nan, 0.0], [0.0, 0.0, 0.0]])
def test_an_origin_that_was_altered_is_refused(origin):
    series = walks([30, 40], 2)
    arrays = Convolution(biases=84).fit(series, seed=0).arrays()
    with pytest.raises(ValueError, match="origin"):
        FittedConvolution.from_arrays({**arrays, "origin": np.array(origin)}).transform(series)


@pytest.mark.parametrize("description", [Convolution(biases=168), Competition(groups=4)])
def test_seeds_differ(description):
    series = walks([30, 40, 50], 2)
    one, other = (description.fit(series, seed=seed).transform(series) for seed in (0, 1))
    assert np.any(one != other)


def test_padding_tells_the_level_whatever_the_unit():
    series = walks([60, 60, 60], 1)
    moved = FlatSeries(series.values + np.float32(8), series.offsets)
    description = Convolution(biases=84, pools=1, differences=False)
    encoder = description.fit(series, seed=0)
    arrays = {name: one for name, one in encoder.arrays().items() if name != "origin"}
    before = encoder.transform(series)

    def changed(after):
        return (np.abs(before - after) > 1e-3)[:, :84]  # a response may lie at its bias

    after = encoder.transform(moved)
    assert changed(after)[:, ::2].mean() > 0.5  # every second kernel is padded
    assert changed(after)[:, 1::2].mean() < 0.02
    assert np.all(before[:, 84] != after[:, 84])
    assert changed(description.fit(moved, seed=0).transform(moved)).mean() < 0.02
    older = FittedConvolution.from_arrays(arrays)  # each series has mean 0, as in models that were saved before
    before = older.transform(series)
    assert changed(older.transform(moved)).mean() < 0.02


def test_biases_are_quantiles_so_that_shares_spread():
    series = walks([100] * 20, 1)
    encoder = Convolution(biases=84 * 20, pools=1, differences=False).fit(series, seed=0)
    shares = encoder.transform(series) / np.maximum(encoder.scaling.factor, 1e-9) + encoder.scaling.centre
    assert 0.4 < np.median(shares[:, : 84 * 20]) < 0.6


@pytest.mark.parametrize("length", [1, 2, 8, 9, 10, 33, 150, 5000])
@pytest.mark.parametrize("per_kernel", [1, 5, 74, 119])
def test_dilations_reach_over_the_series_and_no_further(length, per_kernel):
    dilations, counts = dilations_for(length, per_kernel, 32)
    assert counts.sum() == per_kernel
    assert dilations[0] == 1
    assert 8 * (dilations[-1] - 1) < max(length - 1, 1)


def test_quantiles_of_a_series_that_can_be_counted():
    rising = FlatSeries.of([np.arange(16.0)[:, None]])
    features = Quantiles(depth=1).fit(rising).transform(rising)[0]
    # One interval of 16 steps has 1 + 15 // 4 = 4 quantiles; the mean, 7.5, is taken from each second one.
    np.testing.assert_allclose(features[:4], [0, 5 - 7.5, 10, 15 - 7.5])
    np.testing.assert_allclose(features[4:8], [1, 0, 1, 0])  # its differences are all 1


def test_statistics_of_series_longer_than_what_is_computed_at_once(monkeypatch):
    series = walks([5, 5, 5, 9], 2)
    found = formulas.statistics(series)
    monkeypatch.setattr(formulas, "AT_ONCE", 3)
    np.testing.assert_array_equal(formulas.statistics(series), found)


def test_totals_of_series_that_can_be_counted():
    series = FlatSeries.of([np.array([[0, 5], [4, 5], [0, 5], [8, 5.0]]), np.array([[-3.0, 1]]), np.zeros((0, 2))])
    expected = [[4, 12, 20, 16, 0, 2, 0], [1, -3, 1, 0, 0, 0, 0], [0] * 7]
    assert formulas.totals(series, per_step=False).tolist() == expected
    assert formulas.totals(series, per_step=True)[0].tolist() == [1, 3, 5, 4, 0, 0.5, 0]
    large = FlatSeries.of([np.full((9, 1), 2e38)])
    assert np.isfinite(formulas.totals(large, per_step=False)).all()


def test_totals_of_series_of_one_length_do_not_grow_with_the_length_of_others():
    series = walks([30] * 8, 1)
    twice = FlatSeries.of([np.repeat(series[row], 2, axis=0) for row in range(8)])
    equal, varied = Totals().fit(series), Totals().fit(walks([20, 30, 40], 1))
    np.testing.assert_allclose(equal.transform(twice)[:, :2], equal.transform(series)[:, :2], atol=1e-5)
    assert not np.allclose(varied.transform(twice)[:, :2], varied.transform(series)[:, :2], atol=1e-5)


def test_missing_steps_are_interpolated():
    nan = np.nan
    found = fill_missing([np.array([[nan, nan], [2, nan], [nan, nan], [6, nan], [nan, nan]])])[0]
    assert found.tolist() == [[2, 0], [2, 0], [4, 0], [6, 0], [6, 0]]


def test_preparing_takes_mean_and_scale_and_leaves_constants_alone():
    series = FlatSeries.of([np.array([[1.0, 7.0], [5.0, 7.0]])])
    assert prepare(series, scale=False).series.values.tolist() == [[-2, 0], [2, 0]]
    assert prepare(series, scale=True).series.values.tolist() == [[-1, 0], [1, 0]]
    np.testing.assert_allclose(prepare(series, scale=True).level[0, [0, 1, 2, 4]], [3, 7, np.log(2), np.log(2)])


@pytest.mark.parametrize("at_once", [1, 40, formulas.AT_ONCE])
@pytest.mark.parametrize("scale", [False, True])
def test_preparing_many_series_is_preparing_each(monkeypatch, at_once, scale):
    monkeypatch.setattr(formulas, "AT_ONCE", at_once)
    series = walks([0, 5, 5, 0, 0, 1, 30, 9, 0], 2)
    found = prepare(series, scale)
    for row, one in enumerate(series):
        mean, deviation = (one.mean(axis=0), one.std(axis=0)) if len(one) else (np.zeros(2), np.full(2, 1 - 1e-8))
        constant = deviation < 1e-6
        expected = np.where(constant, 0, one - mean) / np.where(constant | (not scale), 1, deviation)
        np.testing.assert_allclose(found.series[row], expected, atol=1e-5)
        level = [*mean, *np.log(deviation + 1e-8), np.log(max(len(one), 1))]
        np.testing.assert_allclose(found.level[row], level, atol=1e-5)


@pytest.mark.parametrize("deviation", [10, 3, 0.3])
def test_features_of_a_large_mean_are_scaled_by_their_deviation(deviation):
    features = (101_325 + deviation * np.random.default_rng(0).normal(size=(200, 5))).astype(np.float32)
    expected = features.astype(np.float64)
    expected = (expected - expected.mean(axis=0)) / expected.std(axis=0)
    scaled = Scaling.fit(features).scale_in_place(features)
    np.testing.assert_allclose(scaled, expected, atol=0.01 / deviation)


@pytest.mark.parametrize("description", [RawValues(), Statistics(), Totals()], ids=repr)
def test_small_numbers_are_scaled_like_large_ones(description):
    values = np.random.default_rng(0).normal(size=(20, 15, 2)) * [1e-21, 1.0]  # such as gravitational waves, and volts
    values[:, :, 1] -= values[:, :, 1].mean(axis=1, keepdims=True)  # whose mean is 0 but for rounding errors
    for factor in ([1e21, 1.0], [1.0, 1.0]):
        found = description.fit(FlatSeries.of(values * factor), 0).transform(FlatSeries.of(values * factor))
        assert found.std(axis=0)[found.any(axis=0)] == pytest.approx(1, abs=1e-3)
        assert found.any(axis=0).sum() >= found.shape[1] - 2


def test_sparse_scaling_keeps_zeros():
    features = np.array([[0, 1], [2, 3], [4, 0]], np.float32)
    scaled = Scaling.fit_sparse(features).scale_in_place(features)
    assert scaled[0, 0] == 0
    assert scaled[2, 1] == 0
    assert scaled[2, 0] > 0


def test_bad_descriptions_are_refused():
    for wrong in (lambda: Convolution(biases=83), lambda: Convolution(pools=2), lambda: Competition(groups=1)):
        with pytest.raises(ValueError, match="there must be"):
            wrong()
    with pytest.raises(ValueError, match="depth"):
        Quantiles(depth=0)

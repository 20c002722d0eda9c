"""The kernels over series against their references: the same bits, whatever the machine runs them with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.kernels import CompetitionPlan, ConvolutionPlan, FlatSeries
from unspool.kernels.series_reference import responses

from . import cells


def draw_series(rng, lengths, channels):
    return FlatSeries.of([rng.normal(size=(length, channels)).cumsum(axis=0) for length in lengths])


def draw_channels(rng, shape):
    return (rng.random(shape) < 0.5).astype(np.uint8)


def convolution(rng, channels, dilations, counts, pools):
    biases = rng.normal(size=(sum(counts), 84)).astype(np.float32)
    allowed = draw_channels(rng, (len(dilations), 84, channels)) if channels > 1 else None
    return ConvolutionPlan(np.array(dilations), np.array(counts), biases, allowed, pools)


def competition(rng, channels, dilations, groups):
    weights = rng.normal(size=(len(dilations), 8, 9, groups)).astype(np.float32)
    allowed = draw_channels(rng, (len(dilations), groups, channels)) if channels > 1 else None
    return CompetitionPlan(np.array(dilations), weights, allowed)


def both(rng, channels, dilations=(1, 2, 7), counts=(1, 5, 4), groups=19):
    return [
        (kernels.convolution_features, kernels.convolution_features_reference, plan)
        for plan in (convolution(rng, channels, dilations, counts, pools) for pools in (1, 4))
    ] + [
        (kernels.competing_kernels, kernels.competing_kernels_reference, competition(rng, channels, dilations, groups))
    ]


@pytest.mark.parametrize("channels", [1, 3])
def test_every_instruction_set_gives_the_bits_of_the_reference(channels):
    rng = np.random.default_rng(0)
    series = draw_series(rng, [0, 1, 2, 3, 8, 9, 10, 17, 56, 57, 58, 131], channels)
    for operation, reference, plan in both(rng, channels):
        expected = reference(series, plan)
        for name in cells.library().instruction_sets:
            with kernels.use_instruction_set(name):
                np.testing.assert_array_equal(operation(series, plan), expected)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    channels=st.integers(1, 4),
    dilations=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    groups=st.integers(1, 33),
    pools=st.sampled_from([1, 4]),
    data=st.data(),
)
def test_any_shape_gives_the_bits_of_the_reference(seed, lengths, channels, dilations, groups, pools, data):
    rng = np.random.default_rng(seed)
    counts = data.draw(st.lists(st.integers(0, 6), min_size=len(dilations), max_size=len(dilations)))
    series = draw_series(rng, lengths, channels)
    plan = convolution(rng, channels, dilations, counts, pools)
    expected = kernels.convolution_features_reference(series, plan)
    np.testing.assert_array_equal(kernels.convolution_features(series, plan), expected)
    rivals = competition(rng, channels, dilations, groups)
    expected = kernels.competing_kernels_reference(series, rivals)
    np.testing.assert_array_equal(kernels.competing_kernels(series, rivals), expected)


def test_bits_depend_neither_on_threads_nor_on_the_other_series():
    rng = np.random.default_rng(1)
    series = draw_series(rng, rng.integers(1, 90, size=23), 2)
    library = cells.library()
    before = library.thread_limit
    try:
        for operation, _, plan in both(rng, 2):
            found = []
            for library.thread_limit in (1, 2, 5):
                found.append(operation(series, plan))
            alone = np.concatenate([operation(series.part(i, i + 1), plan) for i in range(len(series))])
            for other in (*found[1:], alone):
                np.testing.assert_array_equal(other, found[0])
    finally:
        library.thread_limit = before


@pytest.mark.reference_only
def test_responses_are_those_of_the_weights():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40, 1)).astype(np.float32)
    weights = -np.ones(9)
    weights[[0, 1, 3]] = 2  # the kernel after (0, 1, 2) in lexical order
    expected = np.zeros(40)
    for t in range(40):
        for tap in range(9):
            at = t + (tap - 4) * 3
            expected[t] += weights[tap] * x[at, 0] if 0 <= at < 40 else 0
    np.testing.assert_allclose(responses(x, 3)[:, 1], expected, atol=1e-5)


@pytest.mark.reference_only
def test_pools_of_a_response_that_can_be_counted():
    x = np.zeros((20, 1), np.float32)
    x[[5, 12]] = 1  # kernel (0, 1, 2) has weights 2 2 2 -1 ... on steps t-4 ... t+4
    plan = ConvolutionPlan(np.array([1]), np.array([1]), np.full((1, 84), 1.0, np.float32), pools=4)
    share, mean, place, stretch = kernels.convolution_features_reference(FlatSeries.of([x]), plan).reshape(4, 84)[:, 0]
    # It is 2 at t = 7, 8, 9 (whose 12 is not yet reached at t + 4 = 11 for 7) and 14, 15, 16; 2 - 1 = 1 at 8 and 9.
    assert share == np.float32(4 / 20)
    assert mean == 1
    assert place == np.float32((7 + 14 + 15 + 16) / 4 / 20)
    assert stretch == np.float32(3 / 20)


@pytest.mark.reference_only
def test_unpadded_kernels_do_not_see_the_padding():
    x = np.full((30, 1), 5.0, np.float32)
    plan = ConvolutionPlan(np.array([2]), np.array([1]), np.full((1, 84), 1e-3, np.float32))
    share = kernels.convolution_features_reference(FlatSeries.of([x]), plan)[0]
    assert np.all(share[1::2] == 0)  # weights sum to zero, so a constant gives nothing where nothing is padded
    assert np.any(share[0::2] > 0)


@pytest.mark.reference_only
def test_the_reference_is_used_where_it_is_asked_for():
    rng = np.random.default_rng(3)
    series = draw_series(rng, [30], 1)
    for operation, reference, plan in both(rng, 1):
        with kernels.use("reference"):
            np.testing.assert_array_equal(operation(series, plan), reference(series, plan))


@pytest.mark.reference_only
def test_what_does_not_fit_is_refused():
    rng = np.random.default_rng(4)
    series = draw_series(rng, [9], 3)
    for operation, _, plan in both(rng, 2):
        with pytest.raises(ValueError, match="2 channels, the series have 3"):
            operation(series, plan)
    with pytest.raises(ValueError, match="biases must be"):
        ConvolutionPlan(np.array([1]), np.array([2]), np.zeros((1, 84), np.float32))
    with pytest.raises(ValueError, match="at least 1"):
        ConvolutionPlan(np.array([0]), np.array([1]), np.zeros((1, 84), np.float32))
    with pytest.raises(ValueError, match="finite"):
        FlatSeries.of([[[np.nan]]])
    with pytest.raises(ValueError, match="offsets must rise"):
        FlatSeries(np.zeros((3, 1), np.float32), np.array([0, 2]))


@pytest.mark.reference_only
def test_differences_stay_within_their_series():
    series = FlatSeries.of([[[1.0], [4.0]], [[9.0]], np.zeros((0, 1)), [[2.0], [3.0], [7.0]]])
    found = series.differences()
    assert found.lengths.tolist() == [1, 0, 0, 2]
    assert found.values.ravel().tolist() == [3, 1, 4]

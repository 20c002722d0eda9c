"""Ranked responses of kernels, each to its own series: native code against the reference, both against `responses`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.kernels.ranked_responses import ranked_responses
from unspool.kernels.series_reference import responses


def steps(rng, kind, size):
    if kind == "tied":
        return rng.integers(-2, 3, size).astype(np.float32)
    if kind == "of all magnitudes":
        return (rng.normal(size=size) * 10.0 ** rng.uniform(-44, 37, size)).astype(np.float32)
    return rng.normal(size=size).astype(np.float32)


@given(
    seed=st.integers(0, 2**31),
    kind=st.sampled_from(["normal", "tied", "of all magnitudes"]),
    lengths=st.lists(st.integers(1, 400), min_size=1, max_size=84),
    first=st.integers(0, 83),
    dilation=st.sampled_from([1, 2, 3, 9, 100, 1 << 40]),
    wanted=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_native_has_the_bits_of_the_reference(seed, kind, lengths, first, dilation, wanted):
    rng = np.random.default_rng(seed)
    lengths = np.array(lengths[: 84 - first])
    ranks = rng.integers(0, lengths[:, None], (len(lengths), wanted))
    given = steps(rng, kind, 500), rng.integers(0, 501 - lengths), lengths, first, dilation, ranks
    with kernels.use("reference"):
        expected = ranked_responses(*given)
    with kernels.use("native"):
        np.testing.assert_array_equal(ranked_responses(*given), expected)


@pytest.mark.parametrize("kind", ["normal", "tied", "of all magnitudes"])
def test_long_series_too(kind):
    rng = np.random.default_rng(0)
    lengths, ranks = np.array([20_000]), np.sort(rng.integers(0, 20_000, (1, 30)))
    given = steps(rng, kind, 20_000), np.array([0]), lengths, 40, 7, ranks
    with kernels.use("reference"):
        expected = ranked_responses(*given)
    with kernels.use("native"):
        np.testing.assert_array_equal(ranked_responses(*given), expected)


@pytest.mark.parametrize("path", ["native", "reference"])
@pytest.mark.parametrize("dilation", [1, 3, 20])
def test_they_are_those_that_are_pooled_but_for_rounding(path, dilation):
    rng = np.random.default_rng(0)
    series = [rng.normal(size=30).astype(np.float32) for _ in range(84)]
    lengths, ranks = np.full(84, 30), np.tile(np.arange(30), (84, 1))
    with kernels.use(path):
        found = ranked_responses(np.concatenate(series), np.cumsum(lengths) - lengths, lengths, 0, dilation, ranks)
    for kernel, one in enumerate(series):
        expected = np.sort(responses(one[:, None], dilation)[:, kernel])
        np.testing.assert_allclose(found[kernel], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("starts", "lengths", "first", "dilation", "message"),
    [
        ([8], [3], 0, 1, "outside the values"),
        ([-1], [3], 0, 1, "outside the values"),
        ([0], [-1], 0, 1, "outside the values"),
        ([0, 0], [3, 3], 83, 1, "no such kernel"),
        ([0], [3], -1, 1, "no such kernel"),
        ([0], [3], 0, 0, "no such kernel or dilation"),
        ([0], [2], 0, 1, "a rank lies outside"),
        ([0], [0], 0, 1, "a rank lies outside"),
    ],
)
def test_nothing_beyond_the_values_or_kernels_is_read(starts, lengths, first, dilation, message):
    ranks = np.tile([0, 2], (len(starts), 1))
    with pytest.raises(ValueError, match=message):
        ranked_responses(np.zeros(10, np.float32), np.array(starts), np.array(lengths), first, dilation, ranks)

"""Responses of kernels, each to its own series: native code against the reference, both against `responses`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.kernels.kernel_responses import kernel_responses
from unspool.kernels.series_reference import responses


@given(
    seed=st.integers(0, 2**31),
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=84),
    first=st.integers(0, 83),
    dilation=st.sampled_from([1, 2, 3, 9, 100, 1 << 40]),
)
@settings(max_examples=60, deadline=None)
def test_native_has_the_bits_of_the_reference(seed, lengths, first, dilation):
    rng = np.random.default_rng(seed)
    lengths = np.array(lengths[: 84 - first])
    values = rng.normal(size=50).astype(np.float32)
    given = values, rng.integers(0, 51 - lengths), lengths, first, dilation
    with kernels.use("reference"):
        expected = kernel_responses(*given)
    with kernels.use("native"):
        np.testing.assert_array_equal(kernel_responses(*given), expected)


@pytest.mark.parametrize("path", ["native", "reference"])
@pytest.mark.parametrize("dilation", [1, 3, 20])
def test_they_are_those_that_are_pooled_but_for_rounding(path, dilation):
    rng = np.random.default_rng(0)
    series = [rng.normal(size=length).astype(np.float32) for length in rng.integers(1, 60, 84)]
    lengths = np.array([len(one) for one in series])
    with kernels.use(path):
        found = kernel_responses(np.concatenate(series), np.cumsum(lengths) - lengths, lengths, 0, dilation)
    for kernel, one in enumerate(series):
        expected = responses(one[:, None], dilation)[:, kernel]
        np.testing.assert_allclose(found[kernel, : len(one)], expected, rtol=1e-5, atol=1e-5)
        assert np.isposinf(found[kernel, len(one) :]).all()


@pytest.mark.parametrize(
    ("starts", "lengths", "first", "dilation"),
    [
        ([8], [3], 0, 1),
        ([-1], [3], 0, 1),
        ([0], [-1], 0, 1),
        ([0, 0], [3, 3], 83, 1),
        ([0], [3], -1, 1),
        ([0], [3], 0, 0),
    ],
)
def test_nothing_beyond_the_values_or_kernels_is_read(starts, lengths, first, dilation):
    with pytest.raises(ValueError, match="lies outside the values"):
        kernel_responses(np.zeros(10, np.float32), np.array(starts), np.array(lengths), first, dilation)

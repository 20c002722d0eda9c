import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.evaluation.baselines.summary_statistics import STATISTICS, summary_statistics


@settings(deadline=None)  # on a busy machine one call may take long
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 99))
def test_each_series_by_itself_gives_the_same(lengths, seed):
    random = np.random.default_rng(seed)
    padded = np.full((len(lengths), 9, 2), np.nan)
    for row, length in enumerate(lengths):
        padded[row, :length] = random.normal(50.0, 3.0, size=(length, 2))
    found = summary_statistics(padded)
    assert found.shape == (len(lengths), 2 * len(STATISTICS) + 1)
    for row, length in enumerate(lengths):
        series = padded[row, :length]
        slopes = np.polyfit(np.arange(length), series, 1)[0] if length > 1 else np.zeros(2)
        columns = [series.mean(0), series.std(0), series.min(0), series.max(0), series[0], series[-1], slopes]
        np.testing.assert_allclose(found[row], [*np.concatenate(columns), length], atol=1e-6)


def test_one_step_has_no_slope():
    assert summary_statistics(np.array([[[3.0]]])).tolist() == [[3.0, 0.0, 3.0, 3.0, 3.0, 3.0, 0.0, 1.0]]


def test_padding_is_in_all_channels_only():
    assert np.isnan(summary_statistics(np.array([[[3.0, np.nan]]]))).any()
    assert summary_statistics(np.full((1, 4, 1), 2.0))[0, -1] == pytest.approx(4)

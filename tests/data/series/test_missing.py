import numpy as np
import pytest

from unspool.data.series.missing import (
    channel_statistics,
    fill_all,
    fill_gaps,
    missing_in,
    refuse_empty_channels,
)
from unspool.errors import UserError

NAN = np.nan
WITH_GAPS = np.array([[NAN, 1.0], [2.0, NAN], [NAN, NAN], [8.0, 4.0], [NAN, 4.0]], np.float32)


def test_gaps_are_filled_along_a_straight_line_and_ends_by_the_nearest() -> None:
    filled = fill_gaps(WITH_GAPS, [0.0, 0.0])
    assert filled.dtype == np.float32
    assert filled.tolist() == [[2, 1], [2, 2], [5, 3], [8, 4], [8, 4]]
    assert np.isnan(WITH_GAPS[0, 0])


def test_a_series_without_gaps_is_the_same_array() -> None:
    whole = np.ones((3, 2))
    assert fill_gaps(whole, None) is whole


def test_an_empty_channel_is_filled_with_what_is_given_or_refused_by_name() -> None:
    empty = np.array([[NAN, 1.0], [NAN, 2.0]])
    assert fill_gaps(empty, [7.0, 0.0])[:, 0].tolist() == [7, 7]
    with pytest.raises(UserError, match=r"Series 1 \(counted from 0\) has no number in channel pulse"):
        fill_all([np.ones((2, 2)), empty], None, ("pulse", "breath"))


def test_infinity_is_refused_by_its_place() -> None:
    with pytest.raises(UserError, match=r"Series 1, step 2 .* infinite"):
        fill_all([np.ones((3, 1)), np.array([[NAN], [1], [np.inf]])], [0.0])


def test_what_is_missing_is_counted() -> None:
    counts, series = missing_in(WITH_GAPS, np.array([0, 1, 3, 5]))
    assert counts.tolist() == [3, 2]
    assert series == 3
    assert missing_in(np.ones((3, 2)), np.array([0, 3]))[1] == 0


def test_mean_and_deviation_are_of_the_numbers_that_are_there() -> None:
    means, deviations = channel_statistics(np.array([[1.0, 4.0], [NAN, 4.0], [3.0, NAN]]))
    assert (means, deviations) == ((2.0, 4.0), (1.0, 1.0))


def test_a_channel_that_training_never_shows_is_refused() -> None:
    with pytest.raises(UserError, match=r"a\.npz: channel y has no number in any training series"):
        refuse_empty_channels(np.array([[1, NAN], [2, NAN]]), ("x", "y"), "a.npz")

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.series.rounded import RoundedSeries, rounded_channel

SECONDS = 1.7e9 + np.arange(8.0)


def test_names_the_first_channel_whose_changes_are_hidden() -> None:
    small = np.arange(8.0)
    assert rounded_channel(np.stack([small, SECONDS, 2 * SECONDS], axis=1)) == 1
    assert rounded_channel(np.stack([small, 1000 * small], axis=1)) is None


@pytest.mark.parametrize(
    "channel",
    [
        SECONDS.astype(np.float32),
        np.full(8, 1.7e9),
        np.full(8, 1e9 + 0.1),
        1e-12 * SECONDS,
        1.7e9 + 1000 * np.arange(8),
    ],
    ids=["32 bits already", "constant", "constant, and rounded", "small", "far apart"],
)
def test_leaves_other_channels_alone(channel: np.ndarray) -> None:
    assert rounded_channel(channel[:, np.newaxis]) is None


def test_missing_numbers_are_no_change() -> None:
    gaps = np.array([1.7e9, np.nan, 1.7e9 + 1, np.nan, 1.7e9 + 2])
    assert rounded_channel(gaps[:, np.newaxis]) == 0
    assert rounded_channel(np.full((3, 1), np.nan)) is None


def test_whole_numbers_of_64_bits_are_looked_at() -> None:
    assert rounded_channel(SECONDS.astype(np.int64)[:, np.newaxis]) == 0


@given(
    st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=40),
    st.sampled_from([1.0, 30.0, 100.0, 1000.0]),
    st.lists(st.integers(1, 39), max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_rows_as_they_go_by_give_the_same_as_whole_series(
    numbers: list[int], step: float, cuts: list[int], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    of_rows = np.array(numbers)
    values = np.stack([1.7e9 + step * generator.normal(size=len(numbers)), generator.normal(size=len(numbers))], axis=1)
    values[generator.random(values.shape) < 0.1] = np.nan
    reading = RoundedSeries()
    for part in np.split(np.arange(len(numbers)), sorted(cuts)):
        reading.add(of_rows[part], list(values[part].T))
    whole = {number: rounded_channel(values[of_rows == number]) for number in set(numbers)}
    assert reading.found() == {number: channel for number, channel in whole.items() if channel is not None}

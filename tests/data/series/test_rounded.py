import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.series.rounded import Remainders, rounded_channel

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


@pytest.mark.parametrize(
    "channel",
    [
        123_456.7 + 0.1 * (np.arange(300) // 30),
        np.where(np.arange(50) < 20, 101_325.3, 101_325.8),
        184_210.4 + 0.1 * (np.arange(200) // 20),
        np.where(np.arange(60) % 7 == 0, 4_649_776.5, 4_649_771.5),
    ],
    ids=["meter", "set point", "odometer", "position"],
)
def test_a_channel_that_seldom_changes_may_be_large(channel: np.ndarray) -> None:
    assert rounded_channel(channel[:, np.newaxis]) is None


@given(
    st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=40),
    st.sampled_from([1.0, 30.0, 100.0, 1000.0]),
    st.lists(st.integers(1, 39), max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_rows_as_they_are_read_give_the_same_as_whole_series(
    numbers: list[int], step: float, cuts: list[int], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    of_rows, count = np.array(numbers), len(numbers)
    values = np.stack([1.7e9 + step * generator.normal(size=count), 4e5 + generator.normal(size=count) / 99], axis=1)
    values[generator.random(values.shape) < 0.1] = np.nan
    values[generator.random(values.shape) < 0.1] = 0
    values[of_rows == 2, 0] = 12_345 + np.arange((of_rows == 2).sum()) / 4096
    reading, before = Remainders(), 0
    for part in np.split(np.arange(count), sorted(cuts)):
        reading.add(before, list(values[part].T))
        before += len(part)
    order = np.argsort(of_rows, kind="stable")
    found = reading.found(of_rows[order], values[order].astype(np.float32), order)
    whole = {number: rounded_channel(values[of_rows == number]) for number in set(numbers)}
    assert {number: channel for number, (channel, _) in found.items()} == {
        number: channel for number, channel in whole.items() if channel is not None
    }
    assert all(of_rows[order][begin] == number for number, (_, begin) in found.items())

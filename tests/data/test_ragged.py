from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.ragged import Ragged

SEQUENCES = st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6), max_size=8)


@given(SEQUENCES)
def test_holds_what_was_put_in(sequences: list[list[int]]) -> None:
    ragged = Ragged.from_sequences(sequences)
    assert ragged.tolist() == sequences
    assert len(ragged) == len(sequences)
    assert ragged.lengths.tolist() == [len(sequence) for sequence in sequences]
    assert [ragged[index].tolist() for index in range(-len(sequences), 0)] == sequences
    assert ragged.flat.dtype == np.int32
    assert ragged.offsets.dtype == np.int64


@given(SEQUENCES, SEQUENCES)
def test_two_are_laid_end_to_end(first: list[list[int]], second: list[list[int]]) -> None:
    both = Ragged.from_sequences(first).with_more(Ragged.from_sequences(second))
    assert both.tolist() == first + second


@given(SEQUENCES.filter(bool), st.data())
def test_take_picks_in_the_given_order(sequences: list[list[int]], data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(-len(sequences), len(sequences) - 1), max_size=10))
    assert Ragged.from_sequences(sequences).take(indices).tolist() == [sequences[index] for index in indices]


@given(SEQUENCES, st.integers(1, 10))
def test_the_last_steps_are_kept(sequences: list[list[int]], length: int) -> None:
    assert Ragged.from_sequences(sequences).last(length).tolist() == [ids[-length:] for ids in sequences]


def test_an_index_out_of_range_is_refused() -> None:
    ragged = Ragged.from_sequences([[1], [2]])
    with pytest.raises(IndexError):
        ragged[2]
    with pytest.raises(IndexError):
        ragged.take([2])


@pytest.mark.parametrize("offsets", [[], [0], [1, 3], [0, 2], [0, 4], [0, 2, 1, 3]])
def test_offsets_that_do_not_fit_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        Ragged(np.array([7, 8, 9], dtype=np.int32), np.array(offsets, dtype=np.int64))


@pytest.mark.parametrize("large", [2**31, -(2**31) - 1])
def test_integers_beyond_32_bits_are_refused(large: int) -> None:
    with pytest.raises(ValueError, match=rf"sequence 1 .* has the integer {large:,}, but .* from -2,147,483,648"):
        Ragged.from_arrays([[1], [2, large]])
    assert Ragged.from_arrays([[2**31 - 1], [-(2**31)]]).tolist() == [[2**31 - 1], [-(2**31)]]


def test_holds_vectors_and_numbers_below_zero() -> None:
    vectors = Ragged.from_arrays([np.full((2, 3), 0.5), np.zeros((0, 3)), np.ones((1, 3))])
    assert (vectors.flat.dtype, vectors.width, vectors.lengths.tolist()) == (np.float32, 3, [2, 0, 1])
    assert vectors.take([2, 0]).tolist() == [[[1.0] * 3], [[0.5] * 3] * 2]
    assert Ragged.from_arrays([[-1, 2]]).flat.dtype == np.int32


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ([], "there is no array"),
        (
            [np.zeros((2, 3)), np.zeros((5, 3)), np.zeros((2, 4))],
            r"array 2 \(counted from 0\) has the shape \(2, 4\), but the first \(2, 3\)",
        ),
        ([np.zeros(3), np.zeros((3, 1))], r"array 1 \(counted from 0\) has the shape \(3, 1\)"),
        (["a film", "b"], r"array 0 \(counted from 0\) is a text, but sequences are of numbers\. .*Vocabulary"),
        ([[1, 2], ["a"]], r"array 1 \(counted from 0\) has dtype <U1"),
        ([[1], 2], r"array 1 \(counted from 0\) is a single number"),
        ([[[1, 2], [3]]], r"array 0 \(counted from 0\) has rows of different lengths"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(arrays: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ragged.from_arrays(arrays)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.data.padding import Side, pad
from unspool.data.ragged import Ragged
from unspool.errors import UserError

SIDES = st.sampled_from(["pre", "post"])


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=9), max_size=7), st.integers(1, 10), SIDES)
def test_equals_keras(sequences: list[list[int]], maxlen: int, padding: Side) -> None:
    from keras.utils import pad_sequences

    expected = pad_sequences(sequences, maxlen=maxlen, padding=padding)
    for given_as in (sequences, Ragged.from_sequences(sequences)):
        padded = pad(given_as, maxlen, padding=padding)
        assert padded.dtype == expected.dtype
        np.testing.assert_array_equal(padded, expected)


def test_a_length_below_one_is_refused() -> None:
    with pytest.raises(UserError, match="maxlen is 0"):
        pad([[1]], maxlen=0)


def test_vectors_and_another_value() -> None:
    padded = pad(Ragged.from_arrays([np.ones((1, 2))]), 2, value=np.nan)
    assert padded.dtype == np.float32
    np.testing.assert_array_equal(padded, [[[np.nan] * 2, [1.0] * 2]])

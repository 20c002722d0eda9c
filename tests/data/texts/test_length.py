import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.texts.length import choose_length


@given(st.lists(st.integers(1, 3000), min_size=1))
def test_99_in_100_texts_are_whole_unless_that_takes_too_many_tokens(lengths: list[int]) -> None:
    length = choose_length(np.array(lengths))
    assert length % 8 == 0
    assert 8 <= length <= 2048
    if length < 2048:
        assert np.mean(np.array(lengths) <= length) >= 0.99
        assert np.mean(np.array(lengths) <= length - 8) < 0.99


@pytest.mark.parametrize(("lengths", "length"), [([8], 8), ([9], 16), ([10] * 99 + [5000], 16), ([10, 5000], 2048)])
def test_one_long_text_in_a_hundred_makes_no_room_for_itself(lengths: list[int], length: int) -> None:
    assert choose_length(np.array(lengths)) == length


def test_something_is_read_though_nearly_all_are_empty():
    assert choose_length(np.array([0] * 199 + [3])) == 8

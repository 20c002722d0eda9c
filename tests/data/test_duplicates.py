import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.duplicates import contradictions, count_duplicates, has_twin, repeated_in_words

KEYS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2), st.booleans()), max_size=12)


@given(KEYS)
def test_twins_and_contradictions_are_those_of_a_plain_search(rows: list[tuple[int, int, bool]]) -> None:
    keys, labels, among = (
        np.array([row[part] for row in rows], dtype=dtype) for part, dtype in enumerate((int, int, bool))
    )
    twins = [any(i != j and a[0] == b[0] and b[2] for j, b in enumerate(rows)) for i, a in enumerate(rows)]
    contrary = [any(a[0] == b[0] and a[1] != b[1] for b in rows) for a in rows]
    assert has_twin(keys, among).tolist() == twins
    assert contradictions(keys, labels).tolist() == contrary


def test_one_key_of_several_is_enough_and_a_zero_is_none() -> None:
    keys = np.array([[1, 9], [2, 9], [3, 0], [4, 0]])
    assert has_twin(keys, np.ones(4, dtype=bool)).tolist() == [True, True, False, False]


def test_copies_within_the_test_are_no_copies_of_training() -> None:
    prints, parts = np.array([7, 8, 9, 9]), np.array([0, 0, 2, 2], dtype=np.int8)
    found = count_duplicates(prints, prints[:, np.newaxis], parts, "abcd")
    assert found.within["test"] == found.near_within["test"] == 2
    assert found.from_earlier["test"] == found.near_from_earlier["test"] == 0
    assert repeated_in_words(prints, parts, ("pair", "pairs"), "the same source") == []

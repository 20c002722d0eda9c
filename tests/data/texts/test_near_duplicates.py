import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.ragged import Ragged
from unspool.data.texts.near_duplicates import (
    BANDS,
    bands,
    contradictions,
    count_duplicates,
    has_twin,
    repeated_in_words,
)

KEYS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2), st.booleans()), max_size=12)


def near(words: list[list[int]]) -> list[bool]:
    return has_twin(bands(Ragged.from_sequences(words)), np.ones(len(words), dtype=bool)).tolist()


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


@given(st.lists(st.lists(st.integers(0, 3), max_size=5), max_size=8))
def test_equal_texts_always_meet(words: list[list[int]]) -> None:
    found = bands(Ragged.from_sequences(words))
    assert found.shape == (len(words), BANDS)
    for i, one in enumerate(words):
        assert (found[i] == 0).all() == (one == [])
        for j, other in enumerate(words):
            if one == other:
                assert (found[i] == found[j]).all()


def test_a_text_meets_the_same_whatever_stands_beside_it() -> None:
    texts = [[1, 2, 3, 4], [5], [6, 7], [1, 2, 3, 4]]
    together = bands(Ragged.from_sequences(texts))
    alone = [bands(Ragged.from_sequences([text]))[0].tolist() for text in texts]
    assert together.tolist() == alone


def test_the_order_of_words_matters() -> None:
    assert near([list(range(300)), list(range(299, -1, -1))]) == [False, False]
    assert near([[1, 2], [2, 1]]) == [False, False]
    assert near([[1], [1, 1]]) == [False, False]


@pytest.mark.parametrize(("changed", "least", "most"), [(2, 0.9, 1.0), (15, 0.3, 0.9), (100, 0.0, 0.06)])
def test_the_more_two_texts_share_the_surer_they_meet(changed: int, least: float, most: float) -> None:
    # Of 300 words each; a changed word costs three runs of three, so 2, 15, 100 leave 96%, 74%, 19% in common.
    random = np.random.RandomState(0)
    meets = 0
    for _ in range(100):
        text = random.randint(0, 10_000, 300)
        other = text.copy()
        other[random.choice(300, changed, replace=False)] = random.randint(10_000, 20_000, changed)
        meets += near([text.tolist(), other.tolist()])[0]
    assert least <= meets / 100 <= most


def test_thousands_of_different_texts_do_not_meet() -> None:
    random = np.random.RandomState(0)
    texts = Ragged.from_lengths(random.randint(0, 2000, 5000 * 30).astype(np.int32), [30] * 5000)
    assert not has_twin(bands(texts), np.ones(5000, dtype=bool)).any()

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.duplicates import has_twin
from unspool.data.ragged import Ragged
from unspool.data.texts.near_duplicates import BANDS, bands


def near(words: list[list[int]]) -> list[bool]:
    return has_twin(bands(Ragged.from_sequences(words)), np.ones(len(words), dtype=bool)).tolist()


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

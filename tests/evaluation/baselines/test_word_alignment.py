"""IBM model 1: on what can be worked out by hand, and on words in another order."""

import numpy as np
import pytest

from unspool.evaluation.baselines import word_alignment
from unspool.evaluation.baselines.word_alignment import word_table


def test_words_are_found_in_any_order():
    rng = np.random.default_rng(0)
    sources = [[f"s{word}" for word in rng.choice(20, 5, replace=False)] for _ in range(200)]
    targets = [[f"t{word[1:]}" for word in rng.permutation(text)] for text in sources]
    assert word_table(sources, targets) == {f"s{word}": f"t{word}" for word in range(20)}


def test_one_round_is_that_of_the_paper():
    # "b x" to "X Y", and "b" to "Y": b is expected 1/3 times with X, and with Y 1/3 and 1/2 times.
    pairs = np.array([[0, 1, 2, 0, 1, 2, 0, 1], [0, 0, 0, 1, 1, 1, 1, 1]])
    keys, probabilities = word_alignment._fitted(pairs, np.array([0, 0, 0, 1, 1, 1, 2, 2]), rounds=1)
    of_b = dict(zip(map(tuple, keys.T.tolist()), probabilities.tolist(), strict=True))
    assert of_b[1, 1] == pytest.approx((1 / 3 + 1 / 2) / (1 / 3 + 1 / 3 + 1 / 2))


def test_no_more_pairs_are_used_than_fit(monkeypatch):
    monkeypatch.setattr(word_alignment, "MOST_WORDS_TOGETHER", 2)
    assert word_table([["a"], ["b"]], [["A"], ["B"]]) == {"a": "A"}
    assert word_table([], []) == {}

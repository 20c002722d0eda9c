"""On which folds the penalty of a linear model is chosen, and which arrays belong to it."""

import numpy as np
import pytest

from unspool.candidates.examples import Examples
from unspool.candidates.texts import LinearTexts, NGrams, linear_solution
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import cross_validate, splits

WORDS = LinearTexts("words", 1.0, (NGrams("words", 1, 1),))


@pytest.fixture
def searched(monkeypatch):
    """The sizes of the folds of each search among several penalties; each has too much work for more than one fold."""
    monkeypatch.setattr(linear_solution, "MUCH_WORK", 0)
    monkeypatch.setattr(linear_solution.Problem, "grid", lambda self, c: linear_solution.GRID)
    search, sizes = linear_solution.held_out, []

    def heard(problem, grid, parts):
        if len(grid) > 1:
            sizes.append([(len(train), int(held.min())) for train, held in parts])
        return search(problem, grid, parts)

    monkeypatch.setattr(linear_solution, "held_out", heard)
    return sizes


def test_with_much_work_the_penalty_is_chosen_on_the_latest_window(reviews, targets_of, searched):
    target = targets_of["binary"]
    windows = splits(target, "binary", times=np.arange(120.0))
    assert [len(train) for train, _ in windows] == [20, 40, 60, 80, 100]
    cross_validate(WORDS, Examples(Corpus(reviews[0]), target, "binary"), windows)
    assert searched[-1] == [(100, 100)]


def test_with_more_than_little_work_a_model_chooses_on_the_latest_part(reviews, targets_of, searched, monkeypatch):
    monkeypatch.setattr(linear_solution, "LITTLE_WORK", 0)
    target = targets_of["binary"]
    windows = splits(target, "binary", times=np.arange(120.0))
    LinearTexts("words", 1.0, WORDS.ngrams, parts=windows).fit(reviews[0], target, "binary")
    assert searched == [[(100, 100)]]


def test_weights_without_their_ngrams_or_columns_are_refused():
    blocks = [linear_solution.Block(np.ones((width, 1)), np.ones((width, 2))) for width in (3, 4)]
    beside = np.ones((5, 2))
    arrays = linear_solution.Solution(blocks, np.zeros(2), np.ones((2, 2)), 1.0, beside).arrays()
    assert len(linear_solution.Solution.from_arrays(arrays, [3, 4], 1.0, side=5).blocks) == 2
    for widths, side, unused in (([3], 5, "coefficients_1, weights_1"), ([3, 4], 0, "side")):
        with pytest.raises(ValueError, match=f"weights without n-grams or columns: {unused}"):
            linear_solution.Solution.from_arrays(arrays, widths, 1.0, side=side)

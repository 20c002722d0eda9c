"""A network's answers, ranked by it and by joint n-grams."""

import numpy as np
import pytest

from unspool.candidates.pronunciations.counting import fit_joint_ngrams
from unspool.data.ragged import Ragged
from unspool.models.search import IMPOSSIBLE
from unspool.training.decoding import Decoded
from unspool.training.ranking import Ranking

NGRAMS = fit_joint_ngrams(["ab", "ba"] * 2, [["A", "B"], ["B", "A"]] * 2)
TOKENS = Ragged.from_sequences([[1], [2], [3], [4], [5], []])
FOUND = Decoded(
    TOKENS,
    np.array([[-1.0, -2.0, -3.0], [-0.5, -4.0, IMPOSSIBLE]], np.float32),
    np.array([[-0.5, -0.9, -1.1], [-0.4, -2.0, IMPOSSIBLE]], np.float32),
    np.array([[True, True, False], [True, True, False]]),
)


@pytest.mark.parametrize(("weight", "order"), [(0, [1, 2, 3, 4, 5]), (0.5, [2, 1, 3, 4, 5]), (1, [2, 1, 3, 5, 4])])
def test_answers_stand_in_the_order_of_both(weight, order):
    found = Ranking(FOUND, np.array([[-9.0, -1.0, -0.1], [-6.0, -5.5, -0.1]])).weighed(weight)
    assert [ids[0] for ids in found.tokens.tolist() if ids] == order
    assert found.tokens.tolist()[-1] == []  # an answer that is not there stays behind
    assert found.ended.tolist() == [[True, True, False]] * 2  # one that was cut, too
    first = FOUND.log_probabilities[0, order[0] - 1]
    assert found.log_probabilities[0, 0] == first
    assert found.scores[0, 0] == pytest.approx((1 - weight) * first + weight * [-9.0, -1.0][order[0] - 1])


def test_ngrams_are_asked_about_each_answer_to_its_word():
    said = ["A B", "B A", "A", "B A", "A B", ""]
    found = Ranking.of(FOUND, NGRAMS, ["ab", "ba"], said).ngrams
    assert found.shape == (2, 3)
    assert found[0, 0] == NGRAMS.log_probabilities(["ab"], [["A", "B"]])[0] > found[0, 1]
    assert found[1, 0] == NGRAMS.log_probabilities(["ba"], [["B", "A"]])[0] > found[1, 1]


def test_answers_without_a_number_stay_without_one():
    broken = Decoded(TOKENS, np.full((2, 3), np.nan, np.float32), FOUND.scores, FOUND.ended)
    assert np.isnan(Ranking(broken, np.zeros((2, 3))).weighed(0.5).scores).all()

"""When one candidate is better than another, judged by the texts that were held out."""

import numpy as np

from unspool.candidates.texts.comparison import better


def test_a_text_that_is_held_out_again_makes_nothing_surer():
    wanted = (np.arange(40) % 2)[:, None].astype(float)
    scores = 0.1 * (wanted - 0.5) + 0.25 * np.random.default_rng(1).normal(size=(40, 1))
    assert not better(scores, np.zeros((40, 1)), wanted, "binary")
    again = [np.tile(one, (9, 1)) for one in (scores, np.zeros((40, 1)), wanted)]
    assert not better(*again, "binary", repeats=9)
    assert better(*again, "binary"), "360 texts of their own would do"


def test_texts_that_were_not_held_out_count_for_nothing_and_give_no_warning():
    wanted = np.array([[1.0], [0.0], [1.0], [0.0]])
    right, missing = wanted - 0.5, np.full((1, 1), np.nan)
    scores, than = np.concatenate([right, missing]), np.concatenate([0 * right, missing])
    with np.errstate(invalid="raise"):
        assert better(scores, than, np.concatenate([wanted, [[1.0]]]), "binary")


def test_more_texts_of_the_same_groups_do_not_make_a_gain_clear():
    wanted = (np.arange(40) % 2)[:, None].astype(float)
    scores = 0.1 * (wanted - 0.5) + 0.25 * np.random.default_rng(1).normal(size=(40, 1))
    alike = [one.repeat(9, axis=0) for one in (scores, np.zeros((40, 1)), wanted)]
    assert better(*alike, "binary")
    assert not better(*alike, "binary", groups=np.arange(40).repeat(9))
    again = [np.tile(one, (2, 1)) for one in alike]
    assert not better(*again, "binary", repeats=2, groups=np.arange(40).repeat(9))

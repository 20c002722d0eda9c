import numpy as np
import pytest

from unspool.candidates.texts import LinearTexts, NGrams
from unspool.candidates.texts.attribution import attribute
from unspool.candidates.texts.linear import NB_CHARACTERS, NB_WORDS, WORDS_AND_CHARACTERS

TEXTS = ["A fine film!", "", "fine fine<br />dull…  été\u00a0x 我 \u00a0 superb", "nothing known", " \u00a0 fine"]
TFIDF = LinearTexts("tfidf", 1.0, (NGrams("words", 1, 2), NGrams("characters", 2, 4, within_words=True)), "tfidf")


@pytest.mark.parametrize("candidate", [NB_WORDS, NB_CHARACTERS, WORDS_AND_CHARACTERS, TFIDF], ids=lambda one: one.name)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_shares_add_up_to_the_scores(candidate, task, reviews, targets_of):
    model = candidate.fit(reviews[0], targets_of[task], task)
    for text in [*TEXTS, *reviews[0][:3]]:
        found = attribute(model, text)
        np.testing.assert_allclose(found.shares.sum(axis=0) + found.base, model.scores([text])[0], atol=1e-6)


def test_telling_words_have_the_largest_shares(reviews, targets_of):
    found = attribute(NB_WORDS.fit(reviews[0], targets_of["binary"], "binary"), "it was a superb film")
    assert found.pieces[int(found.shares[:, 0].argmax())] == "superb"

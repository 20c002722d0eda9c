"""The weights of a blend are those with which it does best on texts that were held out."""

import numpy as np
import pytest

from unspool.candidates.examples import Examples
from unspool.candidates.texts import BlendTexts, ConvolutionTexts, LinearTexts, NGrams, blend
from unspool.candidates.texts.arithmetic import ARITHMETIC
from unspool.candidates.texts.blend import Mixture, mixed
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import HeldOut, spread


def held(scores):
    return HeldOut(scores, np.ones((len(scores), 1)), 0.0)


@pytest.fixture(scope="module")
def parts():
    """Scores of five parts, each right with noise of its own but the last, which is noise; and the targets."""
    random = np.random.default_rng(0)
    wanted = (random.random((400, 1)) < 0.5).astype(float)
    noise = random.normal(size=(5, 400, 1))
    return [held((wanted - 0.5) * (k < 4) + noise[k]) for k in range(5)], wanted


def test_parts_that_err_differently_all_count_and_one_that_knows_nothing_does_not(parts):
    found = mixed(*parts, "binary")
    assert found.weights[4] == 0
    assert min(found.weights[:4]) > 0
    assert sum(found.weights) == pytest.approx(1)


def test_changing_one_weight_at_a_time_finds_what_all_combinations_find(parts, monkeypatch):
    losses = []
    for most in (blend._ALL_OF, 5):
        monkeypatch.setattr(blend, "_ALL_OF", most)
        losses.append(ARITHMETIC["binary"].loss(mixed(*parts, "binary").scores, parts[1]))
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_a_part_counts_as_much_in_whatever_unit_its_scores_are(parts):
    held_out, wanted = parts
    scaled = [
        HeldOut(unit * one.scores, unit * one.spread, 0.0)
        for one, unit in zip(held_out, (1, 100, 3, 1, 7), strict=True)
    ]
    found, expected = mixed(scaled, wanted, "binary"), mixed(held_out, wanted, "binary")
    assert found.weights == expected.weights
    np.testing.assert_allclose(found.scores, expected.scores)


def test_a_fitted_blend_weighs_scales_and_shifts_as_was_chosen(reviews, targets_of):
    parts = tuple(LinearTexts(f"up to {n}", 1.0, (NGrams("words", 1, n),), c=10.0) for n in (1, 2))
    corpus, shift = Corpus(reviews[0]), np.array([0.0, 1.0, -2.0, 0.5])
    mixture = Mixture((0.25, 0.75), 3.0, shift, np.zeros((120, 4)))
    examples = Examples(corpus, targets_of["multiclass"], "multiclass")
    model = BlendTexts("both", 4.0, parts).fit_weighted(examples, mixture)
    one, other = (part.scores(corpus) / spread(part, corpus) for part in model.alone)
    np.testing.assert_allclose(model.scores(corpus), 3 * (0.25 * one + 0.75 * other) + shift)


def test_linear_parts_of_long_texts_are_fitted_in_turn_and_their_counts_dropped(reviews, targets_of, monkeypatch):
    shared = NGrams("characters", 1, 2)
    parts = (
        LinearTexts("first", 1.0, (NGrams("words", 1, 2), shared), c=10.0),
        ConvolutionTexts("network", 2.0, filters=16, epochs=1, members=1),
        LinearTexts("second", 3.0, (shared,), c=10.0),
    )
    mixture = Mixture((0.25, 0.25, 0.5), 1.0, np.zeros(1), np.zeros((120, 1)))
    texts, target = reviews[0], targets_of["binary"]
    at_once = BlendTexts("all", 4.0, parts).fit_weighted(Examples(Corpus(texts), target, "binary"), mixture)
    seen, fit = [], LinearTexts.fit

    def watched(self, corpus, *given, **how):
        seen.append({key for key in corpus._kept if isinstance(key, NGrams)})
        return fit(self, corpus, *given, **how)

    monkeypatch.setattr(LinearTexts, "fit", watched)
    monkeypatch.setattr(blend, "MANY_CHARACTERS", 0)
    corpus = Corpus(texts)
    in_turn = BlendTexts("all", 4.0, parts).fit_weighted(Examples(corpus, target, "binary"), mixture)
    np.testing.assert_array_equal(in_turn.scores(texts), at_once.scores(texts))
    assert seen == [set(), {shared}]
    assert not [key for key in corpus._kept if isinstance(key, NGrams)]

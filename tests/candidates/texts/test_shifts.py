"""Shifts of the scores of classes: taken where they help texts that they do not know, in every kind of model."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import softmax

from unspool.candidates.examples import Examples
from unspool.candidates.texts import (
    BlendTexts,
    ConvolutionTexts,
    LanguageModelTexts,
    LinearTexts,
    NGrams,
    VectorTexts,
    choose,
    shifts,
    trials,
)
from unspool.candidates.texts.arithmetic import ARITHMETIC
from unspool.candidates.texts.registry import from_state
from unspool.candidates.texts.shifts import PENALTY, scaled, shifted

WORDS = LinearTexts("words", 1.0, (NGrams("words", 1, 1),), c=0.03)
PAIRS = LinearTexts("pairs", 2.0, (NGrams("words", 1, 2),), c=0.03)
CONVOLUTION = ConvolutionTexts("cnn", 1.0, widths=(1,), filters=16, epochs=1)
VECTORS = VectorTexts("vectors", 1.0, width=16, least=1, epochs=1)
LANGUAGE_MODEL = LanguageModelTexts("language-model", 1.0, work=0.1, least=1)
WRONG = np.array([2.0, 0.0, -1.0])


def labelled(count, seed=0):
    """Logits, and the classes that are drawn from their probabilities."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(count, 3)) * 2
    drawn = (softmax(logits, axis=1).cumsum(axis=1) > random.random((count, 1))).argmax(axis=1)
    return logits, np.eye(3)[drawn]


def test_wrong_factor_and_shifts_are_found_again():
    logits, wanted = labelled(4000)
    found = scaled(logits / 3 + WRONG, wanted, "multiclass")
    assert found.factor == pytest.approx(3, rel=0.1)
    off = found.shift + found.factor * WRONG
    np.testing.assert_allclose(off - off.mean(), 0, atol=0.25)
    assert ARITHMETIC["multiclass"].loss(found.scores, wanted) < ARITHMETIC["multiclass"].loss(logits, wanted) + 0.01


def of_groups(count, seed):
    """Scores and classes of groups of 60 texts, each with its own shares of the classes and its own offsets."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(count), 60)
    drawn = np.concatenate([random.choice(5, 60, p=random.dirichlet(np.full(5, 0.5))) for _ in range(count)])
    scores = 1.5 * np.eye(5)[drawn] + random.normal(size=(len(group), 5)) + 0.5 * random.normal(size=(count, 5))[group]
    return scores, np.eye(5)[drawn], group


def test_shares_of_classes_that_only_the_groups_have_are_no_shifts():
    scores, wanted, group = of_groups(8, seed=0)
    new, truth, _ = of_groups(200, seed=1)
    alone, together = scaled(scores, wanted, "multiclass"), scaled(scores, wanted, "multiclass", groups=group)
    assert alone.shift.any()
    assert not together.shift.any()
    losses = [ARITHMETIC["multiclass"].loss(one.factor * new + one.shift, truth) for one in (alone, together)]
    assert losses[1] < losses[0] - 0.01


def test_groups_of_texts_reach_the_search_for_shifts(monkeypatch):
    known = []

    def spy(*given, groups=None, **how):
        known.append(groups)
        return scaled(*given, **how)

    monkeypatch.setattr(trials, "scaled", spy)
    monkeypatch.setattr("unspool.candidates.texts.blend.scaled", spy)
    texts, groups = [f"{'abc'[i % 3]} word{i % 7}" for i in range(60)], np.arange(60) // 4
    examples = Examples(texts, np.arange(60) % 3, "multiclass", 3, groups)
    choose(examples, [WORDS, PAIRS, BlendTexts("both", 3.0, (WORDS, PAIRS))], budget=np.inf)
    assert len(known) == 3
    for one in known:
        np.testing.assert_array_equal(one, groups)


@pytest.mark.parametrize("offset", [0.0, 0.5])
@pytest.mark.parametrize("repeats", [1, 5])
def test_scores_that_are_always_right_are_no_more_confident_than_their_number_justifies(repeats, offset):
    """However often each text was held out: 100 texts, five times, once made models as confident as 500 texts."""
    wanted = np.tile(np.eye(3)[np.arange(300) % 3], (repeats, 1))
    scores = 3 * wanted + [0.0, 0.0, offset]
    found = scaled(scores, wanted, "multiclass", repeats=repeats)
    likely = softmax(found.factor * scores + found.shift, axis=1)
    assert 1 - likely.max(axis=1).mean() == pytest.approx(1 / 302, rel=1e-3)


def test_shifts_of_many_classes_are_found_in_few_steps_however_rare_some_are(monkeypatch):
    """And they are the best: a class is expected as often as it occurs, but for the penalty."""
    random, found = np.random.default_rng(0), []
    often = np.arange(1, 101) ** -1.5
    wanted = np.eye(100)[random.choice(100, 2000, p=often / often.sum())]
    scores = random.normal(size=wanted.shape) / 3 + wanted + np.log(wanted.sum(axis=0) + 1) / 5

    def remembered(*given, **how):
        found.append(minimize(*given, **how))
        return found[-1]

    monkeypatch.setattr(shifts, "optimize", SimpleNamespace(minimize=remembered))
    whole = scaled(scores, wanted, "multiclass")
    expected = softmax(scores * whole.factor + whole.shift, axis=1).sum(axis=0)
    np.testing.assert_allclose(expected + PENALTY * whole.shift, wanted.sum(axis=0), atol=0.01)
    assert len(found) == 6
    assert max(one.nit for one in found) <= 25


def test_none_are_taken_where_they_only_fit_noise():
    logits, wanted = labelled(60)
    found = scaled(logits, wanted, "multiclass")
    assert not found.shift.any()
    np.testing.assert_array_equal(found.scores, logits * found.factor)


def test_none_are_taken_of_yes_and_no_of_numbers_or_where_the_model_has_none():
    logits, wanted = labelled(300)
    assert not scaled(logits[:, :1] + 5, wanted[:, :1], "binary").shift.any()
    assert not scaled(logits + WRONG, wanted, "multilabel").shift.any()
    assert scaled(logits[:, :1], wanted[:, :1], "regression").factor == 1
    assert scaled(logits + WRONG, wanted, "multiclass").shift.any()
    assert not scaled(logits + WRONG, wanted, "multiclass", shiftable=False).shift.any()


def test_a_text_does_not_know_its_own_shifts_however_often_it_was_held_out():
    logits, wanted = labelled(300)
    other = wanted.copy()
    other[7] = np.roll(other[7], 1)
    given = [np.tile(one, (2, 1)) for one in (logits + WRONG, wanted, other)]
    before, after = (scaled(given[0], truth, "multiclass", repeats=2).scores for truth in given[1:])
    np.testing.assert_array_equal(before[[7, 307]], after[[7, 307]])
    assert (before != after).any(axis=1).sum() > 200


def test_texts_that_were_not_held_out_have_no_scores():
    logits, wanted = labelled(300)
    logits[:50] = np.nan
    found = scaled(logits + WRONG, wanted, "multiclass")
    assert found.shift.any()
    np.testing.assert_array_equal(np.isnan(found.scores).any(axis=1), np.arange(300) < 50)


@pytest.mark.parametrize("candidate", [WORDS, CONVOLUTION, VECTORS, LANGUAGE_MODEL], ids=lambda one: one.name)
def test_every_kind_of_model_is_shifted_and_the_first_stays(candidate, reviews, targets_of):
    model = candidate.fit(reviews[0], targets_of["multiclass"], "multiclass")
    before, by = model.scores(reviews[0]), np.array([1.0, -2.0, 0.5, 3.0])
    same = shifted(model, 0.5, by)
    same.rescale(2.0)
    np.testing.assert_allclose(same.scores(reviews[0]), before + 2 * by, atol=1e-5)
    np.testing.assert_array_equal(model.scores(reviews[0]), before)
    np.testing.assert_array_equal(from_state(*same.state()).scores(reviews[0]), same.scores(reviews[0]))


def test_a_blend_is_shifted_and_its_parts_by_themselves_are_not(reviews, targets_of, monkeypatch):
    """One class is rare: with so large a penalty its constant is far too small."""
    rows = [row for row, of in enumerate(targets_of["multiclass"]) if of or row % 20 == 0]
    texts, target = [reviews[0][row] for row in rows], targets_of["multiclass"][rows]
    blend = BlendTexts("both", 3.0, (WORDS, PAIRS))
    monkeypatch.setattr(trials, "better", lambda *given, **how: True)
    choice = choose(Examples(texts, target, "multiclass"), [WORDS, PAIRS, blend], budget=60)
    alone = choose(Examples(texts, target, "multiclass"), [WORDS], budget=60)
    assert choice.name == "both"
    plain = BlendTexts("both", 3.0, (WORDS, PAIRS)).fit(texts, target, "multiclass")
    np.testing.assert_allclose(choice.model.scores(texts), plain.scores(texts), atol=1e-9)
    weighted = [
        factor * part.scores(texts) for factor, part in zip(choice.model.factors, choice.model.alone, strict=True)
    ]
    by = choice.model.scores(texts) - sum(weighted)
    assert np.abs(by[0]).max() > 0.1
    np.testing.assert_allclose(by, np.tile(by[0], (len(texts), 1)), atol=1e-9)
    np.testing.assert_array_equal(choice.compared["words"].fit().scores(texts), alone.model.scores(texts))
    assert from_state(*choice.model.state()).scores(texts).tolist() == choice.model.scores(texts).tolist()

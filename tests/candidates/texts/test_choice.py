"""Candidates are tried in the order of cost, and a dearer one must be better to be taken."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.candidates.examples import Examples
from unspool.candidates.texts import (
    CANDIDATES,
    BlendTexts,
    ConvolutionTexts,
    choose,
    trials,
)
from unspool.candidates.texts.candidate import Limits

from .candidates import PAIRS, WORDS, Guess


def test_the_cheaper_stays_where_the_dearer_is_no_better(binary):
    choice = choose(binary, [PAIRS, WORDS], budget=60)
    assert choice.name == "words"
    assert [one.name for one in choice.tried] == ["words", "pairs"]
    assert all(one.score > 0.9 and not one.note for one in choice.tried)
    assert choice.held_out.shape == (120,)


def test_a_blend_comes_after_its_parts_so_that_it_takes_no_time_of_its_own():
    names = sorted(CANDIDATES, key=lambda name: CANDIDATES[name].cost)
    assert names == list(CANDIDATES)
    blends = {one.name: [part.name for part in one.parts] for one in CANDIDATES.values() if isinstance(one, BlendTexts)}
    assert blends["blend-cnn-characters"] == ["words+characters", "tfidf", "nb-characters", "cnn", "cnn-characters"]
    for name, parts in blends.items():
        assert all(names.index(part) < names.index(name) for part in parts)


def test_why_a_candidate_was_taken_is_told_and_what_became_of_each_as_soon_as_it_is_known(binary):
    begun, heard = [], []
    candidates = [Guess("guess", 0.1), WORDS, replace(WORDS, name="again", cost=2.0)]
    choice = choose(
        binary,
        candidates,
        budget=60,
        tell=begun.append,
        heard=lambda one: heard.append((one.name, len(begun))),
    )
    assert begun == ["guess", "words", "again", "fitting words to all training examples"]
    assert heard == [("guess", 1), ("words", 2), ("again", 3)]
    assert choice.why == "its log loss is the lowest"


def test_a_candidate_that_is_taken_although_another_has_a_lower_loss_is_explained(binary, monkeypatch):
    monkeypatch.setattr(trials, "better", lambda *_, **how: False)  # as where the difference is small
    choice = choose(binary, [Guess("guess", 0.1), WORDS], budget=60)
    assert choice.name == "guess"
    assert choice.why == (
        "words has a lower log loss, but a more expensive model is only taken if the difference is "
        "larger than one standard error"
    )


def test_the_dearer_is_taken_where_it_is_better(binary):
    choice = choose(binary, [Guess("guess", 0.1), WORDS], budget=60)
    assert choice.name == "words"
    assert choice.tried[0].loss == pytest.approx(np.log(2))


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel", "regression"])
def test_a_blend_uses_the_scores_of_its_parts(task, reviews, targets_of):
    blend = BlendTexts("blend", 3.0, (WORDS, PAIRS))
    choice = choose(Examples(reviews[0], targets_of[task], task), [WORDS, blend, PAIRS], budget=60)
    assert choice.tried[2].name == "blend"
    assert choice.tried[2].seconds == 0
    losses = [one.score if task == "regression" else one.loss for one in choice.tried]
    assert losses[2] <= min(losses[:2]) + 1e-6


def test_a_convolution_is_not_compared_on_texts_too_long_for_it_but_serves_where_it_is_asked_for(binary):
    short = ConvolutionTexts(
        "characters", 5.0, of="characters", widths=(2,), filters=16, epochs=1, limits=Limits(longest=20)
    )
    blend = BlendTexts("both", 6.0, (WORDS, short))
    choice = choose(binary, [WORDS, short, blend], budget=60)
    assert [one.note for one in choice.tried] == ["", *["the texts have more than 20 characters on average"] * 2]
    assert choose(binary, [blend], budget=60).name == "both"
    longer = [
        replace(short, limits=Limits(longest=2000)),
        replace(blend, parts=(WORDS, replace(short, limits=Limits(longest=2000)))),
    ]
    assert not any(one.note for one in choose(binary, [WORDS, *longer], budget=60).tried)


def test_what_was_held_out_is_told_once(reviews, targets_of):
    choice = choose(Examples(reviews[0], targets_of["multiclass"], "multiclass"), [WORDS, PAIRS], budget=60)
    assert choice.held_out.shape == (120, 4)
    np.testing.assert_array_equal(choice.rows, np.arange(120))

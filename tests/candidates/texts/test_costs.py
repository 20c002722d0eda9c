"""Candidates that would take too long or too much memory are not tried, or are given up."""

import time
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from unspool.candidates.outcome import too_large_to_fit, too_long_to_fit
from unspool.candidates.texts import (
    BlendTexts,
    LinearTexts,
    NGrams,
    choose,
    trials,
)
from unspool.candidates.texts.convolution import CNN
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.costs import BYTES_OF_A_NUMBER, Costs
from unspool.candidates.texts.held_out import (
    HeldOut,
    cross_validate_repeatedly,
)
from unspool.candidates.texts.joint import NB_WORDS_AND_VECTORS
from unspool.candidates.texts.linear import NB_WORDS
from unspool.candidates.texts.registry import BLEND
from unspool.candidates.texts.trees import COUNT_TREES
from unspool.candidates.texts.unlabelled import with_unlabelled
from unspool.candidates.texts.vectors import VECTORS

from .candidates import PAIRS, WORDS, Guess


def test_the_next_candidate_is_expected_to_keep_the_pace_of_the_last():
    costs = Costs(Corpus(["a film"] * 10), growth=1.25)
    assert costs.of_comparison(PAIRS) == costs.of_fit([PAIRS]) == 0
    costs.learn(WORDS, HeldOut(np.zeros((10, 1)), np.ones((10, 1)), 3.0, fits=2.0))
    assert costs.of_comparison(PAIRS) == 6
    assert costs.of_fit([WORDS]) == 2.5
    assert costs.of_fit([WORDS, PAIRS]) == 7.5
    costs.learn_at_least(PAIRS, 10.0)
    assert costs.of_comparison(WORDS) == 5
    costs.learn_at_least(COUNT_TREES, 10_000.0)  # which may be due to the number of labels
    assert costs.of_comparison(WORDS) == 5


@pytest.mark.parametrize("unlabelled", [(), ("another film",) * 1_000_000])
def test_vectors_are_paid_for_once(unlabelled):
    vectors, joint, cnn = (with_unlabelled(one, unlabelled) for one in (VECTORS, NB_WORDS_AND_VECTORS, CNN))
    costs = Costs(Corpus(["a film"] * 10), growth=1.0)
    found = HeldOut(np.zeros((10, 1)), np.ones((10, 1)), 3.0, fits=2.0)
    costs.learn(NB_WORDS, found)
    before = costs.of_comparison(joint)
    assert before == costs.of_comparison(vectors) * (1 if unlabelled else joint.cost / vectors.cost)
    costs.learn(vectors, replace(found, seconds=24.0))
    assert costs.of_comparison(joint) == 3.0 * joint.cost_of_linear < before
    expected = costs.of_comparison(cnn)
    costs.learn(joint, replace(found, seconds=0.1, fits=5.0))  # with the vectors of another candidate
    assert costs.of_comparison(cnn) == expected
    assert costs.of_fit([vectors, joint]) == costs.of_fit([joint]) == (0.0 if unlabelled else 5.0)


def test_vectors_beside_n_grams_take_memory():
    costs = Costs(Corpus(["a film"] * 10), growth=1.0)
    memory = costs.memory_of_fit(NB_WORDS) + 10 * 96 * BYTES_OF_A_NUMBER
    assert costs.memory_of_fit(NB_WORDS_AND_VECTORS) == costs.memory_of_fit(BLEND) == memory


@pytest.mark.parametrize(("texts", "seconds"), [(10_000, 2.5), (40_000, 5.0), (400_000, 5.0)])
def test_trees_are_fitted_to_some_of_very_many_texts(texts, seconds):
    costs = Costs(Corpus(["a film"] * texts), growth=texts / 8_000)
    costs.learn(COUNT_TREES, HeldOut(np.zeros((10, 1)), np.ones((10, 1)), 2.0))
    assert costs.of_fit([COUNT_TREES]) == pytest.approx(seconds)


@dataclass(frozen=True)
class SlowGuess(Guess):
    """A fit takes 0.2 s, more than its cost suggests."""

    fits: list[str] = field(default_factory=list, compare=False)

    def fit(self, texts, target, task, seed=0, *, classes=None):
        self.fits.append(self.name)
        time.sleep(0.2)
        return super().fit(texts, target, task, seed, classes=classes)


def test_a_candidate_that_would_take_too_long_is_not_tried(binary):
    dear = Guess("dear", 1e9)
    choice = choose(binary, [WORDS, dear], budget=60)
    assert choice.tried[1].note
    assert choice.tried[1].score is None
    none_left = choose(binary, [WORDS, PAIRS], budget=0)
    assert [bool(one.note) for one in none_left.tried] == [False, True]


def test_a_linear_model_is_tried_however_expensive_it_looks(binary):
    dear = LinearTexts("dear", 1e9, PAIRS.ngrams, c=10.0)
    assert not choose(binary, [WORDS, dear], budget=60).tried[1].note


def test_a_blend_of_tried_candidates_is_tried_however_little_time_is_left(binary, monkeypatch):
    """Each cross-validation advances the clock by a minute: after two of them, no time is left."""
    now = [0.0]

    def slowly(*given, **how):
        now[0] += 60.0
        return cross_validate_repeatedly(*given, **how)

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(trials, "cross_validate_repeatedly", slowly)
    both, more = BlendTexts("both", 3.0, (WORDS, PAIRS)), replace(PAIRS, name="more", cost=4.0)
    candidates = [WORDS, PAIRS, both, more, BlendTexts("all", 5.0, (WORDS, more))]
    choice = choose(binary, candidates, budget=100)
    assert [one.name for one in choice.tried if not one.note] == ["words", "pairs", "both"]


def test_a_slow_candidate_is_given_up_after_its_first_part_with_blends_of_it(binary, monkeypatch):
    monkeypatch.setattr("unspool.candidates.texts.held_out.usable", lambda: 2)
    slow = SlowGuess("slow", 0.2)
    blend = BlendTexts("blend", 3.0, (WORDS, slow))
    choice = choose(binary, [Guess("guess", 0.1), slow, WORDS, blend], budget=1.5)
    assert {one.name for one in choice.tried if one.note} == {"slow", "blend"}  # 25 parts would take 5 s
    assert len(slow.fits) <= 5, "at most the parts of one split, which begin at the same time"
    assert choice.name == "words"


def test_a_candidate_whose_final_fit_would_exceed_the_budget_is_given_up(binary, monkeypatch):
    """Each of 25 parts takes the seconds below; all texts are 1.25 times as many as those that a part is fitted to."""
    of_a_part = {"words": 100.0, "pairs": 1.0, "more": 100.0}

    def slowly(candidate, *given, **how):
        found = cross_validate_repeatedly(candidate, *given, **how)
        return replace(found, seconds=25 * of_a_part[candidate.name])

    monkeypatch.setattr(trials, "cross_validate_repeatedly", slowly)
    monkeypatch.setattr(trials, "better", lambda *given, **how: True)
    more = replace(PAIRS, name="more", cost=3.0)
    candidates = [WORDS, PAIRS, more, BlendTexts("both", 4.0, (PAIRS, more))]
    told = []
    choice = choose(binary, candidates, budget=100.0, fitting=lambda *what: told.append(what))
    tried = {one.name: one for one in choice.tried}
    assert tried["words"].score is not None, "there must be some model of the texts"
    assert tried["pairs"].score is not None
    assert tried["more"].score is None
    assert tried["more"].note == too_long_to_fit(125.0, 120)
    assert tried["both"].score is None
    assert told == [("pairs", pytest.approx(1.25))]
    assert choice.compared["more"].seconds_to_fit == pytest.approx(125.0)
    assert choice.compared["pairs"].seconds_to_fit == 0.0, "it is fitted already"


def test_a_candidate_that_would_not_fit_into_memory_is_given_up(binary, reviews, monkeypatch):
    characters = LinearTexts("characters", 2.0, (NGrams("characters", 1, 2),), c=10.0)
    size = 75 * sum(map(len, reviews[0]))
    monkeypatch.setattr(trials, "better", lambda *given, **how: True)

    both = BlendTexts("both", 3.0, (WORDS, characters))

    def tried(free, *candidates):
        monkeypatch.setattr(trials, "free_memory", lambda: free)
        return choose(binary, candidates, budget=60)

    assert [one.note for one in tried(size, WORDS, characters, both).tried] == ["", "", ""]
    choice = tried(size - 1, WORDS, characters, both)
    assert [one.note for one in choice.tried] == ["", *[too_large_to_fit(size, 120)] * 2]
    assert choice.compared["characters"].seconds_to_fit == np.inf
    assert tried(1.0, characters).name == "characters", "there must be some model of the texts"

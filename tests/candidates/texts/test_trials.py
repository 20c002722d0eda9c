"""Compared candidates are kept, can be fitted, and take no more memory than they must."""

import gc
import threading
import time
import weakref
from dataclasses import replace
from itertools import chain, repeat
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from unspool.candidates.examples import Examples
from unspool.candidates.saved import Saved
from unspool.candidates.texts import (
    BlendTexts,
    LinearTexts,
    choose,
    held_out,
    linear_solution,
    trials,
)
from unspool.candidates.texts import choice as choosing
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import (
    cross_validate,
    cross_validate_repeatedly,
    splits,
)
from unspool.candidates.texts.ngram_features import NGramReader

from .candidates import PAIRS, WORDS, FittedGuess, Guess


@pytest.fixture
def many(monkeypatch):
    """More than 100 texts count as many: candidates are fitted to 50 and 30 are held out, in one split."""
    for module in (trials, held_out):
        monkeypatch.setattr(module, "SEVERAL", 100)
    monkeypatch.setattr(held_out, "LEARN", 50)
    monkeypatch.setattr(held_out, "HOLD", 30)
    monkeypatch.setattr(held_out, "repeats", lambda count: 1)


def test_a_compared_candidate_is_available_as_if_it_had_been_chosen(binary, reviews):
    blend = BlendTexts("both", 3.0, (WORDS, PAIRS))
    for others in ([PAIRS], [PAIRS, blend]):
        choice = choose(binary, [WORDS, *others], budget=60)
        assert list(choice.compared) == ["words", "pairs"]
        for candidate in (WORDS, PAIRS):
            alone, found = choose(binary, [candidate], budget=60), choice.compared[candidate.name]
            np.testing.assert_array_equal(found.held_out, alone.held_out)
            np.testing.assert_array_equal(found.rows, np.arange(120))
            np.testing.assert_array_equal(found.fit().scores(reviews[0]), alone.model.scores(reviews[0]))


def test_the_parts_of_the_chosen_blend_are_not_fitted_again(binary, reviews, monkeypatch):
    monkeypatch.setattr(trials, "better", lambda *given, **how: True)
    blend = BlendTexts("both", 3.0, (WORDS, PAIRS))
    choice = choose(binary, [WORDS, PAIRS, blend], budget=60)
    used = [part.name for part in choice.model.parts]
    assert choice.name == "both"
    before = choice.model.scores(reviews[0])
    fits = []
    monkeypatch.setattr(LinearTexts, "fit", lambda self, *given, **how: fits.append(self.name) or FittedGuess("", ""))
    for found in choice.compared.values():
        found.fit().rescale(2.0)
    assert fits == [name for name in ("words", "pairs") if name not in used]
    np.testing.assert_array_equal(choice.model.scores(reviews[0]), before)


def test_the_time_of_a_compared_candidate_is_that_of_comparison_and_fit(binary, monkeypatch):
    """Only fitting a model advances the clock, by a second each time."""
    now = [0.0]
    fit = LinearTexts.fit
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def slowly(self, *given, **how):
        now[0] += 1.0
        return fit(self, *given, **how)

    monkeypatch.setattr(LinearTexts, "fit", slowly)
    monkeypatch.setattr(trials, "cross_validate_repeatedly", _took(10.0, trials.cross_validate_repeatedly))
    alone = choose(binary, [WORDS, PAIRS], budget=60)
    assert alone.name == "words"
    assert {name: one.seconds for name, one in alone.compared.items()} == {"words": 11.0, "pairs": 10.0}
    monkeypatch.setattr(trials, "better", lambda *given, **how: True)
    blend = BlendTexts("both", 3.0, (WORDS, PAIRS))
    choice = choose(binary, [WORDS, PAIRS, blend], budget=60)
    used = [part.name for part in choice.model.parts]
    for name, one in choice.compared.items():
        assert one.seconds >= 11.0 if name in used else one.seconds == 10.0


def _took(seconds, cross_validate):
    return lambda *given, **how: replace(cross_validate(*given, **how), seconds=seconds)


def test_with_many_texts_the_chosen_model_is_scaled_on_those_held_out(reviews, targets_of, monkeypatch):
    monkeypatch.setattr(held_out, "SEVERAL", 100)
    monkeypatch.setattr(trials, "SEVERAL", 100)
    monkeypatch.setattr(held_out, "HOLD", 40)
    target = targets_of["binary"]
    examples = Examples(reviews[0], target, "binary")
    choice = choose(examples, [WORDS], budget=60)
    plain = replace(WORDS, calibrated=False).fit(reviews[0], target, "binary").scores(reviews[0])
    ratio = choice.model.scores(reviews[0]) / plain
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-6)
    held = cross_validate(WORDS, examples, splits(target, "binary")).scores[choice.rows, 0]
    np.testing.assert_allclose(choice.held_out, expit(ratio[0, 0] * held), rtol=1e-6)


def test_with_many_texts_only_those_compared_are_counted(binary, many, monkeypatch):
    counted = []
    fit = NGramReader.fit.__func__
    monkeypatch.setattr(
        NGramReader, "fit", classmethod(lambda cls, of, texts: counted.append(len(texts)) or fit(cls, of, texts))
    )
    choice = choose(binary, [WORDS, PAIRS], budget=60)
    assert counted == [80, 80, 120]  # 30 held out and 50 to fit to; then one candidate is fitted to all
    assert len(choice.rows) == len(choice.held_out) == 30
    for found in choice.compared.values():
        assert found.rows.shape == (30,)
        assert found.held_out.base.shape == (30, 1)  # not a view of all scores


def test_linear_models_of_many_texts_are_compared_side_by_side(binary, many, monkeypatch):
    monkeypatch.setattr(trials, "usable", lambda: 1)
    alone = choose(binary, [WORDS, PAIRS], budget=60)
    both, compare = threading.Barrier(2, timeout=60), trials.cross_validate_repeatedly

    def together(*given, **how):
        both.wait()
        return compare(*given, **how)

    monkeypatch.setattr(trials, "usable", lambda: 2)
    monkeypatch.setattr(trials, "cross_validate_repeatedly", together)
    choice = choose(binary, [WORDS, PAIRS], budget=60)
    assert [(one.name, one.loss) for one in choice.tried] == [(one.name, one.loss) for one in alone.tried]
    np.testing.assert_array_equal(choice.held_out, alone.held_out)


def test_a_linear_model_that_has_begun_is_waited_for_when_the_budget_is_spent(binary, many, monkeypatch):
    begun, compare = threading.Event(), trials.cross_validate_repeatedly

    def compared(part, *given, **how):
        if part.name == "pairs":
            begun.set()
        assert begun.wait(60)  # the first one ends once the second has begun
        return compare(part, *given, **how)

    monkeypatch.setattr(trials, "usable", lambda: 2)
    monkeypatch.setattr(trials, "cross_validate_repeatedly", compared)
    clock = chain([0.0, 0.0], repeat(100.0))  # the first one's turn is at the start, the second's after the budget
    monkeypatch.setattr(choosing, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    choice = choose(binary, [WORDS, PAIRS], budget=60)
    assert [(one.name, one.note) for one in choice.tried] == [("words", ""), ("pairs", "")]


def test_an_error_in_a_linear_model_of_many_texts_comes_at_its_turn(binary, many, monkeypatch):
    compare, heard = trials.cross_validate_repeatedly, []

    def failing(part, *given, **how):
        if part.name == "pairs":
            raise MemoryError("too many pairs")
        return compare(part, *given, **how)

    monkeypatch.setattr(trials, "cross_validate_repeatedly", failing)
    with pytest.raises(MemoryError, match="too many pairs"):
        choose(binary, [WORDS, PAIRS], budget=60, heard=lambda tried: heard.append(tried.name))
    assert heard == ["words"]


def test_with_many_texts_only_scores_of_those_compared_are_kept(binary, many, monkeypatch, tmp_path):
    monkeypatch.setattr("unspool.candidates.saved.LEAST_SECONDS", 0.0)
    saved = Saved(tmp_path, "these")
    choice = choose(binary, [WORDS], budget=60, saved=saved)
    plain, arrays = saved.found("words")
    assert arrays["scores"].shape == (80, 1)
    saved.keep("words", plain, {name: np.zeros((120, 1)) for name in arrays})  # as earlier versions did
    again = choose(binary, [WORDS], budget=60, saved=saved)
    np.testing.assert_array_equal(again.held_out, choice.held_out)


def test_with_very_many_texts_the_penalty_found_in_the_comparison_is_kept(reviews, targets_of, many, monkeypatch):
    """With one label in three flipped, a low c is best; without a search, it used to be 10."""
    turned = np.random.default_rng(0).random(120) < 0.35
    given = Examples(reviews[0], targets_of["binary"] ^ turned, "binary")
    open_c = replace(PAIRS, c=None)
    work = [
        open_c.problem(Corpus(texts), np.zeros((len(texts), 1)), "binary", 0)[1].work
        for texts in (reviews[0][:50], reviews[0])
    ]
    monkeypatch.setattr(linear_solution, "MUCH_WORK", sum(work) // 2)
    found = []

    def heard(*given, **how):
        found.append(cross_validate_repeatedly(*given, **how))
        return found[-1]

    monkeypatch.setattr(trials, "cross_validate_repeatedly", heard)
    model = choose(given, [open_c], budget=60).model
    assert model.c == found[0].c < 10
    monkeypatch.setattr(linear_solution, "MUCH_WORK", work[1])
    assert len(open_c.problem(Corpus(reviews[0]), np.zeros((120, 1)), "binary", 0)[1].grid(None)) > 1


@pytest.mark.parametrize("how", ["groups", "times"])
def test_with_many_texts_the_penalty_is_chosen_on_other_groups_or_later_texts(many, monkeypatch, how):
    """The target of each text is its group, or its time."""
    known = np.arange(120) % 12
    given = Examples([f"w{i % 7} v{i % 5} g{i % 12}" for i in range(120)], known.astype(float), "regression")
    search, parted = linear_solution.held_out, []

    def heard(problem, grid, parts):
        parted.extend((problem.wanted[train], problem.wanted[held]) for train, held in parts)
        return search(problem, grid, parts)

    monkeypatch.setattr(linear_solution, "held_out", heard)
    choose(replace(given, **{how: known}), [replace(PAIRS, c=None)], budget=60)
    sizes = {len(train) + len(held) for train, held in parted}
    assert min(sizes) < 100  # in the comparison
    assert max(sizes) == 120  # for the final fit
    for train, held in parted:
        assert not np.isin(held, train).any()
        assert how == "groups" or held.min() > train.max()


def test_counts_are_released_once_the_best_candidate_is_fitted(reviews, targets_of):
    corpus = Corpus(reviews[0])
    choice = choose(Examples(corpus, targets_of["binary"], "binary"), [WORDS, PAIRS], budget=60)
    assert not corpus._kept.keys() - {"side", "words"}
    assert choice.compared["pairs"].fit().name == "pairs"


def test_the_comparison_is_released_while_compared_candidates_are_kept(binary, monkeypatch):
    made = []

    class Trials(trials.Trials):
        def __init__(self, *given):
            super().__init__(*given)
            made.append(weakref.ref(self))

    monkeypatch.setattr(choosing, "Trials", Trials)
    choice = choose(binary, [WORDS, PAIRS], budget=60)
    gc.collect()
    assert [one() for one in made] == [None]
    assert choice.compared["pairs"].fit().name == "pairs"


def test_a_search_for_the_penalty_does_not_count_as_time_to_fit(binary, many, monkeypatch):
    """Only a fit advances the clock, by a second. With many texts, the search uses only some of them."""
    fits, fitted = [], linear_solution._Part.fitted
    monkeypatch.setattr(linear_solution._Part, "fitted", lambda self, c: fits.append(c) or fitted(self, c))
    monkeypatch.setattr(time, "perf_counter", lambda: float(len(fits)))
    [part] = splits(binary.targets, "binary")
    found = cross_validate_repeatedly(replace(PAIRS, c=None), binary, [[part]], of_many=True)
    assert (found.fits, found.seconds) == (1.0, len(fits))
    assert len(fits) >= 16  # at least three penalties are tried on five parts

    class Slow(Guess):
        def fit(self, *given, **how):
            fits.append(0.0)
            return super().fit(*given, **how)

    slow = cross_validate_repeatedly(Slow("guess", 1.0), binary, [[part]], of_many=True)
    assert (slow.fits, slow.seconds) == (1.0, 1.0)

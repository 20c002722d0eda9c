"""Candidates are tried in the order of cost, and a dearer one must be better to be taken."""

import gc
import time
import weakref
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.special import expit

from unspool.candidates.examples import Examples
from unspool.candidates.outcome import too_large_to_fit, too_long_to_fit
from unspool.candidates.saved import Saved
from unspool.candidates.texts import (
    CANDIDATES,
    BlendTexts,
    ConvolutionTexts,
    LinearTexts,
    NGrams,
    choose,
    held_out,
    linear_solution,
)
from unspool.candidates.texts import choice as choosing
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import (
    cross_validate,
    cross_validate_repeatedly,
    splits,
)
from unspool.candidates.texts.ngram_features import NGramReader

WORDS = LinearTexts("words", 1.0, (NGrams("words", 1, 1),), c=10.0)
PAIRS = LinearTexts("pairs", 2.0, (NGrams("words", 1, 2),), c=10.0)


@dataclass(frozen=True)
class Guess:
    """A candidate that says the same of every text."""

    name: str
    cost: float

    def fit(self, texts, target, task, seed=0, *, classes=None):
        return FittedGuess(self.name, task)


@dataclass
class FittedGuess:
    name: str
    task: str

    def scores(self, texts):
        return np.zeros((len(texts), 1))

    def rescale(self, factor):
        pass


@pytest.fixture
def binary(reviews, targets_of):
    return Examples(reviews[0], targets_of["binary"], "binary")


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
    monkeypatch.setattr(choosing, "better", lambda *_: False)  # as where the difference is small
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


def test_what_would_take_too_long_is_not_tried(binary):
    dear = Guess("dear", 1e9)
    choice = choose(binary, [WORDS, dear], budget=60)
    assert choice.tried[1].note
    assert choice.tried[1].score is None
    none_left = choose(binary, [WORDS, PAIRS], budget=0)
    assert [bool(one.note) for one in none_left.tried] == [False, True]


def test_a_blend_of_what_was_tried_is_tried_however_little_is_left(binary, monkeypatch):
    """The clock goes on by a minute with each cross-validation: after two of them nothing is left."""
    now = [0.0]

    def slowly(*given, **how):
        now[0] += 60.0
        return cross_validate_repeatedly(*given, **how)

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(choosing, "cross_validate_repeatedly", slowly)
    both, more = BlendTexts("both", 3.0, (WORDS, PAIRS)), replace(PAIRS, name="more", cost=4.0)
    candidates = [WORDS, PAIRS, both, more, BlendTexts("all", 5.0, (WORDS, more))]
    choice = choose(binary, candidates, budget=100)
    assert [one.name for one in choice.tried if not one.note] == ["words", "pairs", "both"]


@dataclass(frozen=True)
class SlowGuess(Guess):
    """It takes .2 s a fit, and does not look so."""

    fits: list[str] = field(default_factory=list, compare=False)

    def fit(self, texts, target, task, seed=0, *, classes=None):
        self.fits.append(self.name)
        time.sleep(0.2)
        return super().fit(texts, target, task, seed, classes=classes)


def test_what_takes_too_long_is_given_up_after_its_first_part_and_blends_with_it_too(binary, monkeypatch):
    monkeypatch.setattr("unspool.candidates.texts.held_out.usable", lambda: 2)
    slow = SlowGuess("slow", 0.2)
    blend = BlendTexts("blend", 3.0, (WORDS, slow))
    choice = choose(binary, [Guess("guess", 0.1), slow, WORDS, blend], budget=1.5)
    assert {one.name for one in choice.tried if one.note} == {"slow", "blend"}  # 25 parts would take 5 s
    assert len(slow.fits) <= 5, "those of one split at most, which begin at the same time"
    assert choice.name == "words"


def test_what_would_take_longer_than_the_budget_to_fit_to_all_texts_is_given_up(binary, monkeypatch):
    """Each of 25 parts takes so many seconds; all texts are 1.25 times those that a part learns from."""
    of_a_part = {"words": 100.0, "pairs": 1.0, "more": 100.0}

    def slowly(candidate, *given, **how):
        found = cross_validate_repeatedly(candidate, *given, **how)
        return replace(found, seconds=25 * of_a_part[candidate.name])

    monkeypatch.setattr(choosing, "cross_validate_repeatedly", slowly)
    monkeypatch.setattr(choosing, "better", lambda *given: True)
    more = replace(PAIRS, name="more", cost=3.0)
    candidates = [WORDS, PAIRS, more, BlendTexts("both", 4.0, (PAIRS, more))]
    told = []
    choice = choose(binary, candidates, budget=100.0, fitting=lambda *what: told.append(what))
    tried = {one.name: one for one in choice.tried}
    assert tried["words"].score is not None, "some model of the texts there must be"
    assert tried["pairs"].score is not None
    assert tried["more"].score is None
    assert tried["more"].note == too_long_to_fit(125.0, 120)
    assert tried["both"].score is None
    assert told == [("pairs", pytest.approx(1.25))]
    assert choice.compared["more"].seconds_to_fit == pytest.approx(125.0)
    assert choice.compared["pairs"].seconds_to_fit == 0.0, "it is fitted"


def test_what_would_fill_the_memory_is_given_up(binary, reviews, monkeypatch):
    characters = LinearTexts("characters", 2.0, (NGrams("characters", 1, 2),), c=10.0)
    size = 75 * sum(map(len, reviews[0]))
    monkeypatch.setattr(choosing, "better", lambda *given: True)

    both = BlendTexts("both", 3.0, (WORDS, characters))

    def tried(free, *candidates):
        monkeypatch.setattr(choosing, "free_memory", lambda: free)
        return choose(binary, candidates, budget=60)

    assert [one.note for one in tried(size, WORDS, characters, both).tried] == ["", "", ""]
    choice = tried(size - 1, WORDS, characters, both)
    assert [one.note for one in choice.tried] == ["", *[too_large_to_fit(size, 120)] * 2]
    assert choice.compared["characters"].seconds_to_fit == np.inf
    assert tried(1.0, characters).name == "characters", "some model of the texts there must be"


def test_a_linear_one_is_tried_however_dear_it_looks(binary):
    dear = LinearTexts("dear", 1e9, PAIRS.ngrams, c=10.0)
    assert not choose(binary, [WORDS, dear], budget=60).tried[1].note


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel", "regression"])
def test_a_blend_uses_the_scores_of_its_parts(task, reviews, targets_of):
    blend = BlendTexts("blend", 3.0, (WORDS, PAIRS))
    choice = choose(Examples(reviews[0], targets_of[task], task), [WORDS, blend, PAIRS], budget=60)
    assert choice.tried[2].name == "blend"
    assert choice.tried[2].seconds == 0
    losses = [one.score if task == "regression" else one.loss for one in choice.tried]
    assert losses[2] <= min(losses[:2]) + 1e-6


def test_what_was_taken_of_many_texts_has_the_scale_of_those_held_out(reviews, targets_of, monkeypatch):
    monkeypatch.setattr(held_out, "SEVERAL", 100)
    monkeypatch.setattr(choosing, "SEVERAL", 100)
    monkeypatch.setattr(held_out, "HOLD", 40)
    target = targets_of["binary"]
    examples = Examples(reviews[0], target, "binary")
    choice = choose(examples, [WORDS], budget=60)
    plain = replace(WORDS, calibrated=False).fit(reviews[0], target, "binary").scores(reviews[0])
    ratio = choice.model.scores(reviews[0]) / plain
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-6)
    held = cross_validate(WORDS, examples, splits(target, "binary")).scores[choice.rows, 0]
    np.testing.assert_allclose(choice.held_out, expit(ratio[0, 0] * held), rtol=1e-6)


def test_a_convolution_is_not_compared_on_texts_too_long_for_it_but_serves_where_it_is_asked_for(binary):
    short = ConvolutionTexts("characters", 5.0, of="characters", widths=(2,), filters=16, epochs=1, longest=20.0)
    blend = BlendTexts("both", 6.0, (WORDS, short))
    choice = choose(binary, [WORDS, short, blend], budget=60)
    assert [one.note for one in choice.tried] == ["", *["the texts have more than 20 characters on average"] * 2]
    assert choose(binary, [blend], budget=60).name == "both"
    longer = [replace(short, longest=2000.0), replace(blend, parts=(WORDS, replace(short, longest=2000.0)))]
    assert not any(one.note for one in choose(binary, [WORDS, *longer], budget=60).tried)


def test_what_was_held_out_is_told_once(reviews, targets_of):
    choice = choose(Examples(reviews[0], targets_of["multiclass"], "multiclass"), [WORDS, PAIRS], budget=60)
    assert choice.held_out.shape == (120, 4)
    np.testing.assert_array_equal(choice.rows, np.arange(120))


def test_what_was_compared_can_be_had_as_if_it_had_been_taken(binary, reviews):
    blend = BlendTexts("both", 3.0, (WORDS, PAIRS))
    for others in ([PAIRS], [PAIRS, blend]):
        choice = choose(binary, [WORDS, *others], budget=60)
        assert list(choice.compared) == ["words", "pairs"]
        for candidate in (WORDS, PAIRS):
            alone, found = choose(binary, [candidate], budget=60), choice.compared[candidate.name]
            np.testing.assert_array_equal(found.held_out, alone.held_out)
            np.testing.assert_array_equal(found.rows, np.arange(120))
            np.testing.assert_array_equal(found.fit().scores(reviews[0]), alone.model.scores(reviews[0]))


def test_a_part_of_the_blend_that_was_taken_is_not_fitted_again(binary, reviews, monkeypatch):
    monkeypatch.setattr(choosing, "better", lambda *given: True)
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


def test_the_time_of_what_was_compared_is_that_of_comparison_and_fit(binary, monkeypatch):
    """The clock goes on by a second whenever a model is fitted, and never else."""
    now = [0.0]
    fit = LinearTexts.fit
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def slowly(self, *given, **how):
        now[0] += 1.0
        return fit(self, *given, **how)

    monkeypatch.setattr(LinearTexts, "fit", slowly)
    monkeypatch.setattr(choosing, "cross_validate_repeatedly", _took(10.0, choosing.cross_validate_repeatedly))
    alone = choose(binary, [WORDS, PAIRS], budget=60)
    assert alone.name == "words"
    assert {name: one.seconds for name, one in alone.compared.items()} == {"words": 11.0, "pairs": 10.0}
    monkeypatch.setattr(choosing, "better", lambda *given: True)
    blend = BlendTexts("both", 3.0, (WORDS, PAIRS))
    choice = choose(binary, [WORDS, PAIRS, blend], budget=60)
    used = [part.name for part in choice.model.parts]
    for name, one in choice.compared.items():
        assert one.seconds >= 11.0 if name in used else one.seconds == 10.0


def _took(seconds, cross_validate):
    return lambda *given, **how: replace(cross_validate(*given, **how), seconds=seconds)


@pytest.fixture
def many(monkeypatch):
    """More than 100 texts are many: 50 are learned from, 30 are held out, once."""
    for module in (choosing, held_out):
        monkeypatch.setattr(module, "SEVERAL", 100)
    monkeypatch.setattr(held_out, "LEARN", 50)
    monkeypatch.setattr(held_out, "HOLD", 30)
    monkeypatch.setattr(held_out, "repeats", lambda count: 1)


def test_many_texts_are_counted_where_they_are_compared_alone(binary, many, monkeypatch):
    counted = []
    fit = NGramReader.fit.__func__
    monkeypatch.setattr(
        NGramReader, "fit", classmethod(lambda cls, of, texts: counted.append(len(texts)) or fit(cls, of, texts))
    )
    choice = choose(binary, [WORDS, PAIRS], budget=60)
    assert counted == [80, 80, 120]  # 30 are held out, 50 learned from; one candidate is fitted to all
    assert len(choice.rows) == len(choice.held_out) == 30
    for found in choice.compared.values():
        assert found.rows.shape == (30,)
        assert found.held_out.base.shape == (30, 1)  # no view of all


def test_scores_of_many_texts_are_kept_of_those_compared_alone(binary, many, monkeypatch, tmp_path):
    monkeypatch.setattr("unspool.candidates.saved.LEAST_SECONDS", 0.0)
    saved = Saved(tmp_path, "these")
    choice = choose(binary, [WORDS], budget=60, saved=saved)
    plain, arrays = saved.found("words")
    assert arrays["scores"].shape == (80, 1)
    saved.keep("words", plain, {name: np.zeros((120, 1)) for name in arrays})  # as earlier versions did
    again = choose(binary, [WORDS], budget=60, saved=saved)
    np.testing.assert_array_equal(again.held_out, choice.held_out)


def test_the_penalty_of_very_many_texts_is_that_of_those_compared(reviews, targets_of, many, monkeypatch):
    """With one label in three turned, c is best low; where it is not looked for, it used to be 10."""
    turned = np.random.default_rng(0).random(120) < 0.35
    given = Examples(reviews[0], targets_of["binary"] ^ turned, "binary")
    open_c = replace(PAIRS, c=None)
    work = [
        open_c._problem(Corpus(texts), np.zeros((len(texts), 1)), "binary", 0)[1].work
        for texts in (reviews[0][:50], reviews[0])
    ]
    monkeypatch.setattr(linear_solution, "MUCH_WORK", sum(work) // 2)
    found = []

    def heard(*given, **how):
        found.append(cross_validate_repeatedly(*given, **how))
        return found[-1]

    monkeypatch.setattr(choosing, "cross_validate_repeatedly", heard)
    model = choose(given, [open_c], budget=60).model
    assert model.c == found[0].c < 10
    monkeypatch.setattr(linear_solution, "MUCH_WORK", work[1])
    assert len(open_c._problem(Corpus(reviews[0]), np.zeros((120, 1)), "binary", 0)[1].grid(None)) > 1


def test_a_search_for_the_penalty_does_not_count_as_time_to_fit(binary, many):
    """Many texts are searched on some of them alone, or the work is little."""
    [part] = splits(binary.targets, "binary")
    open_c = replace(PAIRS, c=None)
    found = cross_validate_repeatedly(open_c, binary, [[part]], of_many=True)
    assert 0 < found.fits < found.seconds / 2  # three penalties at least are tried on five parts
    quick = cross_validate_repeatedly(Guess("guess", 1.0), binary, [[part]], of_many=True)
    assert 0 < quick.fits < quick.seconds


def test_counts_are_dropped_once_the_best_is_fitted(reviews, targets_of):
    corpus = Corpus(reviews[0])
    choice = choose(Examples(corpus, targets_of["binary"], "binary"), [WORDS, PAIRS], budget=60)
    assert not corpus._kept.keys() - {"side", "words"}
    assert choice.compared["pairs"].fit().name == "pairs"


def test_the_comparison_is_released_while_what_was_compared_is_kept(binary, monkeypatch):
    made = []

    class Trials(choosing._Trials):
        def __init__(self, *given):
            super().__init__(*given)
            made.append(weakref.ref(self))

    monkeypatch.setattr(choosing, "_Trials", Trials)
    choice = choose(binary, [WORDS, PAIRS], budget=60)
    gc.collect()
    assert [one() for one in made] == [None]
    assert choice.compared["pairs"].fit().name == "pairs"

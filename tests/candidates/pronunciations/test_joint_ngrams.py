"""The joint n-gram model: probabilities, search, sums over spellings."""

from itertools import product

import numpy as np
import pytest

from unspool.candidates.pronunciations import joint_ngrams
from unspool.candidates.pronunciations.counting import fit_joint_ngrams
from unspool.candidates.pronunciations.joint_ngrams import END, IMPOSSIBLE, JointNgrams

SOUNDS = {"a": "AH", "b": "B", "t": "T", "x": "K S", "sh": "SH"}
WORDS = ["".join(parts) for parts in product(SOUNDS, repeat=3)]
PHONEMES = [" ".join(SOUNDS[part] for part in parts).split() for parts in product(SOUNDS, repeat=3)]
MODEL = fit_joint_ngrams(WORDS[::2], PHONEMES[::2])


def brute_force(model: JointNgrams, word: str, said: list[str]) -> float:
    """The sum over every sequence of units that spells both, each multiplied unit by unit."""
    total = 0.0
    for units in product(range(1, len(model.units)), repeat=len(word)):
        rows = model.units[list(units)].reshape(-1, 3)
        letters = "".join(model.letters[letter] for letter in rows[:, 0])
        if letters == word and [model.phonemes[number - 1] for number in rows[:, 1:].ravel() if number] == said:
            contexts, chance = model._start()[None], 1.0
            for unit in (*units, END):
                chances, contexts = model._step(contexts, np.array([unit]))
                chance *= float(chances[0])
            total += chance
    return total


def test_no_ngram_reaches_into_the_word_before():
    assert [len(order.units) for order in fit_joint_ngrams(["a"] * 3, [["X"]] * 3).orders] == [2, 2, 1]


def test_probabilities_after_any_beginning_sum_to_one():
    every = np.arange(len(MODEL.units))
    contexts = np.full((1, len(MODEL.orders)), -1)
    contexts[:, 0] = 0
    for unit in (END, 1, 2, len(every) - 1):
        _, contexts = MODEL._step(contexts, np.array([unit]))
        chances, _ = MODEL._step(np.repeat(contexts, len(every), axis=0), every)
        assert chances.sum() == pytest.approx(1)
        assert (chances > 0).all()


def test_a_pronunciation_is_as_probable_as_all_that_spell_it_together():
    words = ["ab", "shx", "xx", "tb", "b", "shab", ""]
    said = [["AH", "B"], ["SH", "K", "S"], ["K", "S", "K", "S"], ["B"], ["B"], ["SH", "AH", "B"], []]
    found = MODEL.log_probabilities(words, said)
    wanted = [brute_force(MODEL, word, one) for word, one in zip(words, said, strict=True)]
    assert [one > IMPOSSIBLE for one in found] == [one > 0 for one in wanted]
    assert sum(one > 0 for one in wanted) >= 4
    there = np.array(wanted) > 0
    np.testing.assert_allclose(np.exp(found[there]), np.array(wanted)[there], rtol=1e-12)


def test_several_ways_to_spell_a_pronunciation_are_summed():
    """Of two letters either may be the silent one."""
    words, said = ["ll", "ll", "la", "al"] * 2, [["L"], ["L"], ["L", "A"], ["A", "L"]] * 2
    model = fit_joint_ngrams([*words, "lla", "all"], [*said, ["L", "A"], ["A", "L"]])
    found = model.log_probabilities(["ll"], [["L"]])
    assert np.exp(found[0]) == pytest.approx(brute_force(model, "ll", ["L"]), rel=1e-12)


def test_what_cannot_be_spelled_is_impossible():
    said = [["B"], ["ZH"], [], ["AH", "B", "T", "T", "T", "T", "T"]]
    assert MODEL.log_probabilities(["ab", "ab", "ab", "ab"], said).tolist()[1:] == [IMPOSSIBLE] * 3
    assert MODEL.log_probabilities([], []).tolist() == []


def test_a_pair_does_not_depend_on_those_beside_it(monkeypatch):
    pairs = [(word, said) for word in WORDS[:40] for said in PHONEMES[:40:3]]
    together = MODEL.log_probabilities(*zip(*pairs, strict=True))
    monkeypatch.setattr(joint_ngrams, "_PAIRS_AT_ONCE", 7)
    assert MODEL.log_probabilities(*zip(*pairs, strict=True)).tolist() == together.tolist()
    assert [MODEL.log_probabilities([word], [said])[0] for word, said in pairs[:50]] == together[:50].tolist()


def test_of_many_ways_the_most_probable_are_summed(monkeypatch):
    """Each letter may be silent, so that there are 70 ways in all."""
    words, said = ["aaaa"] * 9, [["A"] * count for count in (0, 1, 2, 3, 4, 2, 2, 1, 3)]
    model = fit_joint_ngrams(words, said)
    whole = model.log_probabilities(["a" * 8], [["A"] * 4])[0]
    monkeypatch.setattr(joint_ngrams, "PATHS", 1000)
    every = model.log_probabilities(["a" * 8], [["A"] * 4])[0]
    monkeypatch.setattr(joint_ngrams, "PATHS", 1)
    one = model.log_probabilities(["a" * 8], [["A"] * 4])[0]
    assert one < whole <= every


def test_letters_that_training_never_shows_are_left_out():
    model = fit_joint_ngrams(WORDS, PHONEMES)
    assert model.say(["tqab", "tab", "", "q"]) == ["T AH B", "T AH B", "", ""]
    assert model.say(["xa"] * 600 + ["b"]) == ["K S AH"] * 600 + ["B"]
    one, other = model.log_probabilities(["tqab", "tab"], [["T", "AH", "B"]] * 2)
    assert one == other > IMPOSSIBLE


def test_words_that_cannot_be_aligned_make_a_model_that_says_nothing():
    model = fit_joint_ngrams(["w"], [["A", "B", "C"]])
    assert model.say(["w"]) == [""]
    assert model.log_probabilities(["w"], [["A"]]).tolist() == [IMPOSSIBLE]

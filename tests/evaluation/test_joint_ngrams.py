"""The joint n-gram model: alignments, probabilities, search."""

from itertools import product

import numpy as np
import pytest

from unspool.evaluation.baselines import RawPart
from unspool.evaluation.joint_ngrams import _END, JointNgrams, joint_ngrams
from unspool.evaluation.letter_alignment import aligned
from unspool.evaluation.pronunciation_measures import MEASURES
from unspool.evaluation.text_arrays import as_array, texts_of

SOUNDS = {"a": "AH", "b": "B", "t": "T", "x": "K S", "sh": "SH"}
WORDS = ["".join(parts) for parts in product(SOUNDS, repeat=3)]
PHONEMES = [" ".join(SOUNDS[part] for part in parts) for parts in product(SOUNDS, repeat=3)]


def test_letters_are_aligned_with_what_they_stand_for():
    found = aligned(WORDS, [said.split() for said in PHONEMES])
    for word, said, units in zip(WORDS, PHONEMES, found, strict=True):
        assert "".join(letter for letter, _ in units) == word
        assert " ".join(phoneme for _, chunk in units for phoneme in chunk) == said
        assert all(chunk == ("K", "S") for letter, chunk in units if letter == "x")
        assert all(chunk == ("AH",) for letter, chunk in units if letter == "a")


def test_a_word_with_more_phonemes_than_its_letters_can_have_is_left_out():
    found = aligned(["w", "be", "e", ""], [["D", "AH", "B"], ["B", "IY"], ["IY"], ["B"]])
    assert found == [[("b", ("B",)), ("e", ("IY",))], [("e", ("IY",))]]


def test_no_ngram_reaches_into_the_word_before():
    assert [len(order.keys) for order in JointNgrams.fit(["a"] * 3, [["X"]] * 3).orders] == [2, 2, 1]


def test_probabilities_after_any_beginning_sum_to_one():
    model = JointNgrams.fit(WORDS[::2], [said.split() for said in PHONEMES[::2]])
    every = np.arange(len(model.units))
    contexts = np.full((1, len(model.orders)), -1)
    contexts[:, 0] = 0
    for unit in (_END, model.choices["x"][0], model.choices["a"][0], model.choices["b"][-1]):
        _, contexts = model._step(contexts, np.array([unit]))
        chances, _ = model._step(np.repeat(contexts, len(every), axis=0), every)
        assert chances.sum() == pytest.approx(1)
        assert (chances > 0).all()


def test_what_follows_what_decides():
    """A final e makes the vowel long: no letter by itself tells."""
    vowels = {"a": ("AE", "EY"), "i": ("IH", "AY"), "o": ("AA", "OW")}
    ends = {"t": "T", "d": "D", "n": "N", "p": "P", "b": "B", "l": "L", "m": "M", "k": "K"}
    words = [s + v + e + final for s, v, e, final in product(ends, vowels, ends, ("", "e"))]
    said = [
        f"{ends[s]} {vowels[v][final == 'e']} {ends[e]}" for s, v, e, final in product(ends, vowels, ends, ("", "e"))
    ]
    part = [
        RawPart(lambda rows=rows: [words[r] for r in rows], as_array([said[r] for r in rows]))
        for rows in (
            [r for r in range(len(words)) if r % 5],
            list(range(0, len(words), 10)),
            list(range(5, len(words), 10)),
        )
    ]
    found = joint_ngrams(*part, MEASURES["word_errors"])
    assert (found.name, found.held_out) == ("joint-ngrams", 0.0)
    assert texts_of(found.outputs) == texts_of(part[2].targets)


def test_letters_that_training_never_shows_are_left_out():
    model = JointNgrams.fit(WORDS, [said.split() for said in PHONEMES])
    assert model.say(["tqab", "tab", "", "q"]) == ["T AH B", "T AH B", "", ""]
    assert model.say(["xa"] * 600 + ["b"]) == ["K S AH"] * 600 + ["B"]

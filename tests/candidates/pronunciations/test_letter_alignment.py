"""Letters aligned with the phonemes that they stand for."""

from itertools import product

from unspool.candidates.pronunciations.letter_alignment import aligned

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

"""The baseline of joint n-grams."""

from itertools import product

from unspool.evaluation.baselines.joint_ngrams import joint_character_ngrams, joint_ngrams
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.measures.pronunciations import MEASURES
from unspool.evaluation.measures.translation import MEASURES as TRANSLATION
from unspool.evaluation.text_arrays import as_array, texts_of


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
    found = joint_ngrams(RawParts(*part, MEASURES["word_errors"]))
    assert (found.name, found.held_out) == ("joint-ngrams", 0.0)
    assert texts_of(found.outputs) == texts_of(part[2].targets)


def test_single_words_are_written_character_by_character():
    """Capitals and the ends of plurals: no word of the test is among those of training."""
    stems = [a + b + c for a, b, c in product("bdgkmt", "aeiou", "nrls")]
    sources, targets = [stem + "s" for stem in stems], [stem.upper() + "EN" for stem in stems]
    training, other = ([r for r in range(len(stems)) if bool(r % 5) == kept] for kept in (True, False))
    parts = [
        RawPart(lambda rows=rows: iter([sources[r] for r in rows]), as_array([targets[r] for r in rows]))
        for rows in (training, other, other)
    ]
    found = joint_character_ngrams(RawParts(*parts, TRANSLATION["exact_match"]))
    assert (found.name, found.held_out) == ("joint-ngrams", 1.0)
    assert texts_of(found.outputs) == texts_of(parts[2].targets)


def test_texts_of_several_words_are_written_word_by_word():
    part = RawPart(lambda: iter(["ab", "ba", "aa"] * 4), as_array(["AB", "BA", "AA"] * 4))
    test = RawPart(lambda: iter(["ab ba", "", "aab"]), as_array(["AB BA", "", "AAB"]))
    found = joint_character_ngrams(RawParts(part, part, test, TRANSLATION["exact_match"]))
    assert texts_of(found.outputs) == ["AB BA", "", "AAB"]

"""The baseline of joint n-grams."""

from itertools import product

from unspool.evaluation.baselines.joint_ngrams import joint_ngrams
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.measures.pronunciations import MEASURES
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

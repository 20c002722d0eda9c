import numpy as np
import pytest

from unspool.data.texts.swapped_pairs import swapped_in_words

NOUNS = (("dog", "Hund"), ("cat", "Katze"), ("child", "Kind"), ("man", "Mann"), ("horse", "Pferd"), ("bird", "Vogel"))
VERBS = (("sleeps", "schläft"), ("runs", "läuft"), ("eats", "isst"), ("sings", "singt"), ("waits", "wartet"))
PAIRS = [
    (f"the {noun} {verb} near a house", f"{hauptwort} {zeitwort} bei einem Haus")
    for noun, hauptwort in NOUNS
    for verb, zeitwort in VERBS
]


def said(pairs, parts):
    sources, targets = zip(*pairs, strict=True)
    return swapped_in_words(sources, targets, np.array(parts, dtype=np.int8))


def swapped(pairs):
    return [(target, source) for source, target in pairs]


def test_a_part_in_the_other_direction_is_told():
    parts = [0] * 20 + [1] * 5 + [2] * 5
    assert said(PAIRS, parts) == []
    assert said(PAIRS[:25] + swapped(PAIRS[25:]), parts) == [
        "5 pairs of test (100.0% of test) seem to have source and target swapped: kept; if so, swap them"
    ]
    assert [line[:19] for line in said(PAIRS[:22] + swapped(PAIRS[22:25]) + PAIRS[25:], parts)] == [
        "3 pairs of validation"[:19]
    ]


def test_some_pairs_of_the_training_are_told():
    assert said(swapped(PAIRS[:4]) + PAIRS[4:], [0] * 30)[0].startswith("4 pairs of training (13.3% of training) seem")


@pytest.mark.parametrize(
    "pair",
    [
        lambda source, target: (source, source.replace("house", "hous")),  # the same language
        lambda source, target: (f"{source} {target}", f"{source} {target}"),  # copies, whose words are rare
        lambda source, target: (f"{source}. It is old. It was there before.", source[:12]),  # summaries
        lambda source, target: (source.split()[1], " ".join(source.split()[1].upper())),  # pronunciations
    ],
)
def test_where_both_sides_have_the_same_words_or_few_nothing_is_told(pair):
    pairs = [pair(*one) for one in PAIRS]
    assert said(pairs, [0] * 20 + [1] * 5 + [2] * 5) == []

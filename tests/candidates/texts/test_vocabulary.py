"""Texts become the numbers of their tokens, in the order of the vocabulary."""

import pytest

from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("of", "tokens", "expected"),
    [
        ("words", ["film", "été", ","], [[0, 2, 1], [], [-1, 0]]),
        ("characters", [" ", "é", "f"], [[0, 2, -1, -1, -1, -1, 0, 1, -1, 1, 0], [0, 0], [0, -1, 0, 2, -1, -1, -1, 0]]),
    ],
)
def test_tokens_get_their_numbers_and_unknown_ones_none(of, tokens, expected):
    texts = ["Film, été", "", "a film"]
    vocabulary = Vocabulary(of, tokens)
    assert vocabulary.read(texts).tolist() == expected
    assert vocabulary.read(Corpus(texts)).flat.dtype == "int32"


def test_an_empty_vocabulary_knows_nothing():
    assert [Vocabulary(of, []).read(["a"]).tolist() for of in ("words", "characters")] == [[[-1]], [[-1, -1, -1]]]

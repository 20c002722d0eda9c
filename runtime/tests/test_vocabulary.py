"""Native code parts the words of ASCII as Python does."""

import numpy as np
import pytest

import small
from unspool_runtime import Model, ModelError, native
from unspool_runtime.characters import Characters
from unspool_runtime.node import Strings
from unspool_runtime.texts.lexicon import Vocabulary

ASCII = [chr(number) for number in range(128)]


def vocabulary(words):
    raw = [one.encode() for one in words]
    return Vocabulary(Strings(np.frombuffer(b"".join(raw), np.uint8), np.cumsum([0, *map(len, raw)]).astype(np.int64)))


def test_every_mixture_of_ascii_is_parted_alike(kernels):
    draw = small.random(3)
    pieces = [*ASCII, "<br", "<BR />", "<br\x1c/>", "<br\x0b>", "br", "don't", "AB", "  ", "<", ">", "/>"]
    texts = ["".join(draw.choice(pieces, size=draw.integers(0, 12))) for _ in range(3000)]
    texts += [first + second for first in ASCII for second in ("a", "<br>")]
    every = [Characters.plain_words(text) for text in texts]
    known = sorted({word for words in every for word in words})
    read = vocabulary(known)
    number = {word: place for place, word in enumerate(known)}
    for text, words in zip(texts, every, strict=True):
        assert read.read(text, Characters.plain_words).tolist() == [number[word] for word in words]
    assert read.read("nothing-known-here", Characters.plain_words).tolist() == [-1, -1, -1]


def test_texts_beyond_ascii_are_split_by_python(kernels):
    assert vocabulary(["été", "a"]).read("A Été x", Characters.plain_words).tolist() == [1, 0, -1]


def test_a_word_that_is_there_twice_is_refused(tmp_path, kernels):
    tree = small.words_network()
    tree["reader"]["vocabulary"] = small.strings("a", "b", "a")
    with pytest.raises(ModelError, match="a word is in it twice"):
        Model.load(small.write(tmp_path, tree))


def test_ranked_words_are_those_of_keras(tmp_path, kernels):
    """Ids of the last words that are known, padded in front; too large or too small ones are the unknown word."""
    tree = small.binary(
        reader={
            "kind": "ranked words",
            "length": 4,
            "num_words": 7,
            "skip_top": 5,
            "vocabulary": small.strings(*"abcde"),
        },
        model={"kind": "network", "layers": small.ranked_layers(7)},
    )
    reader = Model.load(small.write(tmp_path, tree))._engine._reader
    texts = ["", "a", "c x b", "b c d e c", "e b b b", "x" * 9]
    ((_, steps),) = reader.batches(texts)
    wanted = [[0, 0, 0, 2], [0, 0, 2, 2], [0, 2, 6, 5], [6, 2, 2, 6], [2, 5, 5, 5], [0, 0, 0, 2]]
    assert steps.tokens.tolist() == wanted


def test_what_computes_is_told(kernels):
    assert native.explain().startswith("native" if kernels == "native" else "NumPy")

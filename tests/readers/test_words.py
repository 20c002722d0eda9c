from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tokenizers.word_forms import forms_of, window_features
from unspool.errors import UserError
from unspool.readers import StepReader, WordReader, load_reader

TEXTS = [("The", "film"), ("the", "plot", "the"), ("film",)]


def test_words_that_recur_have_ids_by_frequency():
    reader = WordReader.fit(TEXTS)
    assert reader.words == ("the", "film")
    assert (reader.inputs.size, reader.inputs.forms) == (6, 8)
    found = reader.read([("THE", "plot", "film"), (), ("film",)])
    assert (found.flat[:, 0].tolist(), found.lengths.tolist()) == ([4, 2, 5, 5], [3, 0, 1])
    assert not found.flat[:, 1:].any()
    assert reader.tokens(found[0]) == ["the", "<unknown>", "film"]
    assert WordReader.fit(TEXTS, size=5).words == ("the",)
    assert WordReader.fit([]).words == ()
    assert WordReader.fit([]).read([(), ()]).flat.shape == (0, 8)


def test_a_word_is_known_by_what_it_has_in_common_with_five_others():
    verbs = [f"{letter}{other}ing" for letter in "abcd" for other in "vwxyz"]
    reader = WordReader.fit([("Rome", "Riga", "Bari", "Cork", "Kiev", "x9", "y9", *verbs)])
    assert reader.words == ("<x>", "…g", "…ing", "…ng", "b…", "c…", "<Xx>", "a…", "d…")
    assert reader.read([("Bonn", "swing", "9")]).flat.tolist() == [
        [2, 10, 0, 0, 0, 8, 0, 0],
        [2, 4, 5, 7, 6, 0, 0, 0],
        [2, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert reader.tokens(reader.read([("Bonn", "swing", "9")])[0]) == ["<Xx>", "<x>…ing", "<unknown>"]


words = st.lists(st.lists(st.text("aB9-é…", max_size=4), max_size=6), max_size=6)


@given(words)
def test_a_word_has_the_ids_of_those_of_its_forms_that_are_known(texts):
    reader = WordReader.fit(texts)
    counts = Counter(word.lower() for text in texts for word in text)
    found = reader.read(texts)
    assert found.lengths.tolist() == [len(text) for text in texts]
    for word, ids in zip((word for text in texts for word in text), found.flat.tolist(), strict=True):
        named = [reader.words[one - 4] if one > 3 else "" for one in ids]
        assert all(name in ("", form) for name, form in zip(named, forms_of(word), strict=True))
        assert ids[0] != 0
        if word and "…" not in word:
            assert (named[0] == word.lower()) == (counts[word.lower()] > 1)


def test_steps_are_standardised():
    reader = StepReader.fit(np.array([[1.0, 5.0], [3.0, 5.0]]), ["x", "y"])
    found = reader.read_series([np.array([[3.0, 6.0]]), np.array([[1.0, 5.0], [2.0, 5.0]])])
    assert found.tolist() == [[[1.0, 1.0]], [[-1.0, 0.0], [0.0, 0.0]]]


@pytest.mark.parametrize("reader", [WordReader(("a", "b")), StepReader(("x",), (1.0,), (2.0,))])
def test_a_reader_is_kept(tmp_path, reader):
    reader.save(tmp_path)
    assert load_reader(tmp_path) == reader
    assert "any length" in reader.described


@pytest.mark.parametrize("words", ['["a", "a"]', "[1]", '"ab"'])
def test_a_reader_that_was_altered(tmp_path, words):
    WordReader(("a",)).save(tmp_path)
    path = tmp_path / "reader.json"
    kept = path.read_text()
    assert '"a"' in kept
    import json

    path.write_text(json.dumps(json.loads(kept) | {"words": json.loads(words)}))
    with pytest.raises(UserError, match=r"reader\.json"):
        load_reader(tmp_path)


def test_features_distinguish_neighbours_from_the_word_itself():
    first, second = window_features(("Ada", "42"))
    assert {"0ada", "1<Xx>", "3…da", "5a…", "b", "c42", "f<9>", "h", "i ada", "jada 42"} < set(first)
    assert {"042", "1<9>", "bada", "c", "e<Xx>", "g…ada", "iada 42", "j42 "} < set(second)
    assert window_features(()) == []


def test_letters_are_known_by_those_around_them():
    first, second = (set(row) for row in window_features((*"Ol",)))
    assert {"0o", "k4o", "k4ol", "k4ol  ", "k5l", "k0    ", "k3 ol "} < first
    assert {"k3o", "k3ol", "k4l", "k4l   ", "k1  ol"} < second
    for words in (("ol", "x"), ("İ", "a")):  # the second has two characters in lower case
        assert not any(feature.startswith("k") for row in window_features(words) for feature in row)


def test_words_are_spelled_as_they_are_read():
    reader = WordReader(("ada", "wrote", "nasa", "iphone", "<x>", "<Xx>", "<X>", "<xX>"))
    text = ["Ada", "wrote", "NASA", "ada", "ADA", "iPhone", "Bonn"]
    assert reader.spelled(reader.read([text])[0]) == [*text[:5], "iphone", "<Xx>"]

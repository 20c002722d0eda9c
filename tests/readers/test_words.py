from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tokenizers.word_forms import forms_of
from unspool.errors import UserError
from unspool.readers import StepReader, WordReader, load_reader

TEXTS = [("The", "film"), ("the", "plot", "the"), ("film",)]


def test_words_that_recur_have_ids_by_frequency():
    reader = WordReader.fit(TEXTS)
    assert reader.words == ("the", "film")
    assert reader.inputs.size == 6
    assert reader.read([("THE", "plot", "film"), ("film",)]).tolist() == [[4, 2, 5], [5]]
    assert reader.tokens([4, 2, 5]) == ["the", "<unknown>", "film"]
    assert WordReader.fit(TEXTS, size=5).words == ("the",)
    assert WordReader.fit([]).words == ()


def test_rare_words_are_known_by_their_spelling():
    verbs = [f"{letter}{other}ing" for letter in "abcd" for other in "vwxyz"]
    reader = WordReader.fit([("Berlin", "Dublin", "sung", "sang", "x9", "y9", "--", *verbs)])
    assert reader.words == ("<x>ing", "<Xx>", "<x9>", "<x>")
    known = reader.tokens(reader.read([("Oslo", "running", "Running", "rung", "z10", "USA", "...")])[0])
    assert known == ["<Xx>", "<x>ing", "<Xx>", "<x>", "<x9>", "<unknown>", "<unknown>"]


words = st.lists(st.lists(st.text("aB9-é", max_size=4), max_size=6), max_size=6)


@given(words)
def test_words_that_recur_stand_for_themselves_and_others_for_a_form_of_theirs(texts):
    reader = WordReader.fit(texts)
    counts = Counter(word.lower() for text in texts for word in text)
    for text, ids in zip(texts, reader.read(texts).tolist(), strict=True):
        for word, name in zip(text, reader.tokens(ids), strict=True):
            assert name in (*forms_of(word), "<unknown>")
            assert counts[word.lower()] < 2 or name == word.lower()


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

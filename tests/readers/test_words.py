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


def test_words_are_told_apart_by_their_case_if_both_recur():
    reader = WordReader.fit([("May", "may", "Will")] * 2 + [("MAY", "Bill")])
    known = reader.tokens(reader.read([("May", "may", "MAY", "will", "WILL", "Bill")])[0])
    assert known == ["May", "may", "may", "<unknown>", "<unknown>", "<unknown>"]


def test_rare_words_are_known_by_their_spelling():
    reader = WordReader.fit([("Berlin", "Dublin", "running", "singing", "sung", "x9", "y9", "--")])
    assert sorted(reader.words) == ["<Xx>lin", "<x9>9", "<x>ing"]
    known = reader.tokens(reader.read([("Merlin", "merlin", "Paris", "swimming", "rang", "z9", "...")])[0])
    assert known == ["<Xx>lin", "<unknown>", "<unknown>", "<x>ing", "<unknown>", "<x9>9", "<unknown>"]


words = st.lists(st.lists(st.text("aB9-é", max_size=4), max_size=6), max_size=6)


@given(words)
def test_each_form_stands_for_words_of_training_and_each_recurring_word_for_itself(texts):
    reader = WordReader.fit(texts)
    read = reader.read(texts).tolist()
    assert set(reader.tokens(range(4, reader.inputs.size))) == set(reader.words)
    counts = Counter(word for text in texts for word in text)
    for text, ids in zip(texts, read, strict=True):
        for word, name in zip(text, reader.tokens(ids), strict=True):
            assert name in (*forms_of(word), "<unknown>")
            assert counts[word] < 2 or name == word


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

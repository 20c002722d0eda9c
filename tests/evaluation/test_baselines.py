"""The baselines: what they learn, how their threshold is picked, and the cache."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

from unspool.data.tokens import tokenize
from unspool.errors import UserError
from unspool.evaluation.baselines import fit_baselines
from unspool.evaluation.curves import youden_threshold
from unspool.evaluation.linear import most_frequent

WORDS = ["the", "cat", "saw", "a", "bird", "in", "our", "garden", "while", "it", "was", "still", "asleep"]


def _reviews(count, seed=0):
    """A good or a bad word among indifferent ones."""
    draw = random.Random(seed)
    labels = np.array([draw.randint(0, 1) for _ in range(count)])
    texts = [
        " ".join([*draw.sample(WORDS, 6), draw.choice(("fine", "great") if label else ("dull", "poor"))])
        for label in labels
    ]
    return texts, labels


def _pairs(count, seed=0):
    """The same two words in one order or the other: no word alone tells the label."""
    draw = random.Random(seed)
    labels = np.array([draw.randint(0, 1) for _ in range(count)])
    return [f"{draw.choice(WORDS)} {'green tea' if label else 'tea green'}" for label in labels], labels


def _fit(parts, **options):
    (train, validation, test) = parts
    return fit_baselines(*train, *validation, *test, tokenize=tokenize, resamples=50, **options)


def test_words_and_pairs_of_words_are_learned():
    for make in (_reviews, _pairs):
        _, linear = _fit([make(400, 1), make(100, 2), make(100, 3)])
        assert linear.name == "tfidf-logistic-regression"
        assert linear.scores.accuracy.value == 1
        assert linear.probabilities.shape == (100,)
        assert linear.seconds > 0


def test_of_many_texts_some_are_drawn_and_that_is_told(monkeypatch):
    parts = [_reviews(400, 1), _reviews(100, 2), _reviews(100, 3)]
    _, whole = _fit(parts)
    assert "fitted on" not in whole.title
    monkeypatch.setattr("unspool.evaluation.tfidf.MOST_TEXTS", 150)
    monkeypatch.setattr("unspool.evaluation.tfidf._CHUNK", 30)
    _, linear = _fit([(lambda texts=texts: iter(texts), labels) for texts, labels in parts])
    assert linear.title == whole.title + ", fitted on 150 of 400 training texts"
    assert linear.scores.accuracy.value == 1
    assert linear.probabilities.shape == (100,)
    assert not np.array_equal(linear.probabilities, whole.probabilities)


def test_what_is_said_of_texts_does_not_depend_on_how_many_are_read_at_once(monkeypatch):
    parts = [_reviews(400, 1), _reviews(100, 2), _reviews(100, 3)]
    _, whole = _fit(parts)
    monkeypatch.setattr("unspool.evaluation.tfidf._CHUNK", 7)
    _, in_parts = _fit(parts)
    np.testing.assert_array_equal(in_parts.probabilities, whole.probabilities)


def test_texts_of_which_no_two_share_a_word_have_a_baseline_all_the_same():
    names = [f"name{number}" for number in range(1_000)]
    _, linear = _fit([(names, np.arange(1_000) % 2), PARTS[1], PARTS[2]])
    assert linear.scores.auc.value == 0.5


def test_texts_that_tell_nothing_are_not_learned():
    texts, _ = _reviews(400, 1)
    _, linear = _fit([(texts, np.random.default_rng(0).integers(0, 2, 400)), _reviews(100, 2), _reviews(300, 3)])
    assert 0.35 < linear.scores.auc.value < 0.65


def test_html_breaks_are_not_words():
    texts, labels = _reviews(100, 1)
    broken = [f"{text}<br /><br />" if label else text for text, label in zip(texts, labels, strict=True)]
    _, plain = _fit([(texts, labels), (texts, labels), (texts, labels)])
    _, found = _fit([(broken, labels), (broken, labels), (texts, labels)])
    np.testing.assert_array_equal(found.probabilities, plain.probabilities)


def test_the_threshold_comes_from_the_validation_examples():
    train, validation, test = _reviews(60, 1), _reviews(80, 2), _reviews(90, 3)
    _, fitted = _fit([train, validation, test])
    _, on_validation = _fit([train, validation, validation])
    assert fitted.scores.threshold == youden_threshold(validation[1], on_validation.probabilities)


@pytest.mark.parametrize(("train", "answers"), [([1, 1, 0], [1, 1]), ([0, 0, 1], [0, 0]), ([0, 1], [1, 1])])
def test_the_majority_class(train, answers):
    fitted = most_frequent("binary", np.array(train), np.array([0, 1]), 2, 2)
    assert (fitted.outputs >= fitted.threshold).tolist() == [bool(answer) for answer in answers]


def test_the_majority_class_is_scored_as_a_model_is():
    majority, _ = _fit([(["good", "good", "bad"], [1, 1, 0]), *PARTS[1:]])
    share = PARTS[2][1].mean()
    assert (majority.name, majority.scores.accuracy.value, majority.scores.auc.value) == ("majority-class", share, 0.5)


def _never():
    raise AssertionError("the texts were read")


PARTS = [_reviews(60, 1), _reviews(40, 2), _reviews(50, 3)]
UNREAD = [(_never, labels) for _, labels in PARTS]


def test_what_is_cached_needs_no_text_and_is_the_same(tmp_path):
    first = _fit([(lambda texts=texts: texts, labels) for texts, labels in PARTS], cache_folder=tmp_path / "a", key="d")
    second = _fit(UNREAD, cache_folder=tmp_path / "a", key="d")
    for before, after in zip(first, second, strict=True):
        assert after.scores == before.scores
        assert after.seconds == before.seconds
        np.testing.assert_array_equal(after.probabilities, before.probabilities)
    assert [path.suffix for path in (tmp_path / "a").iterdir()] == [".npz"]


def test_other_data_or_other_labels_are_not_taken_from_the_cache(tmp_path):
    _fit(PARTS, cache_folder=tmp_path, key="d")
    with pytest.raises(AssertionError, match="were read"):
        _fit(UNREAD, cache_folder=tmp_path, key="e")
    with pytest.raises(AssertionError, match="were read"):
        _fit([UNREAD[0], UNREAD[1], (_never, 1 - PARTS[2][1])], cache_folder=tmp_path, key="d")


def test_a_damaged_cache_is_computed_again(tmp_path):
    expected = _fit(PARTS, cache_folder=tmp_path, key="d")[1]
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-100])
    again = _fit(PARTS, cache_folder=tmp_path, key="d")[1]
    np.testing.assert_array_equal(again.probabilities, expected.probabilities)
    assert _fit(UNREAD, cache_folder=tmp_path, key="d")[1].scores == expected.scores  # and whole again on disk


def test_what_the_cache_holds_must_be_probabilities(tmp_path):
    expected = _fit(PARTS, cache_folder=tmp_path, key="d")[1]
    (path,) = tmp_path.iterdir()
    np.savez(path, outputs=np.full(50, 1.5), threshold=0.5, seconds=1.0)
    assert _fit(PARTS, cache_folder=tmp_path, key="d")[1].scores == expected.scores


def test_a_cache_that_cannot_be_written_costs_a_warning_not_the_run(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="not kept for the next run"):
        found = _fit(PARTS, cache_folder=tmp_path / "file" / "cache", key="d")
    assert found[1].scores.auc.value > 0.9


def test_a_cache_needs_a_key(tmp_path):
    with pytest.raises(ValueError, match="needs a key"):
        _fit(PARTS, cache_folder=tmp_path)


def test_what_the_user_got_wrong_is_told():
    with pytest.raises(UserError, match="finds no words"):
        _fit([(["", "..."], [0, 1]), *PARTS[1:]])
    with pytest.raises(UserError, match="59 texts but 60 labels"):
        _fit([(PARTS[0][0][1:], PARTS[0][1]), *PARTS[1:]])
    with pytest.raises(UserError, match="all 60 labels are 1"):
        _fit([(PARTS[0][0], np.ones(60)), *PARTS[1:]])


@pytest.mark.data
@pytest.mark.skipif("UNSPOOL_DATA" not in os.environ, reason="UNSPOOL_DATA names no folder of datasets")
def test_on_imdb_it_is_right_in_nine_of_ten():
    import tarfile

    parts = {"train": ([], []), "test": ([], [])}
    with tarfile.open(Path(os.environ["UNSPOOL_DATA"]) / "imdb" / "aclImdb_v1.tar.gz") as archive:
        for member in archive:
            place = member.name.split("/")
            if len(place) == 4 and place[1] in parts and place[2] in ("neg", "pos"):
                texts, labels = parts[place[1]]
                texts.append(archive.extractfile(member).read().decode())
                labels.append(int(place[2] == "pos"))
    train, test = parts["train"], parts["test"]
    held_out = np.arange(25_000) % 10 == 0
    texts, labels = np.array(train[0], dtype=object), np.array(train[1])
    _, fitted = _fit([(texts[~held_out], labels[~held_out]), (texts[held_out], labels[held_out]), test])
    assert 0.90 < fitted.scores.accuracy.value < 0.92

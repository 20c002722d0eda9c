"""The linear baselines: what they learn, how their threshold is picked, and the cache."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

from unspool.data.tokenizers.tokens import tokenize
from unspool.errors import UserError
from unspool.evaluation.baselines import tfidf
from unspool.evaluation.baselines.simple_models import RawPart, linear_baseline
from unspool.evaluation.curves import youden_threshold
from unspool.evaluation.result import Predictions
from unspool.tasks import Binary, Multiclass, Multilabel, Regression

BINARY = Binary(("bad", "good"))
INDIFFERENT = ["the", "cat", "saw", "a", "bird", "in", "our", "garden", "while", "it", "was", "still", "asleep"]


def _reviews(count, seed=0):
    """A good or a bad word among indifferent ones."""
    draw = random.Random(seed)
    labels = np.array([draw.randint(0, 1) for _ in range(count)])
    texts = [
        " ".join([*draw.sample(INDIFFERENT, 6), draw.choice(("fine", "great") if label else ("dull", "poor"))])
        for label in labels
    ]
    return texts, labels


def _pairs(count, seed=0):
    """The same two words in one order or the other: no word alone tells the label."""
    draw = random.Random(seed)
    labels = np.array([draw.randint(0, 1) for _ in range(count)])
    return [f"{draw.choice(INDIFFERENT)} {'green tea' if label else 'tea green'}" for label in labels], labels


def _part(texts, labels):
    return RawPart(texts if callable(texts) else lambda: texts, labels)


def _fit(parts, **options):
    return linear_baseline(BINARY, "text", *(_part(*part) for part in parts), **options)


def _scores(found, labels):
    return BINARY.scores(Predictions(labels, found.outputs), found.threshold, resamples=50)


PARTS = [_reviews(60, 1), _reviews(40, 2), _reviews(50, 3)]


@pytest.mark.parametrize("make", [_reviews, _pairs])
def test_words_and_pairs_of_words_are_learned(make):
    parts = [make(300, 1), make(60, 2), make(60, 3)]
    found = _fit(parts)
    assert _scores(found, parts[2][1])["accuracy"].value == 1
    assert found.outputs.shape == (60,)
    assert found.seconds > 0


def test_what_is_said_of_texts_does_not_depend_on_how_many_are_read_at_once(monkeypatch):
    whole = _fit(PARTS)
    monkeypatch.setattr(tfidf, "_CHUNK", 7)
    np.testing.assert_array_equal(_fit(PARTS).outputs, whole.outputs)


def test_texts_of_which_no_two_share_a_word_have_a_baseline_all_the_same():
    names = [f"name{number}" for number in range(1_000)]
    found = _fit([(names, np.arange(1_000) % 2), PARTS[1], PARTS[2]])
    assert _scores(found, PARTS[2][1])["auc"].value == 0.5


def test_texts_that_tell_nothing_are_not_learned():
    texts, _ = _reviews(400, 1)
    test = _reviews(300, 3)
    found = _fit([(texts, np.random.default_rng(0).integers(0, 2, 400)), _reviews(100, 2), test])
    assert 0.35 < _scores(found, test[1])["auc"].value < 0.65


def test_the_threshold_comes_from_the_validation_examples():
    train, validation, test = _reviews(60, 1), _reviews(80, 2), _reviews(90, 3)
    on_validation = _fit([train, validation, validation])
    assert _fit([train, validation, test]).threshold == youden_threshold(validation[1], on_validation.outputs)


def test_texts_without_words_are_told():
    with pytest.raises(UserError, match="finds no words"):
        _fit([(["", " "], np.array([0, 1])), *PARTS[1:]])


COLOURS = ("red", "green", "blue")
CLASSES = np.arange(90) % 3
LABELS = np.stack([CLASSES == 0, CLASSES != 2], axis=1).astype("float32")
CASES = [  # task, targets, the shape of what is said
    pytest.param(BINARY, CLASSES % 2, (90,), id="binary"),
    pytest.param(Multiclass(COLOURS), CLASSES, (90, 3), id="multiclass"),
    pytest.param(Multilabel(("a", "b")), LABELS, (90, 2), id="multilabel"),
    pytest.param(Regression(), 100.0 + CLASSES, (90,), id="regression"),
]


def _inputs(kind):
    """Texts or series that tell the class, and of the number whether it is odd."""
    if kind == "text":
        return [f"it is {COLOURS[one]} and {'odd' if one % 2 else 'even'}" for one in CLASSES]
    noise = np.random.default_rng(0).normal(size=(90, 6, 2))
    return np.stack([CLASSES == 0, CLASSES], axis=1)[:, np.newaxis] * 9.0 + noise


@pytest.mark.parametrize("kind", ["text", "series"])
@pytest.mark.parametrize(("task", "targets", "shape"), CASES)
def test_what_is_plain_to_see_is_learned(task, targets, shape, kind):
    part = RawPart(lambda: _inputs(kind), targets)
    found = linear_baseline(task, kind, part, part, part)
    assert found.outputs.shape == shape
    if task.name == "regression":
        assert np.abs(found.outputs - targets).max() < 0.6
    else:
        assert task.decide(found.outputs, found.threshold)[0] == task.decode(targets)


@pytest.mark.parametrize(("task", "targets", "shape"), CASES)
def test_of_many_texts_some_are_drawn_and_that_is_told(task, targets, shape, monkeypatch):
    part = RawPart(lambda: iter(_inputs("text")), targets)
    whole = linear_baseline(task, "text", part, part, part)
    monkeypatch.setattr(tfidf, "MOST_TEXTS", 60)
    monkeypatch.setattr(tfidf, "_CHUNK", 25)
    found = linear_baseline(task, "text", part, part, part)
    assert found.title == whole.title + ", fitted on 60 of 90 training texts"
    assert found.outputs.shape == shape
    assert not np.array_equal(found.outputs, whole.outputs)


def test_a_label_that_is_not_among_the_drawn_texts_is_no_error(monkeypatch):
    monkeypatch.setattr(tfidf, "MOST_TEXTS", 30)
    rare = np.isin(np.arange(90), np.setdiff1d(np.arange(90), tfidf.drawn(90))[:2]).astype(int)
    part = RawPart(lambda: _inputs("text"), rare)
    assert not linear_baseline(BINARY, "text", part, part, part).outputs.any()


@pytest.mark.parametrize(
    ("task", "kind", "name", "title"),
    [
        (
            Regression(),
            "series",
            "summary-ridge-regression",
            "ridge regression over summary statistics of each channel",
        ),
        (
            BINARY,
            "text",
            "tfidf-logistic-regression",
            "TF-IDF logistic regression over words and pairs of words",
        ),
    ],
)
def test_names_say_what_it_is(task, kind, name, title):
    part = RawPart(lambda: _inputs(kind), CLASSES % 2)
    found = linear_baseline(task, kind, part, part, part)
    assert (found.name, found.title) == (name, title)


def _never():
    raise AssertionError("the texts were read")


UNREAD = [(_never, labels) for _, labels in PARTS]


def test_what_is_cached_needs_no_text_and_is_the_same(tmp_path):
    first = _fit(PARTS, cache_folder=tmp_path / "a", key="d")
    second = _fit(UNREAD, cache_folder=tmp_path / "a", key="d")
    assert (second.name, second.title, second.threshold) == (first.name, first.title, first.threshold)
    assert second.seconds == first.seconds
    np.testing.assert_array_equal(second.outputs, first.outputs)
    assert [path.suffix for path in (tmp_path / "a").iterdir()] == [".npz"]


def test_no_threshold_is_cached_as_none(tmp_path):
    part = RawPart(lambda: _inputs("series"), CLASSES)
    for _ in range(2):
        found = linear_baseline(Multiclass(COLOURS), "series", part, part, part, cache_folder=tmp_path, key="a")
        assert found.threshold is None


def test_nothing_else_is_taken_from_the_cache(tmp_path):
    _fit(PARTS, cache_folder=tmp_path, key="d")
    unread = [RawPart(_never, labels) for _, labels in PARTS]
    others = [RawPart(_never, 1 - labels) for _, labels in PARTS]
    for task, parts, key in [
        (BINARY, unread, "e"),
        (BINARY, [*unread[:2], others[2]], "d"),
        (BINARY, [unread[0], others[1], unread[2]], "d"),
        (Multiclass(BINARY.names), unread, "d"),
    ]:
        with pytest.raises(AssertionError, match="were read"):
            linear_baseline(task, "text", *parts, cache_folder=tmp_path, key=key)


def test_a_damaged_cache_is_computed_again(tmp_path):
    expected = _fit(PARTS, cache_folder=tmp_path, key="d")
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-100])
    np.testing.assert_array_equal(_fit(PARTS, cache_folder=tmp_path, key="d").outputs, expected.outputs)
    again = _fit(UNREAD, cache_folder=tmp_path, key="d")  # and whole again on disk
    np.testing.assert_array_equal(again.outputs, expected.outputs)


@pytest.mark.parametrize("outputs", [np.full(50, 1.5), np.full(50, -0.5), np.full(49, 0.5)])
def test_what_the_cache_holds_must_be_a_probability_for_each_example(tmp_path, outputs):
    expected = _fit(PARTS, cache_folder=tmp_path, key="d")
    (path,) = tmp_path.iterdir()
    np.savez(path, outputs=outputs, threshold=0.5, seconds=1.0)
    np.testing.assert_array_equal(_fit(PARTS, cache_folder=tmp_path, key="d").outputs, expected.outputs)


def test_numbers_from_the_cache_may_be_of_any_size(tmp_path):
    part = RawPart(lambda: _inputs("series"), 100.0 + CLASSES)
    first = linear_baseline(Regression(), "series", part, part, part, cache_folder=tmp_path, key="d")
    unread = RawPart(_never, part.targets)
    again = linear_baseline(Regression(), "series", unread, unread, unread, cache_folder=tmp_path, key="d")
    np.testing.assert_array_equal(again.outputs, first.outputs)


def test_a_cache_that_cannot_be_written_costs_a_warning_not_the_run(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="not kept for the next run"):
        found = _fit(PARTS, cache_folder=tmp_path / "file" / "cache", key="d")
    assert _scores(found, PARTS[2][1])["auc"].value > 0.9


def test_a_cache_needs_a_key(tmp_path):
    with pytest.raises(ValueError, match="needs a key"):
        _fit(PARTS, cache_folder=tmp_path)


@pytest.mark.soak
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
                texts.append(" ".join(tokenize(archive.extractfile(member).read().decode())))
                labels.append(int(place[2] == "pos"))
    train, test = parts["train"], parts["test"]
    held_out = np.arange(25_000) % 10 == 0
    texts, labels = np.array(train[0], dtype=object), np.array(train[1])
    found = _fit(
        [(texts[~held_out], labels[~held_out]), (texts[held_out], labels[held_out]), (test[0], np.array(test[1]))]
    )
    assert 0.90 < _scores(found, np.array(test[1]))["accuracy"].value < 0.92


def test_what_it_reaches_is_measured_on_the_parts_that_other_models_are_measured_on():
    (texts, labels), validation, test = PARTS
    wrong = (validation[0], 1 - validation[1])  # on these nothing could be reached
    rest, held = np.arange(40), np.arange(40, 60)
    learned = _part(texts, labels)
    found = linear_baseline(BINARY, "text", learned, _part(*wrong), _part(*test), learned=learned, parts=[(rest, held)])
    alone = _fit([(texts[:40], labels[:40]), (texts[40:], labels[40:]), test])
    assert found.held_out == alone.held_out > 0.9
    assert _fit([PARTS[0], wrong, test]).held_out < 0.9
    with pytest.raises(ValueError, match="parts"):
        linear_baseline(BINARY, "text", learned, learned, learned, parts=[(rest, held)])

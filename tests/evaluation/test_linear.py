import numpy as np
import pytest

from unspool.evaluation import tfidf
from unspool.evaluation.linear import Part, linear_model, most_frequent, pick_threshold

WORDS = ("red", "green", "blue")
CLASSES = np.arange(90) % 3
LABELS = np.stack([CLASSES == 0, CLASSES != 2], axis=1).astype("float32")
TARGETS = {"binary": CLASSES % 2, "multiclass": CLASSES, "multilabel": LABELS, "regression": 100.0 + CLASSES}
OUTPUTS = {"binary": (90,), "multiclass": (90, 3), "multilabel": (90, 2), "regression": (90,)}


def inputs(kind):
    """Texts or series that tell the class, and of the number whether it is odd."""
    if kind == "text":
        return [f"it is {WORDS[one]} and {'odd' if one % 2 else 'even'}" for one in CLASSES]
    noise = np.random.default_rng(0).normal(size=(90, 6, 2))
    return np.stack([CLASSES == 0, CLASSES], axis=1)[:, np.newaxis] * 9.0 + noise


@pytest.mark.parametrize("kind", ["text", "series"])
@pytest.mark.parametrize("task", TARGETS)
def test_what_is_plain_to_see_is_learned(task, kind):
    part = Part(lambda: inputs(kind), TARGETS[task])
    classes = 2 if task == "multilabel" else 3
    found = linear_model(task, kind, part, part, part, classes)
    assert found.outputs.shape == OUTPUTS[task]
    if task == "regression":
        assert np.abs(found.outputs - TARGETS[task]).max() < 0.6
    elif task == "multiclass":
        np.testing.assert_array_equal(found.outputs.argmax(axis=1), CLASSES)
        np.testing.assert_allclose(found.outputs.sum(axis=1), 1)
    else:
        np.testing.assert_array_equal(found.outputs >= found.threshold, TARGETS[task])


@pytest.mark.parametrize("task", TARGETS)
def test_of_many_texts_some_are_drawn_and_that_is_told(task, monkeypatch):
    monkeypatch.setattr("unspool.evaluation.tfidf.MOST_TEXTS", 60)
    monkeypatch.setattr("unspool.evaluation.tfidf._CHUNK", 25)
    part = Part(lambda: iter(inputs("text")), TARGETS[task])
    found = linear_model(task, "text", part, part, part, 2 if task == "multilabel" else 3)
    assert found.title.endswith(", fitted on 60 of 90 training texts")
    assert found.outputs.shape == OUTPUTS[task]


def test_a_label_that_is_not_among_the_drawn_texts_is_no_error(monkeypatch):
    monkeypatch.setattr("unspool.evaluation.tfidf.MOST_TEXTS", 30)
    rows = np.setdiff1d(np.arange(90), tfidf.drawn(90))[:2]
    rare = np.isin(np.arange(90), rows).astype(int)
    part = Part(lambda: inputs("text"), rare)
    assert not linear_model("binary", "text", part, part, part, 2).outputs.any()


def test_names_say_what_it_is():
    part = Part(lambda: inputs("series"), TARGETS["regression"])
    found = linear_model("regression", "series", part, part, part, 0)
    assert found.name == "summary-ridge-regression"
    assert found.title == "ridge regression over summary statistics of each channel"


def test_a_class_or_label_that_training_lacks_keeps_its_place():
    some = np.flatnonzero(CLASSES != 1)
    part, all_parts = Part(lambda: inputs("series")[some], CLASSES[some]), Part(lambda: inputs("series"), CLASSES)
    assert not linear_model("multiclass", "series", part, part, all_parts, 3).outputs[:, 1].any()
    never = Part(lambda: inputs("series"), np.zeros((90, 1)))
    assert not linear_model("multilabel", "series", never, never, never, 1).outputs.any()


def test_what_was_fitted_is_kept_and_nothing_is_read_again(tmp_path):
    def once():
        asked.append(1)
        return inputs("series")

    asked = []
    part = Part(once, CLASSES)
    first = linear_model("multiclass", "series", part, part, part, 3, cache_folder=tmp_path, key="a")
    read = len(asked)
    again = linear_model("multiclass", "series", part, part, part, 3, cache_folder=tmp_path, key="a")
    assert 0 < read == len(asked)
    np.testing.assert_array_equal(first.outputs, again.outputs)
    assert first.seconds == again.seconds
    linear_model("multiclass", "series", part, part, part, 3, cache_folder=tmp_path, key="b")
    assert len(asked) == 2 * read


@pytest.mark.parametrize(
    ("task", "expected"), [("binary", 30 / 90), ("multilabel", [1 / 3, 2 / 3]), ("regression", 101.0)]
)
def test_the_most_frequent_is_said_of_every_example(task, expected):
    found = most_frequent(task, TARGETS[task], TARGETS[task], 2, 2)
    np.testing.assert_allclose(found.outputs, [expected, expected], rtol=1e-6)
    if task == "multilabel":
        assert found.threshold == pytest.approx(0.5)


def test_a_threshold_is_picked_where_there_is_a_choice():
    outputs = np.where(LABELS == 1, 0.2, 0.1)
    assert pick_threshold("multilabel", LABELS, outputs) == pytest.approx(0.15)
    assert pick_threshold("binary", LABELS[:, 0], outputs[:, 0]) == pytest.approx(0.15)
    assert pick_threshold("multiclass", CLASSES, outputs) == 0.5

import keras
import numpy as np
import pytest

import unspool
from unspool.data.ragged import Ragged
from unspool.descriptions.inputs import Tokens
from unspool.descriptions.networks import Tagger
from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.result import Predictions
from unspool.tasks import Tagging, find_task, load_task, task_named
from unspool.tasks.registry import measures_named

TASK = Tagging(("noun", "verb"))
SPANS = Tagging(("B-place", "I-place", "O"))


def test_tags_come_back_as_often_as_they_stand_there():
    labels = [("verb", "noun", "noun"), ("noun",)]
    task = find_task(labels, "tagging")
    assert task == TASK
    targets = task.encode([["verb", "noun", "noun"], ["noun"]])
    assert targets.tolist() == [[1, 0, 0], [0]]
    assert task.truth(targets).tolist() == [[1, 0, 0], [0, -1, -1]]
    assert task.decode(targets) == task.decode(task.truth(targets)) == labels


@pytest.mark.parametrize("words", [True, False])
def test_series_are_compared_with_a_forest_too(words):
    rows = np.arange(60).reshape(10, 6) % 2
    examples = [tuple("xy"[tag] for tag in row) if words else row[:, None].astype(np.float32) for row in rows]
    part = RawPart(lambda: examples, rows)
    found = TASK.simple_models(RawParts(part, part, part, TASK.measures["accuracy"]))
    names = ["most-frequent-tag", "window-regression", "window-forest"]
    assert [one.name for one in found] == names[: 2 if words else 3]


def test_an_answer_is_the_most_probable_tag_of_each_step():
    outputs = TASK.answers(Ragged.from_arrays([np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([[0.6, 0.4]])]))
    assert outputs.shape == (2, 2, 2)
    labels, probabilities = TASK.decide(outputs, None)
    assert labels == [("verb", "noun"), ("noun",)]
    assert probabilities == [pytest.approx([0.8, 0.9]), pytest.approx([0.6])]
    assert TASK.cells(labels[1], probabilities[1]) == (["noun"], [0.6])


def test_padding_is_not_scored():
    targets = np.array([[0, 1, 1], [0, -1, -1]])
    right = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]])
    scores = TASK.scores(Predictions(targets, right), None, resamples=100)
    assert list(scores.figures) == ["accuracy", "macro_f1"]
    assert scores["accuracy"].value == 0.75
    assert scores.examples == 2


def test_tags_that_mark_spans_are_scored_as_spans():
    targets = SPANS.truth(SPANS.encode([("B-place", "I-place", "O"), ("O", "B-place")]))
    outputs = np.eye(3)[np.maximum(targets, 0)] * (targets >= 0)[:, :, np.newaxis]
    assert SPANS.scores(Predictions(targets, outputs), None, resamples=100)["span_f1"].value == 1.0
    outputs[0, 1] = [0.0, 0.0, 1.0]  # one of the two spans ends too early: of 2 + 2 spans 1 is found
    assert SPANS.scores(Predictions(targets, outputs), None, resamples=100)["span_f1"].value == 0.5


def test_a_trained_model_tags_texts_of_different_lengths():
    ids = Ragged.from_sequences([[4, 5, 4], [5], [4, 4]] * 10)
    targets = TASK.encode([["noun", "verb", "noun"], ["verb"], ["noun", "noun"]] * 10)
    keras.utils.set_random_seed(0)
    description = Tagger(units=4, embedding=4, input_dropout=0.0, output_dropout=0.0)
    network = TASK.build(description, Tokens(size=6))
    assert network.output_shape == (None, None, 2)
    TASK.compile(network, description, keras.optimizers.Adam(0.1))
    unspool.fit(network, *TASK.examples(ids, targets, False), epochs=6, batch_size=10, verbose=0)
    assert TASK.decide(TASK.predict(network, ids.take([0, 1])), None)[0] == [("noun", "verb", "noun"), ("verb",)]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["noun", "verb"], "asks for a list of tags for each example, but a label is 'noun'"),
        ([("noun", "noun"), ("noun",)], "Nothing can be learned from one tag: all are 'noun'"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(labels, message):
    with pytest.raises(UserError, match=message):
        find_task(labels, "tagging")


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("noun", "Label 1: there is one label, and a list of tags was expected"),
        (["noun", None], "Label 1, step 2: the label is missing"),
        (["noun", "adverb"], r"Label 1: the tag 'adverb' does not occur in training \(known: noun, verb\)"),
    ],
)
def test_what_cannot_be_encoded_is_refused(label, message):
    with pytest.raises(UserError, match=message):
        TASK.encode([label])


def test_a_report_shows_the_beginning_of_some_examples():
    targets = np.zeros((20, 70), dtype=np.int64)
    outputs = np.tile([0.3, 0.7], (20, 70, 1))
    found = TASK.tagged([tuple(f"w{step}" for step in range(70))] * 20, Predictions(targets, outputs))
    assert len(found) == 8
    assert found[0].tokens == tuple(f"w{step}" for step in range(60))
    assert set(found[0].truth) == {"noun"}
    assert set(found[0].predicted) == {"verb"}


def test_a_single_example_cannot_be_scored():
    with pytest.raises(UserError, match="only 1 test example"):
        TASK.check(np.zeros((1, 3)), "test")


def test_it_is_kept(tmp_path):
    TASK.save(tmp_path / "labels.json")
    assert load_task(tmp_path / "labels.json") == TASK
    assert task_named("tagging") is Tagging
    assert list(measures_named("tagging", ["accuracy", "span_f1"])) == ["accuracy", "span_f1"]


def test_scores_of_a_single_tag_bring_a_caution():
    said = "All 3 scored tags are verb: the scores do not show whether the model tells tags apart."
    assert TASK.caution(Predictions(np.array([[1, 1], [1, -1]]), np.zeros((2, 2, 2))), None) == said
    assert TASK.caution(Predictions(np.array([[1, 1], [0, -1]]), np.zeros((2, 2, 2))), None) == ""

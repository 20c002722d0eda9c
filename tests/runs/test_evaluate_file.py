"""A trained model on labelled files: scores, over what it was not trained on."""

import json
from dataclasses import replace
from unittest.mock import Mock

import keras
import pytest

from unspool.errors import UserError
from unspool.readers import WordReader
from unspool.runs import evaluate_file as evaluating
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.seen import load_seen
from unspool.tasks import Multilabel

from .reviews import write_reviews


def evaluate_file(model, path, **options):
    return evaluating.evaluate_file(model, model.reader, path, **options)


def test_a_file_of_an_unknown_format_comes_with_advice_for_users_of_a_model(tmp_path):
    path = tmp_path / "plain.ods"
    path.write_text("Ada wrote\n")
    with pytest.raises(UserError, match=r"a table ends in one of .* Save the sheet as CSV in UTF-8\.$"):
        evaluating.evaluate_file(Mock(), Mock(spec=WordReader), path)


class Both(keras.layers.Layer):
    """Gives each of two labels, whatever it reads."""

    def call(self, ids):
        return keras.ops.ones((keras.ops.shape(ids)[0], 2))


def test_a_labelled_file_is_scored(model_of_reviews, tmp_path):
    found = evaluate_file(model_of_reviews, write_reviews(tmp_path / "new.csv", rows=60, seed=4))
    assert found.rows == found.scores.examples == 60
    assert found.scores.threshold == model_of_reviews.threshold
    assert found.scores["auc"].value > 0.95


def test_rows_that_were_trained_on_are_left_out_and_counted(model_of_reviews, trained, reviews):
    seen = load_seen(trained[0])
    found = evaluate_file(model_of_reviews, reviews, seen=seen)
    result = trained[1]
    assert (found.rows, found.seen) == (20, 180)
    assert found.scores["accuracy"].value == pytest.approx(result.test["accuracy"].value)
    (note,) = found.notes
    assert note.startswith("The model was trained on 180 of the 200 examples")
    assert "the scores are over the other 20. To score all: --include-seen" in note
    whole = evaluate_file(model_of_reviews, reviews, seen=seen, include_seen=True)
    assert (whole.rows, whole.seen) == (200, 180)
    assert "flatter" in whole.notes[0]
    assert evaluate_file(model_of_reviews, reviews).notes == ()


def test_a_file_of_nothing_but_rows_that_were_trained_on_is_refused(model_of_reviews, trained, reviews, tmp_path):
    texts = list(read_file(FileSettings(path=str(reviews)), 0).examples.texts("training"))[:9]
    (tmp_path / "a.csv").write_text("\n".join(["review,sentiment", *(f"{text},pos" for text in texts)]))
    with pytest.raises(UserError, match=r"was trained on all 9 examples.*--include-seen"):
        evaluate_file(model_of_reviews, tmp_path / "a.csv", seen=load_seen(trained[0]))


def test_a_model_that_kept_no_fingerprints_says_so(model_of_reviews, tmp_path):
    path = write_reviews(tmp_path / "new.csv", rows=20, seed=4)
    (note,) = evaluate_file(model_of_reviews, path, seen=load_seen(tmp_path)).notes
    assert note.startswith("Which examples this model was trained on was not kept")


def test_labels_that_training_never_showed_stop_or_are_counted(model_of_reviews, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("review,sentiment\na fine film,pos\na dull film,neg\na film,so-so\n")
    with pytest.raises(UserError, match=r"row 3 .*column sentiment: the label 'so-so' does not occur in training"):
        evaluate_file(model_of_reviews, path)
    found = evaluate_file(model_of_reviews, path, on_error="skip")
    assert (found.rows, found.left_out) == (2, {"a label that does not occur in training": 1})


def test_one_group_is_scored_over_its_rows_and_that_is_said(model_of_reviews, tmp_path):
    path = write_reviews(tmp_path / "new.csv", rows=60, seed=4)
    alone = evaluate_file(model_of_reviews, path)
    lines = path.read_text().splitlines()
    header = f"{lines[0]},se\u0301rie"  # in training, \u00e9 is one character
    path.write_text("\n".join([header, *(f"{line},north" for line in lines[1:])]))
    grouped = replace(
        model_of_reviews,
        recipe=replace(model_of_reviews.recipe, data=replace(model_of_reviews.recipe.data, group="s\u00e9rie")),
    )
    found = evaluate_file(grouped, path)
    assert found.scores == alone.scores
    (note,) = found.notes
    assert note.startswith("All examples belong to one group")
    assert alone.notes == ()


def test_a_file_without_any_label_is_scored_by_what_is_defined(model_of_reviews, tmp_path):
    network = keras.Sequential([keras.Input((model_of_reviews.reader.length,)), Both()])
    several = replace(model_of_reviews, task=Multilabel(("neg", "pos")), network=network)
    path = tmp_path / "new.jsonl"
    path.write_text("".join(json.dumps({"review": f"a film {n}", "sentiment": []}) + "\n" for n in range(20)))
    found = evaluate_file(several, path)
    assert list(found.scores.figures) == ["subset_accuracy"]
    assert found.notes == (
        "On these examples there is no micro F1 and no macro F1 and no average precision: they are undefined.",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("review\na fine film\n", "has no column 'sentiment', which the model predicts"),
        ("review,sentiment\na fine film,pos\n", "new.csv: all 1 examples have the label pos: scores need both"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused(content, message, model_of_reviews, tmp_path):
    (tmp_path / "new.csv").write_text(content)
    with pytest.raises(UserError, match=message):
        evaluate_file(model_of_reviews, tmp_path / "new.csv")

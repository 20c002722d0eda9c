import json
from dataclasses import replace

import keras
import pytest

from unspool.data.labels import LabelCodec
from unspool.errors import UserError
from unspool.experiment.own.evaluation import evaluate_file

from .reviews import write_reviews


class Both(keras.layers.Layer):
    """Gives each of two labels, whatever it reads."""

    def call(self, ids):
        return keras.ops.ones((keras.ops.shape(ids)[0], 2))


def test_a_labelled_file_is_scored(own_model, tmp_path):
    found = evaluate_file(own_model, write_reviews(tmp_path / "new.csv", rows=60, seed=4))
    assert found.rows == found.scores.examples == 60
    assert found.scores.threshold == own_model.threshold
    assert found.scores.auc.value > 0.95


def test_labels_that_training_never_showed_stop_or_are_counted(own_model, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("review,sentiment\na fine film,pos\na dull film,neg\na film,so-so\n")
    with pytest.raises(UserError, match=r"row 3 .*column sentiment: training never shows the label 'so-so'"):
        evaluate_file(own_model, path)
    found = evaluate_file(own_model, path, on_error="skip")
    assert (found.rows, found.left_out) == (2, {"a label that training never shows": 1})


def test_one_group_is_scored_over_its_rows_and_that_is_said(own_model, tmp_path):
    path = write_reviews(tmp_path / "new.csv", rows=60, seed=4)
    alone = evaluate_file(own_model, path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{lines[0]},site", *(f"{line},north" for line in lines[1:])]))
    grouped = replace(own_model, recipe=replace(own_model.recipe, data=replace(own_model.recipe.data, group="site")))
    found = evaluate_file(grouped, path)
    assert found.scores == alone.scores
    (note,) = found.notes
    assert note.startswith("All examples belong to one group")
    assert alone.notes == ()


def test_a_file_without_any_label_is_scored_by_what_is_defined(own_model, tmp_path):
    codec = LabelCodec.fit([("neg",), ("pos",), ("neg", "pos")] * 9)
    several = replace(
        own_model, codec=codec, network=keras.Sequential([keras.Input((own_model.reader.length,)), Both()])
    )
    path = tmp_path / "new.jsonl"
    path.write_text("".join(json.dumps({"review": f"a film {n}", "sentiment": []}) + "\n" for n in range(20)))
    found = evaluate_file(several, path)
    assert list(found.scores.figures) == ["subset_accuracy"]
    assert found.notes == (
        "No example has any label, so that there is nothing to find: F1 and average precision are undefined.",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("review\na fine film\n", "has no column 'sentiment' for the label"),
        ("review,sentiment\na fine film,pos\n", "one class only|both"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused(content, message, own_model, tmp_path):
    (tmp_path / "new.csv").write_text(content)
    with pytest.raises(UserError, match=message):
        evaluate_file(own_model, tmp_path / "new.csv")

import pytest

from unspool.errors import UserError
from unspool.experiment.own.evaluation import evaluate_file

from .reviews import write_reviews


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

"""What the tables of a classifier are made of."""

from dataclasses import replace

from unspool.evaluation.result import Interval, Score
from unspool.report.classification_content import model_rows, no_uncertainty_seen, score_rows
from unspool.report.content import Cell


def test_score_rows_put_each_score_in_its_place(result):
    score = lambda value: Score(value, Interval(value - 0.01, value + 0.02))  # noqa: E731
    test = replace(result.test, auc=score(0.9), balanced_accuracy=score(0.8), accuracy=score(0.7), brier=score(0.2))
    rows = {row.name: row for row in score_rows(replace(result, test=test))}
    assert rows["AUC"].test == Cell("0.900", "0.890 to 0.920")
    assert rows["balanced accuracy"].test == Cell("80.0%", "79.0 to 82.0%")
    assert rows["accuracy"].test == Cell("70.0%", "69.0 to 72.0%")
    assert rows["Brier score"].test == Cell("0.200", "0.190 to 0.220")
    assert (rows["AUC"].published, rows["balanced accuracy"].published) == ("0.93", "85.44%")
    assert (rows["accuracy"].published, rows["Brier score"].published) == ("", "")
    assert rows["AUC"].validation.value == f"{result.validation.auc.value:.3f}"


def test_the_model_stands_first_among_models(result):
    rows = model_rows(result)
    assert [row.title for row in rows] == ["this model", "the majority class", "a linear model"]
    assert rows[2].brier.value == f"{result.baselines[1].scores.brier.value:.3f}"
    assert rows[0].seconds == result.seconds


def test_an_interval_without_width_is_noticed(result):
    assert not no_uncertainty_seen(result)
    certain = replace(result.test, brier=Score(0.2, Interval(0.2, 0.2)))
    assert no_uncertainty_seen(replace(result, test=certain))

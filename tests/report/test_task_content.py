"""What the tables of a task's page are made of."""

import numpy as np
import pytest

from unspool.evaluation.label_scores import confusion
from unspool.report.task_content import (
    headline_title,
    label_rows,
    measure_titles,
    mistakes,
    model_rows,
    no_uncertainty_seen,
    score_rows,
)


def test_each_score_stands_in_its_place(regression_result):
    rows = {row.name: row for row in score_rows(regression_result)}
    assert list(rows) == measure_titles(regression_result)
    mae = regression_result.test.figures["mae"]
    assert rows["mean absolute error"].test.value == f"{mae.value:#.3g}"
    assert rows["mean absolute error"].test.interval == f"{mae.interval.low:#.3g} to {mae.interval.high:#.3g}"
    assert rows["R²"].validation.value == f"{regression_result.validation.figures['r2'].value:.3f}"


def test_what_is_undefined_has_an_empty_cell(regression_result):
    rows = model_rows(regression_result)
    assert [row.title for row in rows] == ["this model", "the mean of all", "a linear model"]
    assert rows[1].cells[-1].value == ""
    assert rows[0].cells[-1].value != ""


def test_shares_are_told_in_percent(multiclass_result):
    accuracy = multiclass_result.test.figures["accuracy"].value
    assert score_rows(multiclass_result)[0].test.value == f"{100 * accuracy:.1f}%"


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("multiclass_result", "accuracy"),
        ("multilabel_result", "micro F1"),
        ("regression_result", "root mean squared error"),
    ],
)
def test_what_the_verdict_rests_on_is_named(kind, title, request):
    assert headline_title(request.getfixturevalue(kind)) == title


def test_mistakes_are_those_of_the_confusion_matrix(multiclass_result):
    matrix = confusion(multiclass_result.test_predictions, 10).matrix
    found = mistakes(multiclass_result)
    names = multiclass_result.data.label_names
    assert [one.examples for one in found] == sorted((one.examples for one in found), reverse=True)
    for one in found:
        row, column = names.index(one.truth), names.index(one.answer)
        assert one.examples == matrix[row, column] > 0
        assert row != column
        assert one.share == pytest.approx(one.examples / matrix[row].sum())


def test_each_class_has_its_row_and_of_very_many_the_most_frequent(multiclass_result, task_result_of):
    assert [name for name, _ in label_rows(multiclass_result)] == list(multiclass_result.data.label_names)
    many = task_result_of("multiclass", tuple(f"class {number}" for number in range(150)), examples=400)
    rows = label_rows(many)
    assert len(rows) == 100
    examples = [one.examples for _, one in rows]
    assert examples == sorted(examples, reverse=True)


def test_an_interval_without_width_is_noticed(multiclass_result):
    assert not no_uncertainty_seen(multiclass_result)
    assert np.ptp(multiclass_result.test_predictions.outputs) > 0

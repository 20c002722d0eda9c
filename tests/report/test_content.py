"""What the tables of a page are made of."""

from dataclasses import replace

import pytest

from unspool.evaluation.certificate import Check
from unspool.evaluation.label_scores import confusion
from unspool.evaluation.result import Interval, Score, Verdict
from unspool.report.content import (
    Cell,
    CheckRow,
    candidates_by,
    cell_of,
    check_rows,
    headline_title,
    higher_is_better,
    label_rows,
    measure_titles,
    mistakes,
    model_rows,
    no_uncertainty_seen,
    outcome,
    rate_drops,
    score_rows,
)

pytestmark = pytest.mark.undrawn


def _score(value):
    return Score(value, Interval(value - 0.01, value + 0.02))


def _with(scores, **values):
    """Scores in which some have other values."""
    return replace(scores, figures=scores.figures | {name: _score(value) for name, value in values.items()})


def test_the_scores_of_two_labels_stand_in_their_places(binary_result):
    test = _with(binary_result.test, auc=0.9, balanced_accuracy=0.8, accuracy=0.7, brier=0.2)
    rows = {row.name: row for row in score_rows(replace(binary_result, test=test))}
    assert list(rows) == ["accuracy", "balanced accuracy", "AUC", "Brier score"]
    assert rows["AUC"].test == Cell("0.900", "0.890 to 0.920")
    assert rows["balanced accuracy"].test == Cell("80.0%", "79.0% to 82.0%")
    assert rows["accuracy"].test == Cell("70.0%", "69.0% to 72.0%")
    assert rows["Brier score"].test == Cell("0.200", "0.190 to 0.220")
    assert (rows["AUC"].published, rows["balanced accuracy"].published) == ("0.93", "85.44%")
    assert (rows["accuracy"].published, rows["Brier score"].published) == ("", "")
    assert rows["AUC"].validation.value == f"{binary_result.validation['auc'].value:.3f}"


def test_errors_are_said_in_three_digits(regression_result):
    rows = {row.name: row for row in score_rows(regression_result)}
    assert list(rows) == measure_titles(regression_result)
    mae = regression_result.test["mae"]
    assert rows["mean absolute error"].test.value == f"{mae.value:#.3g}"
    assert rows["mean absolute error"].test.interval == f"{mae.interval.low:#.3g} to {mae.interval.high:#.3g}"
    assert rows["R²"].validation.value == f"{regression_result.validation['r2'].value:.3f}"


def test_the_scores_of_an_autoencoder_stand_in_their_places(reconstruction_result):
    latent = {
        "dimensions": 2,
        "neighbours_accuracy": 0.9,
        "neighbours_accuracy_ci": [0.89, 0.92],
        "trustworthiness": 0.8765,
        "trustworthiness_examples": 60,
    }
    test = _with(reconstruction_result.test, cross_entropy=0.2, excess=0.1, mse=0.05, psnr=12.5)
    result = replace(reconstruction_result, test=replace(test, details={"latent": latent}))
    rows = {row.name: row for row in score_rows(result)}
    assert rows["cross-entropy"].test == Cell("0.2000", "0.1900 to 0.2200")
    assert rows["excess cross-entropy"].test == Cell("0.1000", "0.0900 to 0.1200")
    assert rows["mean squared error"].test == Cell("0.0500", "0.0400 to 0.0700")
    assert rows["PSNR"].test == Cell("12.50", "12.49 to 12.52")
    assert rows["nearest neighbours"].test == Cell("90.0%", "89.0% to 92.0%")
    assert rows["trustworthiness"].test == Cell("0.876", "")
    assert rows["cross-entropy"].validation.value == f"{result.validation['cross_entropy'].value:.4f}"
    assert rows["PSNR"].validation.value == f"{result.validation['psnr'].value:.2f}"
    assert not any(row.published for row in rows.values())
    assert "computed on" not in rows["trustworthiness"].meaning
    sampled = replace(test, details={"latent": latent | {"trustworthiness_examples": 20}})
    assert "computed on 20 test examples" in score_rows(replace(result, test=sampled))[-1].meaning


def test_scores_that_are_not_there_have_no_row(other_reconstruction_results):
    gaussian = other_reconstruction_results["gaussian"]
    assert [row.name for row in score_rows(gaussian)] == ["mean squared error", "nearest neighbours", "trustworthiness"]
    latent = gaussian.test.details["latent"] | {"neighbours_accuracy": None, "neighbours_accuracy_ci": None}
    unlabelled = replace(gaussian, test=replace(gaussian.test, details={"latent": latent}))
    assert [row.name for row in score_rows(unlabelled)] == ["mean squared error", "trustworthiness"]


def test_the_model_stands_first_among_models(binary_result):
    rows = model_rows(binary_result)
    assert [row.title for row in rows] == ["this model", "the majority class", "a linear model"]
    assert rows[2].cells[-1].value == f"{binary_result.baselines[1].scores['brier'].value:.3f}"
    assert rows[0].seconds == binary_result.training_seconds
    assert model_rows(replace(binary_result, training_seconds=0.0))[0].seconds == binary_result.seconds


def test_what_is_undefined_has_an_empty_cell(regression_result):
    rows = model_rows(regression_result)
    assert rows[1].cells[-1] == Cell()  # a constant has no rank correlation
    assert rows[0].cells[-1].value != ""


@pytest.mark.parametrize(
    ("kind", "title", "higher"),
    [
        ("binary_result", "accuracy", True),
        ("multiclass_result", "accuracy", True),
        ("multilabel_result", "micro F1", True),
        ("regression_result", "root mean squared error", False),
        ("reconstruction_result", "cross-entropy", False),
    ],
)
def test_what_the_verdict_rests_on_is_named(kind, title, higher, request):
    result = request.getfixturevalue(kind)
    assert headline_title(result) == title
    assert higher_is_better(result) is higher


def test_candidates_are_titled_by_what_they_were_compared_by(regression_result):
    """Runs of earlier versions compared squared errors, whatever their verdicts rested on, and did not record it."""
    by_mae = replace(regression_result, verdict=replace(regression_result.verdict, measure="mae"))
    assert candidates_by(replace(by_mae, compared_by="mae")) == "mean absolute error"
    assert candidates_by(by_mae) == "root mean squared error"


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


def test_each_class_has_its_row_and_of_very_many_the_most_frequent(multiclass_result, result_of):
    assert [name for name, _ in label_rows(multiclass_result)] == list(multiclass_result.data.label_names)
    many = result_of("multiclass", tuple(f"class {number}" for number in range(150)), examples=400)
    rows = label_rows(many)
    assert len(rows) == 100
    examples = [one.examples for _, one in rows]
    assert examples == sorted(examples, reverse=True)


@pytest.mark.parametrize(("kind", "measure"), [("binary_result", "brier"), ("reconstruction_result", "mse")])
def test_an_interval_without_width_is_noticed(kind, measure, request):
    result = request.getfixturevalue(kind)
    assert not no_uncertainty_seen(result)
    certain = replace(result.test, figures=result.test.figures | {measure: Score(0.2, Interval(0.2, 0.2))})
    assert no_uncertainty_seen(replace(result, test=certain))


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([], ""),
        ([0.1, 0.1, 0.1], ""),
        ([0.1, 0.1, 0.05], "epoch 3"),
        ([0.1, 0.05, 0.05, 0.02], "epochs 2 and 4"),
        ([4, 3, 2, 1], "epochs 2, 3 and 4"),
    ],
)
def test_lowered_learning_rates(binary_result, rates, words):
    assert rate_drops(replace(binary_result, history={"learning_rate": rates})) == words


def test_each_number_of_a_score_is_said_alike():
    assert cell_of("{:.1f}".format, Score(2.0, Interval(1.0, 3.0))) == Cell("2.0", "1.0 to 3.0")
    assert cell_of(str, None) == Cell("", "")


@pytest.mark.parametrize(
    ("low", "high", "beats", "expected"),
    [
        (0.1, 0.2, True, "better"),
        (-0.2, -0.1, True, "better"),
        (0.1, 0.2, False, "worse"),
        (-0.2, -0.1, False, "worse"),
        (-0.1, 0.1, False, "open"),
        (0.0, 0.1, False, "open"),
    ],
)
def test_the_outcome_of_a_verdict(low, high, beats, expected):
    assert outcome(Verdict("linear", "mse", (low + high) / 2, Interval(low, high), beats, "In words.")) == expected


def test_a_check_is_told_by_what_was_measured_and_what_is_allowed(binary_result):
    passed, open_, _ = check_rows(binary_result.certificate)
    assert passed == CheckRow("reload", "the model read from its file", "0", "0", "passed", "")
    assert (open_.measured, open_.bound, open_.outcome) == ("0.024", "", "does not apply")
    broken = replace(binary_result.certificate, checks=(Check("bucket", "others", 1e-5, 0.3, False),))
    assert check_rows(broken) == [CheckRow("bucket", "others", "0.3", "1e-05", "not passed", "")]


@pytest.mark.parametrize(("measured", "shown"), [(1.04e-5, "1.04e-05"), (1.4e-5, "1.4e-05"), (9.99e-6, "1e-05")])
def test_a_change_is_told_from_the_bound_that_it_exceeds(binary_result, measured, shown):
    check = Check("bucket", "others", 1e-5, measured, measured <= 1e-5)
    (row,) = check_rows(replace(binary_result.certificate, checks=(check,)))
    assert (row.measured, row.bound) == (shown, "1e-05")
    assert check.passed or f"by up to {shown}, where 1e-05 is allowed" in check.broken

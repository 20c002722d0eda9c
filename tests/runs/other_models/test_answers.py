"""Answers of other models are compared with runs on the same test examples."""

import csv
import shutil

import numpy as np
import pytest
from sklearn import metrics

from unspool.errors import UserError
from unspool.runs.compare import compare_runs
from unspool.runs.other_models.answers import InMemory
from unspool.runs.other_models.examples_of_test import examples_of_test
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.record import read_result
from unspool.runs.run import train

from ..series import write_long_form


def _rows_of(folder):
    with (folder / "test_predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def rival(trained, tmp_path):
    """A file with probabilities that another model might give to the test examples of `trained`."""
    rows, rng = _rows_of(trained[0]), np.random.default_rng(0)
    noise = rng.normal(size=len(rows))
    skill = np.array([1 if row["label"] == "pos" else -1 for row in rows])
    shares = 1 / (1 + np.exp(-skill - 2 * noise))
    lines = [f"{row['row']},{share}" for row, share in zip(rows, shares.tolist(), strict=True)]
    path = tmp_path / "rival.csv"
    path.write_text("\n".join(["row,pos", *reversed(lines)]) + "\n")
    return path, shares


def test_a_run_lists_its_test_examples_as_it_scored_them(trained):
    folder, result, _ = trained
    rows = _rows_of(folder)
    assert [row["label"] for row in rows] == [("neg", "pos")[target] for target in result.test_predictions.targets]
    said = [float(row["probability"]) for row in rows]
    sure = [share if row["prediction"] == "pos" else 1 - share for row, share in zip(rows, said, strict=True)]
    assert sure == pytest.approx(result.test_predictions.outputs.tolist())
    assert [int(row["row"]) % 2 for row in rows] == [row["label"] == "neg" for row in rows]


def test_a_run_and_a_file_are_compared_on_the_same_examples(trained, rival, tmp_path):
    path, shares = rival
    found = compare_runs([trained[0], path], tmp_path / "out")
    truth, ours = trained[1].test_predictions.targets, trained[1].test
    expected = metrics.roc_auc_score(truth, shares)
    assert [(one.recipe, one.seeds) for one in found.recipes] == [("reviews", (0,)), ("rival", ())]
    assert found.recipes[1].scores["auc"].value == pytest.approx(expected)
    by_score = {one.score: one for one in found.differences}
    assert by_score["auc"].value == pytest.approx(ours["auc"].value - expected)
    accuracy = ours["accuracy"].value - metrics.accuracy_score(truth, shares >= 0.5)
    assert by_score["accuracy"].value == pytest.approx(accuracy)
    assert found.words.endswith(f"The predictions of {path} were matched by column row.")
    page = found.report.read_text(encoding="utf-8")
    assert "rival" in page
    assert "Not trained by unspool" in page
    turned = compare_runs([path, trained[0]], tmp_path / "turned")
    assert [one.value for one in turned.differences] == pytest.approx([-one.value for one in found.differences])
    assert turned.differences[0].first == "rival"


def test_the_interval_is_that_of_paired_resamples(trained, rival, tmp_path):
    path, shares = rival
    (accuracy,) = (
        one for one in compare_runs([trained[0], path], tmp_path / "o").differences if one.score == "accuracy"
    )
    given = trained[1].test_predictions
    ours = (given.outputs >= trained[1].test.threshold) == (given.targets == 1)
    gained = ours.astype(float) - ((shares >= 0.5) == (given.targets == 1))
    spread = 1.96 * gained.std() / np.sqrt(len(gained))
    assert accuracy.value == pytest.approx(gained.mean())
    assert accuracy.interval.high - accuracy.interval.low == pytest.approx(2 * spread, rel=0.25)


def test_answers_without_probabilities_get_no_measures_of_probabilities(trained, tmp_path):
    rows = [f"{row['row']},{row['label']}" for row in _rows_of(trained[0])]
    (tmp_path / "people.csv").write_text("\n".join(["row,prediction", *rows]) + "\n")
    found = compare_runs([tmp_path / "people.csv", trained[0]], tmp_path / "out")
    assert {one.score for one in found.differences} == {"balanced_accuracy", "accuracy"}
    assert found.recipes[0].scores["accuracy"].value == 1
    assert "AUC and Brier score are not compared: " in found.words
    assert "people.csv has no probability for each label." in found.words


def test_arrays_are_compared_under_their_names(trained, rival, tmp_path):
    given = InMemory("my rival", rival[1])
    found = compare_runs([trained[0], given], tmp_path / "out")
    assert found.recipes[1].recipe == "my-rival"
    again = compare_runs([trained[0], rival[0]], tmp_path / "again")
    assert found.recipes[1].scores == again.recipes[1].scores


def test_contenders_that_cannot_be_compared_are_refused(trained, rival, tmp_path):
    path, out = rival[0], tmp_path / "out"
    with pytest.raises(UserError, match=r"rival\.csv and b: there is no run among the contenders\. Predictions"):
        compare_runs([path, InMemory("b", [])], out)
    with pytest.raises(UserError, match=r"needs at least two contenders: a run, and another run or"):
        compare_runs([path], out)
    with pytest.raises(UserError, match=r"holds predictions, whose model cannot be trained again"):
        compare_runs([trained[0], path], out, seeds=[0])
    with pytest.raises(UserError, match=r"rival\.csv is given twice"):
        compare_runs([trained[0], path, path], out)
    shutil.copy(path, tmp_path / "reviews.csv")
    with pytest.raises(UserError, match=r"/reviews and .*/reviews\.csv would both be called reviews in the comparison"):
        compare_runs([trained[0], tmp_path / "reviews.csv"], out)
    with pytest.raises(UserError, match=r"missing\.csv is not there"):
        compare_runs([trained[0], tmp_path / "missing.csv"], out)
    assert not out.exists()


def test_the_error_for_a_run_of_an_earlier_version_says_what_to_do(trained, rival, tmp_path):
    shutil.copytree(trained[0], tmp_path / "old")
    for name in ("parts.csv", "test_predictions.csv"):
        (tmp_path / "old" / name).unlink()
    path = tmp_path / "all.csv"
    path.write_text("row,prediction\n" + "".join(f"{row},pos\n" for row in range(1, 201)))
    with pytest.raises(UserError, match=r"old has no test_predictions\.csv: it was made by an earlier .* unspool run "):
        compare_runs([tmp_path / "old", path], tmp_path / "out")
    assert compare_runs([tmp_path / "old", trained[0], path], tmp_path / "out").recipes[2].scores["accuracy"].value > 0


def test_series_are_matched_by_the_column_that_identifies_them(tmp_path):
    path = write_long_form(tmp_path / "steps.csv", count=60)
    data = FileSettings(path=str(path), kind="series", series="series")
    train(data, tmp_path / "run", model="statistics", changes=["evaluation.resamples=100"])
    rows = _rows_of(tmp_path / "run")
    assert list(rows[0]) == ["series", "label", "prediction", "probability"]
    lines = ["series,prediction", *(f"s{number},{'rising' if number % 2 else 'falling'}" for number in range(60))]
    (tmp_path / "rule.csv").write_text("\n".join(lines) + "\n")
    found = compare_runs([tmp_path / "run", tmp_path / "rule.csv"], tmp_path / "out")
    assert found.recipes[1].scores["accuracy"].value == 1
    assert "rows that are not test examples were ignored: 54." in found.words


def test_tasks_whose_answers_fit_no_table_are_refused_with_the_reason(finished_autoencoder, tmp_path):
    (tmp_path / "a.csv").write_text("prediction\n1\n")
    with pytest.raises(UserError, match=r"the task is .*, for which predictions of other tools cannot be"):
        compare_runs([finished_autoencoder[0], tmp_path / "a.csv"], tmp_path / "out")


def test_test_examples_of_named_datasets_are_numbered(finished, tmp_path):
    result = read_result(finished[0])
    labels = [result.data.label_names[target] for target in result.test_predictions.targets]
    rows = list(range(1, len(labels) + 1))
    assert examples_of_test(finished[0], result).rows == {"row": list(map(str, rows))}
    lines = [f"{row},{label}" for row, label in zip(rows, labels, strict=True)]
    (tmp_path / "turned.csv").write_text("\n".join(["row,prediction", *reversed(lines)]) + "\n")
    turned = compare_runs([finished[0], tmp_path / "turned.csv"], tmp_path / "turned")
    assert turned.recipes[1].scores["accuracy"].value == 1
    assert not (finished[0] / "parts.csv").exists()
    found = compare_runs([finished[0], InMemory("oracle", labels)], tmp_path / "out")
    assert found.recipes[1].scores["accuracy"].value == 1

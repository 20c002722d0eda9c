"""Answers of other models to the test of a run: matched to its examples, read, and refused one by one."""

import csv
import shutil
from dataclasses import replace

import numpy as np
import pandas
import pytest
from sklearn import metrics

from unspool.errors import UserError
from unspool.runs.compare import compare_runs
from unspool.runs.other_models import ExamplesOfTest, InMemory, answers_of, examples_of_test
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.record import read_result
from unspool.runs.run import train
from unspool.tasks import Binary, Multiclass, Multilabel, Regression, Tagging

from .series import write_long_form

BINARY, CLASSES = Binary(("neg", "pos")), Multiclass(("a", "b", "c"))

SHARES, SEVERAL = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]), np.array([[0.9, 0.25], [0, 0.5]])


@pytest.fixture
def examples(tmp_path):
    """Three test examples, in rows 2, 5 and 9 of a file."""
    return ExamplesOfTest(tmp_path / "runs", BINARY, np.array([1, 0, 1]), {"row": ["2", "5", "9"]}, counted=True)


def _with_task(examples, task, truth=(0, 0, 0)):
    return ExamplesOfTest(examples.run, task, np.array(truth), examples.rows, examples.counted)


@pytest.fixture
def answers(tmp_path):
    """Write lines to a file of answers."""

    def write(*lines, name="svm.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def test_rows_are_matched_in_any_order_and_others_do_not_count(examples, answers):
    path = answers("row,prediction", "9,pos", "1,neg", "2,neg", "5.0,pos", "3,whatever")
    found = answers_of(path, examples)
    assert found.decided.tolist() == [0, 1, 1]
    assert found.outputs is None
    assert found.source == str(path)
    (note,) = found.notes
    assert note.endswith("were matched by column row; rows that are not test examples were ignored: 2.")


def test_labels_beside_the_answers_show_whether_they_are_of_that_test(examples, answers):
    assert answers_of(answers("label,prediction", "pos,neg", "neg,pos", "pos,pos"), examples).decided.tolist() == [
        0,
        1,
        1,
    ]
    with pytest.raises(
        UserError,
        match=r"row 2 .line 3.: column label has 'pos', but the test example of .*/runs .row 5. is labelled 'neg'",
    ):
        answers_of(answers("label,prediction", "pos,neg", "pos,pos", "neg,pos"), examples)
    with pytest.raises(UserError, match=r"row 1 .line 2.: column label has 'neg'"):
        answers_of(answers("row,label,prediction", "2,neg,neg", "5,neg,pos", "9,pos,pos"), examples)
    mood = replace(examples, labelled=("mood", "label"))
    with pytest.raises(UserError, match="column mood has 'neg'"):
        answers_of(answers("row,mood,prediction", "2,neg,neg", "5,neg,pos", "9,pos,pos"), mood)
    assert answers_of(answers("label,prediction", "1,neg", "2,pos", "3,pos"), examples).decided.tolist() == [0, 1, 1]
    prices = _with_task(examples, Regression(), (1.25, 2, 1 / 3))
    assert answers_of(answers("label,prediction", "1.25,1", "2,1", "0.33333,1"), prices).decided.tolist() == [1, 1, 1]
    with pytest.raises(UserError, match=r"column label has '2\.0', but .* is labelled '1\.25'"):
        answers_of(answers("label,prediction", "2,1", "1.25,1", "0.33333,1"), prices)


def test_probabilities_of_two_decimals_need_not_sum_to_one_exactly(examples, answers):
    path = answers("row,a,b,c", "2,0.33,0.33,0.33", "5,0.4,0.3,0.3", "9,0.67,0.34,0")
    found = answers_of(path, _with_task(examples, CLASSES))
    assert found.outputs[0] == pytest.approx([1 / 3] * 3)
    with pytest.raises(UserError, match=r"the probabilities sum to 0\.98, not to 1"):
        answers_of(answers("row,a,b,c", "2,0.32,0.33,0.33", "5,1,0,0", "9,1,0,0"), _with_task(examples, CLASSES))


def test_rows_without_a_name_are_taken_in_order_if_there_are_as_many(examples, answers):
    found = answers_of(answers("prediction", "neg", "pos", "pos"), examples)
    assert found.decided.tolist() == [0, 1, 1]
    assert "were read in the order of the test examples (that of " in found.notes[0]
    with pytest.raises(UserError, match=r"has 2 rows, .* 3 test examples, and none of the columns id, prediction te"):
        answers_of(answers("id,prediction", "2,neg", "5,pos"), examples)


def test_of_a_run_that_says_no_rows_order_alone_counts(examples, answers):
    unknown = ExamplesOfTest(examples.run, BINARY, examples.truth, {})
    found = answers_of(answers("row,prediction", "7,neg", "8,pos", "9,pos"), unknown)
    assert found.decided.tolist() == [0, 1, 1]
    with pytest.raises(UserError, match=r"Give the predictions in the order of the test set\. .*/runs has no test_pre"):
        answers_of(answers("row,prediction", "7,neg"), unknown)


def test_two_files_are_told_apart_by_their_names(examples, answers):
    rows = {"file": ["a.csv", "b.csv", "b.csv"], "row": ["2", "2", "3"]}
    two = ExamplesOfTest(examples.run, BINARY, examples.truth, rows, counted=True)
    found = answers_of(answers("row,file,prediction", "2,b.csv,pos", "2,a.csv,neg", "3,b.csv,neg"), two)
    assert found.decided.tolist() == [0, 1, 0]
    with pytest.raises(
        UserError, match=r"column row alone does not tell the test examples apart\. Add the column file"
    ):
        answers_of(answers("row,prediction", "2,pos", "3,neg"), two)


def test_ids_are_matched_as_they_are(examples, answers):
    ids = ExamplesOfTest(examples.run, BINARY, examples.truth, {"patient": ["'-1a", "007", "0"]})
    found = answers_of(answers("patient,prediction", "0,pos", "7,neg", "007,neg", "-1a,pos"), ids)
    assert found.decided.tolist() == [1, 0, 1]


@pytest.mark.parametrize("probabilities", [False, True])
def test_columns_of_probabilities_are_named_as_the_labels(probabilities, examples, answers):
    columns, rows = ("row,neg,pos", ["2,.25,.75", "5,1,0", "9,.75,.25"]) if probabilities else (
        "row,pos", ["2,.75", "5,0", "9,.25"]
    )  # fmt: skip
    found = answers_of(answers(columns, *rows), examples)
    assert found.outputs.tolist() == [0.75, 0, 0.25]
    assert found.decided.tolist() == [1, 0, 0]


def test_predictions_beside_probabilities_are_the_decisions(examples, answers):
    found = answers_of(answers("row,prediction,pos", "2,neg,.75", "5,neg,0", "9,neg,.25"), examples)
    assert (found.outputs.tolist(), found.decided.tolist()) == ([0.75, 0, 0.25], [0, 0, 0])


@pytest.mark.parametrize(
    ("task", "truth", "columns", "rows"),
    [
        (BINARY, (1, 0, 1), "neg,pos", ["2,pos,.9,.1", "5,neg,.3,.7", "9,pos,.6,.4"]),
        (CLASSES, (0, 1, 2), "a,b,c", ["2,a,.1,.8,.1", "5,b,.1,.2,.7", "9,c,.6,.3,.1"]),
        (Multilabel(("a", "b"), ","), ((1, 0), (0, 1), (1, 1)), "a,b", ["2,a,.1,.8", "5,b,.9,0", '9,"a,b",.6,.3']),
    ],
)
def test_probabilities_under_the_wrong_labels_are_refused(task, truth, columns, rows, examples, answers):
    path = answers(f"row,prediction,{columns}", *rows)
    with pytest.raises(
        UserError, match=r"column prediction contradicts the columns of probabilities \((neg|a), .*named"
    ):
        answers_of(path, _with_task(examples, task, truth))


def test_what_predict_writes_is_read(examples, answers):
    found = answers_of(answers("row,text,prediction,probability", "2,x,pos,0.6", "9,y,neg,0.9", "5,z,neg,1"), examples)
    assert found.outputs.tolist() == pytest.approx([0.6, 0, 0.1])
    of_classes = _with_task(examples, CLASSES)
    bare = answers_of(answers("row,prediction,probability", "2,a,0.6", "9,b,0.9", "5,c,1"), of_classes)
    assert bare.outputs is None
    assert bare.decided.argmax(axis=1).tolist() == [0, 2, 1]


def test_classes_have_a_column_each_that_rounding_may_touch(examples, answers):
    path = answers("row,a,b,c", "2,0.333,0.333,0.333", "5,0,0.25,0.75", "9,1,0,0")
    found = answers_of(path, _with_task(examples, CLASSES))
    assert found.outputs.sum(axis=1) == pytest.approx([1, 1, 1])
    assert found.decided.argmax(axis=1).tolist() == [0, 2, 0]


def test_several_labels_numbers_and_tags_are_read(examples, answers):
    several = _with_task(examples, Multilabel(("x", "y"), "|"), np.zeros((3, 2)))
    found = answers_of(
        answers("row,prediction,probability", '2,x|y,"[0.9, 0.8]"', '5,,"[0, 0]"', '9,y,"[0, 1]"'), several
    )
    assert found.decided.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert found.outputs.tolist() == [[0.9, 0.8], [0, 0], [0, 1]]
    numbers = answers_of(answers("row,prediction", "2,1.5", "5,-2", "9,1e3"), _with_task(examples, Regression()))
    assert numbers.outputs.tolist() == numbers.decided.tolist() == [1.5, -2, 1000]
    tags = _with_task(examples, Tagging(("n", "v")), [[0, 1], [1, -1], [1, -1]])
    found = answers_of(answers("row,prediction", "2,n v", "5,v", "9,n"), tags)
    assert found.decided.argmax(axis=2).tolist() == [[0, 1], [1, 0], [0, 0]]


def test_json_lines_hold_lists(examples, answers):
    tagging = _with_task(examples, Tagging(("n", "v")), [[0, 1], [1, -1], [1, -1]])
    lines = [
        '{"row": 2, "prediction": ["n", "n"]}',
        '{"row": 5, "prediction": ["v"]}',
        '{"row": 9, "prediction": ["v"]}',
    ]
    found = answers_of(answers(*lines, name="a.jsonl"), tagging)
    assert found.decided.argmax(axis=2).tolist() == [[0, 0], [1, 0], [1, 0]]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["row,prediction", "2,pos", "5,good", "9,pos"], r"svm\.csv, row 2 \(line 3\): the prediction is 'good'"),
        (["row,prediction", "2,pos", "5,", "9,pos"], r"row 2 \(line 3\): the prediction is missing\.$"),
        (["row,prediction", "2,pos"], r"no prediction for 2 of the 3 .*\. The first is row 5 \(counted from 1\)\."),
        (["row,prediction", "1,pos", "3,neg"], "no prediction for 3 of the 3 test examples"),
        (["row,prediction", "2,pos", "5,neg", "2,neg"], r"row 1 \(line 2\) and row 3 \(line 4\) both hold a "),
        (["row,prediction", "0,pos", "2,neg", "5,pos", "9,pos"], r"column row counts from 0, but .* from 1\."),
        (["row,pos", "2,0.5", "5,nan", "9,1"], r"row 2 \(line 3\): the probability of pos is 'nan', and a number"),
        (["row,pos", "2,0.5", "5,1.5", "9,1"], r"row 2 \(line 3\): the probability of pos is 1\.5, which does"),
        (["row,neg,pos", "2,0.5,0.5", "5,0.5,0.9", "9,0,1"], r"row 2 \(line 3\): the probabilities sum to 1\.4"),
        (["row,prediction,probability", "2,pos,0.9", "5,neg,0.1", "9,pos,.6"], r"row 3 \(line 4\): no threshold"),
        (["row,probability", "2,0.9", "5,0.1", "9,.6"], r"Its column probability does not say for "),
        (["row,sentiment", "2,pos"], r"no column prediction\. Add one, .* for each label \(neg, pos\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_clear_error(lines, told, examples, answers):
    with pytest.raises(UserError, match=told):
        answers_of(answers(*lines), examples)


def test_a_class_without_a_column_is_named(examples, answers):
    with pytest.raises(UserError, match=r"a column of probabilities for a, but none for b\. Add one for each"):
        answers_of(answers("row,a,c", "2,.5,.5"), _with_task(examples, CLASSES))
    with pytest.raises(UserError, match=r"has no column prediction\. Add one\.$"):
        answers_of(answers("row,value", "2,.5"), _with_task(examples, Regression()))


@pytest.mark.parametrize(
    ("task", "truth", "given", "decided", "outputs"),
    [
        (BINARY, [0, 1], ["pos", "neg"], [1, 0], None),
        (BINARY, [0, 1], np.array([0.75, 0.25]), [1, 0], [0.75, 0.25]),
        (BINARY, [0, 1], np.array([[0.25, 0.75], [1, 0]]), [1, 0], [0.75, 0]),
        (Binary(("0", "1")), [0, 1], np.array([1, 0]), [1, 0], None),
        (Binary(("0", "1")), [0, 1], np.array([1.0, 0.0]), [1, 0], None),
        (Binary(("0", "1")), [0, 1], np.array([0.9, 0.0]), [1, 0], [0.9, 0]),
        (Binary(("false", "true")), [0, 1], np.array([True, False]), [1, 0], None),
        (BINARY, [0, 1], pandas.Series(["pos", "neg"], index=[7, 3]), [1, 0], None),
        (CLASSES, [0, 1], SHARES, [[0, 0, 1], [1, 0, 0]], SHARES),
        (BINARY, [0, 1], np.array([[0.75], [0.25]]), [1, 0], [0.75, 0.25]),
        (Regression(), [0.0, 1.0], np.array([2, 3.5]), [2, 3.5], [2, 3.5]),
        (Regression(), [0.0, 1.0], np.array([[2], [3.5]]), [2, 3.5], [2, 3.5]),
        (Multilabel(("x", "y")), np.zeros((2, 2)), [["x"], ["y"]], [[1, 0], [0, 1]], None),
        (Multilabel(("1", "2")), np.zeros((2, 2)), [[1], [2]], [[1, 0], [0, 1]], None),
        (Multilabel(("x", "y")), np.zeros((2, 2)), [["x"], []], [[1, 0], [0, 0]], None),
        (Multilabel(("x", "y")), np.zeros((2, 2)), np.array([[1, 1], [0, 1]]), [[1, 1], [0, 1]], None),
        (Multilabel(("x", "y"), "|"), np.zeros((2, 2)), np.array([[1, 1], [0, 1]]), [[1, 1], [0, 1]], None),
        (Multilabel(("x", "y")), np.zeros((2, 2)), SEVERAL, [[1, 0], [0, 1]], SEVERAL),
        (Tagging(("n", "v")), [[0, 1], [1, -1]], [["v", "v"], ["n"]], [[[0, 1], [0, 1]], [[1, 0], [0, 0]]], None),
    ],
)  # fmt: skip
def test_lists_and_arrays_are_in_the_order_of_the_test(task, truth, given, decided, outputs, tmp_path):
    found = answers_of(InMemory("svm", given), ExamplesOfTest(tmp_path, task, np.array(truth), {}))
    assert found.decided.tolist() == decided
    assert outputs is None if found.outputs is None else np.allclose(found.outputs, outputs)


def test_a_data_frame_is_read_as_a_file(examples):
    frame = pandas.DataFrame({"row": [9, 2, 5, 1], "pos": [0.25, 0.75, 0.5, 9.0]})
    assert answers_of(InMemory("svm", frame), examples).outputs.tolist() == [0.75, 0.5, 0.25]
    with pytest.raises(UserError, match="svm, row 3: the prediction is 'good', but"):
        answers_of(InMemory("svm", pandas.DataFrame({"prediction": ["pos", "neg", "good"]})), examples)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["pos", "neg"], r"svm has 2 predictions, but .*runs has 3 test examples\. Give one for each, in"),
        (["pos", "neg", "good"], r"svm, entry 2 \(counted from 0\): the prediction is 'good'"),
        (np.array([0.5, np.nan, 1]), r"svm, entry 1 \(counted from 0\): the probability of pos is nan"),
        (np.array([0.5, 1.5, 1]), r"entry 1 \(counted from 0\): the probability of pos is 1\.5"),
        (np.ones((3, 4)), r"svm has 4 columns of probabilities, but there are 2 labels \(neg, pos\)"),
        (np.full((3, 2), 0.25), r"entry 0 \(counted from 0\): the probabilities sum to 0\.5, not to 1"),
        ("pos", r"svm: 'pos' was given\. Give a list, an array or a data frame of predictions"),
        (3, r"svm: 3 was given"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(given, told, examples):
    with pytest.raises(UserError, match=told):
        answers_of(InMemory("svm", given), examples)


# Runs


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


def test_a_run_names_its_test_examples_as_it_scored_them(trained):
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


def test_answers_without_probabilities_are_not_compared_by_them(trained, tmp_path):
    rows = [f"{row['row']},{row['label']}" for row in _rows_of(trained[0])]
    (tmp_path / "people.csv").write_text("\n".join(["row,prediction", *rows]) + "\n")
    found = compare_runs([tmp_path / "people.csv", trained[0]], tmp_path / "out")
    assert {one.score for one in found.differences} == {"balanced_accuracy", "accuracy"}
    assert found.recipes[0].scores["accuracy"].value == 1
    assert "AUC is not compared: " in found.words
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


def test_a_run_of_an_earlier_version_says_what_to_do(trained, rival, tmp_path):
    shutil.copytree(trained[0], tmp_path / "old")
    for name in ("parts.csv", "test_predictions.csv"):
        (tmp_path / "old" / name).unlink()
    path = tmp_path / "all.csv"
    path.write_text("row,prediction\n" + "".join(f"{row},pos\n" for row in range(1, 201)))
    with pytest.raises(UserError, match=r"old has no test_predictions\.csv: it was made by an earlier .* unspool run "):
        compare_runs([tmp_path / "old", path], tmp_path / "out")
    assert compare_runs([tmp_path / "old", trained[0], path], tmp_path / "out").recipes[2].scores["accuracy"].value > 0


def test_series_are_matched_by_the_column_that_names_them(tmp_path):
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


def test_a_task_without_a_table_of_answers_says_why(finished_autoencoder, tmp_path):
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

"""Tags in a table with a row for each step of a series are put together in the order of time."""

import random

import numpy as np
import pandas
import pytest

import unspool
from unspool.errors import UserError
from unspool.runs.other_models.answers import InMemory, answers_of
from unspool.runs.other_models.examples_of_test import examples_of_test
from unspool.runs.records.record import read_result


@pytest.fixture(scope="module")
def steps():
    """Forty series of five to seven steps with different numbers, and tags in turn."""
    rows = [
        {"machine": f"m{number}", "t": step, "x": step % 3 + number / 100, "state": ("low", "middle", "high")[step % 3]}
        for number in range(40)
        for step in range(5 + number % 3)
    ]
    return pandas.DataFrame(rows)


@pytest.fixture(scope="module")
def examples(steps, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    steps.to_csv(folder / "steps.csv", index=False)
    given = {"series": "machine", "label": "state", "task": "tagging", "model": "window-regression"}
    settings = {"evaluation.resamples": 100}
    run = unspool.train(folder / "steps.csv", **given, out=folder / "run", settings=settings, verbose=False)
    return examples_of_test(run.folder, read_result(run.folder))


def are_right(found, examples):
    there = examples.truth >= 0
    return np.array_equal(found.decided.argmax(axis=2)[there], examples.truth[there])


def test_steps_are_put_in_the_order_of_their_times(steps, examples, tmp_path):
    theirs = steps[["machine", "t", "state"]].rename(columns={"state": "prediction"})
    rows = list(range(len(theirs)))
    random.Random(0).shuffle(rows)
    theirs.iloc[rows].to_csv(tmp_path / "theirs.csv", index=False)
    for given in (tmp_path / "theirs.csv", InMemory("theirs", theirs.iloc[rows])):
        found = answers_of(given, examples)
        assert are_right(found, examples)
        assert found.notes[0].endswith("matched by column machine; rows that are not test examples were ignored: 36.")
        assert found.notes[1].endswith("whose tags were put together in the order of column t.")


def test_without_times_rows_are_in_order(steps, examples, tmp_path):
    theirs = steps[["machine", "state"]].rename(columns={"state": "prediction"})
    theirs.to_csv(tmp_path / "theirs.csv", index=False)
    found = answers_of(tmp_path / "theirs.csv", examples)
    assert are_right(found, examples)
    assert " put together in the order of the table, as it has no column t," in found.notes[1]
    theirs[::-1].to_csv(tmp_path / "theirs.csv", index=False)
    assert not are_right(answers_of(tmp_path / "theirs.csv", examples), examples)


def test_tags_may_contain_spaces_and_times_have_the_day_first(steps, tmp_path):
    days = [f"{day:02}/02/2026" for day in range(1, 29)]
    steps = steps.assign(t=[days[t] for t in steps["t"]], state=steps["state"].map("very {}".format))
    steps.to_csv(tmp_path / "steps.csv", index=False)
    given = {"series": "machine", "label": "state", "time": "t", "task": "tagging", "model": "window-regression"}
    settings = {"evaluation.resamples": 100}
    run = unspool.train(
        tmp_path / "steps.csv", **given, dates="day-first", out=tmp_path / "run", settings=settings, verbose=False
    )
    examples = examples_of_test(run.folder, read_result(run.folder))
    theirs = steps[["machine", "t", "state"]].rename(columns={"state": "prediction"})[::-1]
    theirs.to_csv(tmp_path / "theirs.csv", index=False)
    for given in (tmp_path / "theirs.csv", InMemory("theirs", theirs)):
        assert are_right(answers_of(given, examples), examples)
    theirs[::-1].rename(columns={"t": "day"}).to_csv(tmp_path / "theirs.csv", index=False)
    found = answers_of(tmp_path / "theirs.csv", examples)
    assert are_right(found, examples)
    assert found.notes[1].endswith(
        "in the order of the table, as it has no column t, which has the times in the run's data file."
    )


def test_predictions_may_have_the_name_of_the_label(steps, examples, tmp_path):
    theirs = steps.assign(state=steps["state"].replace("low", "high"))[["machine", "t", "state"]]
    theirs.to_csv(tmp_path / "theirs.csv", index=False)
    found = answers_of(tmp_path / "theirs.csv", examples)
    there = examples.truth >= 0
    assert 0 < np.mean(found.decided.argmax(axis=2)[there] == examples.truth[there]) < 1


def test_true_tags_in_another_order_missing_steps_and_unreadable_times_are_told(steps, examples, tmp_path):
    theirs, path = steps.assign(prediction=steps["state"]), tmp_path / "theirs.csv"
    theirs.drop(columns="t")[::-1].to_csv(path, index=False)
    with pytest.raises(
        UserError, match=r"column state has .*, but the test example of .* \(machine m\d+\) is labelled"
    ):
        answers_of(path, examples)
    theirs[theirs["t"] > 0].drop(columns="state").to_csv(path, index=False)
    with pytest.raises(UserError, match=r"the prediction is \d tags, and \d tags were expected"):
        answers_of(path, examples)
    theirs.assign(t="soon").to_csv(path, index=False)
    with pytest.raises(UserError, match=r"row 1 \(line 2\), column t: 'soon' is neither a number nor a date"):
        answers_of(path, examples)

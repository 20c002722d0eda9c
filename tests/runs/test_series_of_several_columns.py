"""Series that two columns tell apart together: trials of persons, and items of stores."""

import csv
from itertools import product

import numpy as np
import pytest

import unspool
from unspool.cli import main
from unspool.errors import UserError

PERSONS, TRIALS, HORIZON = tuple("abcdefghij"), range(1, 5), 2


def write(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    random = np.random.default_rng(0)
    rows = [
        (person, trial, step, float(trial % 2 * 5 + random.normal()), "odd" if trial % 2 else "even")
        for step, person, trial in product(range(6), PERSONS, TRIALS)
    ]
    return write(tmp_path_factory.mktemp("trials") / "trials.csv", ["person", "trial", "t", "x", "label"], rows)


def test_trials_of_persons_are_series_and_persons_may_be_groups(trials, tmp_path):
    run = unspool.train(
        trials,
        series=["person", "trial"],
        group="person",
        out=tmp_path / "run",
        model="statistics",
        settings={"evaluation.resamples": 100},
        verbose=False,
    )
    seen = (tmp_path / "run" / "inspection.txt").read_text()
    assert "series are told apart by columns person and trial; labels are in label" in seen
    assert "channels are x" in seen  # the number of the trial is none
    assert "ignored" not in seen
    tested = read(tmp_path / "run" / "test_predictions.csv")
    held_out = sorted({one["person"] for one in tested})
    assert len(held_out) < len(PERSONS)
    assert sorted((one["person"], one["trial"]) for one in tested) == [*product(held_out, map(str, TRIALS))]
    assert run.result.test["accuracy"].value == 1.0

    assert main(["predict", str(tmp_path / "run"), str(trials), "--out", str(tmp_path / "new.csv")]) == 0
    found = read(tmp_path / "new.csv")
    assert [*found[0]][:2] == ["person", "trial"]
    assert sorted((one["person"], one["trial"]) for one in found) == [*product(PERSONS, map(str, TRIALS))]
    assert {one["trial"]: one["prediction"] for one in found} == {str(n): "odd" if n % 2 else "even" for n in TRIALS}


def test_predictions_of_another_tool_are_matched_by_both_columns(trials, tmp_path):
    settings = {"evaluation.resamples": 100}
    run = unspool.train(
        trials, series="person,trial", out=tmp_path / "run", model="statistics", settings=settings, verbose=False
    )
    tested = sorted(read(run.folder / "test_predictions.csv"), key=lambda one: (one["label"], one["trial"]))
    rows = [(one["person"], f"{one['trial']}.0", one["label"]) for one in tested]
    other = write(tmp_path / "other.csv", ["person", "trial", "prediction"], rows)
    found = unspool.compare(run, other, out=tmp_path / "compared")
    assert [one.scores["accuracy"].value for one in found.recipes] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("named", "other"), [({}, "OTHER"), ({"group": "person", "time": None, "channels": ["x"]}, "person")]
)
def test_one_of_the_columns_alone_is_refused_with_the_way_to_name_all(trials, tmp_path, named, other):
    with pytest.raises(UserError, match=f"name all of them, as in --series trial,{other}. If not, fix it"):
        unspool.train(trials, series="trial", **named, out=tmp_path / "run", verbose=False)


def test_items_of_stores_are_forecast(tmp_path):
    items = [("north", 1), ("north", 2), ("south", 1)]
    rows = [
        (f"2026-01-{day:02}", store, item, 10 * place + day % 7)
        for day in range(1, 29)
        for place, (store, item) in enumerate(items)
    ]
    path = write(tmp_path / "sales.csv", ["day", "store", "item", "sold"], rows)
    run = unspool.train(
        path,
        series="store,item",
        label="sold",
        horizon=HORIZON,
        out=tmp_path / "run",
        model="seasonal-naive",
        settings={"evaluation.resamples": 100},
        verbose=False,
    )
    seen = (tmp_path / "run" / "inspection.txt").read_text()
    assert "series are told apart by columns store and item" in seen
    assert "covariate" not in seen
    assert run.result.test["mase"].value == pytest.approx(0, abs=1e-6)
    assert main(["predict", str(tmp_path / "run"), str(path), "--out", str(tmp_path / "ahead.csv")]) == 0
    found = read(tmp_path / "ahead.csv")
    assert [(one["store"], int(one["item"])) for one in found] == [pair for pair in items for _ in range(HORIZON)]
    assert [round(float(one["forecast"])) for one in found] == [1, 2, 11, 12, 21, 22]
    tested = read(tmp_path / "run" / "test_predictions.csv")
    rows = [tuple(one[name] for name in ("item", "ahead", "store", "day", "label")) for one in reversed(tested)]
    other = write(tmp_path / "other.csv", ["item", "ahead", "store", "day", "forecast"], rows)
    compared = unspool.compare(run, other, out=tmp_path / "compared")
    assert [one.scores["mase"].value for one in compared.recipes] == pytest.approx([0, 0], abs=1e-6)


def test_a_row_that_lacks_one_of_the_names_is_refused_with_its_column(tmp_path):
    rows = [("a", "", 1, 2, "x"), ("a", 1, 1, 2, "x")]
    path = write(tmp_path / "gap.csv", ["person", "trial", "t", "x", "label"], rows)
    with pytest.raises(UserError, match=r"row 1 .line 2., column trial: the row belongs to no series"):
        unspool.inspect(path, series="person,trial")


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ("person,t", "column t cannot be both --time and one of --series"),
        ("person,label", "column label cannot be both --label and one of --series"),
        ("person,trail", "no column 'trail' for the series person,trail. Did you mean trial"),
    ],
)
def test_columns_that_cannot_name_series_are_refused(trials, series, said):
    with pytest.raises(UserError, match=said):
        unspool.inspect(trials, series=series, time="t", label="label")

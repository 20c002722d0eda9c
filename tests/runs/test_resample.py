"""Series with an uneven clock, read at even steps in training and in use."""

import numpy as np
import pytest

import unspool
from unspool.errors import UserError
from unspool.runs.evaluate_file import evaluate_file
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings

from .series import write_long_form


def write(path, count=60, seed=0, labelled=True):
    """Straight lines at uneven times: a label says whether they rise or fall in time."""
    random = np.random.default_rng(seed)
    lines = ["series,time,x,label"]
    for number in range(count):
        times = np.cumsum(random.choice([1, 5, 20], size=8))
        lines += [f"{number},{time},{time if number % 2 else -time},{'up' if number % 2 else 'down'}" for time in times]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clock")
    run = unspool.train(
        write(folder / "a.csv"),
        out=folder / "run",
        resample="5",
        model="statistics",
        settings={"evaluation.resamples": 100},
        verbose=False,
    )
    return run, folder


def test_an_uneven_clock_is_told(tmp_path):
    seen = unspool.inspect(write(tmp_path / "a.csv"))
    assert "the times in column time are uneven: steps are 1 to 20 apart, with a median of 5" in seen
    assert "--resample 5 would make the steps even" in seen


def test_what_is_trained_on_is_even_and_the_interval_is_kept(trained):
    run, folder = trained
    assert "series are resampled to even steps of 5" in (folder / "run" / "inspection.txt").read_text()
    data = load_recipe(folder / "run" / "recipe.toml").data
    assert isinstance(data, FileSettings)
    assert data.resample == "5"
    steps = np.array(run.result.data.example.steps)[:, 0]
    np.testing.assert_allclose(np.abs(np.diff(steps)), 5)


def test_a_file_is_resampled_in_use(trained, tmp_path):
    run, _ = trained
    new = write(tmp_path / "new.csv", 40, seed=1)
    model = run.model.trained
    found = evaluate_file(model, model.reader, new)
    assert found.scores["accuracy"].value == 1.0
    first = new.read_text().splitlines()
    times = np.array([float(line.split(",")[1]) for line in first[1:9]])
    even = np.arange(times[0], times[-1] + 1e-9, 5)
    np.testing.assert_allclose(run.model.probabilities(new)[0], run.model.probabilities([-even])[0], rtol=1e-5)


def test_a_file_without_times_is_refused_in_use(trained, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("series,x,label\n1,1,up\n1,2,up\n")
    with pytest.raises(UserError, match=r"new\.csv has no column 'time'"):
        trained[0].predict(path)


def test_a_file_that_names_its_time_otherwise_is_refused(tmp_path):
    path = write_long_form(tmp_path / "a.csv")
    settings = {"evaluation.resamples": 100}
    run = unspool.train(path, out=tmp_path / "run", model="statistics", settings=settings, verbose=False)
    header, *rows = path.read_text().splitlines()
    new = tmp_path / "new.csv"
    new.write_text("\n".join([header.replace("time", "when"), *rows[::-1]]))
    for use in (run.predict, run.model.evaluate):
        with pytest.raises(
            UserError, match=r"new\.csv has no column 'time' for the time\. Its columns are series, when"
        ):
            use(new)


def test_arrays_have_no_clock(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((20, 4)), y=["a", "b"] * 10)
    with pytest.raises(UserError, match="--resample needs a time for each step"):
        unspool.inspect(tmp_path / "a.npz", resample="5")


@pytest.fixture(scope="module")
def trained_on_dates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dates")
    path = write_dates(folder / "a.csv", lambda step: f"2026-01-31 12:{step * 2:02}:00")
    run = unspool.train(
        path,
        out=folder / "run",
        time="time",
        resample="120s",
        model="statistics",
        settings={"evaluation.resamples": 100},
        verbose=False,
    )
    return run


def write_dates(path, shown):
    lines = ["series,time,x,label"]
    for number in range(60):
        lines += [
            f"{number},{shown(step)},{number / 100 + (step if number % 2 else -step)},{'up' if number % 2 else 'down'}"
            for step in range(8)
        ]
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        (
            lambda step: step,
            "--resample 120s: the times in column time are numbers without a unit. The model was trained with "
            "--resample 120s: give times as dates.",
        ),
        (
            lambda step: f"12:{step:02}:00",
            "'12:00:00' is a time of day without a date, or the time since a series began. Write the date before it, "
            "as in 2026-01-31 12:00, or leave",
        ),
    ],
)
def test_no_option_of_training_is_advised_in_use(trained_on_dates, tmp_path, shown, message):
    """Neither `predict` nor `evaluate` has --resample or --time."""
    path, model = write_dates(tmp_path / "new.csv", shown), trained_on_dates.model.trained
    for use in (trained_on_dates.predict, lambda path: evaluate_file(model, model.reader, path)):
        with pytest.raises(UserError) as caught:
            use(path)
        assert message in str(caught.value)
    with pytest.raises(UserError, match=r"--time date,time|such as --resample 10"):
        unspool.train(path, out=tmp_path / "run", time="time", resample="120s", verbose=False)

"""Series to forecast, through training and all that a folder answers."""

import csv
import json
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas
import pytest

import unspool
from unspool.data.source import Source
from unspool.errors import UserError
from unspool.runs import fitting
from unspool.runs.checking.check import check
from unspool.runs.description import described
from unspool.runs.model import load_trained, reader_of
from unspool.runs.predict_file import predict_file
from unspool.runs.reading.forecasting import (
    last_forecasts,
    prepare_forecast_file,
    read_forecast_file,
    window_fingerprints,
)
from unspool.runs.reading.read_file import kind_of
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records import folder
from unspool.runs.records.record import read_result
from unspool.runs.records.seen import SEEN
from unspool.runs.records.training_log import read_digests
from unspool.runs.replay import replay
from unspool.runs.resume import resume

COLUMNS = {"time": "day", "series": "shop", "label": "sold", "horizon": 7}
SETTINGS = {"evaluation.resamples": 100}


def rows(shops: int = 6, days: int = 80, first: int = 0) -> list[dict]:
    random, start = np.random.RandomState(first), date(2026, 1, 5)
    week = np.array([3.0, 1, 0, 2, 5, 9, 4])
    return [
        {
            "shop": f"shop {first + shop}",
            "day": (start + timedelta(days=day)).isoformat(),
            "sold": round((shop + 1) * (10 + week[day % 7]) + random.normal(), 3),
            "rain": round(float(random.uniform()), 3),
        }
        for shop in range(shops)
        for day in range(days)
    ]


def write(path: Path, content: list[dict]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(content[0]))
        writer.writeheader()
        writer.writerows(content)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("forecasts") / "shops.csv", rows())


@pytest.fixture(scope="module")
def trained(path: Path) -> Path:
    return unspool.train(path, out=path.parent / "run", settings=SETTINGS, verbose=False, **COLUMNS).folder


def test_a_run_is_judged_beside_simple_models(trained: Path) -> None:
    result = read_result(trained)
    assert list(result.test.figures) == ["mase", "smape", "rmse", "mae", "wql", "coverage"]
    assert [one.name for one in result.baselines] == [
        *("naive", "seasonal-naive", "drift", "median", "seasonal-mean", "seasonal-median", "theta", "theta-log"),
        *("linear-lags", "ets", "ets-log", "arima", "arima-log"),
        "ridge",  # as there are covariates, for which trees have too few windows
    ]
    assert result.verdict.measure == "mase"
    assert result.test["mase"].value < result.baselines[1].scores["mase"].value  # last week's
    assert 0.6 < result.test["coverage"].value <= 1.0
    notes = {one.name: one.note for one in result.candidates}
    assert notes["theta"] == notes["ets"] == ""
    assert "needs 2,000 windows" in notes["network"]
    assert result.by_time
    assert "The forecasts begin at only 2 different times: intervals over series do not" in result.verdict.words


def test_the_report_shows_forecasts(trained: Path) -> None:
    result, page = read_result(trained), (trained / "report.html").read_text()
    assert result.forecasted is not None
    assert [one.place for one in result.forecasted.examples] == ["best", "median", "worst"]
    assert len(result.forecasted.by_step) == 7
    assert (trained / "figures" / "forecasts.png").is_file()
    assert 'class="figure-errors-by-step"' in page
    assert "Forecasts of the test set" in page
    assert f"<small>{result.test.examples} forecasts</small>" in page
    assert f"<small>{result.validation.examples} forecasts</small>" in page
    assert f"n the {result.test.examples} test forecasts" in result.verdict.words


def test_checks_pass_and_a_replay_gives_the_same_bits(trained: Path) -> None:
    certificate = check(trained)
    assert not certificate.broken
    assert next(one for one in certificate.checks if one.name == "batch mates").passed
    again = replay(trained)
    assert (again.epochs, again.parting) == (1, None)


def test_a_run_that_was_stopped_goes_on_to_the_same_bits(trained: Path, path: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:

        def stop(*arguments: object, **more: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(fitting, "choose_forecaster", stop)
        patch.setattr(folder, "_tidy_up", lambda partial: None)  # as if killed: nothing is tidied up
        with pytest.raises(KeyboardInterrupt):
            unspool.train(path, out=tmp_path / "again", settings=SETTINGS, verbose=False, **COLUMNS)
    result = resume(tmp_path / "again")
    assert result.test == read_result(trained).test
    assert read_digests(tmp_path / "again").epochs == read_digests(trained).epochs


def test_a_refit_learns_from_each_series_up_to_its_end(trained: Path, path: Path, tmp_path: Path) -> None:
    refitted = unspool.Run(trained).refit(tmp_path / "all", verbose=False)
    settings = replace(load_recipe(trained / "recipe.toml").data, path=str(path))
    assert isinstance(settings, FileSettings)
    before = prepare_forecast_file(read_forecast_file(settings, Source(path)))
    after = before.with_test_learned()
    assert before.forecasts is not None
    assert after.forecasts is not None
    assert {len(one) for one in before.forecasts.training.histories} == {80 - 14}
    assert {len(one) for one in after.forecasts.training.histories} == {80}
    assert max(one.origin for one in after.forecasts.training.windows) == 80 - 7
    rows_of_both = [refitted.predict(path), unspool.load(trained).predict(path)]
    assert [row["day"] for row in rows_of_both[0]] == [row["day"] for row in rows_of_both[1]]
    assert rows_of_both[0] != rows_of_both[1]


def test_two_runs_are_compared_on_the_same_forecasts(trained: Path, path: Path, tmp_path: Path) -> None:
    other = unspool.train(path, out=tmp_path / "naive", model="naive", settings=SETTINGS, verbose=False, **COLUMNS)
    found = unspool.compare(trained, other, out=tmp_path / "compared")
    by_score = {one.score: one for one in found.differences}
    assert {*by_score} == {"mase", "smape", "wql"}
    assert by_score["mase"].evidence
    assert by_score["mase"].value < 0  # the first is better
    assert found.report.is_file()


def test_predictions_continue_the_clock(trained: Path, path: Path, tmp_path: Path) -> None:
    model = load_trained(trained)
    new = write(tmp_path / "new.csv", rows(shops=2, days=30, first=90))  # shops that training has not seen
    predicted = predict_file(model, reader_of(model, trained), new, tmp_path / "next.jsonl")
    found = [json.loads(line) for line in (tmp_path / "next.jsonl").read_text().splitlines()]
    assert (predicted.rows, len(found)) == (14, 14)
    assert list(found[0]) == ["shop", "day", "forecast", "low", "high"]
    assert [row["day"] for row in found[:2]] == ["2026-02-04", "2026-02-05"]
    assert {row["shop"] for row in found} == {"shop 90", "shop 91"}
    assert all(row["low"] <= row["forecast"] <= row["high"] for row in found)
    assert unspool.load(trained).predict(new) == found
    truth = [row["sold"] for row in rows(shops=1, days=37, first=90)][30:]
    assert np.abs(np.array(truth) - [row["forecast"] for row in found[:7]]).mean() < 2.5


def test_it_is_scored_on_steps_that_it_has_not_seen(trained: Path, path: Path, tmp_path: Path) -> None:
    model = unspool.load(trained)
    found = model.evaluate(path)
    assert (found.rows, found.seen) == (6, 0)  # the last steps were the test
    earlier = write(tmp_path / "earlier.csv", [row for row in rows() if row["day"] < "2026-02-14"])
    with pytest.raises(UserError, match="trained on all 6 examples"):
        model.evaluate(earlier)
    assert model.evaluate(earlier, include_seen=True).rows == 6


def test_the_forecasts_of_a_series_are_drawn_together(tmp_path: Path) -> None:
    """This also holds for validation, where each series is forecast several times."""
    random = np.random.RandomState(0)
    content = [{"shop": shop, "sold": random.poisson(9)} for shop in "abcdef" for _ in range(60)]
    settings = FileSettings(path=str(write(tmp_path / "a.csv", content)), label="sold", horizon=2, series="shop")
    prepared = prepare_forecast_file(read_forecast_file(settings, Source(Path(settings.path))))
    for part in (prepared.validation, prepared.test):
        assert part.groups.tolist() == np.arange(6).repeat(len(part) // 6).tolist()
    assert len(prepared.validation) > 6


@pytest.mark.parametrize("time", ["day", None])
def test_equal_values_of_other_series_or_times_are_not_taken_for_seen(tmp_path: Path, time: str | None) -> None:
    """Of small counts, most stretches of two steps recur."""

    def sales(shop: str, first: int, seed: int) -> list[dict]:
        random, start = np.random.RandomState(seed), date(2026, 1, 5)
        days = [{"day": str(start + timedelta(days=first + day))} if time else {} for day in range(120)]
        return [{"shop": shop, "sold": random.poisson(1)} | day for day in days]

    settings = FileSettings(path=str(write(tmp_path / "a.csv", sales("a", 0, 0) + sales("b", 0, 1))), label="sold")
    settings = replace(settings, horizon=1, series="shop", time=time)
    read = read_forecast_file(settings, Source(Path(settings.path)))
    seen = set(prepare_forecast_file(read).training.fingerprints.tolist())
    for content, wanted in (
        (sales("a", 0, 0)[:80] + sales("b", 0, 1)[:70], True),
        (sales("c", 0, 2) + sales("d", 0, 3), False),
        (sales("a", 200, 2) + sales("b", 200, 3), False),
    ):
        panel = read.reader.read_file(write(tmp_path / "other.csv", content))
        prints = window_fingerprints(panel, last_forecasts(panel, read.reader.setup)[2], 1)
        assert {one in seen for one in prints.tolist()} == {wanted}


def afternoons(first: date, days: int) -> list[str]:
    zone = ZoneInfo("America/New_York")
    every = [first + timedelta(days=number) for number in range(400)]
    return [
        datetime(day.year, day.month, day.day, 16, tzinfo=zone).isoformat() for day in every if day.weekday() < days
    ]


def first_weekdays() -> list[str]:
    months = [[date(2000 + month // 12, month % 12 + 1, day) for day in (1, 2, 3)] for month in range(200)]
    return [str(next(day for day in days if day.weekday() < 5)) for days in months]


@pytest.mark.parametrize(
    ("times", "horizon"),
    [
        (afternoons(date(2025, 1, 1), 5), 5),
        (afternoons(date(2025, 7, 1), 5), 5),
        (afternoons(date(2025, 1, 1), 7), 5),
        (first_weekdays(), 5),
        ([f"2025-01-{1 + day:02}T{hour:02}:00" for day in range(10) for hour in range(24)], 5),
        ([None] * 200, 1),
        ([None] * 200, 12),
    ],
    ids=["weekdays from winter", "weekdays from summer", "days", "months", "hours", "rows, one ahead", "rows"],
)
def test_an_excerpt_is_recognised_wherever_it_begins(tmp_path: Path, times: list, horizon: int) -> None:
    """Its first row may be at another time of day, as clocks change, or on another day of the month."""
    values = np.random.RandomState(0).rand(len(times)).round(4).tolist()
    content = [{"sold": value} | ({"at": at} if at else {}) for at, value in zip(times, values, strict=True)]
    settings = FileSettings(path=str(write(tmp_path / "all.csv", content)), label="sold", horizon=horizon, season=1)
    read = read_forecast_file(settings, Source(Path(settings.path)))
    seen = set(prepare_forecast_file(read).training.fingerprints.tolist())
    for begin in (20, 21, 22, 23, 100):
        panel = read.reader.read_file(write(tmp_path / "cut.csv", content[begin : begin + 40]))
        prints = window_fingerprints(panel, last_forecasts(panel, read.reader.setup)[2], horizon)
        assert {*prints.tolist()} <= seen


def test_it_is_said_that_a_model_of_an_earlier_version_recognises_no_forecast(trained: Path, tmp_path: Path) -> None:
    old = Path(shutil.copytree(trained, tmp_path / "old"))
    with np.load(old / SEEN) as seen:
        arrays = {part: seen[part] for part in ("training", "validation")}
    np.savez(old / SEEN, **arrays)
    (old / "golden.json").unlink()  # which had no digest of these in earlier versions
    found = unspool.load(old).evaluate(write(tmp_path / "new.csv", rows(days=40, first=90)))
    assert found.notes[-1].startswith("Which examples this model was trained on was not kept")


def test_few_series_are_counted_as_series(trained: Path, tmp_path: Path) -> None:
    model = unspool.load(trained)
    new, earlier = rows(shops=1, days=40, first=90), [row for row in rows(shops=1) if row["day"] < "2026-02-14"]
    assert model.evaluate(write(tmp_path / "new.csv", new)).rows == 1
    found = model.evaluate(write(tmp_path / "both.csv", new + earlier))
    assert (found.rows, found.seen) == (1, 1)
    assert "trained on 1 of the 2 examples" in found.notes[0]
    assert "rest on only 2 halves of a single forecast period" in found.notes[-1]


def test_series_that_stand_still_in_validation_are_refused_in_words(tmp_path: Path) -> None:
    late = [{"t": step, "y": step % 5 if step > 190 else 0} for step in range(200)]
    with pytest.raises(UserError, match="No validation forecast can be scored: every series is constant before it"):
        unspool.train(write(tmp_path / "late.csv", late), horizon=5, model="naive", out=tmp_path / "run", verbose=False)


@pytest.mark.parametrize("name", [None, "load"])
def test_one_series_may_be_a_column_of_pandas_with_its_times_in_the_index(tmp_path: Path, name: str | None) -> None:
    days = pandas.date_range("2026-01-01", periods=90, freq="D")
    loads = pandas.Series(np.sin(np.arange(90.0)) + np.arange(90) % 7, index=days, name=name)
    assert unspool.inspect(loads, horizon=7).startswith(
        "data in memory: 1 series of 90 steps\n  times     2026-01-01 to"
    )
    run = unspool.train(loads, horizon=7, model="seasonal-naive", out=tmp_path / "run", verbose=False)
    recent = loads.tail(30).rename("other")
    predicted = run.predict(recent)
    assert [row["time"] for row in predicted] == [f"2026-04-{day:02}" for day in range(1, 8)]
    assert [row["forecast"] for row in predicted] == pytest.approx(loads.tail(7).tolist(), abs=1e-5)
    assert run.model.evaluate(loads, include_seen=True).rows == 1
    with pytest.raises(UserError, match=r"a single series as pandas\.Series\(data\)"):
        run.predict(loads.tolist())


@pytest.mark.parametrize(
    ("index", "times"),
    [
        (range(1900, 1990), "1900 to 1989"),
        ([f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(84)], "2026-01-01 to 2026-03-28"),
    ],
)
def test_times_in_the_index_of_a_column_are_read_whatever_they_are(index: Any, times: str) -> None:
    values = np.arange(float(len(index))) % 7
    assert f"times     {times}" in unspool.inspect(pandas.Series(values, index=index), horizon=3)
    named = pandas.Series(values, index=pandas.Index(index), name="time")
    assert f"times     {times}" in unspool.inspect(named, horizon=3)
    assert "times  " not in unspool.inspect(pandas.Series(values), horizon=3)
    with pytest.raises(UserError):
        unspool.inspect(pandas.Index(values), horizon=3)


def test_what_it_is_can_be_told(trained: Path) -> None:
    told = described(trained)
    assert "the next 7 steps of a series, each a number with its 80% interval" in told
    assert "column sold, and of rain; a season is 7 steps" in told
    data = load_recipe(trained / "recipe.toml").data
    assert (data.kind, data.label, data.channels, data.season) == ("forecast", "sold", ("rain",), 7)
    with pytest.raises(UserError, match="without probabilities"):
        unspool.load(trained).probabilities([])


def test_what_was_seen_is_said(path: Path, tmp_path: Path) -> None:
    content = rows()
    content[3]["sold"] = ""
    del content[20]
    seen = unspool.inspect(write(tmp_path / "gaps.csv", content), **COLUMNS)
    for line in (
        "6 series of 80 steps",
        "times     2026-01-05 to 2026-03-25",
        "covariate known until the forecast begins: rain",
        "2 steps have no number for sold in the file",
        "a season is 7 steps; 7 steps are forecast",
        "12 forecasts (2 rolling origins a series); intervals are over series",
    ):
        assert line in seen, seen
    assert "unusual" not in seen
    content[10]["sold"] = content[90]["sold"] = -9999
    odd = unspool.inspect(write(tmp_path / "odd.csv", content), **COLUMNS)
    assert "  unusual   column sold contains -9999 (2 times), far from all its other numbers" in odd
    unequal = write(tmp_path / "unequal.csv", content[:-40])
    assert "11 forecasts (1 to 2 rolling origins a series)" in unspool.inspect(unequal, **COLUMNS)


def test_a_simple_model_that_is_best_is_the_model(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    walk = [{"t": step, "y": value} for step, value in enumerate(np.cumsum(random.normal(size=120)).round(4))]
    run = unspool.train(
        write(tmp_path / "walk.csv", walk),
        horizon=5,
        model="naive",
        out=tmp_path / "run",
        settings=SETTINGS,
        verbose=False,
    )
    assert "This model is itself a simple one, the last value (naive)" in run.verdict.words
    assert run.result.counted == "blocks of steps"
    assert run.result.drawn == "forecast periods"
    assert "rest on only 4 forecast periods" in run.verdict.words  # a fifth of 120 steps holds four of 5
    found = unspool.load(tmp_path / "run").evaluate(tmp_path / "walk.csv", include_seen=True)
    assert "The intervals rest on only 2 halves of a single forecast period; with" in " ".join(found.notes)
    assert run.predict(tmp_path / "walk.csv")[0] | {"low": 0, "high": 0} == {
        "t": 120,
        "forecast": pytest.approx(walk[-1]["y"]),
        "low": 0,
        "high": 0,
    }


def test_no_forecast_reads_what_comes_after_it(tmp_path: Path) -> None:
    """Before forecasts of validation and of the test, a gap ends with a value that was not known yet."""
    content = rows(shops=1)
    for day in (50, 51, 52, 70, 71, 72):
        content[day]["sold"] = ""
    content[72]["rain"] = ""
    later = [row | {"sold": 999.0, "rain": 999.0} if day >= 73 else row for day, row in enumerate(content)]
    prepared = []
    for name, some in (("some.csv", content), ("other.csv", later)):
        settings = FileSettings(path=str(write(tmp_path / name, some)), channels=("rain",), **COLUMNS)
        prepared.append(prepare_forecast_file(read_forecast_file(settings, Source(Path(settings.path)))))
    for one, other in zip(*(some.test.inputs.items for some in prepared), strict=True):
        np.testing.assert_array_equal(one, other)
    training = prepared[0].forecasts.training
    gap = [training.item(window)[window.origin - 1, 0] for window in training.windows if window.origin == 53]
    assert set(gap) == {np.float32(content[49]["sold"])}


def test_a_frame_may_hold_the_series(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(rows(shops=1, days=60))
    frame["day"] = pandas.to_datetime(frame["day"])
    run = unspool.train(
        frame, **COLUMNS, known_ahead=["rain"], model="ridge", out=tmp_path / "run", settings=SETTINGS, verbose=False
    )
    ahead = pandas.DataFrame(rows(shops=1, days=67)).tail(7).assign(sold=None)
    ahead["day"] = pandas.to_datetime(ahead["day"])
    assert len(run.predict(pandas.concat([frame, ahead]))) == 7
    with pytest.raises(unspool.UserError, match=r"This model forecasts from a table. Give a file or a data frame"):
        run.predict([[1.0, 2.0, 3.0]])
    with pytest.raises(unspool.UserError, match="A beam is for models that translate"):
        run.model.predict(frame, beam=4)
    with pytest.raises(unspool.UserError, match="A length penalty is for models that translate"):
        run.model.predict(frame, length_penalty=0.6)
    with pytest.raises(unspool.UserError, match="text names a column of texts, and this model reads series"):
        run.model.predict(frame, text="note")


def test_files_to_forecast_are_known_by_their_horizon(path: Path) -> None:
    assert kind_of(path, None, None, forecast=True) == kind_of(path, None, None, task="forecasting") == "forecast"


def test_series_that_end_early_are_pointed_out(tmp_path: Path) -> None:
    path = write(tmp_path / "some.csv", rows(shops=2) + rows(shops=1, days=60, first=5))
    told = "1 of 3 series ends before 2026-03-25: shop 5 is forecast from 2026-03-06 on"
    assert told in str(unspool.inspect(path, **COLUMNS))
    run = unspool.train(path, out=tmp_path / "run", model="naive", settings=SETTINGS, verbose=False, **COLUMNS)
    model = load_trained(run.folder)
    assert predict_file(model, reader_of(model, run.folder), path, tmp_path / "next.csv").notes == (told,)
    assert "before 2026" not in str(unspool.inspect(write(tmp_path / "same.csv", rows()), **COLUMNS))


@pytest.mark.parametrize(("days", "horizon"), [(17, 7), (10, 1)])
def test_the_shortest_series_is_enough(tmp_path: Path, days: int, horizon: int) -> None:
    path = write(tmp_path / "one.csv", rows(shops=1, days=days))
    named = COLUMNS | {"horizon": horizon}
    run = unspool.train(path, out=tmp_path / "run", model="naive", settings=SETTINGS, verbose=False, **named)
    assert run.result.data.examples["validation"] >= 1
    with pytest.raises(UserError, match=r"Only one value is left for the test, and scores need two. Give a longer"):
        unspool.inspect(write(tmp_path / "five.csv", rows(shops=1, days=5)), **COLUMNS | {"horizon": 1})


def test_short_series_are_set_aside_and_forecast(tmp_path: Path) -> None:
    """New products are neither trained on nor tested, and are forecast by the model that the others chose."""
    short = [row for days in (1, 2, 5, 16) for row in rows(shops=1, days=days, first=50 + days)]
    path = write(tmp_path / "some.csv", rows() + short)
    run = unspool.train(path, out=tmp_path / "run", model="ridge", settings=SETTINGS, verbose=False, **COLUMNS)
    inspected = (run.folder / "inspection.txt").read_text()
    assert "short     4 of 10 series have fewer than 17 steps, too few to hold out" in inspected
    assert "6 series, 480 steps; 7 are forecast; 4 other series are too short" in run.result.data.title
    assert run.result.data.examples["training"] == 6 * (80 - 7)
    answers = run.predict(write(tmp_path / "new.csv", short))
    assert len(answers) == 4 * 7
    assert all(row["low"] <= row["forecast"] <= row["high"] for row in answers)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"horizon": None, "task": "forecasting"}, "say how many steps are to be forecast"),
        ({"horizon": 90}, "the horizon of 90 is too long: .* the longest series shop 0 has 80"),
        ({"label": "name", "series": None}, r"column name \(such as 'shop 0'\) holds no numbers"),
        ({"text": "shop"}, "--text is not for forecasting"),
        ({"group": "shop"}, "--group is not for forecasting: the test is the end of each series"),
        ({"target": "shop"}, "The column to forecast is named by --label"),
        ({"task": "binary"}, "--horizon asks for the task forecasting, not binary"),
        ({"model": "cnn"}, "no such model that forecasts. There are naive, seasonal-naive"),
        ({"settings": {"training.epochs": 3}}, "training.epochs has no effect"),
        ({"settings": {"evaluation.measure": "auc"}}, "the measures of forecasting .* are mase"),
        ({"settings": {"evaluation.measure": "coverage"}}, "no verdict can rest on it. Choose one of mase, "),
    ],
)
def test_what_cannot_be_is_told(path: Path, tmp_path: Path, more, message) -> None:
    named = {name: value for name, value in (COLUMNS | more).items() if value is not None}
    if "series" not in named:  # nor a column that has its usual name
        path = write(
            tmp_path / "one.csv", [{"name" if key == "shop" else key: row[key] for key in row} for row in rows()]
        )
    with pytest.raises(UserError, match=message):
        unspool.train(path, out=tmp_path / "run", verbose=False, **named)


def test_options_of_forecasts_are_for_forecasts(path: Path) -> None:
    with pytest.raises(UserError, match="--season is for forecasting, which has a --horizon"):
        unspool.inspect(path, season=7)

"""Models that forecast: the runtime goes on from histories as the trainer does."""

import csv
import json
import math
import random
import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.forecasts import Forecaster
from unspool.candidates.forecasts.blend import Blend
from unspool.candidates.forecasts.by_length import ByLength, by_length
from unspool.candidates.forecasts.lags import Lags
from unspool.candidates.forecasts.local import LOCAL, LocalCandidate
from unspool.candidates.forecasts.ridge import LinearCandidate, RidgeCandidate
from unspool.candidates.forecasts.spread import Spread
from unspool.candidates.forecasts.trees import TreesCandidate, grown_trees
from unspool.cli import main
from unspool.data.forecasting import find_forecast_columns, read_panel
from unspool.data.tables import read_table
from unspool.errors import UserError
from unspool.export import Smaller, export_model, export_onnx
from unspool.export.forecasts import history_reader_node
from unspool.export.golden import histories_of
from unspool.readers import ForecastReader, RawExamples
from unspool.tasks import Forecasting
from unspool.training.forecaster import NetworkCandidate

unspool_runtime = pytest.importorskip("unspool_runtime")
from unspool_runtime.cli import main as runtime_main  # noqa: E402
from unspool_runtime.forecasts.models import read_point_model  # noqa: E402
from unspool_runtime.forecasts.setup import Setup  # noqa: E402
from unspool_runtime.node import Node  # noqa: E402

HORIZON = 9
LOCAL_ONES = [LocalCandidate(name) for name in LOCAL]
RIDGE, LOGS, LINEAR = RidgeCandidate(), RidgeCandidate(log=True), LinearCandidate()
TREES, NETWORK = TreesCandidate(most_trees=20), NetworkCandidate(units=5, epochs=1, least_windows=1)


class RelativeTrees:
    """Trees that read and forecast multiples of the usual value, whether or not they do better."""

    name = "relative trees"

    def lags(self, setup, lengths):
        return Lags.suited(setup, lengths, False, relative=True)

    def fit(self, histories, setup, seed):
        return grown_trees(histories, self.lags(setup, [len(one) for one in histories]), 20, seed)


class LaggedTrees(RelativeTrees):
    """Trees that read earlier values of what is known ahead, whether or not they do better."""

    name = "lagged trees"

    def lags(self, setup, lengths):
        return replace(Lags.suited(setup, lengths, False), lagged=1)


def rows_of(step, count, series):
    """A table with a covariate that is known until now, and one known ahead."""
    draw = random.Random(0)
    yield ["shop", "t", "promo", "visits", "sold"]
    for shop in range(series):
        for number in range(count):
            moment = datetime(2024, 12, 30, 3) + number * step
            week = 6 * math.sin(2 * math.pi * moment.weekday() / 7)
            promo, visits = int(draw.random() < 0.2), draw.randint(5, 20)
            known = number < count - HORIZON
            sold = round(20 + 5 * shop + week + 3 * promo + number / 20 + draw.gauss(0, 1), 1) if known else ""
            yield [f"shop {shop}", moment.isoformat(), promo, visits if known else "", sold]


@pytest.fixture(scope="module", params=[timedelta(days=1), timedelta(hours=6)], ids=["days", "hours"])
def panel(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "shops.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows_of(request.param, 65, 3))
    table = read_table(path)
    columns = find_forecast_columns(
        table, target="sold", time="t", series="shop", known_ahead=["promo"], covariates=["visits"]
    )
    return read_panel(table, columns)


@pytest.fixture
def exported(panel, folder_of, tmp_path):
    """Exports fitted candidates as one model: the forecaster, its reader, the items of the panel, and the file."""

    def made(*candidates, least=None, weights="float32", by_their_length=False):
        reader = ForecastReader.of(panel, HORIZON, None, None)
        models = [one.fit(panel.values, reader.setup, 0) for one in candidates]
        model = Blend(tuple(models), np.full(len(models), 1 / len(models))) if len(models) > 1 else models[0]
        if by_their_length:
            model = by_length(model, panel.values, reader.setup)
            assert isinstance(model, ByLength)
        short = np.array([[1, 3.0], [5, 2.0], [35, 1.5], [100, 1.0]])
        powers = {"place": 0.5, "recent": 0.5}
        spread = Spread(-np.arange(1.0, 1 + HORIZON), np.full(HORIZON, 2.0), unit=0.75, short=short, **powers)
        forecaster = Forecaster(reader.setup, model, spread, least)
        items = reader.read(panel).items
        raw = RawModel("forecast", "small", "forecasting", forecaster)
        task = Forecasting(horizon=HORIZON, season=reader.setup.season)
        folder = folder_of(raw, reader, task, RawExamples(items))
        return forecaster, items, folder, export_model(folder, tmp_path / "m.unspool", Smaller(weights))

    return made


@pytest.mark.parametrize(
    "candidates",
    [
        *([one] for one in LOCAL_ONES),
        [LINEAR],
        [RIDGE],
        [LOGS],
        [TREES],
        [RelativeTrees()],
        [LaggedTrees()],
        [NETWORK],
        [RIDGE, TREES, LINEAR, LocalCandidate("theta")],
    ],
    ids=lambda given: given[0].name if len(given) == 1 else "blend",
)
def test_histories_are_gone_on_from_alike(panel, exported, monkeypatch, candidates):
    forecaster, items, _, found = exported(*candidates, least=30.0)
    assert found.agree == found.count == 3
    wanted = forecaster.outputs(items)
    given = [
        {"history": steps[:, :3], "ahead": ahead[:, :1], "start": float(start)}
        for steps, ahead, start in zip(panel.values, panel.ahead, panel.starts, strict=True)
    ]
    for kernels in ("reference", "native"):
        monkeypatch.setenv("UNSPOOL_KERNELS", kernels)
        model = unspool_runtime.Model.load(found.out)
        said = model.outputs(given)  # the reference takes long: once
        np.testing.assert_allclose(said, wanted, rtol=2e-6)
        np.testing.assert_array_equal(said[1:2], model.outputs(given[1:2]))
    task = Forecasting(horizon=HORIZON)
    assert np.allclose(model.predict(given), task.decide(wanted, None)[0], rtol=2e-6)


@pytest.mark.parametrize("by_their_length", [False, True])
def test_a_history_that_is_short_or_stands_still_is_gone_on_from_alike(exported, javascript, by_their_length):
    others = [LOGS, TREES, RelativeTrees(), LaggedTrees(), NETWORK, LINEAR, *LOCAL_ONES]
    candidates = [LINEAR, RIDGE] if by_their_length else others
    forecaster, items, _, found = exported(*candidates, least=0.0, by_their_length=by_their_length)
    short = [np.concatenate([item[:steps], item[-HORIZON:]]) for item in items for steps in (1, 2, 5, 8, 40)]
    short.append(items[0].copy())
    short[-1][:-HORIZON, 0] = 5
    short.append(items[0].copy())
    short[-1][:-HORIZON, 0] -= 100  # below the least of training
    short.append(items[0].copy())
    short[-1][:-HORIZON, 0] = 0
    model = unspool_runtime.Model.load(found.out)
    wanted = forecaster.outputs(short)
    histories = histories_of(short, forecaster.setup)
    np.testing.assert_allclose(model.outputs(histories), wanted, rtol=2e-6)
    given = [json.dumps({name: part.tolist() for name, part in one.items()}) for one in histories]
    read = "((one) => ({ values: one.history.flat(), length: one.history.length, ahead: one.ahead.flat() }))"
    check, said = javascript(found.out, given, f"model.outputs({read}(JSON.parse(one)))")
    assert check["passed"], check
    np.testing.assert_allclose(said, wanted.reshape(len(short), -1), rtol=2e-6)


def test_a_model_by_length_within_another_is_refused():
    point = {"kind": "last value"}
    for _ in range(2):
        point = {"kind": "by length", "point": point, "shorter": {"kind": "lag linear"}}
    with pytest.raises(unspool_runtime.ModelError, match="no part of another"):
        read_point_model(Node(point, {}), Setup(3, 4))


def test_a_time_is_a_date_or_seconds(exported):
    model = unspool_runtime.Model.load(exported(RIDGE)[-1].out)
    history, ahead = [[20.0 + day % 7, 3.0, 0.0] for day in range(20)], [[0.0]] * HORIZON
    seconds = datetime.fromisoformat("2026-03-01T00:00+00:00").timestamp()
    starts = ["2026-03-01", date(2026, 3, 1), "2026-03-01T01:00+01:00", seconds]
    found = model.outputs([{"history": history, "ahead": ahead, "start": one} for one in starts])
    assert np.ptp(found, axis=0).max() == 0
    later = model.outputs([{"history": history, "ahead": ahead, "start": "2026-03-03"}])
    assert np.abs(later - found[:1]).max() > 0


def test_a_smaller_model_says_what_changes(exported):
    found = exported(NETWORK, weights="int8")[-1]
    assert "3 golden answers were compared" in str(found.reduction)


def test_only_models_that_read_days_of_the_month_need_a_runtime_that_knows_them(panel):
    node = history_reader_node(ForecastReader.of(panel, HORIZON, None, None))
    assert node["kind"] == ("histories" if panel.step.length < 86400 else "dated histories")


def test_there_is_no_graph(exported, tmp_path):
    folder = exported(RIDGE)[2]
    pytest.importorskip("onnxruntime")
    with pytest.raises(UserError, match="Models that forecast have no ONNX graph"):
        export_onnx(folder, tmp_path / "m.onnx")


def test_a_run_is_exported_and_answers_lines_of_json(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("sold.csv", "w") as file:
        file.write("month,sold\n" + "\n".join(f"20{20 + k // 12}-{k % 12 + 1:02},{10 + k % 12 + k}" for k in range(40)))
    said = ["--label", "sold", "--time", "month", "--horizon", "3", "--set", "evaluation.resamples=100"]
    assert main(["train", "sold.csv", *said, "--model", "drift", "--out", "run"]) == 0
    assert main(["export", "run", "--out", "m.unspool", "--weights", "int8"]) == 0
    assert re.search(r"golden answers and \d+ test answers were compared", capsys.readouterr().out)
    (tmp_path / "histories.jsonl").write_text("[1, 2, 3]\n" + json.dumps({"history": [4, None, 8]}))
    capsys.readouterr()
    assert runtime_main(["m.unspool", "histories.jsonl"]) == 0
    lines = [json.loads(line)["prediction"] for line in capsys.readouterr().out.splitlines()]
    assert [[step[0] for step in one] for one in lines] == [[4, 5, 6], [10, 12, 14]]
    assert all(low <= middle <= high for one in lines for middle, low, high in one)

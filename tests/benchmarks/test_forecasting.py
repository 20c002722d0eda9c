"""The benchmark of forecasts: its parts, its reading, its peers."""

import numpy as np
import pytest
from benchmarks.forecasting import count_sets, new_r_sets, r_sets, sets, suite, tool_sets
from benchmarks.forecasting.peers import SIMPLE, bare


def test_no_set_is_both_developed_on_and_held_out():
    assert not set(sets.DEVELOPMENT) & set(sets.HELD_OUT)
    assert set(sets.SETS) == {*sets.DEVELOPMENT, *sets.HELD_OUT}
    parts = (*r_sets.R_DEVELOPMENT, *r_sets.R_HELD_OUT, *r_sets.R_LATER)
    assert len(set(parts)) == len(parts)
    assert set(r_sets.R_SETS) == set(parts)
    new = (*new_r_sets.NEW_DEVELOPMENT, *new_r_sets.NEW_HELD_OUT)
    assert len(set(new)) == len(new)
    assert set(new_r_sets.NEW_R_SETS) == set(new)
    assert not set(new) & {*parts, *sets.SETS}
    counts = (*count_sets.COUNTS_DEVELOPMENT, *count_sets.COUNTS_HELD_OUT)
    assert not set(counts) & {*parts, *new, *sets.SETS}
    tools = (*tool_sets.TOOLS_DEVELOPMENT, *tool_sets.TOOLS_HELD_OUT)
    assert len(set(tools)) == len(tools)
    assert set(tool_sets.TOOL_SETS) == set(tools)
    assert not set(tools) & {*parts, *new, *counts, *sets.SETS}


def test_events_are_counted_to_the_last_day_of_all(monkeypatch):
    margherita = [
        {"name": "margherita", "size": "S", "date": f"2015-01-{day:02}"} for day in (2, 4, 4) for _ in range(10)
    ]
    few = [{"name": "margherita", "size": "L", "date": "2015-01-05"}]
    monkeypatch.setattr(count_sets, "rows", lambda package, name: margherita + few)
    one = sets.load("pizzas")
    assert [(row["series"], row["time"], row["value"]) for row in one.rows] == [
        ("margherita S", f"2015-01-{day:02}", count) for day, count in ((2, 10), (3, 0), (4, 20), (5, 0))
    ]


def test_a_set_of_a_wheel_is_read_and_forecast(tmp_path):
    pytest.importorskip("sktime")
    one = sets.load("airline")
    assert (len(one.rows), one.rows[0]) == (144, {"time": "1949-01", "value": "112"})
    prepared = suite.prepare(one, tmp_path)
    assert prepared.reader.setup.season == 12
    for name in ("seasonal-naive", "ridge"):
        training = prepared.forecasts.training
        model = SIMPLE[name].fit(training.histories, training.setup, 0)
        outputs = bare(model.points(prepared.test.inputs.items))
        assert outputs.shape == prepared.test.targets.shape
        assert np.isfinite(outputs).all()


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setattr(sets.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(sets.MissingError, match="vega_datasets is not installed"):
        sets.load("stocks")

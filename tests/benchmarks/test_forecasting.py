"""The benchmark of forecasts: its parts, its reading, its peers."""

import numpy as np
import pytest
from benchmarks.forecasting import new_r_sets, r_sets, sets, suite
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

"""The benchmark of forecasts: its parts, its reading, its peers."""

import numpy as np
import pytest
from benchmarks.forecasting import r_sets, sets, suite
from benchmarks.forecasting.peers import PEERS


def test_no_set_is_both_developed_on_and_held_out():
    assert not set(sets.DEVELOPMENT) & set(sets.HELD_OUT)
    assert set(sets.SETS) == {*sets.DEVELOPMENT, *sets.HELD_OUT}
    parts = (*r_sets.R_DEVELOPMENT, *r_sets.R_HELD_OUT, *r_sets.R_LATER)
    assert len(set(parts)) == len(parts)
    assert set(r_sets.R_SETS) == set(parts)


def test_a_set_of_a_wheel_is_read_and_forecast(tmp_path):
    pytest.importorskip("sktime")
    one = sets.load("airline")
    assert (len(one.rows), one.rows[0]) == (144, {"time": "1949-01", "value": "112"})
    prepared = suite.prepare(one, tmp_path)
    assert prepared.reader.setup.season == 12
    for name in ("seasonal-naive", "ridge"):
        outputs, _ = PEERS[name](prepared)
        assert outputs.shape == prepared.test.targets.shape
        assert np.isfinite(outputs).all()


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setattr(sets.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(sets.MissingError, match="vega_datasets is not installed"):
        sets.load("stocks")

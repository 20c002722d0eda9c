"""A forecaster in a folder: kept whole, refused if altered, and never below what training never had."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.candidates.forecasts import CANDIDATES, Forecaster, item_of, load_forecaster
from unspool.candidates.forecasts.blend import Blend
from unspool.candidates.forecasts.local import LocalCandidate
from unspool.candidates.forecasts.spread import Spread
from unspool.candidates.forecasts.trees import TreesCandidate
from unspool.errors import UserError

from .waves import SETUP, wave

_MEMBERS = ("naive", "ridge", "linear-lags", "trees")


@pytest.fixture(scope="module")
def forecaster():
    histories = [wave(60, seed) for seed in range(3)]
    members = tuple(one.fit(histories, SETUP, 0) for one in CANDIDATES if one.name in _MEMBERS)
    spread = Spread(np.full(4, -1.0), np.full(4, 2.0), unit=0.25)
    return Forecaster(SETUP, Blend(members, np.full(4, 0.25)), spread, least=0.0)


def test_whoever_may_read_the_folder_may_read_a_forecaster(forecaster, tmp_path):
    (tmp_path / "other").touch()
    forecaster.save(tmp_path)
    assert len({path.stat().st_mode for path in tmp_path.iterdir()}) == 1


def test_a_forecaster_comes_back_with_the_same_bits(forecaster, tmp_path):
    forecaster.save(tmp_path)
    items = [item_of(wave(length), None, SETUP) for length in (5, 50)]
    outputs = forecaster.outputs([*items, items[0]])
    assert np.array_equal(load_forecaster(tmp_path).outputs([*items, items[0]]), outputs)
    assert np.array_equal(outputs[0], outputs[2])
    assert (outputs[..., 0] <= outputs[..., 1]).all()
    assert (outputs[..., 1] <= outputs[..., 2]).all()


def test_forecasts_do_not_fall_below_what_training_never_had(forecaster):
    falling = np.linspace(20, 0, 21, dtype=np.float32)[:, None]
    assert forecaster.outputs([item_of(falling, None, SETUP)]).min() >= 0


def test_missing_steps_of_a_history_are_not_below_what_training_never_had():
    below = SimpleNamespace(points=lambda items: np.full((len(items), 4), -1.0))
    model = Forecaster(SETUP, below, Spread(np.zeros(4), np.zeros(4)), least=0.0)
    histories = (np.array([[5.0], [np.nan], [one]], np.float32) for one in (3, -3))
    found = model.outputs([item_of(one, None, SETUP) for one in histories])
    assert found[:, :, 1].tolist() == [[0.0] * 4, [-1.0] * 4]
    assert model.outputs([]).shape == (0, 4, 3)


def test_no_items_have_no_forecasts(forecaster):
    trees = TreesCandidate(most_trees=10).fit([wave(200, seed) for seed in range(3)], SETUP, seed=0)
    blend = replace(forecaster.model, members=(trees,), weights=np.ones(1))
    assert replace(forecaster, model=blend).outputs([]).shape == (0, 4, 3)


def test_a_history_below_what_training_had_is_forecast_below_it_too(forecaster):
    winter, falling = wave(40) - 60, np.linspace(20, 0, 21, dtype=np.float32)[:, None]
    naive = replace(forecaster, model=LocalCandidate("seasonal-naive").fit([], SETUP, 0))
    found = naive.outputs([item_of(winter, None, SETUP), item_of(falling, None, SETUP)])
    np.testing.assert_array_equal(found[0, :, 1], np.resize(winter[-SETUP.season :, 0], SETUP.horizon))
    assert (np.diff(found[0]) > 0).all()
    assert found[1].min() == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"horizon": 4', '"horizon": 0'),
        ('"horizon": 4', '"horizon": 5'),
        ('"season": 4', '"season": 1e9'),
        ('"kind": "ridge"', '"kind": "spade"'),
        ('"near": 6', '"near": 7'),
    ],
)
def test_an_altered_file_is_refused(forecaster, tmp_path, before, after):
    forecaster.save(tmp_path)
    path = tmp_path / "forecaster.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(UserError, match="altered"):
        load_forecaster(tmp_path)

"""A network that forecasts: trained by the compiled loop, kept with the same bits, refused where it was altered."""

import keras
import numpy as np
import pytest

from unspool.candidates.forecasts import Forecaster, Setup, item_of, load_forecaster
from unspool.candidates.forecasts.spread import Spread
from unspool.errors import UserError
from unspool.training import forecaster
from unspool.training.forecaster import Network, NetworkCandidate

SETUP = Setup(horizon=3, season=4, known=1)


def waves(length, seed=0):
    random = np.random.RandomState(seed)
    heat = random.normal(size=length)
    values = 10 + np.array([3.0, -1, 0, -2])[np.arange(length) % 4] + heat
    return np.stack([values, heat], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    """A network that was never trained: its weights are drawn."""
    config = {"units": 8, "length": 8, "beside": 3, "ahead": 6, "horizon": 3}
    lstm, first = [(8, 32), (32,)], [(11, 8), (8,)]
    shapes = [(1, 32), *lstm, *first, *first, (6, 32), *lstm, (8, 8), (8,), (14, 1), (1,)]
    random = np.random.RandomState(0)
    arrays = {f"weight{number:02}": random.normal(size=shape).astype(np.float32) for number, shape in enumerate(shapes)}
    arrays |= {"middle": np.zeros(9), "spread": np.ones(9)}
    lags = {"near": 8, "week": 0, "log": False}
    return Network.from_state({"kind": "network", "lags": lags, "network": config}, arrays, SETUP)


def item(length, seed=9):
    series = waves(length + 3, seed)
    return item_of(series[:length], series[length:, 1:], SETUP), series[length:, 0]


@pytest.mark.slow
def test_it_learns_from_its_windows():
    model = NetworkCandidate(units=8, epochs=12, least_windows=50).fit(
        [waves(300, seed) for seed in range(3)], SETUP, 0
    )
    found = [item(length) for length in range(60, 90)]
    errors = np.abs(model.points([one for one, _ in found]) - [truth for _, truth in found]).mean()
    naive = np.abs([one[-7:-4, 0] - truth for one, truth in found]).mean()  # a season before
    assert errors < 0.9 * naive


def test_a_forecast_does_not_depend_on_its_company(model):
    items = [item(length)[0] for length in (10, 40, 70)]
    together = model.points(items)
    alone = np.concatenate([model.points([one]) for one in items])
    assert np.allclose(together, alone, atol=1e-5)


def test_what_is_known_of_a_step_ahead_touches_it_and_those_after_it(model):
    asked, _ = item(40)
    changed = asked.copy()
    changed[-2, 1] += 1  # the heat of the second of three steps
    before, after = model.points([asked])[0], model.points([changed])[0]
    assert after[0] == before[0]
    assert (np.abs(after[1:] - before[1:]) > 1e-3).all()


def test_it_comes_back_and_is_refused_where_it_was_altered(model, tmp_path):
    forecaster = Forecaster(SETUP, model, Spread(np.full(3, -1.0), np.full(3, 1.0)))
    forecaster.save(tmp_path)
    items = [item(30)[0], item(50)[0]]
    assert np.array_equal(load_forecaster(tmp_path).outputs(items), forecaster.outputs(items))
    path = tmp_path / "forecaster.json"
    text = path.read_text()
    for good, bad in (
        ('"units": 8', '"units": 4000'),
        ('"beside": ', '"beside": 1'),
        ('"ahead": ', '"ahead": 1'),
        ('"lstm"', '"gru"'),
    ):
        assert good in text
        path.write_text(text.replace(good, bad))
        with pytest.raises(UserError, match="altered"):
            load_forecaster(tmp_path)


def test_training_stops_by_the_latest_windows_of_each_series_which_it_does_not_learn_from(monkeypatch):
    given = {}
    monkeypatch.setattr(forecaster, "fit", lambda network, x, y, **how: given.update(how, x=x, y=y))
    NetworkCandidate(units=2).fit([waves(60, seed) for seed in range(2)], SETUP, seed=0)
    (past, _, _), answers = given["validation_data"]
    learned, held_out = ({row.tobytes() for row in some} for some in (given["x"][0], past))
    assert len(answers) == len(held_out) == 2 * ((len(given["y"]) + len(answers)) // 2 // 10)
    assert not learned & held_out
    assert [
        one.restore_best_weights for one in given["callbacks"] if isinstance(one, keras.callbacks.EarlyStopping)
    ] == [True]


@pytest.mark.slow
def test_one_window_of_each_series_is_enough():
    """Of 20,000 series one window each is kept: some of them stop the training, and some train."""
    series = [waves(6, seed) for seed in range(200)]
    model = NetworkCandidate(units=2, epochs=1).fit(series, SETUP, seed=0)
    assert np.isfinite(model.points([item(6)[0]])).all()


def test_too_few_windows_are_told():
    assert "needs 2,000 windows to learn from; there are 89" in NetworkCandidate().missing([waves(100)], SETUP)

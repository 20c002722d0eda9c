"""Recurrent networks of series: what they read, how they are trained, when they are tried."""

import jax.numpy as jnp
import numpy as np
import pytest

from unspool.candidates.outcome import OVER_BUDGET
from unspool.candidates.pace import Pace, TooSlowError
from unspool.candidates.series import (
    CANDIDATES,
    RAW_VALUES,
    RECURRENT,
    Recurrent,
    Truth,
    choose,
    load_model,
    many,
    recurrent,
    recurrent_training,
    save_model,
)
from unspool.candidates.series.recurrent import MOST_STEPS, RecurrentModel, parts_of
from unspool.candidates.series.recurrent_network import Network
from unspool.candidates.series.recurrent_training import ENOUGH, FEW, MANY, Weights, _batches, _drawn, _planned, _pooled
from unspool.candidates.series.standardised import Standardised
from unspool.errors import UserError
from unspool.kernels import FlatSeries

SMALL = Recurrent("recurrent", 100, units=6, networks=2)


def noise(lengths, seed=0):
    return [*map(np.float32, (np.random.default_rng([seed, n]).normal(size=(n, 2)) for n in lengths))]


def test_a_trained_network_answers_as_it_was_trained():
    """Padding in front and a mask in training, each series at its own length afterwards."""
    weights = _drawn(2, 4, 3, np.random.default_rng(0))
    series = noise([5, 9, 1])
    padded = np.stack([np.pad(one, ((9 - len(one), 0), (0, 0)), constant_values=7) for one in series])
    there = np.arange(9) >= 9 - np.array([[5], [9], [1]])
    wanted = _pooled(weights, jnp.asarray(padded), jnp.asarray(there)) @ weights.head + weights.intercept
    network = Network(*map(np.asarray, weights))
    np.testing.assert_allclose(network.scores(series), wanted, atol=1e-6)
    np.testing.assert_array_equal(network.scores(series[:1]), network.scores(series)[:1])
    assert network.scores([np.zeros((0, 2), np.float32)]).shape == (1, 3)


def test_both_directions_count():
    weights = _drawn(2, 4, 3, np.random.default_rng(0))
    (one,) = noise([9])
    for way in range(2):
        deaf = Weights(weights.kernel.at[way].set(0), *weights[1:])
        network = Network(*map(np.asarray, deaf))
        assert np.abs(network.scores([one]) - Network(*map(np.asarray, weights)).scores([one])).max() > 1e-3


def test_what_comes_first_is_learned():
    """A bump and a dip, anywhere: labelled by which of them comes first, which no mean or single value tells."""
    rng = np.random.default_rng(0)
    series, labels = noise(np.full(80, 24)), np.arange(80) % 2
    for one, label in zip(series, labels, strict=True):
        first, second = np.sort(rng.choice(24, 2, replace=False))
        one *= 0.1
        one[first, 0], one[second, 0] = (3, -3) if label else (-3, 3)
    model = Recurrent("r", 1, units=16).fit(series, labels, "binary", 0)
    assert (model.held_out.argmax(axis=1) == labels).mean() > 0.9
    assert RAW_VALUES.fit(series, labels, "binary", 0).held_out.argmax(axis=1).tolist() != labels.tolist()


def test_numbers_are_learned_in_their_own_units(tmp_path):
    """The same after saving; two at once, of which one is constant."""
    rng = np.random.default_rng(0)
    series = [*rng.normal(size=(80, 12, 2)).astype(np.float32)]
    ends = np.stack([one[[0, -1], [0, 1]].sum() * 1000 + 50_000 for one in series])
    target = np.stack((ends, np.full(80, 7.0)), axis=1)
    model = Recurrent("r", 1, units=16).fit(series, target, "regression", 0)
    errors = np.sqrt(np.square(model.held_out - target).mean(axis=0))
    assert errors[0] < 0.7 * ends.std()
    assert errors[1] < 0.1
    new = noise(rng.integers(3, 20, 5))
    save_model(model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).outputs(new), model.outputs(new))


def test_several_labels_are_told_by_the_places_of_events(tmp_path):
    """A bump and a dip, each somewhere or not; held-out probabilities are those of a network that did not learn it."""
    rng = np.random.default_rng(0)
    series, labels = noise(np.full(80, 24)), rng.integers(0, 2, (80, 3))
    labels[:, 2] = 0
    for one, (up, down, _) in zip(series, labels, strict=True):
        one *= 0.1
        places = rng.choice(24, 2, replace=False)
        one[places, 0] += [3 * up, -3 * down]
    model = Recurrent("r", 1, units=16).fit(series, labels, "multilabel", 0)
    truth = Truth.of(labels, "multilabel")
    right, loss = truth.scores(model.held_out)
    assert right > 0.95
    assert loss < 0.25
    assert model.held_out[:, 2].max() < 0.3
    alone = RecurrentModel(model.scaling, model.networks[:1], None, activation="sigmoid")
    held = parts_of(truth, 5, seed=0) == 0
    np.testing.assert_allclose(alone.outputs(series)[held], model.held_out[held], atol=1e-6)
    description, arrays = model.state()
    with pytest.raises(ValueError, match="activation"):
        RecurrentModel.from_state(description | {"activation": "relu"}, arrays)
    save_model(model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).outputs(series), model.outputs(series))


def test_each_series_is_held_out_by_one_network():
    labels = np.array([0] * 7 + [1] * 3)
    part = parts_of(Truth.of(labels, "binary"), 5, seed=0)
    assert np.bincount(part).tolist() == [2] * 5
    assert len(set(part[7:])) == 3
    model = SMALL.fit(noise(range(3, 13)), labels, "binary", 0)
    alone = RecurrentModel(model.scaling, model.networks[:1], model.temperature)
    series = noise(range(3, 13))
    held = parts_of(Truth.of(labels, "binary"), 2, seed=0) == 0
    np.testing.assert_array_equal(alone.outputs(series)[held], model.held_out[held])
    assert np.abs(alone.outputs(series)[~held] - model.held_out[~held]).max() > 1e-6


def test_series_of_a_group_are_held_out_by_one_network():
    groups = np.arange(60) // 4
    for task in ("binary", "regression"):
        parts = SMALL._parts(Truth.of(np.arange(60) % 2, task), 0, groups)
        assert sorted(np.concatenate(parts)) == list(range(60))
        assert len(parts) == SMALL.networks
        assert all(len(set(groups[held])) * 4 == len(held) for held in parts)


def test_folds_of_groups_are_those_of_the_networks(monkeypatch):
    """Where series are held out together, each network is trained without some, and none is trained for that alone."""
    rows, trained = np.arange(12), []
    folds = [(np.flatnonzero(rows % 3 != part), np.flatnonzero(rows % 3 == part)) for part in range(3)]

    def train(series, wanted, rest, **how):
        trained.append(rest.tolist())
        return Network(*map(np.asarray, _drawn(2, 4, 2, np.random.default_rng(0))))

    monkeypatch.setattr(recurrent_training, "train", train)
    chosen = choose(noise(np.full(12, 9)), rows % 2, "binary", candidates=(SMALL,), parts=folds)
    assert trained == [rest.tolist() for rest, _ in folds]
    assert not np.isnan(chosen.held_out).any()
    later = [(np.arange(4), np.arange(4, 8)), (np.arange(8), np.arange(8, 12))]
    for parts in (later, folds[:2], ()):
        assert SMALL.leaving_out(parts, 12) is None
        assert Standardised(SMALL).leaving_out(parts, 12) is None
    standardised = Standardised(SMALL).leaving_out(folds, 12)
    assert [held.tolist() for held in standardised.candidate.parts] == [held.tolist() for _, held in folds]


@pytest.mark.parametrize("most", [20_000, 5])
def test_a_network_is_trained_without_the_series_that_it_is_held_out_for(monkeypatch, most):
    """With very many series, by a single network; otherwise each series by one of several."""
    learned, said = [], []

    class Untrained(Network):
        def rescaled(self, centre, scale):
            return self

        def scores(self, series):
            said.append([int(one[0, 0]) for one in series])
            return np.zeros((len(series), 2))

    def train(series, wanted, rows, **how):
        learned.append(rows.tolist())
        return Untrained(*map(np.asarray, _drawn(1, 4, 2, np.random.default_rng(0))))

    monkeypatch.setattr(many, "MANY", most)
    monkeypatch.setattr(recurrent_training, "train", train)
    monkeypatch.setattr(recurrent.ChannelScaling, "__call__", lambda self, series: series)
    series = [np.full((3, 1), number, np.float32) for number in range(12)]
    SMALL.fit(series, np.arange(12) % 2, "binary", 0)
    assert len(learned) == (1 if most < 12 else 2)
    for rest, held in zip(learned, said, strict=True):
        assert sorted(rest + held) == list(range(12))


@pytest.mark.parametrize(
    ("method", "count", "steps", "size"),
    [
        (FEW, 3, 400, 3),
        (FEW, 100, 400, 16),
        (FEW, 2000, 400, 50),
        (FEW, 20_000, 1550, 128),
        (FEW, 99_000, 4000, 128),
        (ENOUGH, 2000, 800, 50),
        (ENOUGH, 16_000, 2500, 128),
        (MANY, 40_000, 3100, 128),
        (MANY, 102_400, 4000, 256),
        (MANY._replace(most_read=204_800), 102_400, 800, 256),
    ],
)
def test_steps_decide_how_long_a_network_is_trained(method, count, steps, size):
    series = FlatSeries(np.zeros((count, 1), np.float32), np.arange(count + 1))
    wanted, rows = np.zeros((count, 2), np.float32), np.arange(count)
    found = [one for _, one in _batches(series, wanted, rows, np.random.default_rng(0), method)]
    assert {one.series.shape for one in found} == {(50, size, 1, 1)}
    assert _planned(count, count, method) == (size, steps)
    assert np.concatenate([one.number for one in found]).tolist() == list(range(steps))


def test_networks_need_a_budget_that_is_worth_it():
    series, labels = noise(np.full(12, 9)), np.arange(12) % 2
    tried = choose(series, labels, "binary", candidates=(RAW_VALUES, SMALL), budget=899.0).tried
    assert tried[1].note == "with fewer than 2,000 series it is tried only with a budget of 15 minutes or more"
    for names, budget in (((RAW_VALUES, SMALL), 900.0), ((SMALL,), 5.0)):
        tried = choose(series, labels, "binary", candidates=names, budget=budget).tried
        assert next(one for one in tried if one.name == "recurrent").score is not None
    several = np.stack((labels, 1 - labels), axis=1)
    tried = choose(series, several, "multilabel", candidates=(RAW_VALUES, SMALL), budget=60.0).tried
    assert tried[1].score is not None, "several labels need no such budget"
    long = [np.zeros((MOST_STEPS + 1, 1), np.float32), np.zeros((3, 1), np.float32)]
    assert "1001 steps" in RECURRENT.serves(long, "binary")
    assert not RECURRENT.serves(series, "binary")
    assert "only labels" in RECURRENT.serves(series, "regression")
    assert not RECURRENT.serves(series * 200, "regression")


def test_many_series_need_no_such_budget(monkeypatch):
    monkeypatch.setattr("unspool.candidates.series.recurrent.ENOUGH", 12)
    series, labels = noise(np.full(12, 9)), np.arange(12) % 2
    tried = choose(series, labels, "binary", candidates=(RAW_VALUES, SMALL), budget=60.0).tried
    assert tried[1].score is not None
    tried = choose(series, labels, "binary", candidates=(RAW_VALUES, SMALL), budget=19.0).tried
    assert tried[1].note == OVER_BUDGET
    names = [one.name for one in sorted(CANDIDATES, key=lambda one: one.cost * one.terms(2000, "binary").growth)]
    assert names.index("raw values") < names.index("recurrent") < names.index("forest")


def test_networks_leave_half_of_the_budget_to_others(monkeypatch):
    monkeypatch.setattr("unspool.candidates.series.recurrent.ENOUGH", 12)
    left = []

    class Spy(Recurrent):
        def fit(self, series, target, task, seed, pace, groups=None):
            left.append(pace._left)
            raise TooSlowError

    series, labels = noise(np.full(12, 9)), np.arange(12) % 2
    tried = choose(series, labels, "binary", candidates=(RAW_VALUES, Spy("recurrent", 100)), budget=60.0).tried
    assert 20 < left[0] < 30
    assert tried[1].note == OVER_BUDGET


def test_very_many_series_are_read_by_one_network(monkeypatch):
    """It is trained without the series that are held out for all candidates, and calibrated on them."""
    monkeypatch.setattr(many, "MANY", 20)
    series, labels = noise(np.full(24, 9)), np.arange(24) % 2
    model = SMALL.fit(series, labels, "binary", 0)
    held = many.drawn(24, 0)[0]
    assert len(model.networks) == 1
    assert np.flatnonzero(~np.isnan(model.held_out).any(axis=1)).tolist() == held.tolist()
    np.testing.assert_array_equal(model.outputs(series)[held], model.held_out[held])


def test_a_network_that_would_take_too_long_is_given_up():
    """While it is trained; the others are compared as if it had not been tried."""
    series, labels = noise(np.full(40, 9)), np.arange(40) % 2
    shares = []

    class Slow(Pace):
        def judge(self, done):
            shares.append(done)
            if done >= 0.5:
                raise TooSlowError

    with pytest.raises(TooSlowError):
        SMALL.fit(series, labels, "binary", 0, Slow(1.0))
    assert shares == [0.0625 * step for step in range(1, 9)]  # 8 calls of 50 steps for each of 2 networks


@pytest.mark.parametrize("name", ["network1/head", "network0/kernel", "mean", "spread"])
def test_weights_that_do_not_fit_together_are_refused(tmp_path, name):
    model = SMALL.fit(noise(range(3, 9)), np.arange(6) % 3, "multiclass", 0)
    description, arrays = model.state()
    same = RecurrentModel.from_state(description, arrays).outputs(noise([4]))
    np.testing.assert_array_equal(same, model.outputs(noise([4])))
    with pytest.raises(ValueError, match="fit"):
        RecurrentModel.from_state(description, arrays | {name: arrays[name][:-1]})
    missing = RecurrentModel.from_state(description, arrays)
    object.__setattr__(missing, "networks", missing.networks[:1])
    save_model(missing, tmp_path)
    (tmp_path / "model.json").write_text(
        (tmp_path / "model.json").read_text().replace('"networks": 1', '"networks": 2')
    )
    with pytest.raises(UserError, match="no model of series"):
        load_model(tmp_path)

"""Whole models of series: fit, save, load, blend, choose."""

import json
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

from unspool.candidates.features import Competition, Convolution, Quantiles
from unspool.candidates.heads import boosted as heads_of_boosted
from unspool.candidates.heads import trees as heads_of_trees
from unspool.candidates.saved import Saved
from unspool.candidates.series import (
    BOOSTED,
    CANDIDATES,
    EUCLIDEAN,
    FOREST,
    RAW_VALUES,
    STATISTICS,
    Blend,
    Encoded,
    Neighbour,
    Recurrent,
    Truth,
    candidate_named,
    choose,
    load_model,
    neighbours,
    save_model,
)
from unspool.candidates.series.base import Terms
from unspool.candidates.series.choice import Judged, partners
from unspool.candidates.series.neighbours import warped_distances
from unspool.errors import UserError

CONVOLVED = Encoded("convolution", 10, (Convolution(biases=168), Competition(groups=8)))
QUANTILED = Encoded("quantile", 20, (Quantiles(depth=3),), "trees")
NETWORKS = Recurrent("networks", 100, units=8, networks=2)
EVERY = (STATISTICS, RAW_VALUES, EUCLIDEAN, Neighbour("warped", 15, 0.1), FOREST, CONVOLVED, QUANTILED, NETWORKS)


def waves(count, channels=1, seed=0):
    """Noisy waves of different lengths, quick and slow in turn, some steps missing; how quick is the target."""
    rng = np.random.default_rng(seed)
    frequency = np.where(np.arange(count) % 2, 0.9, 0.3) + 0.02 * rng.normal(size=count)
    series = []
    for f in frequency:
        steps = np.arange(rng.integers(20, 40))[:, None] + rng.uniform(0, 6, size=(1, channels))
        one = (np.sin(f * steps) + 0.2 * rng.normal(size=steps.shape)).astype(np.float32)
        one[3] = np.nan
        series.append(one)
    return series, np.arange(count) % 2, frequency


@pytest.mark.parametrize(
    ("candidate", "task"),
    [
        pytest.param(one, task, id=f"{one.name}-{task}")
        for task in ("binary", "regression")
        for one in EVERY
        if not one.serves([np.zeros((2, 1))], task)
    ],
)
def test_candidates_learn_and_are_the_same_when_loaded(candidate, task, tmp_path):
    series, labels, frequency = waves(40, channels=2)
    new, new_labels, new_frequency = waves(30, channels=2, seed=1)
    target, truth = (labels, new_labels) if task == "binary" else (frequency, new_frequency)
    model = candidate.fit(series, target, task, seed=0)
    outputs = model.outputs(new)
    assert outputs.shape == (30, 2 if task == "binary" else 1)
    assert model.held_out.shape == (40, outputs.shape[1])
    if candidate is not RAW_VALUES:  # which waves of any phase do not suit
        if task == "binary":
            assert (outputs.argmax(axis=1) == truth).mean() > 0.8
            assert (model.held_out.argmax(axis=1) == target).mean() > 0.75
        else:
            assert np.corrcoef(outputs[:, 0], truth)[0, 1] > 0.7
    save_model(model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).outputs(new), outputs)
    again = candidate.fit(series, target, task, seed=0)
    np.testing.assert_array_equal(again.outputs(new), outputs)


SEVERAL = (STATISTICS, EUCLIDEAN, FOREST, CONVOLVED, QUANTILED, NETWORKS)


@pytest.mark.parametrize("candidate", SEVERAL, ids=lambda one: one.name)
def test_several_labels_at_once(candidate, tmp_path):
    """Whether a wave is quick, and whether it rises over time: any combination."""
    series, quick, _ = waves(60)
    rises = np.arange(60) // 2 % 2
    series = [
        one + np.float32(0.1 * rise) * np.arange(len(one))[:, None] for one, rise in zip(series, rises, strict=True)
    ]
    target = np.stack([quick, rises], axis=1)
    model = candidate.fit(series[:40], target[:40], "multilabel", seed=0)
    outputs = model.outputs(series[40:])
    assert ((outputs > 0) & (outputs < 1)).all()
    assert ((model.held_out > 0) & (model.held_out < 1)).all()
    assert ((outputs > 0.5) == target[40:]).mean() > 0.85
    save_model(model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).outputs(series), model.outputs(series))


def test_models_of_several_labels_are_compared_by_log_loss_and_blended():
    series, quick, _ = waves(60)
    target = np.stack([quick, np.zeros(60), 1 - quick], axis=1)  # no series has the second
    network = Recurrent("recurrent", 100, units=8, networks=2)
    chosen = choose(series, target, "multilabel", candidates=(STATISTICS, FOREST, BOOSTED, network))
    assert [one.name for one in chosen.tried[:4] if one.score is None] == ["boosted trees"]
    assert all(one.loss < 0.4 for one in chosen.tried if one.score is not None)
    assert chosen.held_out.shape == (60, 3)
    assert chosen.held_out[:, 1].max() < 0.1
    with pytest.raises(ValueError, match="0 and 1"):
        Truth.of(2 * target, "multilabel")


def test_a_blend_is_saved_whole_and_weighs_the_better_more(tmp_path):
    series, labels, _ = waves(40)
    truth = Truth.of(labels, "binary")
    members = [RAW_VALUES.fit(series, labels, "binary", 0), CONVOLVED.fit(series, labels, "binary", 0)]
    blend = Blend.fit(members, truth)
    assert blend.weights[1] > blend.weights[0]
    np.testing.assert_allclose(blend.outputs(series).sum(axis=1), 1)
    save_model(blend, tmp_path)
    loaded = load_model(tmp_path)
    np.testing.assert_array_equal(loaded.outputs(series), blend.outputs(series))
    with pytest.raises(ValueError, match="were loaded"):
        Blend.fit([loaded, *members], truth)


def test_a_blend_of_numbers_leaves_out_what_adds_nothing(tmp_path):
    series, _, frequency = waves(40)
    truth, rng = Truth.of(frequency, "regression"), np.random.default_rng(0)
    members = [one.fit(series, frequency, "regression", 0) for one in (RAW_VALUES, CONVOLVED, QUANTILED)]
    errors = rng.normal(size=(2, 40, 1))
    blend = Blend.fit(members, truth, [truth.values + errors[0], truth.values + 2 * errors[1], truth.values + 9])
    assert blend.members == tuple(members[:2])
    np.testing.assert_allclose(blend.weights, [0.8, 0.2], atol=0.1)
    assert np.square(blend.held_out - truth.values).mean() < np.square(errors[0]).mean()
    save_model(blend, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).outputs(series), blend.outputs(series))


def test_with_many_series_the_weights_have_the_least_loss():
    """Two models see different halves of what can be seen, the third sees less than the first, the fourth guesses."""
    random = np.random.default_rng(0)
    labels = random.integers(2, size=4000)
    seen = [random.normal(size=4000) + 2 * labels - 1 for _ in range(2)]
    seen += [seen[0] + random.normal(size=4000), random.normal(size=4000)]
    said = [np.stack((1 / (1 + np.exp(2 * one)), 1 / (1 + np.exp(-2 * one))), axis=1) for one in seen]
    members = ["first half", "second half", "less", "guess"]
    blend = Blend.fit(members, Truth.of(labels, "binary"), said)
    assert blend.members == tuple(members[:2])
    np.testing.assert_allclose(blend.weights, 0.5, atol=0.03)
    np.testing.assert_allclose(blend.temperature.factor, 2.0, rtol=0.05)
    few = Blend.fit(members, Truth.of(labels[:1999], "binary"), [one[:1999] for one in said])
    assert len(few.members) == 4


def test_numbers_of_which_one_model_knows_all_are_not_blended():
    """The last value decides, which the raw values tell and statistics of noise do not."""
    series = [one[:, None] for one in np.random.default_rng(0).normal(size=(60, 12)).astype(np.float32)]
    numbers = np.array([one[-1, 0] for one in series])
    chosen = choose(series, numbers, "regression", candidates=(STATISTICS, RAW_VALUES))
    assert chosen.name == "raw values"
    assert "alone" in chosen.tried[-1].note


@pytest.mark.parametrize(
    "number",
    [len, np.sum, lambda one: one[:, 1].sum(), lambda one: np.abs(np.diff(one[:, 0])).sum()],
    ids=["length", "sum", "sum of a channel", "way"],
)
def test_numbers_that_add_up_over_the_steps_are_learned(number):
    draw = np.random.default_rng(0)
    series = [
        np.float32(draw.normal(draw.uniform(0, 4, 2), 1, (steps, 2))) for steps in draw.integers(20, 200, 90).tolist()
    ]
    numbers = np.array([number(one) for one in series], float)
    model = STATISTICS.fit(series[:60], numbers[:60], "regression", 0)
    found = model.outputs(series[60:])[:, 0]
    np.testing.assert_allclose(found, numbers[60:], atol=0.01 * numbers.std())


@dataclass
class Known:
    """A candidate, and the model that it fits, of which it is known what it says of held-out series."""

    name: str
    held_out: np.ndarray
    cost: float = 1.0

    def serves(self, series, task, outputs):
        return ""

    def terms(self, count, task):
        return Terms()

    def fit(self, series, target, task, seed, pace=None, groups=None):
        return self

    def state(self):
        return {"kind": "known"}, {}


@pytest.mark.parametrize(
    ("luck", "taken"),  # better by 1.2, 2.4 and 5.9 standard errors
    [(0.9, "raw values"), (0.8, "raw values"), (0.5, "nearest neighbour")],
)
def test_a_model_that_the_blend_gives_all_weight_is_only_left_for_one_that_is_clearly_better(luck, taken):
    errors = np.random.default_rng(0).normal(size=(2, 100, 1))
    candidates = (
        Known("statistics", 10 + errors[0]),
        Known("raw values", errors[0]),
        Known("nearest neighbour", luck * errors[1]),  # no part of the blend
    )
    chosen = choose([np.zeros((3, 1))] * 100, np.zeros(100), "regression", candidates=candidates)
    scores = {one.name: one.score for one in chosen.tried}
    assert scores["nearest neighbour"] < scores["raw values"]
    assert chosen.tried[-1].note == "raw values alone is as good"
    assert chosen.name == taken
    assert "all the weight" in chosen.why


@pytest.mark.parametrize(("grouped", "taken"), [(True, "raw values"), (False, "nearest neighbour")])
def test_more_series_of_the_same_groups_do_not_make_a_difference_clear(grouped, taken):
    errors = np.random.default_rng(0).normal(size=(2, 100, 1)).repeat(10, axis=1)
    candidates = (
        Known("statistics", 10 + errors[0]),
        Known("raw values", errors[0]),
        Known("nearest neighbour", 0.9 * errors[1]),
    )
    groups = np.arange(100).repeat(10) if grouped else None
    chosen = choose([np.zeros((3, 1))] * 1000, np.zeros(1000), "regression", candidates=candidates, groups=groups)
    assert chosen.name == taken


@pytest.mark.parametrize(
    ("names", "expected"), [((), ["forest", "convolution, small"]), (("convolution",), ["forest", "convolution"])]
)
def test_small_convolutions_stand_in_for_those_that_were_not_tried(names, expected):
    labels = np.arange(40) % 2
    outputs = np.stack([1 - 0.8 * labels - 0.1, 0.8 * labels + 0.1], axis=1)
    tried = [
        Judged(name, None, outputs, 1.0, 0.1, 0.0) for name in ("statistics", "forest", "convolution, small", *names)
    ]
    assert [one.name for one in partners(tried, Truth.of(labels, "binary"))] == expected


def test_a_forest_sees_what_a_single_step_decides_without_a_line():
    """Whether one step is near 0, which ridge regression over the same features does not tell."""
    series = [*np.random.default_rng(0).normal(size=(160, 5, 2)).astype(np.float32)]
    labels = np.array([int(abs(one[2, 0]) < 0.67) for one in series])
    chosen = choose(series, labels, "binary", candidates=(STATISTICS, RAW_VALUES, FOREST))
    assert [one.name for one in chosen.tried] == ["statistics", "raw values", "forest"]
    assert chosen.name == "forest"


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_boosted_trees_of_series_are_the_same_when_loaded(task, tmp_path):
    random = np.random.default_rng(0)
    series = [one[:, None] for one in random.normal(size=(400, 4)).astype(np.float32)]
    products = np.array([one[0, 0] * one[3, 0] for one in series])
    labels = np.digitize(products, [-0.3, 0.3])
    model = BOOSTED.fit(series, labels if task == "multiclass" else products, task, 0)
    if task == "multiclass":
        assert (model.held_out.argmax(axis=1) == labels).mean() > 0.6
    else:
        assert np.corrcoef(model.held_out[:, 0], products)[0, 1] > 0.7
    save_model(model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).outputs(series), model.outputs(series))


def test_boosted_trees_that_an_interrupted_choice_saved_are_taken_again(tmp_path, monkeypatch):
    monkeypatch.setattr("unspool.candidates.saved.LEAST_SECONDS", 0.0)
    monkeypatch.setattr("unspool.candidates.series.encoded.LEAST_TO_BOOST", 100)
    series = [one[:, None] for one in np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)]
    labels = np.array([one[0, 0] > 0 for one in series]).astype(int)

    def run():
        return choose(series, labels, "binary", candidates=(BOOSTED,), saved=Saved(tmp_path, "these"))

    first = run()
    monkeypatch.setattr("unspool.candidates.heads.BoostedClassifier.fit", None)
    again = run()
    np.testing.assert_array_equal(again.held_out, first.held_out)
    np.testing.assert_array_equal(again.model.outputs(series), first.model.outputs(series))


def test_boosted_trees_are_tried_with_enough_series_and_few_labels():
    series = [np.zeros((2, 1), np.float32)] * 2000
    assert "2,000 series or more" in BOOSTED.serves(series[1:], "regression", 1)
    assert "30 labels or fewer" in BOOSTED.serves(series, "multiclass", 31)
    assert not BOOSTED.serves(series, "multiclass", 30)
    assert not BOOSTED.serves(series, "regression", 31)
    chosen = choose(series[:40], np.arange(40) % 2, "binary", candidates=(STATISTICS, BOOSTED))
    assert "2,000 series or more" in chosen.tried[1].note


def test_a_forest_finds_the_one_value_that_a_number_depends_on():
    series = [*np.random.default_rng(0).normal(size=(120, 8, 4)).astype(np.float32)]
    numbers = np.array([one[-1, 2] for one in series])
    shares = (0.1, FOREST.tried_for_numbers)
    models = [replace(FOREST, tried_for_numbers=share).fit(series, numbers, "regression", 0) for share in shares]
    errors = [np.sqrt(np.square(model.held_out[:, 0] - numbers).mean()) for model in models]
    assert errors[1] < 0.8 * errors[0]


def test_choosing_tries_in_the_order_of_cost_and_takes_the_best():
    series, labels, _ = waves(40)
    begun, heard = [], []
    chosen = choose(
        series,
        labels,
        "binary",
        candidates=(QUANTILED, CONVOLVED, RAW_VALUES),
        tell=begun.append,
        heard=lambda one: heard.append(one.name),
    )
    assert [one.name for one in chosen.tried] == begun == heard
    assert [one.name for one in chosen.tried][:3] == ["raw values", "convolution", "quantile"]
    assert chosen.name in ("convolution", "quantile", "blend")
    assert "log loss" in chosen.why
    new, new_labels, _ = waves(30, seed=1)
    assert (chosen.model.outputs(new).argmax(axis=1) == new_labels).mean() > 0.9


def test_models_after_the_budget_is_spent_are_said_to_have_had_no_time(monkeypatch):
    series, labels, _ = waves(20)
    seconds = iter(range(0, 10_000, 9))
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    chosen = choose(series, labels, "binary", candidates=(CONVOLVED, QUANTILED), budget=20)
    assert [(one.name, one.note) for one in chosen.tried][1:] == [
        ("quantile", "no time was left for it"),
        ("blend", "no other model is good enough to blend with convolution"),
    ]


def test_the_budget_leaves_out_what_would_take_too_long(monkeypatch):
    series, labels, _ = waves(20)
    seconds = iter(range(0, 10_000, 4))  # four seconds pass whenever the clock is asked
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    chosen = choose(series, labels, "binary", candidates=(RAW_VALUES, CONVOLVED, QUANTILED), budget=20)
    notes = {one.name: one.note for one in chosen.tried if one.note}
    assert notes == {
        "convolution": "it would have taken longer than the budget",
        "quantile": "no time was left for it",
    }
    assert chosen.name == "raw values"


@pytest.mark.parametrize(("offset", "unit"), [(1.7e9, 10.0), (0.0, 1e39), (0.0, 1e-41)])
@pytest.mark.parametrize("in_parts", [False, True])
def test_numbers_that_single_precision_cannot_hold_are_learned_as_well(offset, unit, in_parts, tmp_path):
    series, _, frequency = waves(40)
    rows = np.arange(40)
    parts = [(rows[10:], rows[:10]), (rows[:10], rows[10:])] if in_parts else []
    plain, coarse = (
        choose(series, numbers, "regression", candidates=(STATISTICS, EUCLIDEAN, FOREST), parts=parts)
        for numbers in (frequency, offset + unit * frequency)
    )
    assert [one.score for one in coarse.tried] == pytest.approx([unit * one.score for one in plain.tried], rel=1e-3)
    new, _, _ = waves(30, seed=1)
    said = coarse.model.outputs(new)
    np.testing.assert_allclose((said - offset) / unit, plain.model.outputs(new), atol=1e-3)
    save_model(coarse.model, tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).outputs(new), said)


def test_series_whose_sums_would_overflow_are_left_to_others():
    series, labels, _ = waves(40)
    series[7][5] = 9.97e36  # what NetCDF writes where nothing was measured
    chosen = choose(series, labels, "binary", candidates=(STATISTICS, CONVOLVED, QUANTILED))
    notes = {one.name: one.note for one in chosen.tried if one.note}
    assert set(notes) == {"convolution", "quantile"}
    assert set(notes.values()) == {"sums of numbers as large as 9.97e+36 overflow; look for fill values in the series"}


def test_neighbours_refuse_large_sets():
    series = [np.zeros((200, 1), np.float32)] * 3000
    assert "too many" in EUCLIDEAN.serves(series, "binary")
    with pytest.raises(UserError, match=r"No model can be fitted to these series \(nearest neighbour: 3,000 series"):
        choose(series, np.arange(3000) % 2, "binary", candidates=(EUCLIDEAN,))


def test_a_series_that_is_left_out_is_not_its_own_neighbour(monkeypatch):
    """In blocks, of which only the first begins with the first series."""
    series = [*np.random.default_rng(0).normal(size=(40, 6, 2)).astype(np.float32)]
    kept = np.stack(series).reshape(40, -1)
    distances = np.square(kept[:, None] - kept[None]).sum(axis=2)
    nearest = [min((other for other in range(40) if other != one), key=distances[one].__getitem__) for one in range(40)]
    monkeypatch.setattr(neighbours, "AT_ONCE", 7 * 80)
    model = EUCLIDEAN.fit(series, np.arange(40.0), "regression", 0)
    assert model.held_out[:, 0].tolist() == nearest
    assert model.outputs(series)[:, 0].tolist() == list(range(40))


def slow_warping(a, b, band):
    table = np.full((len(a) + 1, len(b) + 1), np.inf)
    table[0, 0] = 0
    for i in range(len(a)):
        for j in range(max(0, i - band), min(len(b), i + band + 1)):
            cost = np.square(a[i] - b[j]).sum()
            table[i + 1, j + 1] = cost + min(table[i, j], table[i, j + 1], table[i + 1, j])
    return table[-1, -1]


@pytest.mark.parametrize("band", [0, 1, 3, 12])
def test_warped_distances_are_those_of_the_recurrence(band):
    rng = np.random.default_rng(0)
    one, kept = rng.normal(size=(11, 2)).astype(np.float32), rng.normal(size=(5, 11, 2)).astype(np.float32)
    expected = [slow_warping(one.astype(float), other.astype(float), band) for other in kept]
    np.testing.assert_allclose(warped_distances(one[None], kept, band)[0], expected, rtol=1e-5)


def test_broken_folders_give_one_clear_error(tmp_path):
    series, labels, _ = waves(12)
    with pytest.raises(UserError, match="no model of series"):
        load_model(tmp_path)
    save_model(QUANTILED.fit(series, labels, "binary", 0), tmp_path)
    description = tmp_path / "model.json"
    text = description.read_text()
    for wrong in ("{", "[]", json.dumps({"kind": "other"}), text.replace("TreesClassifier", "Nothing")):
        description.write_text(wrong)
        with pytest.raises(UserError, match="no model of series"):
            load_model(tmp_path)
    description.write_text(text)
    arrays = tmp_path / "model.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-100])
    with pytest.raises(UserError, match="no model of series"):
        load_model(tmp_path)


def test_targets_that_are_none_are_refused():
    series, _, _ = waves(4)
    for target, task in (([0, 1, -1, 0], "binary"), ([0.5, 1, 0, 1], "binary"), ([1, np.nan, 2, 3], "regression")):
        with pytest.raises(ValueError, match="must be"):
            STATISTICS.fit(series, np.array(target), task, 0)


def test_names_are_unique_and_found():
    assert len({one.name for one in CANDIDATES}) == len(CANDIDATES)
    for one in CANDIDATES:
        assert candidate_named(one.name) is one


@pytest.mark.parametrize(
    "candidate", [replace(FOREST, encoders=(STATISTICS.encoders)), BOOSTED], ids=["trees", "boosted"]
)
def test_trees_that_predict_numbers_are_grown_once_if_parts_are_held_out(candidate, monkeypatch):
    """Held-out outputs of additional folds are not needed; the model is the same."""
    random = np.random.default_rng(0)
    series, numbers = list(random.normal(size=(60, 5, 1)).astype(np.float32)), random.normal(size=60)
    usual = candidate.fit(series, numbers, "regression", 0)
    for head in (heads_of_trees, heads_of_boosted):
        monkeypatch.setattr(head, "folds", lambda *given, **more: pytest.fail("no folds are needed"))
    monkeypatch.setattr(type(candidate), "serves", lambda *given: "")
    parts = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]
    chosen = choose(series, numbers, "regression", candidates=[candidate], parts=parts)
    np.testing.assert_array_equal(chosen.model.outputs(series), usual.outputs(series))
    assert not np.isnan(chosen.held_out).any()

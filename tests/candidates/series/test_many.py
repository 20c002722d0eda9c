"""Where series are many, encoders see a sample, and heads read blocks."""

import time
from dataclasses import dataclass

import numpy as np
import pytest

from unspool.candidates.features import Competition, Convolution, Quantiles
from unspool.candidates.heads import boosting
from unspool.candidates.outcome import OVER_BUDGET
from unspool.candidates.pace import Pace
from unspool.candidates.series import BOOSTED, COMPETITION, CONVOLUTION, RAW_VALUES, Encoded, choose, many
from unspool.candidates.series.base import Terms
from unspool.candidates.series.truth import Truth
from unspool.kernels import FlatSeries

pytestmark = pytest.mark.whole

CANDIDATES = (
    RAW_VALUES,
    Encoded("convolution", 6, (Convolution(biases=84, pools=1),)),
    Encoded("competing kernels", 3, (Competition(groups=4),)),
    Encoded("quantile", 20, (Quantiles(depth=2),), "trees"),
)
BOOSTED_QUANTILES = Encoded("boosted trees", 5, (Quantiles(depth=2),), "boosted")


@pytest.fixture
def few_are_many(monkeypatch):
    monkeypatch.setattr(many, "MANY", 100)
    monkeypatch.setattr(many, "HELD", 60)
    monkeypatch.setattr(many, "SAMPLE", 80)
    monkeypatch.setattr(many, "BLOCK_NUMBERS", 20_000)
    monkeypatch.setattr(boosting, "ROUNDS", 20)


def waves(count, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    steps = np.arange(24)[:, None]
    speeds = np.array([0.2, 0.5, 0.9])[labels]
    series = [np.sin(f * steps + random.uniform(0, 6)) + 0.1 * random.normal(size=(24, 1)) for f in speeds]
    return [one.astype(np.float32) for one in series], labels, speeds


@pytest.mark.parametrize("candidate", [*CANDIDATES[1:], BOOSTED_QUANTILES], ids=lambda one: one.name)
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_heads_learn_from_blocks(candidate, task, few_are_many):
    series, labels, speeds = waves(400)
    new, new_labels, new_speeds = waves(90, seed=1)
    model = candidate.fit(series, labels if task == "multiclass" else speeds, task, seed=0)
    held = np.flatnonzero(~np.isnan(model.held_out).any(axis=1))
    assert held.tolist() == many.drawn(400, 0)[0].tolist()
    outputs = model.outputs(new)
    if task == "multiclass":
        assert (outputs.argmax(axis=1) == new_labels).mean() > 0.9
        assert (model.held_out[held].argmax(axis=1) == labels[held]).mean() > 0.9
    else:  # the standard deviation is 0.29
        most = 0.15 if candidate is BOOSTED_QUANTILES else 0.12
        assert np.sqrt(np.square(outputs[:, 0] - new_speeds).mean()) < most
        assert np.sqrt(np.square(model.held_out[held, 0] - speeds[held]).mean()) < most


def test_wide_features_are_fitted_to_a_sample(few_are_many, monkeypatch):
    series, labels, _ = waves(400)
    candidate = CANDIDATES[1]
    streamed = candidate.fit(series, labels, "multiclass", seed=0)
    monkeypatch.setattr(many, "MOST_FEATURES", 10)
    sampled = candidate.fit(series, labels, "multiclass", seed=0)
    new, new_labels, _ = waves(90, seed=1)
    for model in (streamed, sampled):
        assert (model.outputs(new).argmax(axis=1) == new_labels).mean() > 0.9


def test_no_more_than_a_block_is_transformed_at_once(few_are_many, monkeypatch):
    sizes = []

    def transform(part):
        sizes.append(len(part))
        return np.stack([part[n][:5, 0] for n in range(len(part))])

    series, labels, _ = waves(400)
    monkeypatch.setattr(many, "BLOCK_NUMBERS", 100)
    many.fit_head(transform, FlatSeries.of(series), Truth.of(labels, "multiclass"), "linear", 0)
    assert max(sizes) == 20
    assert sum(sizes) >= 400


def test_a_linear_head_is_compared_on_series_that_it_has_not_read(few_are_many, monkeypatch):
    read, fit_streamed = [], many.fit_streamed

    def noting(blocks, held, held_targets):
        read.extend(targets for _, targets in blocks())
        return fit_streamed(blocks, held, held_targets)

    monkeypatch.setattr(many, "fit_streamed", noting)
    monkeypatch.setattr(many, "BLOCK_NUMBERS", 100)
    series, numbers = waves(400)[0], np.arange(400.0)
    truth = Truth.of(numbers, "regression")
    many.fit_head(
        lambda part: np.stack([part[n][:5, 0] for n in range(len(part))]), FlatSeries.of(series), truth, "linear", 0
    )
    rows = np.rint(np.concatenate(read)[:, 0] * numbers.std() + numbers.mean())
    assert rows.tolist() == np.setdiff1d(numbers, many.drawn(400, 0)[0]).tolist()


def test_the_choice_is_between_what_is_held_out(few_are_many):
    series, labels, _ = waves(400)
    chosen = choose(series, labels, "multiclass", candidates=CANDIDATES)
    assert len(chosen.rows) == len(chosen.held_out) == 60
    assert chosen.name != "raw values"
    new, new_labels, _ = waves(90, seed=1)
    assert (chosen.model.outputs(new).argmax(axis=1) == new_labels).mean() > 0.9


def test_boosted_trees_are_grown_on_as_many_series_as_time_and_memory_allow(few_are_many, monkeypatch):
    sizes, grown = [], boosting._fitted

    def counted(model, features, targets):
        sizes.append(features.shape)
        return grown(model, features, targets)

    monkeypatch.setattr(boosting, "_fitted", counted)
    series, labels, _ = waves(400)
    model = BOOSTED_QUANTILES.fit(series, labels, "multiclass", seed=0)
    monkeypatch.setattr(boosting, "MOST_NUMBERS", 200 * sizes[0][1])
    fewer = BOOSTED_QUANTILES.fit(series, labels, "multiclass", seed=0)
    assert [rows for rows, _ in sizes] == [340, 200]
    for one in (model, fewer):
        assert np.flatnonzero(~np.isnan(one.held_out).any(axis=1)).tolist() == many.drawn(400, 0)[0].tolist()
    for most in (60, 200):
        assert np.isin(many.drawn(400, 0, most)[1], many.drawn(400, 0, 300)[1]).all()


def test_boosted_trees_cost_more_than_a_sample_until_they_too_are_grown_on_one():
    assert BOOSTED.terms(20_000, "binary").growth == 1
    at = [count * BOOSTED.terms(count, "binary").growth for count in (30_000, 300_000, 1_000_000, 3_000_000)]
    assert at[0] < at[1] < at[2] == pytest.approx(at[3])


def test_encoders_are_made_smaller_where_series_are_many():
    few, large = CONVOLUTION._sized(Convolution(), 1000), CONVOLUTION._sized(Convolution(), 1_000_000)
    assert few.biases > large.biases
    assert large.biases * 8 <= many.MOST_FEATURES
    assert COMPETITION._sized(Competition(), 1_000_000).groups < Competition().groups


@dataclass
class Timed:
    """A candidate that takes so many seconds of a clock."""

    name: str
    cost: float
    seconds: float
    share: float
    clock: list[float]

    def serves(self, series, task, outputs):
        return ""

    def terms(self, count, task):
        return Terms(self.share, "all series" if self.share >= 1 else "a sample")

    def fit(self, series, target, task, seed, pace, groups=None):
        self.clock[0] += self.seconds / 2
        pace.judge(0.5)
        self.clock[0] += self.seconds / 2
        return self

    @property
    def held_out(self):
        return np.full((400, 1), self.cost)

    def state(self):
        return {"kind": "timed"}, {}


def test_what_reads_a_sample_is_tried_however_long_it_takes_to_read_all(monkeypatch):
    """The slow one used to be first, and to speak for all others."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    candidates = (
        Timed("slow", 1.0, 200.0, 1.0, clock),
        Timed("slower", 3.0, 600.0, 1.0, clock),
        Timed("sample", 4.0, 20.0, 0.1, clock),
        Timed("larger sample", 20.0, 40.0, 0.1, clock),
    )
    series, numbers = [np.zeros((3, 1))] * 400, np.zeros(400)
    chosen = choose(series, numbers, "regression", candidates=candidates, budget=300)
    assert [one.name for one in chosen.tried] == ["sample", "slow", "larger sample", "slower"]
    assert [one.name for one in chosen.tried if one.score is None] == ["slower"]


def test_what_takes_longer_than_expected_is_given_up(monkeypatch):
    """But not the first, as a model is needed."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    candidates = (
        Timed("first", 1.0, 100.0, 1.0, clock),
        Timed("slow", 1.1, 600.0, 1.0, clock),
        Timed("last", 3.0, 50.0, 0.1, clock),
    )
    given = [np.zeros((3, 1))] * 400, np.zeros(400), "regression"
    chosen = choose(*given, candidates=candidates, budget=600)
    assert {one.name: one.note for one in chosen.tried} == {"last": "", "first": "", "slow": OVER_BUDGET}
    assert clock[0] == 450.0
    assert choose(*given, candidates=candidates[1:2], budget=60).name == "slow"


def test_a_linear_model_of_many_series_is_judged_block_by_block(few_are_many):
    series, labels, _ = waves(400)
    shares = []

    class Watched(Pace):
        def judge(self, done):
            shares.append(done)

    CANDIDATES[1].fit(series, labels, "multiclass", 0, Watched(1.0))
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_whole_groups_are_held_out(monkeypatch):
    monkeypatch.setattr("unspool.candidates.series.many.HELD", 20)
    groups = np.arange(100) // 6
    held, sample = many.drawn(100, seed=0, most=50, groups=groups)
    assert 6 <= len(held) <= 20
    assert len(sample) == 50
    assert not set(groups[held]) & set(groups[sample])
    large = np.arange(100) // 50
    assert [len(rows) for rows in many.drawn(100, seed=0, groups=large)] == [50, 50]
    truth = Truth.of(np.arange(100) % 2, "binary")
    assert many.separable(groups, truth, seed=0) is groups
    assert many.separable(large, Truth.of(large, "binary"), seed=0) is None


def test_what_many_series_cost(few_are_many):
    raw, kernels, _, trees = CANDIDATES
    assert (
        trees.terms(100, "binary").growth
        == kernels.terms(100, "binary").growth
        == raw.terms(1_400, "binary").growth
        == 1
    )
    assert trees.terms(1_400, "binary").growth == 0.1
    assert kernels.terms(1_400, "binary").growth == 10, "the products of each two of their features are added up"
    assert trees.terms(120, "binary").growth == 1, "the sample and those held out are more"

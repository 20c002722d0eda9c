"""The bootstrap, against SciPy's and against what is known of it."""

import numpy as np
import pytest
from scipy import stats

from unspool.evaluation.resampling import bootstrap_distribution, errors_to_each_side, percentile_interval

MANY = 1_000_000  # examples of which percentiles are the usual ones


def _mean_of(values):
    return lambda counts: (counts @ values / counts.sum(axis=1))[np.newaxis]


def test_the_interval_of_a_mean_is_scipys():
    values = np.random.default_rng(1).exponential(size=80)
    ours = percentile_interval(bootstrap_distribution(_mean_of(values), np.arange(80), resamples=20_000)[0], MANY)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.006)  # 0.2 wide; Monte Carlo 0.004


def test_percentiles_lie_further_out_at_a_higher_level_and_for_fewer_examples():
    distribution = np.random.default_rng(0).exponential(size=100_000)
    at_99 = percentile_interval(distribution, MANY, 0.99)
    assert (at_99.low, at_99.high) == pytest.approx(tuple(np.quantile(distribution, (0.005, 0.995))), rel=1e-3)
    outside = stats.norm.cdf(-stats.t.ppf(0.995, 9) * np.sqrt(10 / 9))
    of_ten = percentile_interval(distribution, 10, 0.99)
    assert (of_ten.low, of_ten.high) == pytest.approx(tuple(np.quantile(distribution, (outside, 1 - outside))))


def test_examples_of_a_group_are_drawn_together():
    units = np.array([0, 1, 0, 2, 1, 2, 2])
    drawn = bootstrap_distribution(lambda counts: counts.T.copy(), units, resamples=300)
    for unit in range(3):
        assert (drawn[units == unit] == drawn[units == unit][0]).all()
    assert drawn[[0, 1, 3]].sum(axis=0) == pytest.approx(3.0)  # as many groups as there are


def test_copies_in_groups_widen_the_interval_by_what_they_lack_in_information():
    values = np.random.default_rng(3).normal(size=200)
    copies = np.repeat(values, 4)
    alone = bootstrap_distribution(_mean_of(values), np.arange(200))[0]
    grouped = bootstrap_distribution(_mean_of(copies), np.repeat(np.arange(200), 4))[0]
    ungrouped = bootstrap_distribution(_mean_of(copies), np.arange(800))[0]
    np.testing.assert_allclose(grouped, alone, rtol=1e-12, atol=1e-12)  # the very same draws
    assert ungrouped.std() == pytest.approx(alone.std() / 2, rel=0.1)


def test_the_draws_do_not_depend_on_the_statistic_and_follow_the_seed():
    values = np.random.default_rng(4).normal(size=30_000)
    units = np.arange(30_000)
    once = bootstrap_distribution(_mean_of(values), units, resamples=25, seed=5)
    both = bootstrap_distribution(
        lambda counts: np.concatenate([_mean_of(values)(counts), _mean_of(-values)(counts)]),
        units,
        resamples=25,
        seed=5,
    )
    np.testing.assert_allclose(both, np.concatenate([once, -once]), rtol=1e-12)
    assert not np.array_equal(once, bootstrap_distribution(_mean_of(values), units, resamples=25, seed=6))


@pytest.mark.parametrize(("groups", "least"), [(2, 0.94), (3, 0.93), (6, 0.94), (10, 0.92), (30, 0.92)])
def test_intervals_of_few_groups_cover_the_truth(groups, least):
    """Plain percentiles cover it in 50, 74, 86, 86 and 92 of 100 cases."""
    random, trials, covered = np.random.default_rng(0), 400, 0
    units = np.repeat(np.arange(groups), 3)
    for trial in range(trials):
        values = np.repeat(random.normal(size=groups), 3) + random.normal(size=3 * groups)
        interval = percentile_interval(bootstrap_distribution(_mean_of(values), units, seed=trial)[0], groups)
        covered += interval.low <= 0 <= interval.high
    assert least <= covered / trials <= 0.98


def test_an_interval_of_few_groups_keeps_to_the_bounds_of_the_figure():
    shares = np.random.default_rng(0).normal(0.9, 0.05, 2000)
    interval = percentile_interval(shares, 3, bounds=(0.0, 1.1))
    assert interval.low == pytest.approx(shares.mean() - errors_to_each_side(3) * shares.std(ddof=1))
    assert interval.high == 1.1


def test_resamples_without_a_figure_are_left_out():
    interval = percentile_interval(np.array([np.nan, 0.25, 0.25, np.nan]), MANY)
    assert (interval.low, interval.high) == (0.25, 0.25)


def test_infinite_figures_have_infinite_ends():
    distribution = bootstrap_distribution(lambda counts: np.full((1, len(counts)), np.inf), np.arange(5), resamples=50)
    interval = percentile_interval(distribution[0], MANY)
    assert (interval.low, interval.high) == (np.inf, np.inf)
    some = percentile_interval(np.array([1.0, 2.0, np.nan, np.inf]), MANY)
    assert (some.low, some.high) == (1, np.inf)


@pytest.mark.parametrize(("examples", "rows"), [(20, 12), (31_250, 8), (100_000, 8), (400_000, 2), (1_000_000, 1)])
def test_how_many_resamples_are_counted_at_once(examples, rows):
    """A few even of many examples, as measures that sort pay for each call; one where a few would fill the memory."""
    seen = []

    def statistic(counts):
        seen.append(len(counts))
        return counts[:, :1].T

    bootstrap_distribution(statistic, np.arange(examples), resamples=12 if examples < 400_000 else 4)
    assert max(seen) == rows

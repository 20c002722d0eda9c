"""Intervals over seeds and test examples: the formula against other ways of writing it, and coverage by simulation."""

import numpy as np
import pytest
from scipy import stats

from unspool.evaluation.measures.intervals import Hidden
from unspool.evaluation.resampling import bootstrap_distribution, errors_to_each_side
from unspool.evaluation.seed_intervals import mean_over_seeds

WIDE = (-100.0, 100.0)
MANY = 1_000_000_000


def _width(score):
    return score.interval.high - score.interval.low


def test_without_sampling_error_it_is_students_interval_over_seeds():
    values = np.array([0.81, 0.84, 0.80, 0.85])
    score = mean_over_seeds(values, values[:, np.newaxis].repeat(50, axis=1), drawn=MANY, bounds=WIDE)
    expected = stats.t.interval(0.95, 3, values.mean(), values.std(ddof=1) / 2)
    assert (score.interval.low, score.interval.high) == pytest.approx(expected)


@pytest.mark.parametrize("level", [0.95, 0.99])
def test_with_one_seed_it_is_the_percentiles_of_the_sampling_error(level):
    resampled = 0.8 + 0.02 * np.random.default_rng(0).exponential(size=(1, 3000))
    score = mean_over_seeds(np.array([0.81]), resampled, drawn=MANY, level=level, bounds=WIDE)
    expected = np.quantile(resampled, ((1 - level) / 2, (1 + level) / 2))
    assert score.value == 0.81
    assert (score.interval.low, score.interval.high) == pytest.approx(tuple(expected))


def test_an_end_with_too_few_resamples_beyond_it_is_at_least_as_far_as_that_of_a_symmetric_interval():
    """With 28 pairs and 8 examples it would be the greatest of the resamples, which misses the truth too often."""
    resampled = np.random.default_rng(0).normal(0.8, 0.02, (1, 2000))
    level = 1 - 0.05 / 28
    score = mean_over_seeds(np.array([0.8]), resampled, drawn=8, level=level, bounds=(0.0, 1.0))
    reach = errors_to_each_side(8, level) * resampled.std(ddof=1)
    assert score.interval.low == pytest.approx(resampled.mean() - reach)
    assert score.interval.high == pytest.approx(resampled.mean() + reach)


def test_with_one_seed_a_skewed_difference_whose_examples_all_favour_one_model_is_evidence():
    """A symmetric interval, wide for the one large difference, reached from -0.14 to 0.48."""
    differences = np.array([0.01, 0.02, 0.02, 0.03, 0.03, 0.04, 0.05, 0.05, 0.06, 1.4])
    units = np.arange(10)
    resampled = bootstrap_distribution(lambda counts: (counts @ differences / 10)[np.newaxis], units)
    score = mean_over_seeds(np.array([differences.mean()]), resampled, drawn=10, bounds=WIDE)
    assert 0 < score.interval.low < score.value < score.interval.high


def test_with_one_seed_resamples_without_a_figure_are_left_out_and_infinite_ones_count():
    resampled = np.random.default_rng(0).normal(0.8, 0.02, (1, 500))
    holed = np.concatenate([resampled, [[np.nan]]], axis=1)
    once, of_holed = (mean_over_seeds(np.array([0.8]), one, drawn=MANY, bounds=WIDE) for one in (resampled, holed))
    assert of_holed == once
    some = np.concatenate([resampled, np.full((1, 50), np.inf)], axis=1)
    assert mean_over_seeds(np.array([0.8]), some, drawn=MANY, bounds=WIDE).interval.high == np.inf
    none = mean_over_seeds(np.array([0.8]), np.full((1, 50), np.nan), drawn=MANY, bounds=WIDE)
    assert (none.interval.low, none.interval.high) == WIDE


def test_with_one_seed_what_resamples_hide_is_added_to_each_half():
    resampled = np.random.default_rng(0).normal(0.8, 0.02, (1, 500))
    score = mean_over_seeds(np.array([0.8]), resampled, drawn=MANY, bounds=WIDE, more=Hidden(0.01, 0.04))
    low, high = np.quantile(resampled, (0.025, 0.975)) - resampled.mean()
    assert score.interval.low == pytest.approx(0.8 - np.sqrt(low**2 + 0.01))
    assert score.interval.high == pytest.approx(0.8 + np.sqrt(high**2 + 0.04))


def test_seeds_that_agree_are_as_uncertain_as_one():
    """Five copies of one model are no more information on the test set than the model once."""
    resampled = np.random.default_rng(0).normal(0.8, 0.02, (1, 500))
    once = mean_over_seeds(np.array([0.8]), resampled, drawn=MANY, bounds=WIDE)
    five = mean_over_seeds(np.full(5, 0.8), resampled.repeat(5, axis=0), drawn=MANY, bounds=WIDE)
    assert _width(five) == pytest.approx(_width(once), rel=0.05)  # the one by percentiles


def test_identical_models_differ_by_nothing():
    score = mean_over_seeds(np.zeros(3), np.zeros((3, 50)), drawn=MANY, bounds=WIDE)
    assert (score.value, score.interval.low, score.interval.high) == (0, 0, 0)


def test_a_higher_level_is_wider_and_bounds_hold():
    values, resampled = np.array([0.97, 0.99]), np.random.default_rng(0).normal(0.98, 0.01, (2, 500))
    at_95 = mean_over_seeds(values, resampled, drawn=MANY, bounds=WIDE)
    at_99 = mean_over_seeds(values, resampled, drawn=MANY, level=0.99, bounds=WIDE)
    assert _width(at_99) > _width(at_95)
    assert mean_over_seeds(values, resampled, drawn=MANY, bounds=(0.0, 1.0)).interval.high == 1


def test_errors_that_seeds_do_not_share_do_not_make_an_interval_narrower():
    """What one gains by another draw of examples, the other loses: their covariance is below 0."""
    values, resampled = np.array([0.79, 0.81]), np.random.default_rng(0).normal(0.8, 0.02, (1, 500))
    score = mean_over_seeds(values, np.concatenate([resampled, 1.6 - resampled]), drawn=MANY, bounds=WIDE)
    expected = stats.t.interval(0.95, 1, 0.8, values.std(ddof=1) / np.sqrt(2))
    assert (score.interval.low, score.interval.high) == pytest.approx(expected)


def test_few_examples_and_a_higher_level_widen_what_comes_from_the_examples():
    seeds = 3
    resampled = np.random.default_rng(0).normal(0.8, 0.02, (1, 500))
    score = mean_over_seeds(np.full(seeds, 0.8), resampled.repeat(seeds, axis=0), drawn=10, level=0.99, bounds=WIDE)
    expected = stats.t.ppf(0.995, 9) * np.sqrt(10 / 9) * resampled.std(ddof=1)
    assert _width(score) == pytest.approx(2 * expected)


def test_resamples_that_lack_a_class_are_left_out():
    resampled = np.random.default_rng(0).normal(0.8, 0.02, (2, 500))
    holed = np.concatenate([resampled, [[np.nan], [0.5]]], axis=1)
    values = np.array([0.79, 0.81])
    assert mean_over_seeds(values, holed, drawn=MANY, bounds=WIDE) == mean_over_seeds(
        values, resampled, drawn=MANY, bounds=WIDE
    )


@pytest.mark.soak
@pytest.mark.parametrize(
    ("seeds", "of_seed", "of_example", "of_both"),
    [
        (3, 0.05, 1.0, 0.5),  # both sources matter
        (5, 0.2, 0.5, 1.0),  # seeds matter most
        (2, 0.0, 1.0, 0.3),  # examples matter only
    ],
)
def test_intervals_cover_the_truth_at_least_as_often_as_they_say(seeds, of_seed, of_example, of_both):
    random = np.random.default_rng(7)
    examples, trials, truth = 150, 500, 0.3
    covered = np.zeros(3)
    for trial in range(trials):
        figures = (
            truth
            + of_seed * random.normal(size=(seeds, 1))
            + of_example * random.normal(size=(1, examples))
            + of_both * random.normal(size=(seeds, examples))
        )
        values = figures.mean(axis=1)
        resampled = bootstrap_distribution(
            lambda counts, figures=figures: figures @ counts.T / examples,
            np.arange(examples),
            resamples=100,
            seed=trial,
        )
        score = mean_over_seeds(values, resampled, drawn=examples, bounds=WIDE)
        over_seeds = stats.t.interval(0.95, seeds - 1, values.mean(), values.std(ddof=1) / np.sqrt(seeds))
        over_examples = np.quantile(resampled.mean(axis=0), (0.025, 0.975))
        intervals = [(score.interval.low, score.interval.high), over_seeds, over_examples]
        covered += [low <= truth <= high for low, high in intervals]
    ours, seeds_alone, examples_alone = covered / trials
    assert 0.94 <= ours <= 0.99
    assert min(seeds_alone, examples_alone) < 0.93  # what ignoring either source would cost

"""Whether a gain on held-out examples is more than chance, given the number of independent groups."""

import numpy as np
import pytest

from unspool.candidates.gains import clearly_gains, standard_error


@pytest.mark.parametrize("groups", [4, 20])
@pytest.mark.parametrize("unequal", [False, True])
def test_equally_good_models_seldom_differ_clearly_even_if_examples_of_a_group_are_alike(groups, unequal):
    random, found = np.random.default_rng(0), []
    for _ in range(400):
        sizes = random.integers(5, 40, groups) if unequal else np.full(groups, 20)
        of = np.repeat(np.arange(groups), sizes)
        gains = random.normal(size=groups)[of] + random.normal(size=len(of))
        found.append((clearly_gains(gains, 2, of), clearly_gains(gains, 2)))
    share = np.mean(found, axis=0)
    assert share[0] < 0.06, "2.3% are right"
    assert share[1] > 0.2, "what counting examples would give"


def test_a_gain_that_all_groups_show_is_clear_and_one_group_shows_nothing():
    random = np.random.default_rng(0)
    gains, of = random.normal(1, 1, 200), np.arange(10).repeat(20)
    assert clearly_gains(gains, 2, of)
    assert not clearly_gains(-gains, 2, of)
    assert clearly_gains(gains, 2)
    assert not clearly_gains(gains, 2, np.zeros(200))
    assert not clearly_gains(gains[:1], 0)


def test_examples_that_were_not_held_out_count_for_nothing():
    gains, of = np.array([1.0, 2.0, 1.0, 2.0, np.nan, np.nan]), np.array([1, 1, 2, 2, 3, 3])
    assert clearly_gains(gains, 1, of) == clearly_gains(gains[:4], 1, of[:4])
    assert not clearly_gains(np.full(3, np.nan), 1, np.arange(3))


def test_the_standard_error_is_that_of_a_mean_even_of_huge_figures():
    figures = np.random.default_rng(0).normal(size=50)
    expected = figures.std(ddof=1) / np.sqrt(50)
    np.testing.assert_allclose(standard_error(figures), expected)
    np.testing.assert_allclose(standard_error(figures, np.arange(50)), expected)
    np.testing.assert_allclose(standard_error(figures.repeat(3), np.arange(50).repeat(3)), expected)
    np.testing.assert_allclose(standard_error(1e200 * figures), 1e200 * expected)
    assert standard_error(np.ones(4)) == 0

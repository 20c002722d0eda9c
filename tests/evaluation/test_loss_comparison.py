"""Comparing autoencoders' recipes over seeds: what is evidence, what is not, and in which words."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.loss_comparison import SeedLosses, compare_losses

_HARD = np.random.default_rng(99).gamma(4.0, 0.05, size=500)  # what makes an example hard for every model


def _runs(level, stream, seeds=(0, 1, 2), spread=0.0):
    runs = []
    for seed in seeds:
        random = np.random.default_rng((stream, seed))
        runs.append(SeedLosses(seed, level + spread * random.normal() + _HARD + 0.01 * random.normal(size=500)))
    return runs


def test_the_mean_is_over_seeds_and_examples():
    runs = _runs(0.1, 1)
    (recipe,) = compare_losses({"one": runs}, "cross_entropy").recipes
    assert recipe.by_seed == pytest.approx([run.losses.mean() for run in runs])
    assert recipe.loss.value == pytest.approx(np.mean([run.losses for run in runs]))
    assert recipe.loss.interval.low < recipe.loss.value < recipe.loss.interval.high


def test_a_small_difference_on_the_same_examples_is_found():
    comparison = compare_losses({"good": _runs(0.1, 1), "poor": _runs(0.11, 2)}, "cross_entropy")
    good, poor = comparison.recipes
    assert good.loss.interval.high > poor.loss.interval.low, "each alone is too uncertain to tell"
    (difference,) = comparison.differences
    assert difference.evidence
    assert difference.interval.high < 0
    assert difference.value == pytest.approx(good.loss.value - poor.loss.value)
    assert difference.words.startswith("good reconstructs better than poor: a cross-entropy of 0.")
    (turned,) = compare_losses({"poor": _runs(0.11, 2), "good": _runs(0.1, 1)}, "mse").differences
    assert turned.words.startswith("poor reconstructs worse than good: a mean squared error of")
    assert turned.value == pytest.approx(-difference.value)


def test_seeds_that_differ_more_than_the_recipes_are_no_evidence():
    comparison = compare_losses({"a": _runs(0.1, 1, spread=0.05), "b": _runs(0.11, 2, spread=0.05)}, "cross_entropy")
    (difference,) = comparison.differences
    assert not difference.evidence
    assert "no evidence" in difference.words
    assert "both sources of chance" in comparison.words


def test_three_recipes_share_the_chance_of_error():
    comparison = compare_losses({name: _runs(0.1, n) for n, name in enumerate("abc")}, "cross_entropy")
    assert [(d.first, d.second) for d in comparison.differences] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert comparison.pair_level == pytest.approx(1 - 0.05 / 3)


def test_what_cannot_be_compared_is_told():
    with pytest.raises(UserError, match="seed by seed"):
        compare_losses({"a": _runs(0.1, 1), "b": _runs(0.1, 1, seeds=(0, 1))}, "cross_entropy")
    short = [SeedLosses(seed, _HARD[:100]) for seed in (0, 1, 2)]
    with pytest.raises(UserError, match=r"different numbers of test examples: \[100, 500\]"):
        compare_losses({"a": _runs(0.1, 1), "b": short}, "cross_entropy")

"""Whether one recipe is better than another, or whether the difference may be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.checks import checked_labels, checked_probabilities, checked_units
from unspool.evaluation.crossed import mean_over_seeds
from unspool.evaluation.resampling import Counts, bootstrap_distribution
from unspool.evaluation.result import Interval, Predictions, Score
from unspool.evaluation.weighted import SCORE_NAMES, weighted_scores
from unspool.evaluation.wording import difference_with_interval, percent, points_with_interval

COMPARED = SCORE_NAMES[:3]  # all but the Brier score
_TITLES = {"auc": "AUC", "balanced_accuracy": "balanced accuracy", "accuracy": "accuracy"}


class SeedRun(NamedTuple):
    """What one training of a recipe said of the test set."""

    seed: int
    predictions: Predictions
    threshold: float


@dataclass(frozen=True, slots=True)
class RecipeScores:
    """How good a recipe is, over its seeds.

    Attributes:
        recipe: its name.
        seeds: in rising order.
        by_seed: for "auc", "balanced_accuracy" and "accuracy", one figure for each seed.
        auc: mean over the seeds, with a 95% interval.
        balanced_accuracy: the same.
        accuracy: the same.
    """

    recipe: str
    seeds: tuple[int, ...]
    by_seed: dict[str, tuple[float, ...]]
    auc: Score
    balanced_accuracy: Score
    accuracy: Score


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether two recipes differ in one score.

    Attributes:
        first: a recipe.
        second: another.
        score: "auc", "balanced_accuracy" or "accuracy".
        value: the mean over seeds of the first's score less the second's.
        interval: of `value`, at the comparison's `pair_level`.
        evidence: zero lies outside the interval.
        words: the same as a plain sentence.
    """

    first: str
    second: str
    score: str
    value: float
    interval: Interval
    evidence: bool
    words: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several recipes on the same test examples.

    Attributes:
        examples: how many.
        recipes: in the order given.
        differences: for each pair of recipes, in the order given, one for each score.
        pair_level: the level of the differences' intervals: 0.95 for one pair; for P pairs 1 - 0.05 / P (Bonferroni),
            so that the P intervals of one score all hold together with at least 95%.
        words: what the intervals cover, in plain sentences.
    """

    examples: int
    recipes: tuple[RecipeScores, ...]
    differences: tuple[Difference, ...]
    pair_level: float
    words: str


def compare_recipes(runs: Mapping[str, Sequence[SeedRun]], *, resamples: int = 1000, seed: int = 0) -> Comparison:
    """Compares recipes that were each trained with the same seeds and scored on the same test examples.

    The intervals take both sources of chance into account, the seeds and the test examples (`crossed.py` tells how),
    and differences are paired by both.

    Args:
        runs: for each recipe, one run a seed.
        resamples: how many bootstrap resamples estimate the part that comes from the test examples.
        seed: of the resamples.

    Raises:
        UserError: no recipe or a recipe without runs, seeds that differ between recipes or occur twice, test labels or
            groups that differ between runs, or as for `binary_scores`.
    """
    seeds = common_seeds(runs)
    ordered = {recipe: sorted(recipe_runs, key=lambda run: run[0]) for recipe, recipe_runs in runs.items()}
    labels, units = _common_examples(ordered)
    values, resampled = _scores_of_all(ordered, labels, units, resamples, seed)

    pairs = list(combinations(ordered, 2))
    pair_level = 1 - 0.05 / max(1, len(pairs))
    recipes = tuple(_recipe_scores(recipe, seeds, values[recipe], resampled[recipe]) for recipe in ordered)
    differences = tuple(
        _difference(pair, row, values, resampled, pair_level) for pair in pairs for row in range(len(COMPARED))
    )
    return Comparison(
        examples=len(labels),
        recipes=recipes,
        differences=differences,
        pair_level=pair_level,
        words=scope_in_words(len(seeds), len(labels), len(pairs), pair_level),
    )


def common_seeds(runs: Mapping[str, Sequence[tuple[Any, ...]]]) -> tuple[int, ...]:
    """Gives the seeds that every recipe was run with, in rising order; a run is a tuple that begins with its seed.

    Raises:
        UserError: there are none, or they differ between recipes or occur twice.
    """
    if not runs:
        raise UserError("there is nothing to compare: give at least one recipe's runs")
    of_recipe = {recipe: tuple(sorted(run[0] for run in recipe_runs)) for recipe, recipe_runs in runs.items()}
    first, seeds = next(iter(of_recipe.items()))
    for recipe, others in of_recipe.items():
        if not others:
            raise UserError(f"{recipe} has no runs")
        if len(set(others)) < len(others):
            raise UserError(f"{recipe} has two runs of one seed: {', '.join(map(str, others))}")
        if others != seeds:
            raise UserError(
                f"recipes are compared seed by seed, but {first} was run with the seeds "
                f"{', '.join(map(str, seeds))} and {recipe} with {', '.join(map(str, others))}"
            )
    return seeds


def _common_examples(runs: Mapping[str, Sequence[SeedRun]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Gives the labels that all runs share, and what is drawn when resampling, both (N,)."""
    first = next(iter(runs.values()))[0][1]
    labels = checked_labels(first.labels)
    units = checked_units(first.groups, len(labels))
    for recipe, recipe_runs in runs.items():
        for seed, predictions, _ in recipe_runs:
            same = np.array_equal(predictions.labels, labels) and np.array_equal(
                checked_units(predictions.groups, len(predictions.labels)), units
            )
            if not same:
                raise UserError(f"{recipe}, seed {seed}, was scored on other test examples than the first run")
    return labels, units


def _scores_of_all(
    runs: Mapping[str, Sequence[SeedRun]],
    labels: NDArray[np.int64],
    units: NDArray[np.int64],
    resamples: int,
    seed: int,
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Scores every run on the test set, (4, S) a recipe, and on the same resamples of it, (4, S, resamples)."""
    statistics = [
        weighted_scores(labels, checked_probabilities(predictions.probabilities, len(labels)), threshold)
        for recipe_runs in runs.values()
        for _, predictions, threshold in recipe_runs
    ]

    def all_scores(counts: Counts) -> NDArray[np.float64]:
        return np.concatenate([scores(counts) for scores in statistics])

    shape = len(runs), -1, len(SCORE_NAMES)  # recipes, seeds, scores
    values = all_scores(np.ones((1, len(labels)))).reshape(*shape)
    resampled = bootstrap_distribution(all_scores, units, resamples=resamples, seed=seed).reshape(*shape, resamples)
    return (
        {recipe: values[index].T for index, recipe in enumerate(runs)},
        {recipe: resampled[index].swapaxes(0, 1) for index, recipe in enumerate(runs)},
    )


def _recipe_scores(
    recipe: str, seeds: tuple[int, ...], values: NDArray[np.float64], resampled: NDArray[np.float64]
) -> RecipeScores:
    scores = {
        name: mean_over_seeds(values[row], resampled[row], bounds=(0.0, 1.0)) for row, name in enumerate(COMPARED)
    }
    by_seed = {name: tuple(float(value) for value in values[row]) for row, name in enumerate(COMPARED)}
    return RecipeScores(recipe, seeds, by_seed, **scores)


def _difference(
    pair: tuple[str, str],
    row: int,
    values: Mapping[str, NDArray[np.float64]],
    resampled: Mapping[str, NDArray[np.float64]],
    level: float,
) -> Difference:
    first, second = pair
    score = COMPARED[row]
    means = float(values[first][row].mean()), float(values[second][row].mean())
    difference = mean_over_seeds(
        values[first][row] - values[second][row],
        resampled[first][row] - resampled[second][row],
        level=level,
        bounds=(-1.0, 1.0),
    )
    evidence = not difference.interval.low <= 0 <= difference.interval.high
    return Difference(
        first=first,
        second=second,
        score=score,
        value=difference.value,
        interval=difference.interval,
        evidence=evidence,
        words=_difference_in_words(pair, score, means, difference, level, evidence),
    )


def _difference_in_words(
    pair: tuple[str, str], score: str, means: tuple[float, float], difference: Score, level: float, evidence: bool
) -> str:
    if score == "auc":
        figures = f"{means[0]:.3f}", f"{means[1]:.3f}"
        margin = difference_with_interval(difference.value, difference.interval, level)
    else:
        figures = percent(means[0]), percent(means[1])
        margin = points_with_interval(difference.value, difference.interval, level)
    if not evidence:
        return (
            f"There is no evidence of a difference in {_TITLES[score]} between {pair[0]} ({figures[0]}) "
            f"and {pair[1]} ({figures[1]}): {margin}."
        )
    comparative = "higher" if difference.value > 0 else "lower"
    return (
        f"{pair[0]} has a {comparative} {_TITLES[score]} than {pair[1]}: "
        f"{figures[0]} against {figures[1]}, a difference of {margin}."
    )


def scope_in_words(seeds: int, examples: int, pairs: int, level: float) -> str:
    """Says what a comparison's intervals cover."""
    if seeds == 1:
        words = (
            f"One seed, {examples:,} test examples. The intervals cover the choice of test examples only: how much "
            "the figures would move if the models were trained again cannot be known from one seed."
        )
    else:
        words = (
            f"{seeds} seeds, {examples:,} test examples. The intervals cover both sources of chance: which seeds the "
            "models were trained with, and which examples they were tested on."
        )
    if pairs > 1:
        words += (
            f" Each of the {pairs} differences in a score has a {100 * level:.3g}% interval (Bonferroni), "
            "so that all of them hold together with 95%."
        )
    return words

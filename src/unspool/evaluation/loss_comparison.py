"""Whether one autoencoder's recipe reconstructs better than another, or whether the difference may be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.comparison import Difference, common_seeds, scope_in_words
from unspool.evaluation.crossed import mean_over_seeds
from unspool.evaluation.resampling import Counts, bootstrap_distribution, weighted_means
from unspool.evaluation.result import Score
from unspool.evaluation.wording import decimals_of, difference_with_interval

Floats = NDArray[np.float64]

TITLES = {"cross_entropy": ("cross-entropy", " nats a pixel"), "mse": ("mean squared error", "")}


class SeedLosses(NamedTuple):
    """What one training of a recipe lost on each example of the test set, (N,)."""

    seed: int
    losses: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class RecipeLoss:
    """How well a recipe reconstructs, over its seeds.

    Attributes:
        recipe: its name.
        seeds: in rising order.
        by_seed: the mean loss of each.
        loss: mean over the seeds, with a 95% interval. Lower is better.
    """

    recipe: str
    seeds: tuple[int, ...]
    by_seed: tuple[float, ...]
    loss: Score


@dataclass(frozen=True, slots=True)
class LossComparison:
    """Several autoencoders on the same test examples.

    Attributes:
        measure: what is compared: "cross_entropy" or "mse".
        examples: how many.
        recipes: in the order given.
        differences: one for each pair of recipes, in the order given.
        pair_level: the level of the differences' intervals, see `Comparison`.
        words: what the intervals cover, in plain sentences.
    """

    measure: str
    examples: int
    recipes: tuple[RecipeLoss, ...]
    differences: tuple[Difference, ...]
    pair_level: float
    words: str


def compare_losses(
    runs: Mapping[str, Sequence[SeedLosses]], measure: str, *, resamples: int = 1000, seed: int = 0
) -> LossComparison:
    """Compares recipes that were each trained with the same seeds and lose something on the same test examples.

    As for `compare_recipes`, intervals take seeds and test examples into account, and differences are paired by both.

    Args:
        runs: for each recipe, one run a seed; the examples in the same order.
        measure: what the losses are, "cross_entropy" or "mse".
        resamples: how many bootstrap resamples estimate the part that comes from the test examples.
        seed: of the resamples.

    Raises:
        UserError: no recipe or a recipe without runs, seeds that differ between recipes or occur twice, or different
            numbers of test examples.
    """
    seeds = common_seeds(runs)
    losses = {recipe: [run.losses for run in sorted(of, key=lambda run: run.seed)] for recipe, of in runs.items()}
    sizes = {len(one) for of_recipe in losses.values() for one in of_recipe}
    if len(sizes) > 1:
        raise UserError(f"the runs were scored on different numbers of test examples: {sorted(sizes)}")
    examples = sizes.pop()
    stacked = np.stack([np.stack(of_recipe) for of_recipe in losses.values()])  # (recipes, S, N)

    def means(counts: Counts) -> Floats:
        return weighted_means(counts, stacked.reshape(-1, examples))

    resampled = bootstrap_distribution(means, np.arange(examples), resamples=resamples, seed=seed)
    resampled = resampled.reshape(*stacked.shape[:2], resamples)
    by_seed = dict(zip(losses, stacked.mean(axis=2), strict=True))
    drawn = dict(zip(losses, resampled, strict=True))
    pairs = list(combinations(losses, 2))
    pair_level = 1 - 0.05 / max(1, len(pairs))
    return LossComparison(
        measure=measure,
        examples=examples,
        recipes=tuple(
            RecipeLoss(
                recipe,
                seeds,
                tuple(by_seed[recipe].tolist()),
                mean_over_seeds(by_seed[recipe], drawn[recipe], bounds=(0.0, np.inf)),
            )
            for recipe in losses
        ),
        differences=tuple(_difference(pair, by_seed, drawn, measure, pair_level) for pair in pairs),
        pair_level=pair_level,
        words=scope_in_words(len(seeds), examples, len(pairs), pair_level),
    )


def _difference(
    pair: tuple[str, str], by_seed: Mapping[str, Floats], drawn: Mapping[str, Floats], measure: str, level: float
) -> Difference:
    first, second = pair
    difference = mean_over_seeds(
        by_seed[first] - by_seed[second], drawn[first] - drawn[second], level=level, bounds=(-np.inf, np.inf)
    )
    evidence = not difference.interval.low <= 0 <= difference.interval.high
    return Difference(
        first=first,
        second=second,
        score=measure,
        value=difference.value,
        interval=difference.interval,
        evidence=evidence,
        words=_in_words(pair, (by_seed[first].mean(), by_seed[second].mean()), difference, measure, level, evidence),
    )


def _in_words(
    pair: tuple[str, str], means: tuple[float, float], difference: Score, measure: str, level: float, evidence: bool
) -> str:
    title, unit = TITLES[measure]
    decimals = decimals_of(difference.interval)
    figures = [f"{mean:.{decimals}f}" for mean in means]
    margin = difference_with_interval(difference.value, difference.interval, level)
    if not evidence:
        return (
            f"There is no evidence of a difference in {title} between {pair[0]} ({figures[0]}{unit}) and {pair[1]} "
            f"({figures[1]}): {margin}."
        )
    better = "better" if difference.value < 0 else "worse"
    return (
        f"{pair[0]} reconstructs {better} than {pair[1]}: a {title} of {figures[0]} against {figures[1]}{unit}, "
        f"a difference of {margin}."
    )

"""Whether one recipe is better than another, or whether the difference may be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.compared import Comparison, Difference, RecipeScores
from unspool.evaluation.contenders import Answers, SeedRun
from unspool.evaluation.measures.intervals import hidden, interval_of, interval_of_difference, less
from unspool.evaluation.measures.measure import Figure, Measure
from unspool.evaluation.resampling import Counts, bootstrap_distribution
from unspool.evaluation.result import Predictions, Score
from unspool.evaluation.scoring import Measures, checked, cut_at
from unspool.evaluation.seed_intervals import mean_over_seeds
from unspool.evaluation.support import Decisions, on_few_groups, rarer_label, support_of

Floats = NDArray[np.float64]

_FOR_PERCENTILES, _FOR_COVARIANCES = 2000, 1000


def compare_recipes(
    runs: Mapping[str, Sequence[SeedRun]],
    task: str,
    measures: Measures,
    headline: str,
    *,
    drawn: str = "groups",
    resamples: int | None = None,
    seed: int = 0,
) -> Comparison:
    """Compares recipes that were each trained with the same seeds and scored on the same test examples.

    The intervals take both sources of chance into account, the seeds and the test examples (see `seed_intervals.py`),
    and differences are paired by both. Where examples have groups, whole groups are drawn. With one seed, scores have
    the intervals that `score` gives them.

    Args:
        runs: for each recipe, one run a seed.
        task: the name of what they predict.
        measures: that they are compared by, by name.
        headline: the one of them that verdicts rest on.
        drawn: what groups of test examples are, in words.
        resamples: how many bootstrap resamples estimate the part that comes from the test examples. None for 2,000
            with one seed, whose percentiles are taken, as `score` does, and for 1,000 with several, of which only the
            covariances are.
        seed: of the resamples.

    Raises:
        UserError: no recipe or a recipe without runs, seeds that differ between recipes or occur twice, targets or
            groups that differ between runs, a measure that the test examples leave undefined, or as for `score`.
    """
    seeds = common_seeds(runs)
    ordered = {recipe: sorted(recipe_runs, key=lambda run: run[0]) for recipe, recipe_runs in runs.items()}
    if resamples is None:
        resamples = _FOR_PERCENTILES if len(seeds) == 1 else _FOR_COVARIANCES
    test = _Test(measures, *_common_examples(ordered), drawn, resamples, seed)
    figures = {
        name: test.figures(name, {recipe: [run.answers(measure) for run in some] for recipe, some in ordered.items()})
        for name, measure in measures.items()
    }

    pairs = list(combinations(ordered, 2))
    pair_level = 1 - 0.05 / max(1, len(pairs))
    return Comparison(
        task=task,
        examples=len(test.targets),
        recipes=tuple(_recipe_scores(recipe, seeds, test, figures) for recipe in ordered),
        differences=tuple(
            _difference(pair, measures[name], name, figures[name], test, pair_level, same)
            for pair, same in ((pair, _same_answers(pair, ordered, measures, figures)) for pair in pairs)
            for name in figures
        ),
        baseline=_baseline_ahead(test, ordered, headline, figures[headline]),
        pair_level=pair_level,
        words=scope_in_words(
            len(seeds),
            len(test.targets),
            len(pairs),
            pair_level,
            trained=all(run.decided is None for some in ordered.values() for run in some),
            few=on_few_groups(test.units, drawn),
        ),
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


class _Figures(NamedTuple):
    """One measure of several contenders: (S,) of each on the test set, and (S, resamples) on resamples of it.

    `prepared` is the measure of each as S functions of counts, and `decided` what it depends on, with each of the S
    seeds (`Measure.decisions`).
    """

    values: dict[str, Floats]
    resampled: dict[str, Floats]
    prepared: dict[str, list[Figure]]
    decided: dict[str, list[Decisions]]


@dataclass(frozen=True)
class _Test:
    """The test examples that all runs share, and how they are drawn again: (N, ...) targets, (N,) units."""

    measures: Measures
    targets: NDArray[Any]
    units: NDArray[np.int64]
    groups: str  # what they are, in words
    resamples: int
    seed: int

    @property
    def drawn(self) -> int:
        """How many examples, or groups of them, a resample draws."""
        return int(self.units.max()) + 1

    @property
    def counted(self) -> str:
        """What is drawn, in words."""
        return self.groups if self.drawn < len(self.targets) else "test examples"

    def value(self, measure: Measure, answers: Answers) -> float:
        return measure.of(self.targets, *self._checked(answers))

    def figures(self, name: str, contenders: Mapping[str, Sequence[Answers]]) -> _Figures:
        """Score the contenders, each with S seeds, on the test set and on resamples that are the same for all."""
        measure = self.measures[name]
        values = {key: np.array([self.value(measure, answers) for answers in one]) for key, one in contenders.items()}
        if any(np.isnan(one).any() for one in values.values()):
            raise UserError(f"{measure.title} is undefined on these test examples: nothing can be compared by it")
        prepared = {
            key: [measure.prepare(self.targets, *self._checked(answers)) for answers in one]
            for key, one in contenders.items()
        }

        def all_figures(counts: Counts) -> Floats:
            return np.stack([figure(counts) for one in prepared.values() for figure in one])

        drawn = bootstrap_distribution(all_figures, self.units, resamples=self.resamples, seed=self.seed)
        drawn = drawn.reshape(len(contenders), -1, self.resamples)
        return _Figures(values, dict(zip(contenders, drawn, strict=True)), prepared, self._decided(measure, contenders))

    def _decided(self, measure: Measure, contenders: Mapping[str, Sequence[Answers]]) -> dict[str, list[Decisions]]:
        return {
            key: [measure.decisions(self.targets, *self._checked(answers)) for answers in one]
            for key, one in contenders.items()
        }

    def _checked(self, answers: Answers) -> tuple[Floats, float]:
        threshold = cut_at(answers.threshold)
        return checked(Predictions(self.targets, answers.outputs))[1], threshold


def _common_examples(runs: Mapping[str, Sequence[SeedRun]]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Gives the targets that all runs share, and what is drawn when resampling, (N,)."""
    first = next(iter(runs.values()))[0].predictions
    targets = checked(first)[0]
    units = checked_units(first.groups, len(targets))
    for recipe, recipe_runs in runs.items():
        for seed, predictions, *_ in recipe_runs:
            same = np.array_equal(predictions.targets, targets) and np.array_equal(
                checked_units(predictions.groups, len(predictions.targets)), units
            )
            if not same:
                raise UserError(f"{recipe}, seed {seed}, was scored on other test examples than the first run")
    return targets, units


def _recipe_scores(recipe: str, seeds: tuple[int, ...], test: _Test, figures: Mapping[str, _Figures]) -> RecipeScores:
    scores = {}
    for name, one in figures.items():
        measure, values, resampled = test.measures[name], one.values[recipe], one.resampled[recipe]
        rarer = rarer_label(measure, test.targets, test.units)
        complete = resampled[np.isfinite(resampled)]  # resamples that lack a class carry no figure
        if not np.ptp(values) and (len(seeds) == 1 or not len(complete) or not np.ptp(complete)):
            value = float(values[0])
            scores[name] = Score(
                value,
                interval_of(measure, value, resampled[0], test.targets, test.units, rarer, one.prepared[recipe][0]),
            )
        else:
            more = hidden(one.prepared[recipe], test.units)
            scores[name] = mean_over_seeds(values, resampled, drawn=rarer, bounds=measure.bounds, more=more)
    by_seed = {name: tuple(one.values[recipe].tolist()) for name, one in figures.items()}
    return RecipeScores(recipe, seeds, by_seed, scores)


def _same_answers(
    pair: tuple[str, str],
    runs: Mapping[str, Sequence[SeedRun]],
    measures: Measures,
    figures: Mapping[str, _Figures],
) -> bool:
    """Whether two contenders give the same outputs with each seed, and decide the same by every measure."""
    first, second = pair
    return all(
        np.array_equal(one.answers(measure).outputs, other.answers(measure).outputs) and np.array_equal(ours, theirs)
        for name, measure in measures.items()
        for one, other, ours, theirs in zip(
            *(runs[first], runs[second], figures[name].decided[first], figures[name].decided[second]), strict=True
        )
    )


def _difference(
    pair: tuple[str, str],
    measure: Measure,
    name: str,
    figures: _Figures,
    test: _Test,
    level: float = 0.95,
    same: bool = False,
) -> Difference:
    (first, second), (values, resampled, prepared, decided) = pair, figures
    both = prepared[first], prepared[second]
    support = support_of(measure, test.targets, test.units, (decided[first], decided[second]), both)
    most = measure.bounds[1] - measure.bounds[0]
    difference = mean_over_seeds(
        less(values[first], values[second]),
        less(resampled[first], resampled[second]),
        drawn=support.rarer,
        level=level,
        bounds=(-most, most),
        more=hidden(both[0], test.units, both[1], level),
    )
    alike = (difference.value, *astuple(difference.interval)) == (0, 0, 0)
    exact = interval_of_difference(measure, difference.value, difference.interval, support.drawn, level)
    interval, few = support.judged(exact, test.counted, level)
    difference = Score(difference.value, interval)
    evidence = not interval.low <= 0 <= interval.high
    said = measure.say(float(values[first].mean())), measure.say(float(values[second].mean()))
    words = (
        f"{first} and {second} give the same predictions for all {len(test.targets):,} test examples."
        if same
        else _difference_in_words(pair, measure, said, difference, level, evidence, alike) + few
    )
    return Difference(
        first=first,
        second=second,
        score=name,
        value=difference.value,
        interval=interval,
        evidence=evidence,
        words=words,
    )


def _difference_in_words(
    pair: tuple[str, str],
    measure: Measure,
    said: tuple[str, str],
    difference: Score,
    level: float,
    evidence: bool,
    alike: bool,
) -> str:
    margin = measure.say_difference(difference.value, difference.interval, level)
    if alike and difference.interval.low == difference.interval.high:
        return (
            f"{pair[0]} and {pair[1]} have the same {measure.title} ({said[0]}), and no test example tells them apart, "
            "so no interval can be estimated."
        )
    if not evidence:
        margin += ", as no test example tells them apart" if alike else ""
        return (
            f"There is no evidence of a difference in {measure.title} between {pair[0]} ({said[0]}) "
            f"and {pair[1]} ({said[1]}): {margin}."
        )
    comparative = "higher" if difference.value > 0 else "lower"
    if not measure.higher_is_better:
        comparative += " (better)" if difference.value < 0 else " (worse)"
    return (
        f"{pair[0]} has a {comparative} {measure.title} than {pair[1]}: "
        f"{said[0]} against {said[1]}, a difference of {margin}."
    )


def _baseline_ahead(
    test: _Test, runs: Mapping[str, Sequence[SeedRun]], name: str, figures: _Figures
) -> Difference | None:
    """The best recipe against the best of the simple models beside the runs, where the simple one does better."""
    measure = test.measures[name]
    sign = 1 if measure.higher_is_better else -1
    best = max(runs, key=lambda recipe: sign * figures.values[recipe].mean())
    simple = [  # of each recipe: what a run reads may be read by its simple models too
        (title, [run.baselines[title] for run in recipe_runs])
        for recipe_runs in runs.values()
        for title in recipe_runs[0].baselines
        if all(title in run.baselines for run in recipe_runs)
    ]
    means = np.array([np.mean([test.value(measure, answers) for answers in of_seeds]) for _, of_seeds in simple])
    if np.isnan(means).all():  # none, or undefined for all, as the rank correlation of equal numbers is
        return None
    ahead = int(np.nanargmax(sign * means))
    if sign * (means[ahead] - figures.values[best].mean()) <= 0:
        return None
    title, answers = simple[ahead]
    against = test.figures(name, {best: [run.answers(measure) for run in runs[best]], title: answers})
    # Baselines of one name are the same model, unless the recipes were trained on different examples.
    among = len({(one[0], mean) for one, mean in zip(simple, means, strict=True) if not np.isnan(mean)})
    level = 1 - 0.05 / among
    difference = _difference((best, title), measure, name, against, test, level)
    said = measure.say(float(means[ahead])), measure.say(float(figures.values[best].mean()))
    margin = measure.say_difference(difference.value, difference.interval, level)
    chance = "" if difference.evidence else ", which may be chance"
    why = (
        f" The interval is wider because this is the best of {among} baselines on these examples." if among > 1 else ""
    )
    words = (
        f"A baseline, {title}, has the best {measure.title}: {said[0]} against {said[1]} of {best}, "
        f"a difference of {margin}{chance}.{why}"
    )
    return Difference(best, title, name, difference.value, difference.interval, difference.evidence, words)


def scope_in_words(seeds: int, examples: int, pairs: int, level: float, trained: bool = True, few: str = "") -> str:
    """Says what a comparison's intervals cover; `trained` is whether all contenders are runs, `few` a caution."""
    if not trained:
        words = (
            f"One set of predictions per model, {examples:,} test examples. The intervals cover the choice of test "
            "examples only, not how much the figures would change if a model were trained, or asked, again."
        )
    elif seeds == 1:
        words = (
            f"One training of each, {examples:,} test examples. The intervals cover the choice of test examples only: "
            "how much the figures would move if the models were trained again cannot be known from one seed."
        )
    else:
        words = (
            f"{seeds} seeds, {examples:,} test examples. The intervals cover both sources of chance: which seeds the "
            "models were trained with, and which examples they were tested on."
        )
    if pairs > 1:
        words += (
            f" Each of the {pairs} differences in a score has a {100 * level:.3g}% interval (Bonferroni), "
            f"so the {pairs} intervals of each score hold jointly with 95% confidence. This applies to each score "
            "separately, not to all scores at once."
        )
    return f"{words} {few}".rstrip()

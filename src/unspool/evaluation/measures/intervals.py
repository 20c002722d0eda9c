"""The intervals of figures and of their differences, widened where resamples alone would make them too narrow."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures.measure import Figure, Measure, Targets
from unspool.evaluation.measures.weighted import MeanOfClasses
from unspool.evaluation.resampling import Counts, bootstrap_distribution, percentile_interval
from unspool.evaluation.result import Interval
from unspool.lazy_module import LazyModule

stats = LazyModule("scipy.stats")

_TO_SEE_CLASSES = 200
"""Resamples that show how far the figure of each class moves."""


def interval_of(
    measure: Measure,
    value: float,
    distribution: NDArray[np.float64],
    targets: Targets,
    units: NDArray[np.int64],
    rarer: int,
    figure: Figure,
) -> Interval:
    """The 95% interval of a figure: the percentiles of its bootstrap distribution; see `widened` for means of classes.

    A share of examples that are drawn one by one has Wilson's interval (1927): near 0 or 1, percentiles are too narrow
    (with 160 examples and an accuracy of 98%, they contain the true value in 87 of 100 cases). So has any figure where
    all examples are right or all wrong, which no resample changes: then it is the interval of a share of the groups, or
    of as many trials as the figure is worth (`Measure.trials`). Where a figure weighs two labels the same and one has a
    single example, all resamples hold that one: how far others would lie from it is unknown, and the interval is all
    that the figure can be.

    Args:
        measure: of the figure.
        value: of it.
        distribution: (resamples,) of it.
        targets: (N, ...) the truth.
        units: (N,) for each example the number, from 0, of what a resample draws: itself, or its group.
        rarer: how many the rarer label has, see `support.rarer_label`.
        figure: the function of counts that the distribution is of.
    """
    drawn = int(units.max()) + 1
    trials = drawn if measure.share else min(measure.trials(targets, units), drawn) if measure.trials else 0
    if trials and (value in measure.bounds or (measure.share and drawn == len(units))):
        found = stats.binomtest(round(value * trials), trials).proportion_ci(method="wilson")
        return Interval(float(found.low), float(found.high))
    found = percentile_interval(distribution, rarer, bounds=measure.bounds)
    if rarer == 1 and found.low < found.high:
        return Interval(*measure.bounds)
    return widened(found, value, distribution, hidden([figure], units), measure.bounds)


class Hidden(NamedTuple):
    """What to add to the squares of an interval's lower and upper half for errors that no resample shows."""

    below: float
    above: float


def hidden(
    ours: Sequence[Figure], units: NDArray[np.int64], theirs: Sequence[Figure] = (), level: float = 0.95
) -> Hidden | None:
    """The error of a mean over classes, or of the difference of two, that resamples hide if a class has few examples.

    If a class has a single example, it is the same in all resamples; and where all examples of a class are right (or
    the same for two models), none shows that others may not be. But if the share of examples with another outcome were
    above 1 - (alpha / 2)^(1 / m), all m examples would seldom be alike (Clopper and Pearson, 1934). So a class's figure
    may lie at least that far from the one found, within its bounds; a difference twice as far where all examples favour
    one model. The result is by how much this exceeds the class's own bootstrap error, for all classes together: the
    squares of independent errors add up. None if a figure is no mean over classes.

    Args:
        ours: figures whose mean it is, such as one for each seed.
        units: (N,) what a resample draws, see `interval_of`.
        theirs: those that are subtracted; none where it is no difference.
        level: of the interval.

    Source: G. Y. Zou, W. Huang and X. Zhang, "A note on confidence interval estimation for a linear function of
    binomial proportions", Computational Statistics & Data Analysis 53 (2009), 1080-1085.
    """
    both = [one for one in (*ours, *theirs) if isinstance(one, MeanOfClasses)]
    if len(both) < len(ours) + len(theirs):
        return None

    def by_class(counts: Counts) -> NDArray[np.float64]:
        figures = [one.by_class(counts).T for one in both]
        mean = np.mean(figures[: len(ours)], axis=0)
        return np.asarray(mean - np.mean(figures[len(ours) :], axis=0) if theirs else mean)

    found = by_class(np.ones((1, len(units))))[:, 0]
    shown = bootstrap_distribution(by_class, units, resamples=_TO_SEE_CLASSES).var(axis=1)
    reach = 1 - ((1 - level) / 2) ** (1 / both[0].sizes(units))
    reach *= 1 + np.abs(found) if theirs else 1.0
    bootstrap = float(stats.norm.ppf((1 + level) / 2)) ** 2 * shown
    least = -1.0 if theirs else 0.0
    below, above = (
        float(np.maximum(np.minimum(reach, room) ** 2 - bootstrap, 0).sum()) / len(found) ** 2
        for room in (found - least, 1 - found)
    )
    return Hidden(below, above)


def widened(
    interval: Interval,
    value: float,
    distribution: NDArray[np.float64],
    more: Hidden | None,
    bounds: tuple[float, float],
) -> Interval:
    """A percentile interval, widened by what resamples hide, which is added to the square of each half.

    The halves are measured from the distribution's mean, which repeated rare examples shift away from the value.
    """
    if more is None:
        return interval
    middle = float(np.nanmean(distribution))
    low = value - float(np.sqrt(max(middle - interval.low, 0.0) ** 2 + more.below))
    high = value + float(np.sqrt(max(interval.high - middle, 0.0) ** 2 + more.above))
    return Interval(max(low, bounds[0]), min(high, bounds[1]))


def interval_of_difference(
    measure: Measure, difference: float, interval: Interval, drawn: int, level: float = 0.95
) -> Interval:
    """The interval of a paired difference of two figures: that of its bootstrap distribution, if it has a width.

    Where two models are right on the same examples, or one is right on all and the other on none, no resample differs.
    The interval is then the exact one (Clopper and Pearson, 1934) of the share of examples that set the two apart, all
    of them for the same model; it holds zero where a sign test would not tell the two apart.

    Args:
        measure: of the figures.
        difference: of them.
        interval: of its bootstrap distribution.
        drawn: how many examples, or groups of them, a resample draws.
        level: of the interval.

    Example:
        >>> from unspool.tasks import Binary
        >>> interval = interval_of_difference(Binary.measures["accuracy"], 0.0, Interval(0.0, 0.0), 70)
        >>> round(interval.low, 3), round(interval.high, 3)
        (-0.051, 0.051)
    """
    if not measure.share or interval.low < interval.high or abs(difference) not in (0.0, 1.0):
        return interval
    apart = stats.binomtest(drawn if difference else 0, drawn).proportion_ci(level, method="exact")
    if not difference:
        return Interval(-float(apart.high), float(apart.high))
    least = 2 * float(apart.low) - 1
    return Interval(least, 1.0) if difference > 0 else Interval(-1.0, -least)


def less(one: Any, other: Any) -> Any:
    """One figure less another, or arrays of them; 0 where both are infinite, as the PSNR without any error is.

    Example:
        >>> less(np.array([1.5, np.inf]), np.array([1.0, np.inf])).tolist()
        [0.5, 0.0]
    """
    with np.errstate(invalid="ignore"):
        return np.where(one == other, 0.0, one - other)

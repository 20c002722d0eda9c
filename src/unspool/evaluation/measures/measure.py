"""What predictions are judged by: a measure's name, its meaning, and how it is computed.

A measure's value comes from scikit-learn or SciPy. Its interval needs it thousands of times, on resamples; for that
each has a second form, a function of how often each example counts (see `resampling`), which sorts once and then only
sums.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures.weighted import MeanOfClasses
from unspool.evaluation.resampling import Counts, bootstrap_distribution, percentile_interval
from unspool.evaluation.result import Interval
from unspool.evaluation.wording import significant, significant_with_interval
from unspool.lazy_module import LazyModule

metrics = LazyModule("sklearn.metrics")
stats = LazyModule("scipy.stats")

MOST_RANKED = 1_000_000
"""Examples times labels up to which measures that rest on a ranking are computed: 2,000 resamples take time."""

_ROUNDING = 1e-12
"""How far sums of rounded numbers, such as the trapezoids of an AUC, may lie from the bound that they should equal."""

_TO_SEE_CLASSES = 200
"""Resamples that show how far the figure of each class moves."""

Targets = NDArray[Any]
Outputs = NDArray[np.float64]
Figure = Callable[[Counts], NDArray[np.float64]]
"""Gives (rows,) figures from counts (rows, N)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to judge predictions.

    Attributes:
        title: what it is called in a table, and in a sentence.
        meaning: in a few words.
        value: of targets, outputs and threshold; NaN where it is undefined.
        prepare: the same as a function of counts.
        say: a figure as people read it.
        say_difference: a difference of two, with its interval and, where it is not 95%, the interval's level.
        higher_is_better: whether it is.
        bounds: its least and its greatest value.
        share: whether it is the share of examples that something is true of.
        of_probabilities: whether it needs probabilities; for labels alone it adds nothing to the other measures.
        by_label: whether it weighs both of two labels the same, however rare one is.
        trials: of targets and units (see `resampling`): how many trials, all with one outcome, tell as much as a figure
            at one of its bounds, which no resample changes; None where that is unknown.
        decisions: (N, ...) what it depends on, of each example: the outputs, or less. Examples on which two models have
            the same do not tell them apart.
    """

    title: str
    meaning: str
    value: Callable[[Targets, Outputs, float], float]
    prepare: Callable[[Targets, Outputs, float], Figure]
    say: Callable[[float], str] = significant
    say_difference: Callable[..., str] = significant_with_interval
    higher_is_better: bool = True
    bounds: tuple[float, float] = (0.0, 1.0)
    share: bool = False
    of_probabilities: bool = False
    by_label: bool = False
    trials: Callable[[Targets, NDArray[np.int64]], int] | None = None
    decisions: Callable[[Targets, Outputs, float], NDArray[Any]] = lambda targets, outputs, threshold: outputs

    def of(self, targets: Targets, outputs: Outputs, threshold: float) -> float:
        """The value, without rounding errors at its bounds, which have intervals of their own; NaN if undefined."""
        value = self.value(targets, outputs, threshold)
        if not np.isfinite(self.bounds).all():  # an error, whose unit may be tiny
            return value
        return next((bound for bound in self.bounds if abs(value - bound) < _ROUNDING), value)

    @property
    def noun(self) -> str:
        """The title with its article, as in "an accuracy"."""
        spelt = self.title[0] in "aeiAR" and not self.title.startswith("ROUGE")  # which is said as a word
        return f"{'an' if spelt else 'a'} {self.title}"


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

    Where all examples are right or all wrong, which no resample changes, it is Wilson's (1927) of a share: of the
    examples, or of as many trials as the figure is worth (`Measure.trials`). Where a figure weighs two labels the same
    and one has a single example, all resamples hold that one: how far others would lie from it is unknown, and the
    interval is all that the figure can be.

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
    if trials and value in measure.bounds:
        found = stats.binomtest(round(value * trials), trials).proportion_ci(method="wilson")
        return Interval(float(found.low), float(found.high))
    found = percentile_interval(distribution, rarer)
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


def classes_of(targets: Targets) -> NDArray[np.int64]:
    """The classes that occur: one that does not cannot be scored."""
    return np.unique(targets)


def labels_of(targets: Targets) -> NDArray[np.int64]:
    """The labels that some example has."""
    return np.flatnonzero(targets.any(axis=0))


def of_rarest(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many examples, or groups of them, the rarest class or label that occurs has.

    The chance that all of n examples of one class rank above all m of another, m being fewer, is at most that of m
    independent pairs, which is the AUC to the power of m.

    Example:
        >>> of_rarest(np.array([0, 1, 1]), np.arange(3)), of_rarest(np.array([[1, 1], [0, 1]]), np.arange(2))
        (1, 1)
    """
    return min((len(np.unique(units[has])) for has in _has(targets)), default=0)


def of_all_as_of_rarest(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many they would be if all classes had as few as the rarest.

    The chance that all examples of K classes are right, of which the rarest has m, is at most their mean recall to the
    power of K m.

    Example:
        >>> of_all_as_of_rarest(np.array([0, 0, 0, 1, 1]), np.arange(5))
        4
    """
    return len(_has(targets)) * of_rarest(targets, units)


def of_any_label(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many examples, or groups of them, have a label.

    Example:
        >>> of_any_label(np.array([[1, 1], [0, 1], [0, 0]]), np.arange(3))
        2
    """
    return len(np.unique(units[targets.any(axis=1)]))


def _has(targets: Targets) -> list[NDArray[np.bool_]]:
    """Which examples, (N,), each class or label that occurs has."""
    if targets.ndim > 1:
        return [targets[:, label] == 1 for label in labels_of(targets)]
    return [targets == one for one in classes_of(targets)]


def mean_auc(targets: Targets, outputs: Outputs, _: float) -> float:
    """The AUC of each class against the rest, averaged; NaN of one class, or of too many to rank."""
    classes = classes_of(targets)
    if len(classes) < 2 or len(classes) * len(targets) > MOST_RANKED:
        return float("nan")
    return float(np.mean([metrics.roc_auc_score(targets == one, outputs[:, one]) for one in classes]))


def macro_f1(targets: Targets, outputs: Outputs, _: float) -> float:
    """The F1 of each class that occurs, averaged."""
    answers, classes = outputs.argmax(axis=1), classes_of(targets)
    return float(metrics.f1_score(targets, answers, labels=classes, average="macro", zero_division=0.0))


def macro_recall(targets: Targets, outputs: Outputs, _: float) -> float:
    """The recall of each class that occurs, averaged."""
    # Not `balanced_accuracy_score`, which warns where an answer is a class that no example has.
    answers, classes = outputs.argmax(axis=1), classes_of(targets)
    return float(metrics.recall_score(targets, answers, labels=classes, average="macro", zero_division=0.0))


def log_loss(targets: Targets, outputs: Outputs, _: float) -> float:
    """Minus the mean logarithm of the probability of the true class."""
    shares = outputs / outputs.sum(axis=1, keepdims=True)
    return float(metrics.log_loss(targets, shares, labels=np.arange(outputs.shape[1])))


def label_f1(average: str) -> Callable[[Targets, Outputs, float], float]:
    """The F1 over all decisions ("micro"), or of each label, averaged ("macro"); NaN where no example has a label."""

    def value(targets: Targets, outputs: Outputs, threshold: float) -> float:
        there = labels_of(targets)
        if not len(there):
            return float("nan")  # nothing could be found
        labels = there if average == "macro" else np.arange(targets.shape[1])
        truth, yes = targets[:, labels].astype(int), (outputs[:, labels] >= threshold).astype(int)
        return float(
            np.mean([metrics.f1_score(*pair, zero_division=0.0) for pair in zip(truth.T, yes.T, strict=True)])
            if average == "macro"
            else metrics.f1_score(truth.ravel(), yes.ravel(), zero_division=0.0)
        )

    return value


def mean_average_precision(targets: Targets, outputs: Outputs, _: float) -> float:
    """The average precision of each label that occurs, averaged; NaN where there are too many to rank."""
    labels = labels_of(targets)
    if not len(labels) or targets.size > MOST_RANKED:
        return float("nan")
    scores = [metrics.average_precision_score(targets[:, label], outputs[:, label]) for label in labels]
    return float(np.mean(scores))


def r2(targets: Targets, outputs: Outputs, _: float) -> float:
    """The coefficient of determination; NaN of equal numbers."""
    return float(metrics.r2_score(targets, outputs)) if np.ptp(targets) > 0 else float("nan")


def spearman(targets: Targets, outputs: Outputs, _: float) -> float:
    """Spearman's rank correlation; NaN of equal numbers."""
    if not (np.ptp(targets) > 0 and np.ptp(outputs) > 0):
        return float("nan")
    return float(stats.spearmanr(targets, outputs).statistic)


def found_of(truth: NDArray[np.bool_], answers: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], ...]:
    """(N, K) of each class or label: whether it is present and predicted, whether present, and whether predicted."""
    return truth & answers, truth, answers


def one_hot(targets: Targets, outputs: Outputs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N, K), which of the occurring classes each example has, and which is predicted."""
    classes = classes_of(targets)
    return targets[:, np.newaxis] == classes, outputs.argmax(axis=1)[:, np.newaxis] == classes


def both_labels(yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N, 2) which of two labels each example has, from whether it has the second."""
    return np.stack([~yes, yes], axis=1)

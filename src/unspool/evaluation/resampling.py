"""The bootstrap: how far a figure would move had the test examples been others of the same kind.

A resample is described by how often each example was drawn. A figure that can be computed from such counts needs no
copy of the data, so that 2,000 resamples of 25,000 examples take about a second and a few megabytes. Of 100,000
examples of ten classes they take some seconds: see `weighted.mean_auc`.

Source: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979), 1-26. Groups:
A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8: whole groups are drawn.
"""

import math
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.result import Interval, Score
from unspool.lazy_module import LazyModule

stats = LazyModule("scipy.stats")

Counts = NDArray[np.float64]  # (rows, N): how often each example stands in each resample
Statistic = Callable[[Counts], NDArray[np.float64]]  # gives (figures, rows)

_CELLS_AT_ONCE = 250_000  # few enough that counts stay in the processor's cache
_FEWEST_BEYOND = 5  # resamples beyond an end of an interval
_ROWS_AT_ONCE, _MOST_CELLS = 8, 800_000  # of many examples: a cache line of each one's counts, in its order or another


def bootstrap_distribution(
    statistic: Statistic, units: NDArray[np.int64], *, resamples: int = 2000, seed: int = 0
) -> NDArray[np.float64]:
    """Compute figures on resampled examples.

    Args:
        statistic: gives (figures, rows) from counts (rows, N); called several times with some of the rows each.
        units: (N,) for each example the number, from 0, of what is drawn: itself, or its group.
        resamples: how many.
        seed: of the draws. The same seed and units draw the same resamples, whatever the statistic.

    Returns:
        (figures, resamples).

    Example:
        >>> right = np.array([1.0, 1.0, 0.0, 1.0, 1.0])
        >>> share = bootstrap_distribution(lambda counts: (counts @ right / counts.sum(axis=1))[None], np.arange(5))
        >>> share.shape, round(float(share.mean()), 1)
        ((1, 2000), 0.8)
    """
    drawn = int(units.max()) + 1
    each_alone = drawn == len(units)

    def of_draws(draws: NDArray[np.int64], axis: int) -> NDArray[np.float64]:
        draws = np.atleast_2d(draws)
        rows = len(draws)
        places = draws + drawn * np.arange(rows)[:, np.newaxis]
        counts = np.bincount(places.ravel(), minlength=rows * drawn).reshape(rows, drawn).astype(np.float64)
        return statistic(counts if each_alone else counts[:, units])

    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        # A resample that lacks a class carries no figure, and one may be infinite; SciPy would warn of its own interval
        # and standard error, which are not used.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        result = stats.bootstrap(
            (np.arange(drawn),),
            of_draws,
            n_resamples=resamples,
            batch=max(1, _CELLS_AT_ONCE // len(units), min(_ROWS_AT_ONCE, _MOST_CELLS // len(units))),
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(seed),
        )
    distribution: NDArray[np.float64] = result.bootstrap_distribution
    return distribution


def interval_of_mean(
    figures: NDArray[np.float64],
    units: NDArray[np.int64],
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return the 95% percentile bootstrap interval of the mean of figures, (N,).

    Args:
        figures: (N,) one for each example.
        units: (N,) see `bootstrap_distribution`.
        bounds: the least and the greatest value that a figure can have.
        resamples: how many.
        seed: of the draws.

    Example:
        >>> interval_of_mean(np.array([1.0, 0.0, 1.0, 1.0]), np.arange(4), bounds=(0.0, 1.0))
        Interval(low=0.0, high=1.0)
    """

    def mean(counts: Counts) -> NDArray[np.float64]:
        return weighted_means(counts, figures[np.newaxis])

    distribution = bootstrap_distribution(mean, units, resamples=resamples, seed=seed)[0]
    return percentile_interval(distribution, int(units.max()) + 1, bounds=bounds)


def mean_score(
    figures: NDArray[np.float64],
    groups: NDArray[np.integer] | None = None,
    *,
    bounds: tuple[float, float],
    resamples: int = 2000,
    seed: int = 0,
) -> Score:
    """Return the mean over examples of figures (N,), with its 95% bootstrap interval.

    Args:
        figures: (N,) one for each example.
        groups: (N,) of the examples, drawn as a whole; or None.
        bounds: the least and the greatest value that a figure can have.
        resamples: how many.
        seed: of the draws.

    Raises:
        UserError: fewer than two examples, or one group only.
    """
    if len(figures) < 2:
        raise UserError(f"scores need at least two examples; there are {len(figures)}")
    units = checked_units(groups, len(figures))
    interval = interval_of_mean(figures, units, bounds=bounds, resamples=resamples, seed=seed)
    return Score(float(figures.mean()), interval)


def weighted_means(counts: Counts, figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means (F, rows) of figures (F, N) by counts (rows, N).

    Not by a matrix product: so small a one gains nothing from BLAS's threads, and waits for them where cores are busy.

    Example:
        >>> weighted_means(np.array([[1.0, 3.0]]), np.array([[0.0, 1.0]])).tolist()
        [[0.75]]
    """
    return np.asarray(np.einsum("rn,fn->fr", counts, figures) / counts.sum(axis=1))


def percentile_interval(
    distribution: NDArray[np.float64],
    drawn: int,
    level: float = 0.95,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """Return the interval of one figure by its bootstrap distribution, (resamples,).

    The fewer examples are drawn, the further out the percentiles lie, as resamples of a small sample vary less than new
    samples would: at 95%, .024 and .976 for 200 examples, .009 and .991 for 10 (Hesterberg's expanded percentiles).
    Resamples that lack a class carry no figure (NaN) and are left out.

    Where fewer than `_FEWEST_BEYOND` resamples would lie beyond an end, as with six groups or fewer, the percentiles
    are poorly estimated, and lie no further out than the few examples do. The interval is then at least as wide as
    Student's: `errors_to_each_side` bootstrap standard errors around the resamples' mean, within the figure's bounds.

    Args:
        distribution: of the figure.
        drawn: how many examples, or groups of them, a resample draws.
        level: the share of such intervals that cover the truth.
        bounds: the least and the greatest value that the figure can have.

    Source: T. Hesterberg, "What teachers should know about the bootstrap", American Statistician 69 (2015), 371-386.

    Example:
        >>> resampled = np.random.default_rng(0).normal(0.8, 0.02, 2000)
        >>> for drawn in (1000, 4):
        ...     interval = percentile_interval(resampled, drawn, bounds=(0.0, 1.0))
        ...     print(f"{interval.low:.3f} to {interval.high:.3f}")
        0.761 to 0.838
        0.723 to 0.873
    """
    # Nothing lies between two infinite figures, which NumPy would look for.
    is_infinite = bool(np.isinf(distribution).any())
    each = errors_to_each_side(drawn, level)
    outside = float(stats.norm.cdf(-each))
    low, high = np.nanquantile(distribution, (outside, 1 - outside), method="inverted_cdf" if is_infinite else "linear")
    figures = distribution[np.isfinite(distribution)]
    if not is_infinite and len(figures) > 1 and outside * len(figures) < _FEWEST_BEYOND:
        middle, half = figures.mean(), each * figures.std(ddof=1)
        low, high = min(low, max(middle - half, bounds[0])), max(high, min(middle + half, bounds[1]))
    return Interval(float(low), float(high))


def errors_to_each_side(drawn: int, level: float = 0.95) -> float:
    """How many bootstrap standard errors an interval reaches to each side: Student's quantile, for a variance over n.

    Example:
        >>> [round(errors_to_each_side(drawn), 2) for drawn in (6, 30, 25_000)]
        [2.82, 2.08, 1.96]
    """
    drawn = max(drawn, 2)
    return float(stats.t.ppf((1 + level) / 2, drawn - 1) * np.sqrt(drawn / (drawn - 1)))


def least_drawn(level: float = 0.95) -> int:
    """Examples, or groups, from which a difference can be told from chance: fewer could all favour one model by chance.

    Example:
        >>> least_drawn(), least_drawn(0.99)
        (6, 8)
    """
    return math.ceil(1 - math.log2(1 - level))

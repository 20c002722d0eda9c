"""The uncertainty of a figure measured on several seeds and one test set: both could have been others.

Each seed gives a figure, and all of them are computed on the same test examples. The mean over S seeds then varies for
two reasons: the seeds were few, and the examples were these. Its variance is estimated by

    s^2 / S + c

with s^2 the variance between the seeds' figures, and c the covariance between the figures of two different seeds that
comes from their sharing the examples (the mean off the diagonal of the bootstrap covariance, at least 0). The part of
the sampling error that seeds do not share is in s^2 already. This is how several readers of the same X-rays are
compared: seeds stand for readers, test examples for patients.

With few seeds s^2 is known poorly and c well. The interval's half-width is therefore

    sqrt(t^2 * s^2 / S + z^2 * c)

with t the quantile of Student's t at S - 1 degrees of freedom, and z that for a bootstrap of n examples (at n - 1
degrees, times sqrt(n / (n - 1)); the normal one where n is large): the squares of the two half-widths that each source
would have if it were alone and its errors normal, added. In simulations it covers the truth in 95 to 99 of 100 cases,
whichever source dominates. (One t quantile at Satterthwaite's degrees of freedom is up to a half narrower with 2 seeds
and a tenth with 5, but covers in 87 of 100 cases at worst with 2 seeds and 92 with 3.)

With one seed nothing is known of s^2. The interval then covers the choice of test examples only: it is the percentiles
of the bootstrap distribution, as of a single model's scores. In simulations at 95% they cover the truth about as often
as a symmetric interval: slightly more often for differences in accuracy and for means of skewed figures, slightly less
for symmetric figures with long tails. Where few resamples would lie beyond an end, as at high levels or with few
groups, the wider of both is taken (see `percentile_interval`).

Sources: N. A. Obuchowski and H. E. Rockette, Communications in Statistics - Simulation and Computation 24 (1995),
285-308, for the variance; W. G. Howe, Journal of the American Statistical Association 69 (1974), 789-794, for the
half-width.
"""

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures.intervals import Hidden, widened
from unspool.evaluation.resampling import errors_to_each_side, percentile_interval
from unspool.evaluation.result import Interval, Score
from unspool.lazy_module import LazyModule

stats = LazyModule("scipy.stats")


def mean_over_seeds(
    values: NDArray[np.float64],
    resampled: NDArray[np.float64],
    *,
    drawn: int,
    level: float = 0.95,
    bounds: tuple[float, float],
    more: Hidden | None = None,
) -> Score:
    """Return the mean over seeds and its interval.

    With one seed, nothing is known of how seeds differ: the interval then covers the choice of test examples only, by
    percentiles.

    Args:
        values: (S,) the figure, or the paired difference of two figures, of each seed on the test set.
        resampled: (S, resamples) the same on resampled test examples, each resample the same for all seeds.
        drawn: how many examples, or groups of them, a resample draws.
        level: the share of such intervals that cover the truth.
        bounds: the least and the greatest value the figure can have.
        more: what resamples hide, added to the squares of both halves.

    Example:
        >>> resampled = 0.8 + 0.01 * np.random.default_rng(0).standard_normal((1, 1000)).repeat(3, axis=0)
        >>> score = mean_over_seeds(np.array([0.79, 0.80, 0.81]), resampled, drawn=1_000, bounds=(0.0, 1.0))
        >>> f"{score.value:.2f} ({score.interval.low:.3f} to {score.interval.high:.3f})"
        '0.80 (0.769 to 0.831)'
    """
    if not np.isfinite(values).all():  # such as the PSNR of images without any error: it has no standard error
        return Score(float(values.mean()), Interval(*bounds))
    seeds, mean = len(values), float(values.mean())
    complete = np.isfinite(resampled).all(axis=0)  # resamples that lack a class carry no figure
    if not complete.any():
        return Score(mean, Interval(*bounds))
    if seeds == 1:
        percentiles = percentile_interval(resampled[0], drawn, level, bounds=bounds)
        return Score(mean, widened(percentiles, mean, resampled[0], more, bounds))
    covariances = np.cov(resampled[:, complete])
    shared = (covariances.sum() - covariances.trace()) / (seeds * (seeds - 1))
    of_seeds, of_examples = values.var(ddof=1) / seeds, max(shared, 0.0)
    few_seeds, few_examples = stats.t.ppf((1 + level) / 2, seeds - 1), errors_to_each_side(drawn, level)
    half = few_seeds**2 * of_seeds + few_examples**2 * of_examples
    below, above = (float(np.sqrt(half + beyond)) for beyond in more or (0.0, 0.0))
    return Score(mean, Interval(max(bounds[0], mean - below), min(bounds[1], mean + above)))

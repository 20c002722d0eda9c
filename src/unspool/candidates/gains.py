"""Whether one model is better than another by more than chance, judged by its gains on held-out examples."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.lazy_module import LazyModule

stats = LazyModule("scipy.stats")


def clearly_gains(gains: ArrayLike, errors: float, groups: ArrayLike | None = None) -> bool:
    """Return whether the mean gain exceeds a number of standard errors.

    Losses are alike within a group (the visits of a patient, the reviews of a film), so its examples say less than as
    many independent ones: with groups, the standard error is computed from sums over groups. With few groups, the mean
    must exceed more standard errors, by Student's t distribution: instead of 2, 2.4 for 10 groups and 14 for two. With
    a single group, no gain is clear.

    Args:
        gains: (N,) losses of one model less those of the other; NaN for examples that were not held out.
        errors: the number of standard errors that is required with very many groups.
        groups: (N,) names of the examples' groups; None if each is a group of its own.

    Source: K.-Y. Liang and S. L. Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73
    (1986), 13-22.

    Example:
        >>> gains = np.random.default_rng(0).normal(0.5, 1, 20).repeat(5)  # the 5 visits of each of 20 patients
        >>> clearly_gains(gains, 3), clearly_gains(gains, 3, np.arange(20).repeat(5))
        (True, False)
    """
    every = np.asarray(gains, np.float64)
    seen = ~np.isnan(every)
    found, of = every[seen], None if groups is None else np.asarray(groups)[seen]
    error = standard_error(found, of)
    independent = len(found) if of is None else len(np.unique(of))
    if independent < 2:
        return False
    return bool(found.mean() > stats.t.ppf(stats.norm.cdf(errors), independent - 1) * error)


def standard_error(figures: NDArray[np.float64], groups: NDArray[np.generic] | None = None) -> float:
    """Return the standard error of the mean of (N,) figures, over groups if they are given; NaN for a single group.

    Example:
        >>> figures = np.array([1.0, 2.0, 3.0, 4.0])
        >>> [round(standard_error(figures, groups), 3) for groups in (None, np.array([0, 0, 1, 1]))]
        [0.645, 1.0]
    """
    off = figures - figures.mean() if len(figures) else figures
    sums = off if groups is None else np.bincount(np.unique(groups, return_inverse=True)[1], off)
    count = len(sums)
    if count < 2:
        return float("nan")
    size = float(np.abs(sums).max()) or 1.0  # whose square may overflow
    return float(size * np.sqrt(count / (count - 1) * np.square(sums / size).sum()) / len(figures))

"""Calibrate scores: one factor for all and, for one of several classes, a shift of each class."""

import copy
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts
from unspool.lazy_module import LazyModule

optimize = LazyModule("scipy.optimize")

PENALTY = 3.0
"""Weight of half the sum of squared shifts, which is added to the sum of the losses of the texts."""
_PARTS = 5
_MOST = 2_000_000  # scores, for which shifts take about five seconds on two cores; with more, none are sought


@runtime_checkable
class Shiftable(Protocol):
    """A fitted model to whose scores a number for each class can be added."""

    def shift(self, by: Floats) -> None:
        """Add (K,) numbers to all later scores."""


def shifted(model: FittedTexts, factor: float, shift: Floats) -> FittedTexts:
    """Copy a model, with its scores multiplied by a factor and then shifted.

    Args:
        model: stays as it is; `Shiftable` if any shift is not 0.
        factor: what the scores are multiplied by.
        shift: (K,) what is then added to them.
    """
    same = copy.copy(model)
    same.rescale(factor)
    if np.any(shift):
        assert isinstance(same, Shiftable)
        same.shift(shift)
    return same


@dataclass(frozen=True)
class Scaled:
    """Held-out scores, multiplied and shifted.

    Attributes:
        factor: for all scores.
        shift: (K,) what is then added, or zeros.
        scores: (N, K) multiplied and shifted. If there are shifts, those of each text come from a factor and shifts
            found without it, so that the loss is not too optimistic. NaN where a text was not held out.
    """

    factor: float
    shift: Floats
    scores: Floats


def scaled(
    scores: Floats,
    wanted: Floats,
    task: Task,
    *,
    repeats: int = 1,
    shiftable: bool = True,
    groups: NDArray[np.generic] | None = None,
) -> Scaled:
    """Find the factor that gives held-out scores the lowest loss and, for one of several classes, a shift of each.

    Linear models shrink the intercepts of rare classes, and the log-odds of one class against the rest are not logits
    of a softmax. Shifts correct both ("vector scaling"; Guo et al., 2017). They are taken only if they lower the loss
    of texts that are left out while the shifts are found.

    Args:
        scores: (N, K), NaN where a text was not held out.
        wanted: (N, K), from `targets.columns`.
        task: of the targets.
        repeats: R; the N rows are the same N / R texts, R times.
        shiftable: whether shifts may be taken.
        groups: (N / R,) the groups of the texts, which are left out whole while shifts are found; or None.

    Example:
        >>> wanted = np.eye(3)[np.arange(600) % 3]
        >>> found = scaled(wanted + [0.0, 0.0, 5.0], wanted, "multiclass")
        >>> bool((found.scores.argmax(axis=1) == np.arange(600) % 3).all())
        True
    """
    seen = ~np.isnan(scores).any(axis=1)
    held, truth = scores[seen], wanted[seen]
    factor = targets.fitted_scale(held, truth, task)
    factor *= targets.tempering(held * factor, task, repeats)
    none = np.zeros(scores.shape[1])
    plain = Scaled(factor, none, scores * factor)
    if not (shiftable and ARITHMETIC[task].single_label and len(none) > 1) or held.size > _MOST:
        return plain
    number = np.arange(len(scores) // repeats) if groups is None else np.unique(groups, return_inverse=True)[1]
    part_of = np.random.default_rng(0).permutation(number.max() + 1) % _PARTS
    part = np.tile(part_of[number], repeats)[seen]
    if len(np.unique(part)) < 2:
        return plain
    unknown = np.empty_like(held)
    for one in np.unique(part):
        times, by = _found(held[part != one], truth[part != one], repeats)
        unknown[part == one] = held[part == one] * times + by
    loss = ARITHMETIC[task].loss
    if loss(unknown, truth) >= loss(held * factor, truth):
        return plain
    whole = np.full_like(scores, np.nan)
    whole[seen] = unknown
    return Scaled(*_found(held, truth, repeats), whole)


def _found(scores: Floats, wanted: Floats, repeats: int) -> tuple[float, Floats]:
    """The factor and the shifts with the lowest loss, both reduced if need be (see `targets.tempering`).

    The search is in units in which the loss curves about equally in all directions; otherwise rare classes would need
    hundreds of steps.
    """
    penalty, rows = PENALTY * repeats, np.arange(len(scores))
    right, often = wanted.argmax(axis=1), wanted.sum(axis=0)
    sum_of_right, units = scores[rows, right].sum(), np.sqrt(np.concatenate(([len(scores)], often + penalty)))
    likely = np.empty_like(scores)

    def loss(given: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        times, by = np.exp(given[0] / units[0]), given[1:] / units[1:]
        np.multiply(scores, times, out=likely)
        np.add(likely, by, out=likely)
        np.subtract(likely, likely.max(axis=1, keepdims=True), out=likely)
        of_right = likely[rows, right].sum()
        np.exp(likely, out=likely)
        total = likely.sum(axis=1, keepdims=True)
        np.divide(likely, total, out=likely)
        slope = np.concatenate(
            ([(np.vdot(likely, scores) - sum_of_right) * times], likely.sum(axis=0) - often + penalty * by)
        )
        return penalty / 2 * float(by @ by) + float(np.log(total).sum() - of_right), slope / units

    found: Any = optimize.minimize(loss, np.zeros(len(units)), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    times, by = float(np.exp(found.x[0] / units[0])), np.asarray(found.x[1:] / units[1:])
    less = targets.tempering(scores * times + by, "multiclass", repeats)
    return times * less, by * less

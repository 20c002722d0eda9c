"""On how many test examples the difference of two models rests: on too few, it may always be chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures.measure import Figure, Measure, Targets
from unspool.evaluation.measures.weighted import MeanOfClasses
from unspool.evaluation.resampling import least_drawn
from unspool.evaluation.result import Interval

Decisions = NDArray[Any]

FEW_GROUPS = 10
"""With fewer groups, their variation is estimated too poorly for intervals to cover as often as they should."""


@dataclass(frozen=True, slots=True)
class Support:
    """How many examples, or groups of them, the difference of two figures rests on.

    Attributes:
        drawn: that a resample draws.
        rarer: that the rarer of two labels has, if the figures weigh both the same; else as many as are drawn.
        apart: on which the two models differ in what the figures depend on.
        alike: of equal weight would tell as much, if figures are means over classes, in which the only example of a
            class weighs as much as all examples of another; else as many as are drawn.
    """

    drawn: int
    rarer: int
    apart: int
    alike: int

    def judged(self, interval: Interval, counted: str = "test examples", level: float = 0.95) -> tuple[Interval, str]:
        """The interval of a difference, with zero in it if so few examples could all favour one model by chance.

        Args:
            interval: of the difference.
            counted: what the examples, or groups of them, are, in words.
            level: of the interval.

        Returns:
            The interval, and a sentence that says why no difference can be told from chance. It is empty where there
            are enough examples, where no resample differs, or where few examples tell two models apart, but zero was
            in the interval anyway.

        Example:
            >>> Support(drawn=60, rarer=60, apart=4, alike=60).judged(Interval(0.01, 0.13))[0]
            Interval(low=0.0, high=0.13)
        """
        least = least_drawn(level)
        if min(self.drawn, self.rarer, self.apart, self.alike) >= least:
            return interval, ""
        found = Interval(min(interval.low, 0.0), max(interval.high, 0.0))
        which, there = counted, f"there {'is' if self.apart == 1 else 'are'} {self.apart}"
        if self.drawn < least:
            there = f"there are {self.drawn}"
        elif self.rarer < least and interval != Interval(0, 0):
            which, there = f"{counted} of each label", f"the rarer one has {self.rarer}"
        elif found == interval:
            return interval, ""
        elif self.apart >= least:
            return found, (
                f" With fewer than {least} {counted}, any difference may be chance; this one rests on that few, from "
                "rare classes or labels."
            )
        else:
            which = f"{counted} on which the two models differ"
        return found, f" With fewer than {least} {which}, any difference may be chance; here {there}."


def support_of(
    measure: Measure,
    targets: Targets,
    units: NDArray[np.int64],
    decided: tuple[Sequence[Decisions], Sequence[Decisions]] = ((), ()),
    figures: tuple[Sequence[Figure], Sequence[Figure]] = ((), ()),
) -> Support:
    """Count what the difference of two figures rests on.

    Args:
        measure: of the figures.
        targets: (N, ...) the truth.
        units: (N,) for each example the number, from 0, of what is drawn: itself, or its group.
        decided: of each model, what its figures depend on with each seed (`Measure.decisions`); if empty, all examples
            tell the two apart.
        figures: of each model, its function of counts with each seed.

    Example:
        >>> from unspool.tasks import Binary
        >>> support_of(Binary.measures["auc"], np.array([0, 0, 1]), np.arange(3))
        Support(drawn=3, rarer=1, apart=3, alike=3)
    """
    drawn = int(units.max()) + 1
    pairs = [np.asarray(one != other).reshape(len(units), -1).any(axis=1) for one, other in zip(*decided, strict=True)]
    apart = len(np.unique(units[np.any(pairs, axis=0)])) if pairs else drawn
    return Support(drawn, rarer_label(measure, targets, units), apart, _alike(figures, units, drawn))


def _alike(figures: tuple[Sequence[Figure], Sequence[Figure]], units: NDArray[np.int64], drawn: int) -> int:
    """The effective number of examples, (sum of weights)^2 / sum of squared weights, that a difference rests on.

    In a mean over classes, the m examples of a class share its difference, so each weighs the difference / m.

    Source: L. Kish, "Survey Sampling" (1965), section 11.7.
    """
    ours, theirs = ([one for one in some if isinstance(one, MeanOfClasses)] for some in figures)
    if not ours or not theirs:
        return drawn
    found = np.mean([one.of_all[0] for one in ours], axis=0) - np.mean([one.of_all[0] for one in theirs], axis=0)
    if not found.any():
        return drawn
    return int(np.abs(found).sum() ** 2 / (found**2 / ours[0].sizes(units)).sum() + 1e-9)  # so that 6 does not become 5


def on_few_groups(groups: NDArray[np.integer] | None, drawn: str = "groups") -> str:
    """A sentence of caution if examples belong to fewer than `FEW_GROUPS` groups; otherwise empty.

    With so few groups, intervals cover the truth less often than they should: see the test of their coverage.

    Args:
        groups: (N,) of the examples, or None.
        drawn: what the groups are, in the plural.

    Example:
        >>> on_few_groups(np.array([7, 7, 8, 9]))
        'The intervals rest on only 3 groups; with fewer than 10, intervals may be too narrow.'
    """
    count = 0 if groups is None else len(np.unique(groups))
    if not 0 < count < FEW_GROUPS or groups is None or count == len(groups):
        return ""
    return f"The intervals rest on only {count} {drawn}; with fewer than {FEW_GROUPS}, intervals may be too narrow."


def on_few_tagged(targets: NDArray[np.integer], groups: NDArray[np.integer] | None) -> str:
    """Warn if intervals rest on few tagged examples, which are drawn whole, with all of their steps, or on few groups.

    Args:
        targets: (N, T) the tags, below 0 where there is no step.
        groups: (N,) of the examples, or None.

    Example:
        >>> on_few_tagged(np.array([[0, 1, 1], [1, 0, -1]]), None)
        'The intervals rest on only 2 examples; with fewer than 10, intervals may be too narrow.'
    """
    return on_few_groups(np.nonzero(targets >= 0)[0], "examples") if groups is None else on_few_groups(groups)


def rarer_label(measure: Measure, targets: Targets, units: NDArray[np.int64]) -> int:
    """How many examples, or groups, the rarer of two labels has, if a measure weighs both the same; else all."""
    if not measure.by_label:
        return int(units.max()) + 1
    return min(len(np.unique(units[targets == label])) for label in (0, 1))

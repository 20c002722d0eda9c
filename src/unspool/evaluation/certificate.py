"""Whether a model's predictions are consistent: what was changed, and by how much they changed with it.

A certificate speaks of a model's *golden inputs*: a few examples that it has not been trained on, kept with what it
answered where it was trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-5
"""By how much two answers may differ that are computed in another order.

A float32 has a relative precision of 6e-8. Sums over some hundred steps and units, added up in another order, differ by
some ten or twenty times that; a hundred and more is no longer rounding. It is meant for numbers up to 1, as
probabilities are; where the answers are larger, it grows with the largest, and where labels are small, it shrinks with
these.
"""

DECODED_ROUNDING = 1e-4
"""The same for what a decoder makes of a vector that an encoder gave.

It magnifies what little the vector is off by: of 2,000 MNIST images through each of four trained autoencoders, the one
that changed most between the kernels and the reference changed by 3e-5.
"""

SAME_BITS = 0.0
"""By how much answers may differ that the same machine computes in the same way."""


@dataclass(frozen=True, slots=True)
class Check:
    """One way of asking a model otherwise.

    Attributes:
        name: as in "padding".
        changed: what was, in words.
        bound: by how much its answers may change, at most.
        measured: the largest change of any answer; None where none was measured, or an answer is not a finite number.
        passed: whether it keeps to the bound; None where the check does not apply.
        reason: why it does not apply, or what else there is to say.
    """

    name: str
    changed: str
    bound: float
    measured: float | None
    passed: bool | None
    reason: str = ""

    @property
    def shown(self) -> str:
        """What was measured, with enough digits to tell it from a bound that it exceeds; empty if nothing was."""
        if self.measured is None:
            return ""
        texts = (f"{self.measured:.{digits}g}" for digits in range(2, 18))
        return next(text for text in texts if (float(text) > self.bound) == (self.measured > self.bound))

    @property
    def broken(self) -> str:
        """The bound and what was measured, in words, where the check is not passed; else empty."""
        if self.passed is not False:
            return ""
        how = self.reason
        if self.measured is not None:
            how = f"by up to {self.shown}, where {self.bound:.2g} is allowed"
        return f"check {self.name!r}: with {self.changed}, its predictions change: {how}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was found of one model.

    Attributes:
        models: the SHA-256 of each of its files, and of those that it reads and answers with, by name.
        examples: how many golden inputs there are.
        date: when it was checked, as in "2026-11-24T12:00:00+00:00".
        environment: versions, machine and instruction set that it was checked with.
        checks: in the order in which they were made.
    """

    models: dict[str, str]
    examples: int
    date: str
    environment: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def broken(self) -> str:
        """Of the first check that is not passed, see `Check.broken`; empty where there is none."""
        return next((check.broken for check in self.checks if check.broken), "")


def compared(
    name: str,
    changed: str,
    answers: NDArray[np.floating],
    others: Sequence[NDArray[np.floating]],
    bound: float = ROUNDING,
    reason: str = "",
    unit: float = 1.0,
) -> Check:
    """Compare a model's answers with those that it gives when it is asked otherwise.

    Args:
        name: of the check.
        changed: what was.
        answers: (N, ...).
        others: each (N, ...), in the same order.
        bound: see `Check`, for answers up to 1.
        reason: what else there is to say.
        unit: the size of the labels if they are numbers below 1; the bound holds for answers up to it.

    Example:
        >>> compared("batch size", "batches of 1", np.array([0.5]), [np.array([0.6])]).broken
        "check 'batch size': with batches of 1, its predictions change: by up to 0.1, where 1e-05 is allowed"
    """
    for other in others:
        if other.shape != answers.shape:
            return Check(name, changed, bound, None, False, f"they have the shape {other.shape}, not {answers.shape}")
        if not (np.isfinite(answers).all() and np.isfinite(other).all()):
            return Check(name, changed, bound, None, False, "one of them is not a finite number")
    bound *= max(unit, float(np.abs(answers).max(initial=0.0)))
    measured = max(float(np.abs(answers.astype(np.float64) - other).max(initial=0.0)) for other in others)
    return Check(name, changed, bound, measured, measured <= bound, reason)


def not_applicable(name: str, changed: str, reason: str, measured: float | None = None) -> Check:
    """A check that has no meaning for a model, and why; what was `measured` all the same is not judged."""
    return Check(name, changed, ROUNDING, measured, None, reason)

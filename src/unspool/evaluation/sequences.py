"""Sequences of numbers and their mask, checked before anything is computed from them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError

Rows = slice | NDArray[np.integer]  # which examples of several


@dataclass(frozen=True, slots=True)
class Sequences:
    """Sequences of numbers, of which those count that the mask does not leave out.

    Attributes:
        values: (N, T, D).
        mask: (N, T) whether a step counts; None where all do.
    """

    values: NDArray[np.floating]
    mask: NDArray[np.bool_] | None

    def counted(self, examples: Rows = slice(None)) -> NDArray[np.bool_]:
        """Return (n, T, 1), which steps of some of the examples count."""
        if self.mask is None:
            return np.ones((len(self.values[examples]), self.values.shape[1], 1), dtype=bool)
        return self.mask[examples][:, :, np.newaxis]

    def take(self, examples: Rows) -> NDArray[np.float64]:
        """Return (n, T, D) some of the examples, with zeros at steps that do not count."""
        values = self.values[examples].astype(np.float64)
        return values if self.mask is None else np.where(self.counted(examples), values, 0.0)

    def check_range(self, name: str) -> None:
        """Refuse numbers that are not in [0, 1].

        Raises:
            UserError: names the first.
        """
        self._refuse((self.values < 0) | (self.values > 1), name, "must lie between 0 and 1")

    def check_finite(self, name: str) -> None:
        """Refuse NaN and infinity.

        Raises:
            UserError: names the first.
        """
        self._refuse(~np.isfinite(self.values), name, "must be finite numbers")

    def _refuse(self, strange: NDArray[np.bool_], name: str, rule: str) -> None:
        if self.mask is not None:
            strange &= self.counted()
        if strange.any():
            place = np.unravel_index(np.argmax(strange), strange.shape)
            example, step, feature = (int(index) for index in place)
            raise UserError(
                f"{name} {rule}; example {example}, step {step}, feature {feature} (counted from 0) is "
                f"{self.values[place]:g} ({np.sum(strange):,} such of {strange.size:,})"
            )


def checked_sequences(values: ArrayLike, name: str, mask: ArrayLike | None = None) -> Sequences:
    """Return sequences as (N, T, D) finite numbers, with their mask.

    Args:
        values: (N, T, D).
        name: what they are, for a message.
        mask: (N, T) whether a step counts; None where all do.

    Raises:
        UserError: they or their mask have another shape, nothing counts in an example, or a number that counts is not
            finite; names the first.
    """
    given = np.asarray(values)
    if given.ndim != 3 or given.size == 0 or given.dtype.kind not in "fiub":
        raise UserError(f"{name} must be numbers of shape (examples, steps, features); they are {_kind(given)}")
    sequences = Sequences(given if given.dtype.kind == "f" else given.astype(np.float64), _checked_mask(mask, given))
    sequences.check_finite(name)
    return sequences


def _checked_mask(mask: ArrayLike | None, values: NDArray[np.generic]) -> NDArray[np.bool_] | None:
    if mask is None:
        return None
    given = np.asarray(mask)
    if given.shape != values.shape[:2] or given.dtype != bool:
        raise UserError(f"a mask must be true or false for each of {values.shape[:2]} steps; it is {_kind(given)}")
    empty = np.flatnonzero(~given.any(axis=1))
    if empty.size:
        raise UserError(f"example {empty[0]} (counted from 0) has no step that counts ({empty.size:,} such)")
    return given


def _kind(array: NDArray[np.generic]) -> str:
    return f"{array.dtype} of shape {array.shape}"

"""What labels, predictions and sequences must satisfy before anything is computed from them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError

Examples = slice | NDArray[np.integer]  # which examples of several


def checked_labels(labels: ArrayLike) -> NDArray[np.int64]:
    """Gives labels as (N,) whole numbers 0 and 1, both of them present.

    Raises:
        UserError: there are none, they are not a row of 0s and 1s, or one class is missing.
    """
    given = np.asarray(labels)
    if given.ndim != 1 or given.size == 0:
        raise UserError(f"labels must be one row of 0s and 1s; they have shape {given.shape}")
    strange = np.flatnonzero(~np.isin(given, (0, 1)))
    if strange.size:
        raise UserError(f"labels must be 0 or 1; row {strange[0]} (counted from 0) is {given[strange[0]]}")
    whole = given.astype(np.int64)
    if whole.min() == whole.max():
        raise UserError(
            f"all {whole.size:,} labels are {whole[0]}: scores of a binary classifier need examples of both classes"
        )
    return whole


def checked_probabilities(probabilities: ArrayLike, examples: int) -> NDArray[np.float64]:
    """Gives probabilities as (examples,) numbers in [0, 1].

    Raises:
        UserError: there are more or fewer, or one is NaN or outside [0, 1]; names the first such row.
    """
    given = np.asarray(probabilities, dtype=np.float64)
    if given.shape != (examples,):
        raise UserError(f"there are {examples:,} labels, but the probabilities have shape {given.shape}")
    strange = np.flatnonzero(~((given >= 0) & (given <= 1)))
    if strange.size:
        value = "NaN" if np.isnan(given[strange[0]]) else given[strange[0]]
        raise UserError(
            f"probabilities must lie between 0 and 1; row {strange[0]} (counted from 0) is {value} "
            f"({strange.size:,} such of {examples:,})"
        )
    return given


def checked_units(groups: ArrayLike | None, examples: int) -> NDArray[np.int64]:
    """Numbers what is drawn when resampling: the groups, or each example by itself where there are none.

    Returns:
        (examples,) for each example the number of its group, from 0 and without gaps.

    Raises:
        UserError: there are more or fewer groups than examples, or only one group.
    """
    if groups is None:
        return np.arange(examples)
    given = np.asarray(groups)
    if given.shape != (examples,):
        raise UserError(f"there are {examples:,} labels, but the groups have shape {given.shape}")
    names, units = np.unique(given, return_inverse=True)
    if len(names) < 2:
        raise UserError("all examples belong to one group: nothing can be said of the uncertainty of a score")
    return units.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Sequences:
    """Sequences of numbers, of which those count that the mask does not leave out.

    Attributes:
        values: (N, T, D).
        mask: (N, T) whether a step counts; None where all do.
    """

    values: NDArray[np.floating]
    mask: NDArray[np.bool_] | None

    def counted(self, examples: Examples = slice(None)) -> NDArray[np.bool_]:
        """Gives (n, T, 1) which steps of some of the examples count."""
        if self.mask is None:
            return np.ones((len(self.values[examples]), self.values.shape[1], 1), dtype=bool)
        return self.mask[examples][:, :, np.newaxis]

    def take(self, examples: Examples) -> NDArray[np.float64]:
        """Gives (n, T, D) some of the examples, with zeros where nothing counts."""
        values = self.values[examples].astype(np.float64)
        return values if self.mask is None else np.where(self.counted(examples), values, 0.0)

    def check_range(self, name: str) -> None:
        """Refuses numbers that are not in [0, 1].

        Raises:
            UserError: names the first.
        """
        self._refuse((self.values < 0) | (self.values > 1), name, "must lie between 0 and 1")

    def check_finite(self, name: str) -> None:
        """Refuses NaN and infinity.

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
    """Gives sequences as (N, T, D) finite numbers, with their mask.

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

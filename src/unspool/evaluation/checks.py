"""What labels and predictions must satisfy before anything is computed from them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError


def checked_labels(labels: ArrayLike) -> NDArray[np.int64]:
    """Return labels as (N,) whole numbers 0 and 1, both of them present.

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
    """Return probabilities as (examples,) numbers in [0, 1].

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

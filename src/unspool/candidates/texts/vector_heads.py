"""Linear models over the vectors of texts: logistic or ridge regression, or semi-supervised discriminant analysis."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.comparison import better
from unspool.candidates.texts.discriminant import discriminant
from unspool.candidates.texts.folds import Rows, folds, repeats

FOLDS = 5
_PASSES = 200
COMPARED = 2_000
"""Vectors on which `choice` compares, at most."""


def choice(
    alternatives: Sequence[Floats],
    wanted: Floats,
    task: Task,
    c: float,
    seed: int,
    parts: list[tuple[Rows, Rows]] | None = None,
    groups: NDArray[np.int64] | None = None,
) -> int:
    """Choose among vectors of the same texts: a later one only if the cross-validated regression on it is `better`.

    At most 2,000 texts are compared. If fewer than 10 are held out, the first is chosen.

    Args:
        alternatives: each (N, D), standardised.
        wanted: (N, K), as of `best`.
        task: what they are of.
        c: inverse of the penalty of the regression.
        seed: of the texts that are drawn and held out, and of the order of the rows in the solver.
        parts: as of `best`.
        groups: as of `best`.

    Returns:
        The index of the chosen one.

    Example:
        >>> wanted = np.tile([[1.0], [0.0]], (20, 1))
        >>> choice([0 * wanted, wanted - 0.5], wanted, "binary", 1.0, 0)
        1
    """
    if len(wanted) < 2 * FOLDS:
        return 0
    rows = np.sort(np.random.default_rng(seed).permutation(len(wanted))[:COMPARED])
    wanted, groups = wanted[rows], None if groups is None else groups[rows]
    repeated = [among(rows, parts)] if parts else _random_parts(wanted, task, seed)
    if sum(len(held) for drawn in repeated for _, held in drawn) < 2 * FOLDS:
        return 0
    taken, least = 0, None
    for place, vectors in enumerate(alternatives):
        scores = np.full((len(repeated), *wanted.shape), np.nan)
        for i, drawn in enumerate(repeated):
            for train, held in drawn:
                scores[i, held] = _scores(
                    vectors[rows[held]], regression(vectors[rows[train]], wanted[train], task, c, seed)
                )
        if least is None or _better(scores, least, wanted, task, groups):
            taken, least = place, scores
    return taken


def among(rows: Rows, parts: list[tuple[Rows, Rows]]) -> list[tuple[Rows, Rows]]:
    """The rows of parts that are among `rows`, (K,) ascending, as places there.

    Example:
        >>> [(train.tolist(), held.tolist()) for train, held in among([2, 5, 7], [([1, 5, 7], [2, 3])])]
        [([1, 2], [0])]
    """
    return [(np.flatnonzero(np.isin(rows, train)), np.flatnonzero(np.isin(rows, held))) for train, held in parts]


def best(
    vectors: Floats,
    unlabelled: Floats,
    wanted: Floats,
    task: Task,
    c: float,
    seed: int,
    parts: list[tuple[Rows, Rows]] | None = None,
    groups: NDArray[np.int64] | None = None,
) -> Floats:
    """Fit the regression, or `discriminants` if their cross-validated loss is lower by a standard error (`better`).

    It is the regression without unlabelled vectors, for numbers, and for fewer than 10 vectors.

    Args:
        vectors: (N, D), standardised, of texts with targets.
        unlabelled: (M, D), of others; M may be 0.
        wanted: (N, K), from `targets.columns`; numbers standardised.
        task: what they are of.
        c: inverse of the penalty of the regression.
        seed: of what is held out, and of the order of the rows in the solver.
        parts: for each fold, rows to fit to and rows to hold out. None draws them at random, several times if there
            are few vectors, and averages the losses of each vector.
        groups: (N,) of the vectors, see `clearly_gains`; or None.

    Returns:
        (D + 1, K), the weights of the scores, the constant last.
    """
    weights = regression(vectors, wanted, task, c, seed)
    if ARITHMETIC[task].numbers or not len(unlabelled) or len(vectors) < 2 * FOLDS:
        return weights
    repeated = [parts] if parts else _random_parts(wanted, task, seed)
    scores = np.full((2, len(repeated), *wanted.shape), np.nan)
    for i, drawn in enumerate(repeated):
        for train, held in drawn:
            found = regression(vectors[train], wanted[train], task, c, seed)
            helped = discriminants(vectors[train], unlabelled, wanted[train], task, found)
            scores[:, i, held] = _scores(vectors[held], found), _scores(vectors[held], helped)
    plain, helped = scores
    if not _better(helped, plain, wanted, task, groups):
        return weights
    return discriminants(vectors, unlabelled, wanted, task, weights)


def _better(scores: Floats, than: Floats, wanted: Floats, task: Task, groups: NDArray[np.int64] | None) -> bool:
    """Whether (R, N, K) scores of R cross-validations are `better` than others, each scaled by its best factor."""
    repeats, every = len(scores), np.tile(wanted, (len(scores), 1))
    seen = ~np.isnan(than).any(axis=-1).reshape(-1)
    after, before = (
        one * targets.fitted_scale(one[seen], every[seen], task)
        for one in (scores.reshape(every.shape), than.reshape(every.shape))
    )
    return better(after, before, every, task, repeats, groups)


def _random_parts(wanted: Floats, task: Task, seed: int) -> list[list[tuple[Rows, Rows]]]:
    target = wanted.argmax(axis=1) if task == "multiclass" else wanted[:, 0] if task == "binary" else wanted
    return [folds(target, task, FOLDS, seed=seed + i) for i in range(repeats(len(wanted)))]


def regression(vectors: Floats, wanted: Floats, task: Task, c: float, seed: int) -> Floats:
    """Fit a logistic or ridge regression for each column of `wanted`; arguments and result as of `best`."""
    rows, fit = csr_array(vectors.astype(np.float32)), ARITHMETIC[task].fit_linear
    return np.stack([fit(rows, column, c, passes=_PASSES, seed=seed) for column in wanted.T], axis=1)


def discriminants(vectors: Floats, unlabelled: Floats, wanted: Floats, task: Task, start: Floats) -> Floats:
    """Fit a `discriminant` to vectors with and without a label; for multilabel, one for each label.

    Arguments and result as of `best`; `start` holds the (D + 1, K) weights that EM starts from.
    """
    begin = _scores(unlabelled, start)
    if task == "multiclass":
        return discriminant(vectors, wanted, unlabelled, begin)
    found = []
    for column, logits in zip(wanted.T, begin.T, strict=True):
        two = discriminant(
            vectors, np.stack((1 - column, column), axis=1), unlabelled, np.stack((0 * logits, logits), axis=1)
        )
        found.append(two[:, 1] - two[:, 0])
    return np.stack(found, axis=1)


def _scores(vectors: Floats, weights: Floats) -> Floats:
    return np.asarray(vectors @ weights[:-1] + weights[-1])

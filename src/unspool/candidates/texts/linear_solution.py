"""Linear models over n-grams: fitting the weights, choosing the penalty, and computing scores."""

import time
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.count_matrix import narrowed
from unspool.candidates.texts.folds import Rows, folds
from unspool.candidates.texts.side_by_side import SideBySide
from unspool.candidates.texts.storage import Arrays
from unspool.candidates.texts.weighting import (
    Floats32,
    Weighting,
    column_weights,
    in_turns,
    row_blocks,
    row_norms,
    values,
    weighed,
)
from unspool.cores import in_parallel

GRID, RIDGE_GRID = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0), (0.1, 0.3, 1.0, 3.0, 10.0)
"""The values of c, the inverse of the penalty, to choose from."""
FIRST, FIRST_OF_RIDGE = 10.0, 1.0
"""The values of c that are tried first."""
FOLDS = 5
LITTLE_WORK, MUCH_WORK, TOO_MUCH_WORK = 1_000_000, 8_000_000, 100_000_000
"""N-grams in texts (and `_OF_A_ROW` for each text) times targets. With little work, c is chosen by cross-validation,
with more on one held-out part. With much work it is still chosen if there are several targets, up to too much: the
best c then differs more between sets."""
_OF_A_ROW = 20
MANY_TEXTS, MANY_TARGETS = 10_000, 20


@dataclass(frozen=True)
class Block:
    """The weights of one kind of n-grams.

    Attributes:
        weights: (F, K) or (F, 1) of the columns, see `weighting.column_weights`.
        coefficients: (F, K) of the linear model.
    """

    weights: Floats32
    coefficients: Floats32

    def products(self, columns: Any = slice(None), scores: slice = slice(None)) -> NDArray[np.float64]:
        """(F, K) products of weights and coefficients, of all or some columns and scores."""
        coefficients = self.coefficients[columns, scores]
        weights = self.weights[columns, scores] if self.weights.shape[1] > 1 else self.weights[columns]
        found: NDArray[np.float64] = weights.astype(np.float64) * coefficients
        return found


@dataclass(frozen=True)
class Solution:
    """A fitted linear model.

    Attributes:
        blocks: one for each kind of n-grams.
        constant: (K,), added to the scores.
        scale: (2, K): scores are multiplied by the first row, then the second is added.
        c: the inverse of the penalty.
        side: (D, K) coefficients of the columns beside the texts.
        seconds: that the fit with this penalty took, without a search for it; 0 if it was read from a file.
    """

    blocks: list[Block]
    constant: Floats
    scale: Floats
    c: float
    side: Floats
    seconds: float = 0.0

    def base(self) -> Floats:
        """(K,) the scores of an empty text."""
        return np.asarray(self.constant * self.scale[0] + self.scale[1])

    def scores(self, counts: list[csr_array], side: Floats32, weighting: Weighting) -> Floats:
        """(N, K) scores from (N, F) counts of each kind, and (N, D) numbers of the columns beside the texts."""
        total = np.zeros((len(side), len(self.constant)))
        for given, block in zip(counts, self.blocks, strict=True):
            norms = row_norms(given, block.weights, weighting) * np.sqrt(len(counts))
            rows = values(given, weighting)
            for some in in_turns(len(self.constant)):
                total[:, some] += (rows @ block.products(scores=some)) / (
                    norms if norms.shape[1] == 1 else norms[:, some]
                )
        if side.shape[1]:
            total += csr_array(side) @ self.side
        return np.asarray((total + self.constant) * self.scale[0] + self.scale[1])

    def arrays(self) -> Arrays:
        """All that `from_arrays` needs."""
        found: Arrays = {"constant": self.constant, "scale": self.scale}
        for i, block in enumerate(self.blocks):
            found |= {f"weights_{i}": block.weights, f"coefficients_{i}": block.coefficients}
        return found | ({"side": self.side} if len(self.side) else {})

    @classmethod
    def from_arrays(cls, arrays: Arrays, widths: list[int], c: float, side: int = 0) -> Self:
        """Make a solution from its `arrays`, for readers of these widths and `side` numbers beside the texts.

        Raises:
            ValueError: an array does not fit the others.
        """
        blocks = [Block(arrays[f"weights_{i}"], arrays[f"coefficients_{i}"]) for i in range(len(widths))]
        constant, scale = arrays["constant"], arrays["scale"]
        for block, width in zip(blocks, widths, strict=True):
            fits = block.coefficients.shape == (width, len(constant)) and block.weights.shape in (
                (width, 1),
                (width, len(constant)),
            )
            if not fits:
                raise ValueError(f"weights of {block.coefficients.shape} do not fit {width} n-grams")
        if scale.shape != (2, len(constant)):
            raise ValueError("the scale does not fit the scores")
        beside = arrays["side"] if side else np.zeros((0, len(constant)))
        if beside.shape != (side, len(constant)):
            raise ValueError(f"weights of {beside.shape} do not fit {side} columns beside the texts")
        found = cls(blocks, constant, scale, float(c), beside)
        unused = sorted(
            name
            for name in arrays.keys() - found.arrays().keys()
            if name.startswith(("weights_", "coefficients_", "side"))
        )
        if unused:  # a description that lacks a kind of n-grams, or the columns, would change the answers
            raise ValueError(f"there are weights without n-grams or columns: {', '.join(unused)}")
        return found


@dataclass(frozen=True)
class Problem:
    """What a linear model is fitted to.

    Attributes:
        counts: (N, F) of each kind of n-grams.
        side: (N, D) numbers of the columns beside the texts.
        wanted: (N, K), from `targets.columns`.
        task: of the targets.
        weighting: of the columns.
        least: for each kind, how many texts an n-gram must occur in.
        seed: of the folds, and of the order of the rows in the solver.
        likely: the inverse penalty if choosing one takes too long; None for what usually does well.
    """

    counts: list[csr_array]
    side: Floats32
    wanted: Floats
    task: Task
    weighting: Weighting
    least: list[int]
    seed: int
    likely: float | None = None

    def part(self, chosen: Rows) -> "_Part":
        """What fits to the chosen rows need that does not depend on the penalty."""
        _ = self.layout  # once, before threads want it
        blocks = [
            column_weights(counts, self.wanted, self.weighting, least, chosen)
            for counts, least in zip(self.counts, self.least, strict=True)
        ]
        norms = [
            row_norms(counts, weights, self.weighting) for counts, weights in zip(self.counts, blocks, strict=True)
        ]
        return _Part(self, chosen, blocks, norms, ARITHMETIC[self.task].units(self.wanted[chosen]))

    @cached_property
    def layout(self) -> SideBySide:
        """The counts of each kind side by side, followed by the columns beside the texts."""
        return SideBySide([*self.counts, self.beside] if self.side.shape[1] else self.counts)

    @cached_property
    def beside(self) -> csr_array:
        """(N, D), the columns beside the texts as a sparse matrix."""
        if 2 * np.count_nonzero(self.side) < self.side.size:
            return csr_array(self.side)
        texts, width = self.side.shape  # SciPy would need five times the memory on the way
        columns = np.tile(np.arange(width, dtype=np.int32), texts)
        return csr_array(
            (self.side.reshape(-1), columns, narrowed(width * np.arange(texts + 1))), shape=self.side.shape
        )

    @property
    def work(self) -> int:
        """The work of a fit: n-grams in texts, and `_OF_A_ROW` for each text, times targets."""
        of_each = sum(int(counts.nnz) for counts in self.counts) + self.side.size + _OF_A_ROW * len(self.wanted)
        return of_each * int(self.wanted.shape[1])

    def grid(self, c: float | None) -> tuple[float, ...]:
        """The values of c to choose from: one if it is given, or if choosing would take too long."""
        texts, several = self.wanted.shape
        if c is not None or self.work > (TOO_MUCH_WORK if several > 1 else MUCH_WORK):
            return (c or self._likely(usual(texts, several, self.task)),)
        return RIDGE_GRID if ARITHMETIC[self.task].numbers else GRID

    def _likely(self, usual: float) -> float:
        """The inverse penalty if none is chosen; for binary at most the usual, as samples often favour larger ones."""
        if self.likely is None:
            return usual
        return min(self.likely, usual) if self.task == "binary" else self.likely

    def rows(self, blocks: list[Floats32], norms: list[Floats], k: int) -> csr_array:
        """(N, F + D), the matrix that the model of target k is fitted to."""
        data = np.empty(len(self.layout.columns), np.float32)
        for which, (counts, weights, lengths) in enumerate(zip(self.counts, blocks, norms, strict=True)):
            of = min(k, weights.shape[1] - 1)
            column, norm = np.ascontiguousarray(weights[:, of]), lengths[:, of] * np.sqrt(len(self.counts))
            for some, block in row_blocks(counts):
                data[self.layout.entries(which, some, block)] = weighed(block, column, norm[some], self.weighting)
        if self.side.shape[1]:
            for some, block in row_blocks(self.beside):
                data[self.layout.entries(len(self.counts), some, block)] = block.data
        return self.layout.matrix(data)


@dataclass(frozen=True)
class _Part:
    problem: Problem
    chosen: Rows
    blocks: list[Floats32]
    norms: list[Floats]
    units: Floats  # (2, 1), see `Arithmetic.units`

    def fitted(self, c: float) -> tuple[Solution, Floats]:
        """The solution for the chosen rows, and its (N, K) scores of all rows."""
        wanted, seed = self.problem.wanted, self.problem.seed
        mean, deviation = self.units
        arithmetic = ARITHMETIC[self.problem.task]

        bounds = np.cumsum([0, *(len(block) for block in self.blocks)])
        # Written column by column: if rows were contiguous, each number written would touch another cache line.
        coefficients = [np.empty((len(block), wanted.shape[1]), np.float32, order="F") for block in self.blocks]
        beside = np.empty((self.problem.side.shape[1], wanted.shape[1]))
        constant, scores = np.empty(wanted.shape[1]), np.empty(wanted.shape)

        alike = all(block.shape[1] == 1 for block in self.blocks)
        shared = self.problem.rows(self.blocks, self.norms, 0) if alike else None

        def column(k: int) -> None:
            rows = self.problem.rows(self.blocks, self.norms, k) if shared is None else shared
            aim = (wanted[:, k] - mean) / deviation
            weights = arithmetic.fit_linear(rows, aim, c, chosen=self.chosen, seed=seed)
            for into, start, end in zip(coefficients, bounds[:-1], bounds[1:], strict=True):
                into[:, k] = weights[start:end]
            beside[:, k], constant[k] = weights[bounds[-1] : -1], weights[-1]
            for some, block in row_blocks(rows):
                scores[some, k] = block @ weights[:-1] + weights[-1]

        for _ in in_parallel(column, range(wanted.shape[1])):
            pass
        scale = np.array([deviation, mean]) * np.ones((1, wanted.shape[1]))
        blocks = [Block(block, found) for block, found in zip(self.blocks, coefficients, strict=True)]
        return Solution(blocks, constant, scale, c, beside), scores * scale[0] + scale[1]


@dataclass(frozen=True)
class HeldOutScores:
    """The scores of a cross-validation.

    Attributes:
        c: the inverse of the penalty that does best.
        factor: on the scores, which calibrates them.
        scores: (N, K) before this factor, NaN where a row was not held out.
        in_training: for each fold, the scores of its training rows.
    """

    c: float
    factor: float
    scores: Floats
    in_training: list[Floats]


def held_out(problem: Problem, grid: tuple[float, ...], parts: list[tuple[Rows, Rows]]) -> HeldOutScores:
    """Choose the penalty by cross-validation.

    The search starts from `FIRST` and moves along the grid while the loss falls; with much work it uses only the last
    fold. Of windows that expand in time, this is the one with the most training rows, and the nearest to what will be
    predicted.

    Args:
        problem: of N rows.
        grid: the values of c to choose from, see `Problem.grid`.
        parts: for each fold, rows to fit to and rows to hold out.
    """
    wanted, task = problem.wanted, problem.task
    if len(grid) > 1 and len(parts) > 1 and problem.work > MUCH_WORK:
        grid = (held_out(problem, grid, parts[-1:]).c,)
    prepared = [problem.part(train) for train, _ in parts]
    seen = np.concatenate([held for _, held in parts])

    @cache
    def tried(at: int) -> tuple[float, HeldOutScores]:
        scores, in_training = np.full(wanted.shape, np.nan), []
        fitted = in_parallel(lambda part: part.fitted(grid[at])[1], prepared)
        for (train, held), every in zip(parts, fitted, strict=True):
            scores[held] = every[held]
            in_training.append(every[train])
        factor = targets.fitted_scale(scores[seen], wanted[seen], task)
        loss = ARITHMETIC[task].loss(scores[seen] * factor, wanted[seen])
        factor *= targets.tempering(scores[seen] * factor, task)
        return loss, HeldOutScores(grid[at], factor, scores, in_training)

    first = FIRST_OF_RIDGE if ARITHMETIC[task].numbers else FIRST
    best = grid.index(first) if first in grid else 0
    for step in (-1, 1):
        while 0 <= best + step < len(grid) and tried(best + step)[0] < tried(best)[0]:
            best += step
    return tried(best)[1]


def solve(
    problem: Problem,
    c: float | None,
    target: NDArray[Any],
    *,
    calibrated: bool = True,
    parts: list[tuple[Rows, Rows]] | None = None,
) -> Solution:
    """Fit a linear model, and choose its penalty and the scale of its scores by cross-validation.

    Args:
        problem: of N rows.
        c: the inverse of the penalty, or None to choose it.
        target: the targets as they were given, for stratified folds.
        calibrated: whether scores are scaled; if not, and there is no penalty to choose, nothing is held out.
        parts: for each fold, rows to fit to and rows to hold out; None draws them at random.
    """
    wanted, task = problem.wanted, problem.task
    grid = problem.grid(c)
    if len(wanted) < 2 * FOLDS:
        return _timed(problem, c or usual(len(wanted), wanted.shape[1], task))
    if len(grid) == 1 and not calibrated:
        return _timed(problem, grid[0])
    parts = parts or folds(target, task, FOLDS, seed=problem.seed)
    found = held_out(problem, grid, parts if problem.work <= LITTLE_WORK else parts[-1:])
    solution = _timed(problem, found.c)
    if not calibrated:
        return solution
    return replace(solution, scale=solution.scale * [[found.factor], [1.0]])


def _timed(problem: Problem, c: float) -> Solution:
    """The solution for all rows, with the seconds that it took."""
    began = time.perf_counter()
    solution = problem.part(np.arange(len(problem.wanted))).fitted(c)[0]
    return replace(solution, seconds=time.perf_counter() - began)


def usual(texts: int, several: int, task: Task) -> float:
    """The inverse of the penalty if none is chosen, for so many texts and targets."""
    if ARITHMETIC[task].numbers:
        return 1.0
    return 30.0 if texts >= MANY_TEXTS or several >= MANY_TARGETS else 10.0

"""Ridge regression and classification with leave-one-out regularisation, for few examples or few features.

Leaving one out costs one eigendecomposition of the smaller of X X' (N, N) and X' X (F, F): Rifkin & Lippert, "Notes on
regularized least squares", 2007. Leaving out a group costs one system of equations for each strength.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.blas import one_thread
from unspool.candidates.heads.calibration import Temperature, Values
from unspool.candidates.heads.linear import Arrays, CalibratedLinear, Features, Linear
from unspool.cores import apart
from unspool.data.splits import in_one_group

STRENGTHS = np.logspace(-6, 2, 17)
"""Regularisation that is tried, in units of the mean squared length of a (centred) row of features."""

MOST_EXACT = 2**33
"""Multiplications, up to which products of features are computed in float64 whatever they are, and by one thread."""
MOST_SPREAD = 1e5
"""Of squared singular values, the largest over the regularisation: beyond it float32 is not enough."""
AT_ONCE = 4096
"""Rows or columns of features that are in memory as float64."""
_LARGE = 1000
"""Matrices with more rows than this take so long to decompose that somebody may press Ctrl-C meanwhile."""
MOST_LEFT_OUT = 100
"""How many times groups are left out; if there are more groups, several at a time."""
_SLIGHT = 1e-12
"""What is added to a diagonal, so that rounding does not make a system of equations singular."""
MARGIN = 0.25
"""How far beyond the targets of training numbers may go, as a share of their range."""
SHARPER = np.linspace(1.0, 3.0, 41)
"""The factors by which distances of probabilities from 1/2 may be multiplied."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What ridge regression found.

    Attributes:
        linear: fitted on all examples.
        held_out: (N, K) predictions by fits without the example, or without its group.
        strength: of the regularisation, as in `STRENGTHS`.
    """

    linear: Linear
    held_out: Values
    strength: float


def fit_linear(features: Features, targets: Values, groups: NDArray[np.int64] | None = None) -> Fit:
    """Ridge regression with the strength whose leave-one-out error is least; the intercept is not regularised.

    Where features depend on each other, as neighbouring values of a smooth series do, and little regularisation is
    best, their products are computed in float64: rounded to float32 they do not tell what the weights are.

    Args:
        features: (N, F) finite, N >= 2.
        targets: (N, K).
        groups: (N,) from 0 on, two or more: examples of one group are left out together; None for each by itself.

    Example:
        >>> x = np.random.RandomState(0).normal(size=(30, 200)).astype(np.float32)
        >>> y = x[:, :1].astype(float) * 2 + 5
        >>> found = fit_linear(x, y)
        >>> found.held_out.shape, bool(np.abs(found.linear(x) - y).mean() < np.abs(found.held_out - y).mean())
        ((30, 1), True)
    """
    if len(features) * min(features.shape) * features.shape[1] <= MOST_EXACT:
        with one_thread():
            return _fit(features, targets, groups, exact=True)[0]
    found, spread = _fit(features, targets, groups, exact=False)
    return found if spread < MOST_SPREAD else _fit(features, targets, groups, exact=True)[0]


def _fit(features: Features, targets: Values, groups: NDArray[np.int64] | None, exact: bool) -> tuple[Fit, float]:
    """The fit, and how many times its regularisation the largest squared singular value is."""
    centre, mean = features.mean(axis=0, dtype=np.float64), targets.mean(axis=0)
    wanted = targets - mean
    vectors, spectrum = _decompose(features, centre, exact)
    many = len(features) > features.shape[1]
    basis = _product(features, centre, vectors) / np.sqrt(spectrum) if many else vectors
    unit = max(float(spectrum.sum()) / len(features), 1e-12)
    projected = basis.T @ wanted
    solved = _Solved(basis, spectrum, projected, wanted)
    best, left_out = (
        solved.without_each(STRENGTHS * unit)
        if groups is None
        else solved.without_groups(STRENGTHS * unit, groups % MOST_LEFT_OUT)
    )
    strength = float(STRENGTHS[best])
    shrunk = projected / (spectrum + strength * unit)[:, None]
    weights = vectors @ (np.sqrt(spectrum)[:, None] * shrunk) if many else _transposed(features, centre, basis @ shrunk)
    intercept = (mean - centre @ weights).astype(np.float32)
    fit = Fit(Linear(weights.astype(np.float32), intercept), targets - left_out, strength)
    return fit, float(spectrum[-1]) / (strength * unit) if len(spectrum) else 0.0


def _decompose(features: Features, centre: Values, exact: bool) -> tuple[Values, Values]:
    """Eigenvectors, in columns, and eigenvalues of the smaller of X X' and X' X of centred features, without zeros."""
    many = len(features) > features.shape[1]
    gram = np.zeros((min(features.shape),) * 2)
    for start in range(0, features.shape[int(not many)], AT_ONCE):
        stop = start + AT_ONCE
        rows, columns = (slice(start, stop), slice(None)) if many else (slice(None), slice(start, stop))
        block = features[rows, columns] - centre[columns].astype(np.float64 if exact else np.float32)
        gram += block.T @ block if many else block @ block.T
    if not many:  # exactly without the constant direction, which is the intercept's and must not count twice
        means = gram.mean(axis=0)
        gram += means.mean() - means - means[:, None]
    spectrum, vectors = apart(lambda: np.linalg.eigh(gram)) if len(gram) > _LARGE else np.linalg.eigh(gram)
    kept = spectrum > (1e-12 if exact else 1e-8) * max(float(spectrum[-1]), 1e-30)
    return vectors[:, kept], spectrum[kept]


def _product(features: Features, centre: Values, vectors: Values) -> Values:
    """(N, R): centred features times (F, R)."""
    blocks = (features[at : at + AT_ONCE] - centre for at in range(0, len(features), AT_ONCE))
    return np.concatenate([block @ vectors for block in blocks])


def _transposed(features: Features, centre: Values, dual: Values) -> Values:
    """(F, K): centred features, transposed, times (N, K)."""
    starts = range(0, features.shape[1], AT_ONCE)
    blocks = (features[:, at : at + AT_ONCE] - centre[at : at + AT_ONCE] for at in starts)
    return np.concatenate([block.T @ dual for block in blocks])


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """A ridge regression, of which examples can be left out without another decomposition.

    Attributes:
        basis: (N, R) orthonormal columns.
        spectrum: (R,) the squared singular values of the features.
        projected: (R, K), the products of the basis and the targets.
        wanted: (N, K) centred targets.
    """

    basis: Values
    spectrum: Values
    projected: Values
    wanted: Values

    def without_each(self, penalties: Values) -> tuple[int, Values]:
        """The penalty with the least squared error, and (N, K) target less prediction by a fit without the example."""
        best: tuple[float, int, Values] | None = None
        for number, penalty in enumerate(map(float, penalties)):
            shrunk = self._shrunk(penalty)
            residual = self.wanted - self.basis @ (shrunk[:, None] * self.projected)
            leverage = 1 / len(self.wanted) + np.square(self.basis) @ shrunk
            left_out = residual / np.maximum(1 - leverage, 1e-9)[:, None]
            error = float(np.square(left_out).mean())
            if best is None or error < best[0]:
                best = error, number, left_out
        assert best is not None
        return best[1:]

    def without_groups(self, penalties: Values, groups: NDArray[np.int64]) -> tuple[int, Values]:
        """The same by fits without the example's group."""
        each = [np.flatnonzero(groups == group) for group in np.unique(groups)]
        errors = [[float(np.square(one).sum()) for one in self._without(rows, penalties)] for rows in each]
        best = int(np.argmin(np.sum(errors, axis=0)))
        left_out = np.empty_like(self.wanted)
        for rows in each:
            left_out[rows] = next(self._without(rows, penalties[best : best + 1]))
        return best, left_out

    def _without(self, rows: NDArray[np.int64], penalties: Values) -> Iterator[Values]:
        """For each penalty, target less prediction of some examples by a fit without all of them: (M, K).

        That is (I - H)^-1 r, where r are the residuals of the fit to all examples, and H is the part of its hat matrix
        that belongs to these examples. Of H = A A', with fewer columns in A than rows, (I - A' A)^-1 is needed instead.
        """
        basis = np.hstack((np.full((len(rows), 1), len(self.wanted) ** -0.5), self.basis[rows]))
        products = basis.T @ basis if len(rows) > basis.shape[1] else None
        for penalty in map(float, penalties):
            shrunk = self._shrunk(penalty)
            residual = self.wanted[rows] - self.basis[rows] @ (shrunk[:, None] * self.projected)
            root = np.sqrt(np.append(1.0, shrunk))
            factor = basis * root
            system = -(factor @ factor.T if products is None else root[:, None] * products * root)
            system[np.diag_indices_from(system)] += 1 + _SLIGHT
            if products is None:
                yield np.linalg.solve(system, residual)
            else:
                yield residual + factor @ np.linalg.solve(system, factor.T @ residual)

    def _shrunk(self, penalty: float) -> Values:
        """(R,) what the penalty leaves of each direction."""
        return self.spectrum / (self.spectrum + penalty)


@dataclass(frozen=True, slots=True, eq=False)
class RidgeClassifier(CalibratedLinear):
    """Ridge regression of +1 and -1 for each class, its scores made probabilities that are calibrated."""

    @classmethod
    def fit(
        cls, features: Features, labels: NDArray[np.int64], classes: int, groups: NDArray[np.int64] | None = None
    ) -> tuple["RidgeClassifier", Values]:
        """Fit on (N, F) features and (N,) labels from 0 to `classes` - 1.

        `groups` as of `fit_linear`; if each class is in a single group, examples are left out one by one instead.

        Returns:
            The classifier, and (N, K) probabilities that fits without the example, or its group, give for each; NaN
            where no other example, or none outside of its group, has its class.

        Example:
            >>> x = np.random.RandomState(0).normal(size=(40, 100)).astype(np.float32)
            >>> y = (x[:, :50].sum(axis=1) > 0).astype(np.int64)
            >>> classifier, held_out = RidgeClassifier.fit(x, y, 2)
            >>> bool((classifier.outputs(x).argmax(axis=1) == y).mean() > (held_out.argmax(axis=1) == y).mean())
            True
        """
        together = None if groups is None else groups % MOST_LEFT_OUT
        if together is not None and in_one_group(labels, together).all():
            groups = together = None
        found = fit_linear(features, np.where(labels[:, None] == np.arange(classes), 1.0, -1.0), groups)
        scores = found.held_out
        scores[in_one_group(labels, np.arange(len(labels)) if together is None else together)] = np.nan
        temperature = Temperature.fit(scores, labels, unknown=1 + math.log(classes))
        return cls(found.linear, temperature), temperature.probabilities(scores)


@dataclass(frozen=True, slots=True, eq=False)
class RidgeRegressor:
    """Ridge regression of numbers, which are kept near those of the training examples.

    Attributes:
        linear: of features.
        limits: (2, K) the least and the greatest numbers; None for a model that was saved without.
    """

    linear: Linear
    limits: Values | None = None

    @classmethod
    def fit(
        cls,
        features: Features,
        targets: Values,
        limits: Values | None = None,
        *,
        sharpened: bool = False,
        groups: NDArray[np.int64] | None = None,
    ) -> tuple["RidgeRegressor", Values]:
        """Fit on (N, F) features and (N, K) targets, which are standardised meanwhile.

        Args:
            features: (N, F).
            targets: (N, K).
            limits: (2, K) the least and the greatest numbers to predict; None takes `limits_of` the targets.
            sharpened: whether targets are probabilities near 0 and 1. Ridge regression shrinks predictions, which makes
                them too uncertain: they are moved away from 1/2 as far as fits leave-one-out predictions best.
            groups: as of `fit_linear`.

        Returns:
            The regressor, and (N, K) what fits without the example, or its group, say of each.
        """
        mean = targets.mean(axis=0)
        deviation = targets.std(axis=0)
        deviation = np.where(deviation > 0, deviation, 1.0)
        found = fit_linear(features, (targets - mean) / deviation, groups)
        weights = found.linear.weights * deviation.astype(np.float32)
        intercept = (found.linear.intercept * deviation + mean).astype(np.float32)
        found = replace(found, linear=Linear(weights, intercept), held_out=found.held_out * deviation + mean)
        if sharpened:
            found = _sharpened(found, targets)
        regressor = cls(found.linear, limits_of(targets) if limits is None else limits)
        return regressor, regressor.limited(found.held_out)

    def limited(self, numbers: Values) -> Values:
        """Numbers (N, K) within the limits."""
        return numbers if self.limits is None else np.clip(numbers, *self.limits)

    def outputs(self, features: Features) -> Values:
        """Return (N, K) numbers."""
        return self.limited(self.linear(features))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return self.linear.arrays() | ({} if self.limits is None else {"limits": self.limits})

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "RidgeRegressor":
        """The same regressor again, with the same bits.

        Raises:
            ValueError: its arrays do not fit each other.
        """
        linear = Linear.from_arrays(arrays)
        if "limits" not in arrays:
            return cls(linear)
        limits = arrays["limits"].astype(np.float64)
        if limits.shape != (2, len(linear.intercept)) or not (limits[0] <= limits[1]).all():
            raise ValueError(f"the limits of its predictions are {limits.tolist()}")
        return cls(linear, limits)


def _sharpened(fit: Fit, targets: Values) -> Fit:
    """Multiply each output's distance from 1/2 by the factor, 1 or more, with the least leave-one-out error."""
    factors = np.ones(targets.shape[1])
    for label, (said, wanted) in enumerate(zip(fit.held_out.T, targets.T, strict=True)):
        least = wanted.min()
        errors = [np.square(np.clip(0.5 + one * (said - 0.5), least, 1 - least) - wanted).sum() for one in SHARPER]
        factors[label] = SHARPER[int(np.argmin(errors))]
    weights = fit.linear.weights * factors.astype(np.float32)
    intercept = (0.5 + factors * (fit.linear.intercept - 0.5)).astype(np.float32)
    return replace(fit, linear=Linear(weights, intercept), held_out=0.5 + factors * (fit.held_out - 0.5))


def limits_of(targets: Values) -> Values:
    """The least and the greatest of (N, K) targets, with a quarter of their range on either side: (2, K).

    A series unlike all training series may have features far beyond theirs, to which a linear model extrapolates. If no
    target is negative, as with counts and prices, neither is the lower limit.

    Example:
        >>> limits_of(np.array([[2.0], [6.0], [3.0]])).tolist(), limits_of(np.array([[0.0], [8.0]])).tolist()
        ([[1.0], [7.0]], [[0.0], [10.0]])
    """
    least, greatest = targets.min(axis=0), targets.max(axis=0)
    margin = MARGIN * (greatest - least)
    return np.stack([np.maximum(least - margin, np.where(least < 0, -np.inf, 0)), greatest + margin])

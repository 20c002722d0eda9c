"""Ridge regression that sees its features block by block: memory does not grow with the number of examples."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from unspool.candidates.heads.calibration import Values
from unspool.candidates.heads.linear import Features, Linear
from unspool.candidates.heads.ridge import MOST_SPREAD, STRENGTHS

MOST_EXACT = 512
"""Up to so many features, products are always computed in float64."""


@dataclass(slots=True, eq=False)
class Moments:
    """Sums over examples, all that ridge regression needs of them.

    Attributes:
        count: N.
        features: (F,) the sum of the features.
        targets: (K,) the sum of the targets.
        products: (F, F) the sum of products of two features.
        mixed: (F, K) the sum of products of a feature and a target.
    """

    count: int
    features: Values
    targets: Values
    products: Values
    mixed: Values

    @classmethod
    def of(cls, blocks: Iterable[tuple[Features, Values]], exact: bool = True) -> Self:
        """Add up blocks of features (n, F) and targets (n, K), of which there is one at least.

        Args:
            blocks: features and targets.
            exact: whether products are computed in float64, which takes about twice as long, or in float32.

        Raises:
            ValueError: there is none.
        """
        total: Self | None = None
        for features, targets in blocks:
            factors = features.astype(np.float64) if exact else features
            products = (factors.T @ factors).astype(np.float64)
            mixed = features.T.astype(np.float64) @ targets
            sums = features.sum(axis=0, dtype=np.float64), targets.sum(axis=0)
            block = cls(len(features), *sums, products, mixed)
            total = block if total is None else total.add(block)
        if total is None:
            raise ValueError("there are no blocks of features")
        return total

    def add(self, other: Self) -> Self:
        """Take other examples in."""
        self.count += other.count
        self.features += other.features
        self.targets += other.targets
        self.products += other.products
        self.mixed += other.mixed
        return self

    def _centred(self) -> tuple[Values, Values, float]:
        mean = self.features / self.count
        products = self.products - np.outer(mean, self.features)
        mixed = self.mixed - np.outer(mean, self.targets)
        return products, mixed, max(float(np.trace(products)) / self.count, 1e-12)

    def solve(self, strength: float) -> Linear:
        """The ridge regression of these examples, with a strength as of `ridge.STRENGTHS`; the intercept is free."""
        products, mixed, unit = self._centred()
        products[np.diag_indices_from(products)] += strength * unit
        return self._linear(np.asarray(np.linalg.solve(products, mixed), dtype=np.float64))

    def solve_all(self, strengths: Iterable[float]) -> tuple[list[Linear], float]:
        """The same for several strengths, for the price of one; and the products' largest eigenvalue, in units."""
        products, mixed, unit = self._centred()
        spectrum, vectors = np.linalg.eigh(products)
        spectrum, projected = np.maximum(spectrum, 0.0), vectors.T @ mixed
        found = [self._linear(vectors @ (projected / (spectrum + strength * unit)[:, None])) for strength in strengths]
        return found, float(spectrum[-1]) / unit

    def _linear(self, weights: Values) -> Linear:
        intercept = self.targets / self.count - (self.features / self.count) @ weights
        return Linear(weights.astype(np.float32), intercept.astype(np.float32))


def fit_streamed(
    blocks: Callable[[], Iterable[tuple[Features, Values]]], held: Features, held_targets: Values
) -> tuple[Linear, Values]:
    """Ridge regression with the strength whose error on held-out examples is least, fitted to all examples.

    With many features, their products are computed in float32 first. If features depend on each other and little
    regularisation is best, these do not determine the weights, and the blocks are read again, in float64.

    Args:
        blocks: gives features (n, F) and targets (n, K), each time the same.
        held: (M, F) features of the examples that are held out to choose the strength.
        held_targets: (M, K).

    Returns:
        The regression, and the (M, K) predictions for the held-out examples by one without them.

    Example:
        >>> x = np.random.RandomState(0).normal(size=(300, 5)).astype(np.float32)
        >>> y = x[:, :1].astype(float) * 2 + 5
        >>> linear, held_out = fit_streamed(lambda: [(x[:100], y[:100]), (x[100:200], y[100:200])], x[200:], y[200:])
        >>> linear.weights[0, 0].round(2).item(), bool(np.abs(held_out - y[200:]).max() < 0.1)
        (2.0, True)
    """
    if held.shape[1] > MOST_EXACT:
        linear, said, spread = _fit(blocks(), held, held_targets, exact=False)
        if spread < MOST_SPREAD:
            return linear, said
    return _fit(blocks(), held, held_targets, exact=True)[:2]


def _fit(
    blocks: Iterable[tuple[Features, Values]], held: Features, held_targets: Values, exact: bool
) -> tuple[Linear, Values, float]:
    """The fit, and how many times its regularisation the largest squared singular value is."""
    moments = Moments.of(blocks, exact)
    solved, extent = moments.solve_all(STRENGTHS)
    found = [linear(held) for linear in solved]
    best = int(np.argmin([np.square(one - held_targets).mean() for one in found]))
    strength = float(STRENGTHS[best])
    moments.add(Moments.of([(held, held_targets)], exact))
    return moments.solve(strength), found[best], extent / strength

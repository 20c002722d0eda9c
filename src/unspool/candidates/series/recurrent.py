"""Recurrent networks of series: LSTMs that read in both directions, each trained without a part of the series."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features import flat_series
from unspool.candidates.heads import Temperature, limits_of
from unspool.candidates.series.base import (
    LOADERS,
    Arrays,
    Outputs,
    Series,
    Target,
    Task,
    prefixed,
    without_prefix,
)
from unspool.candidates.series.recurrent_network import Loss, Network
from unspool.candidates.series.truth import Rows, Truth
from unspool.kernels import FlatSeries

MOST_STEPS = 1000
"""Of the longest series: an LSTM remembers no more, and its training would take minutes."""


@dataclass(frozen=True, slots=True)
class Recurrent:
    """A candidate: the mean of several networks, each of which leaves out another part of the series.

    A series is read by an LSTM (Hochreiter and Schmidhuber, 1997) in each direction; a linear layer reads the mean and
    the maximum of their states. The parts that are left out give the outputs for held-out series: no fit is repeated.

    Attributes:
        name: by which it is asked for.
        cost: of fitting, beside the others'.
        units: of an LSTM.
        networks: how many; as many parts.
    """

    name: str
    cost: float
    units: int = 64
    networks: int = 5

    def serves(self, series: Series, task: Task) -> str:
        """It does not serve for long series."""
        longest = max(map(len, series))
        return f"series of {longest} steps are too long for it" if longest > MOST_STEPS else ""

    def reads(self, count: int) -> float:
        """All of them."""
        return 1.0

    def fit(self, series: Series, target: Target, task: Task, seed: int) -> "RecurrentModel":
        """Train on N series."""
        from unspool.candidates.series.recurrent_training import train

        truth = Truth.of(target, task)
        flat = flat_series(list(series))
        scaling = Scaling.of(flat)
        flat = scaling(flat)
        loss: Loss = "squared" if truth.numbers else "softmax"
        units = np.array([[0.0], [1.0]])
        if truth.numbers:
            units = np.stack((truth.values.mean(axis=0), spread_of(truth.values)))
        wanted = ((truth.values - units[0]) / units[1]).astype(np.float32)
        part = parts_of(truth, min(self.networks, len(flat)), seed)
        networks, scores = [], np.zeros(truth.values.shape)
        for number in range(part.max() + 1):
            rest, held = np.flatnonzero(part != number), np.flatnonzero(part == number)
            networks.append(train(flat, wanted, rest, loss, units=self.units, seed=[seed, number]))
            scores[held] = networks[-1].scores([flat[row] for row in held.tolist()])
        if truth.numbers:
            answer = Answer(None, units, limits_of(truth.values))
        else:
            answer = Answer(Temperature.fit(scores, truth.labels).factor)
        return RecurrentModel(scaling, tuple(networks), answer, answer(scores))


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """What makes each channel's mean 0 and its standard deviation 1.

    Attributes:
        mean: (C,) float64.
        spread: (C,) float64.
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, series: FlatSeries) -> Self:
        """Learn from training series."""
        values = series.values.astype(np.float64)
        return cls(values.mean(axis=0), spread_of(values))

    def __call__(self, series: FlatSeries) -> FlatSeries:
        """Scale series."""
        return FlatSeries(((series.values - self.mean) / self.spread).astype(np.float32), series.offsets)


def spread_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard deviation of each column, 1 for one that is constant.

    Example:
        >>> spread_of(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist()
        [1.0, 1.0]
    """
    found: NDArray[np.float64] = values.std(axis=0)
    return np.where(found > 0, found, 1.0)


def parts_of(truth: Truth, parts: int, seed: int) -> Rows:
    """(N,) in which part each example is; each class is spread over all of them.

    Example:
        >>> parts_of(Truth.of(np.array([0, 0, 1, 1]), "binary"), 2, seed=0)[[0, 2]].tolist()
        [0, 0]
    """
    order = np.random.default_rng(seed).permutation(len(truth.values))
    if not truth.numbers:
        order = order[np.argsort(truth.labels[order], kind="stable")]
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order)) % parts
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What is made of scores: softmax(factor * scores), or scores in the units of the targets.

    Attributes:
        factor: of probabilities; None for numbers.
        units: (2, K) float64, the mean and the spread of numbers.
        limits: (2, K) float64, the least and the greatest number.
    """

    factor: float | None
    units: NDArray[np.float64] | None = None
    limits: NDArray[np.float64] | None = None

    def __call__(self, scores: Outputs) -> Outputs:
        """(N, K) to (N, K)."""
        if self.units is None or self.limits is None:
            assert self.factor is not None
            return Temperature(self.factor).probabilities(scores)
        found: Outputs = np.clip(scores * self.units[1] + self.units[0], *self.limits)
        return found

    def arrays(self) -> Arrays:
        """All but the factor, by name."""
        return {} if self.units is None or self.limits is None else {"units": self.units, "limits": self.limits}


@dataclass(frozen=True, slots=True, eq=False)
class RecurrentModel:
    """What `Recurrent.fit` returns."""

    scaling: Scaling
    networks: tuple[Network, ...]
    answer: Answer
    held_out: Outputs | None = field(default=None, repr=False)

    def outputs(self, series: Series) -> Outputs:
        """Return (N, K) probabilities or numbers."""
        flat = self.scaling(flat_series(list(series)))
        each = [flat[row] for row in range(len(flat))]
        return self.answer(np.mean([one.scores(each) for one in self.networks], axis=0))

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        arrays: Arrays = {"mean": self.scaling.mean, "spread": self.scaling.spread}
        for index, network in enumerate(self.networks):
            arrays |= prefixed(f"network{index}", network.arrays())
        description = {"kind": "recurrent", "networks": len(self.networks), "factor": self.answer.factor}
        return description, arrays | prefixed("answer", self.answer.arrays())

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays) -> "RecurrentModel":
        """The model again."""
        networks = tuple(
            Network(**without_prefix(f"network{index}", arrays)) for index in range(int(description["networks"]))
        )
        scaling, answer = Scaling(arrays["mean"], arrays["spread"]), without_prefix("answer", arrays)
        width, outputs = networks[0].kernel.shape[1], len(networks[0].intercept)
        if any(one.kernel.shape[1] != width or len(one.intercept) != outputs for one in networks):
            raise ValueError("its networks differ")
        if any(one.shape != (width,) for one in (scaling.mean, scaling.spread)) or not (scaling.spread > 0).all():
            raise ValueError("its scaling does not fit its networks")
        factor = description["factor"]
        if factor is not None:
            return cls(scaling, networks, Answer(float(factor)))
        if {name: one.shape for name, one in answer.items()} != dict.fromkeys(("units", "limits"), (2, outputs)):
            raise ValueError("the units of its numbers do not fit its networks")
        return cls(scaling, networks, Answer(None, **answer))


LOADERS["recurrent"] = RecurrentModel.from_state

RECURRENT = Recurrent("recurrent", 100)

"""Recurrent networks for series: bidirectional LSTMs, each trained without a different part of the series."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features import flat_series
from unspool.candidates.folds import folds
from unspool.candidates.heads import Temperature, sigmoid, sigmoid_factor
from unspool.candidates.model_files import prefixed, unprefixed
from unspool.candidates.pace import UNHURRIED, Pace
from unspool.candidates.series import many
from unspool.candidates.series.base import LOADERS, Arrays, Outputs, Rows, Series, Target, Task, Terms
from unspool.candidates.series.recurrent_network import Network
from unspool.candidates.series.truth import Truth
from unspool.kernels import FlatSeries

MOST_STEPS = 1000
"""Of the longest series; with longer ones, training would take minutes."""
ENOUGH = 2000
"""With this many series or more, networks are worth the time with any budget; see LOG.md."""
LEAST_BUDGET = 900.0
"""Seconds, with fewer than `ENOUGH` series."""
WAITS = f"with fewer than {ENOUGH:,} series it is tried only with a budget of {LEAST_BUDGET / 60:.0f} minutes or more"
LEAST_LEFT = 20.0
"""Seconds that must be left of the budget: loading and compiling the training code alone takes several."""
SHARE = 0.5
"""What networks may take of the remaining budget: the other candidates and the baselines need time, too."""
EARLIER = 0.015
"""What the cost of networks is multiplied by with `ENOUGH` series or more, or for several labels."""


@dataclass(frozen=True, slots=True)
class Recurrent:
    """A candidate: the mean of several networks, each trained without a different part of the series.

    A series is read by an LSTM (Hochreiter and Schmidhuber, 1997) in each direction; a linear layer reads the mean and
    the maximum of their states. Each network predicts the part that it was trained without, so no fit is repeated.
    Very many series are read by one network, trained without those that are held out for all candidates.

    Attributes:
        name: by which it is asked for.
        cost: of fitting, beside the others'.
        units: of an LSTM.
        networks: how many; as many parts.
        parts: the rows that each network is trained without; if empty, they are drawn.
    """

    name: str
    cost: float
    units: int = 64
    networks: int = 5
    parts: tuple[Rows, ...] = ()

    def serves(self, series: Series, task: Task, outputs: int = 1) -> str:
        """It does for series that are not too long; for numbers if there are enough, see LOG.md."""
        if task == "regression" and len(series) < ENOUGH:
            return f"with fewer than {ENOUGH:,} series it predicts only labels"
        longest = max(map(len, series))
        return f"series of {longest} steps are too long for it" if longest > MOST_STEPS else ""

    def terms(self, count: int, task: Task) -> Terms:
        """With few series it takes longer than all others together; with more, it reads each less often.

        With several labels, each often depends on one stretch of a series only; networks find it best, see LOG.md.
        """
        terms = Terms(alike="all series again and again", least_left=LEAST_LEFT, share=SHARE)
        if count >= ENOUGH or task == "multilabel":
            return terms._replace(growth=EARLIER)
        return terms._replace(least_budget=LEAST_BUDGET, why_least=WAITS)

    def leaving_out(self, parts: Sequence[tuple[Rows, Rows]], count: int) -> "Recurrent | None":
        """The candidate with one network per fold, so that no fit is repeated; None if `parts` are no folds of N.

        Args:
            parts: rows to fit to and rows to hold out.
            count: N; with very many series, there is a single network, which has no folds.
        """
        held = [held for _, held in parts]
        if not held or not len(np.concatenate(held)) == len(np.unique(np.concatenate(held))) == count <= many.MANY:
            return None
        whole = all(len(rest) + len(out) == count for rest, out in parts)
        return replace(self, parts=tuple(held)) if whole else None

    def without_folds(self) -> "Recurrent":
        """Itself: the model consists of the networks that are each trained without one fold."""
        return self

    def fit(
        self,
        series: Series,
        target: Target,
        task: Task,
        seed: int,
        pace: Pace = UNHURRIED,
        groups: Rows | None = None,
    ) -> "RecurrentModel":
        """Train on N series; see `Candidate`."""
        from unspool.candidates.series import recurrent_training as training

        truth = Truth.of(target, task)
        flat = flat_series(list(series))
        scaling = ChannelScaling.of(flat)
        flat = scaling(flat)
        several = truth.task == "multilabel"
        centre, scale = _units(truth)
        wanted = ((truth.values - centre) / scale).astype(np.float32)
        parts, method = self._parts(truth, seed, groups), training.FEW
        if len(flat) >= ENOUGH:
            method = training.ENOUGH if len(flat) <= many.MANY else training.MANY
        method = method._replace(loss="sigmoid" if several else "squared" if truth.numbers else "softmax")
        networks, scores = [], np.full(truth.values.shape, np.nan)
        for number, held in enumerate(parts):

            def judge(done: float, before: int = number) -> None:
                share = (before + done) / len(parts)
                pace.ready(share)
                pace.judge(share)

            rest = np.setdiff1d(np.arange(len(flat)), held)
            network = training.train(
                flat, wanted, rest, units=self.units, seed=[seed, number], method=method, judge=judge
            )
            network = network.rescaled(centre, scale)
            networks.append(network)
            scores[held] = truth.known(network.scores([flat[row] for row in held.tolist()]), rest, held)
        known = np.sort(np.concatenate(parts))
        if several:
            factor = np.full(truth.classes, sigmoid_factor(scores[known], truth.values[known]))
            sharpened = tuple(one.rescaled(np.zeros(truth.classes), factor) for one in networks)
            return RecurrentModel(scaling, sharpened, None, sigmoid(factor * scores), activation="sigmoid")
        if truth.numbers:
            return RecurrentModel(scaling, tuple(networks), None, scores)
        temperature = Temperature.fit(scores[known], truth.labels[known])
        held_out = np.full(scores.shape, np.nan)
        held_out[known] = temperature.probabilities(scores[known])
        return RecurrentModel(scaling, tuple(networks), temperature, held_out)

    def _parts(self, truth: Truth, seed: int, groups: Rows | None) -> list[Rows]:
        """The series that each network is trained without."""
        count = len(truth.values)
        if self.parts:
            return list(self.parts)
        if count > many.MANY:
            return [many.drawn(count, seed, groups=many.separable(groups, truth, seed))[0]]
        if groups is not None:
            whole = folds(truth.labels, self.networks, one_class=not truth.numbers, groups=groups, seed=seed)
            return [held for _, held in whole if len(held)]
        part = parts_of(truth, min(self.networks, count), seed)
        return [np.flatnonzero(part == number) for number in range(part.max() + 1)]


def _units(truth: Truth) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(K,) means and standard deviations of numbers, from which networks learn; 0 and 1 for labels."""
    if truth.task != "regression":
        return np.zeros(truth.classes), np.ones(truth.classes)
    spread = truth.values.std(axis=0)
    return truth.values.mean(axis=0), np.where(spread > 0, spread, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class ChannelScaling:
    """Scales each channel to mean 0 and standard deviation 1, unless it is constant.

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
        spread = values.std(axis=0)
        return cls(values.mean(axis=0), np.where(spread > 0, spread, 1.0))

    def __call__(self, series: FlatSeries) -> FlatSeries:
        """Scale series."""
        return FlatSeries(((series.values - self.mean) / self.spread).astype(np.float32), series.offsets)


def parts_of(truth: Truth, parts: int, seed: int) -> Rows:
    """(N,) the part of each example; the examples of each class are spread over all parts.

    Example:
        >>> parts_of(Truth.of(np.array([0, 0, 1, 1]), "binary"), 2, seed=0)[[0, 2]].tolist()
        [0, 0]
    """
    order = np.random.default_rng(seed).permutation(len(truth.values))
    order = order[np.argsort(truth.labels[order], kind="stable")]
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order)) % parts
    return found


@dataclass(frozen=True, slots=True, eq=False)
class RecurrentModel:
    """What `Recurrent.fit` returns.

    Attributes:
        scaling: of the channels.
        networks: whose outputs are averaged.
        temperature: calibrates the probabilities of one label; None for several labels and for numbers.
        activation: of the output of each network: "sigmoid" for several labels.
    """

    scaling: ChannelScaling
    networks: tuple[Network, ...]
    temperature: Temperature | None
    held_out: Outputs | None = field(default=None, repr=False)
    activation: Literal["linear", "sigmoid"] = "linear"

    def outputs(self, series: Series) -> Outputs:
        """Return (N, K) probabilities or numbers."""
        flat = self.scaling(flat_series(list(series)))
        each = [flat[row] for row in range(len(flat))]
        said = [one.scores(each) for one in self.networks]
        scores: Outputs = np.mean([sigmoid(one) for one in said] if self.activation == "sigmoid" else said, axis=0)
        return scores if self.temperature is None else self.temperature.probabilities(scores)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        arrays: Arrays = {"mean": self.scaling.mean, "spread": self.scaling.spread}
        for index, network in enumerate(self.networks):
            arrays |= prefixed(network.arrays(), f"network{index}/")
        factor = None if self.temperature is None else self.temperature.factor
        plain = {"kind": "recurrent", "networks": len(self.networks), "factor": factor, "activation": self.activation}
        return plain, arrays

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays) -> "RecurrentModel":
        """Restore the model."""
        networks = tuple(
            Network(**unprefixed(arrays, f"network{index}/")) for index in range(int(description["networks"]))
        )
        scaling = ChannelScaling(arrays["mean"], arrays["spread"])
        width, outputs = networks[0].kernel.shape[1], len(networks[0].intercept)
        if any(one.kernel.shape[1] != width or len(one.intercept) != outputs for one in networks):
            raise ValueError("its networks differ")
        if any(one.shape != (width,) for one in (scaling.mean, scaling.spread)) or not (scaling.spread > 0).all():
            raise ValueError("its scaling does not fit its networks")
        factor, activation = description["factor"], description.get("activation", "linear")  # earlier files lack it
        if activation not in ("linear", "sigmoid") or (factor is not None and activation == "sigmoid"):
            raise ValueError(f"its activation is {activation!r}, and its factor {factor}")
        temperature = None if factor is None else Temperature(float(factor))
        return cls(scaling, networks, temperature, activation=activation)


LOADERS["recurrent"] = RecurrentModel.from_state

RECURRENT = Recurrent("recurrent", 100)

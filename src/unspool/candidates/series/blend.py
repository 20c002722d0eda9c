"""Several models as one: the weighted mean of their log-probabilities, or of their numbers.

Weights are those of Large, Lines & Bagnall, "A probabilistic classifier ensemble weighting scheme based on
cross-validated accuracy estimates", 2019: the held-out accuracy to the power of 4. With many series they are those that
give the blend the least held-out log loss (Genest & Zidek, "Combining probability distributions", 1986, section 4). For
numbers they are those with the least held-out squared error, as in Breiman, "Stacked regressions", 1996. None is
negative, and their sum is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.heads import Temperature
from unspool.candidates.heads.calibration import log_loss, smoothed, softmax
from unspool.candidates.model_files import prefixed, unprefixed
from unspool.candidates.series.base import LOADERS, Arrays, Fitted, Outputs, Series, model_of
from unspool.candidates.series.truth import Truth
from unspool.candidates.weighted_mean import weighted_mean
from unspool.lazy_module import LazyModule

optimize = LazyModule("scipy.optimize")

POWER = 4
LEAST = 1e-4
"""The probability that a member gives a class at least: none can rule one out by itself."""
LEAST_WEIGHT = 0.01
"""A member that would count for less is left out, if weights are fitted."""
LEAST_TO_FIT = 2000
"""With this many held-out series or more, the weights of probabilities are fitted; with fewer, they would fit noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Fitted models, and how much each counts.

    Attributes:
        members: the models.
        weights: (members,) not negative; their sum is 1, except for `standardised.Standardised` numbers.
        temperature: of the blend's probabilities; None for numbers.
    """

    members: tuple[Fitted, ...]
    weights: NDArray[np.float64]
    temperature: Temperature | None
    held_out: Outputs | None = field(default=None, repr=False)

    @classmethod
    def fit(cls, members: Sequence[Fitted], truth: Truth, held_out: Sequence[Outputs] | None = None) -> "Blend":
        """Weigh fitted models by their held-out outputs; with fitted weights, those that add nothing are left out.

        Args:
            members: the models.
            truth: N targets.
            held_out: the outputs of each for the N series when they are held out, NaN if they never are; None takes the
                members' own. If no series is ever held out, all members get the same weight.

        Raises:
            ValueError: a member has none.
        """
        if held_out is None:
            held_out = [member.held_out for member in members if member.held_out is not None]
        if len(held_out) != len(members):
            raise ValueError("models that were loaded cannot be blended: what they said of held-out series is not kept")
        seen = np.flatnonzero(~np.isnan(held_out).any(axis=(0, 2)))
        blend = cls._of_seen(members, truth.take(seen), [one[seen] for one in held_out])
        assert blend.held_out is not None
        whole = np.full(held_out[0].shape, np.nan)
        whole[seen] = blend.held_out
        return replace(blend, held_out=whole)

    @classmethod
    def _of_seen(cls, members: Sequence[Fitted], truth: Truth, held_out: Sequence[Outputs]) -> "Blend":
        if truth.numbers:
            weights = stacked_weights([truth.errors(one) for one in held_out])
        elif len(truth.values) < LEAST_TO_FIT:
            right = [float((one.argmax(axis=1) == truth.labels).sum()) / max(len(one), 1) for one in held_out]
            weights = np.maximum(np.array(right), 1e-3) ** POWER
            weights /= weights.sum()
        else:
            weights = pooled_weights(list(map(_logs, held_out)), truth.labels)
        used = np.flatnonzero(weights).tolist()
        members, held_out, weights = [members[one] for one in used], [held_out[one] for one in used], weights[used]
        if truth.numbers:
            return cls(tuple(members), weights, None, weighted_mean(held_out, weights))
        scores = weighted_mean(list(map(_logs, held_out)), weights)
        temperature = Temperature.fit(scores, truth.labels)
        return cls(tuple(members), weights, temperature, temperature.probabilities(scores))

    def outputs(self, series: Series) -> Outputs:
        """Return (N, K) probabilities or numbers."""
        found = [member.outputs(series) for member in self.members]
        if self.temperature is None:
            return weighted_mean(found, self.weights)
        return self.temperature.probabilities(weighted_mean([_logs(one) for one in found], self.weights))

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        described: list[dict[str, Any]] = []
        arrays: Arrays = {"weights": self.weights}
        for index, member in enumerate(self.members):
            description, found = member.state()
            described.append(description)
            arrays |= prefixed(found, f"member{index}/")
        factor = None if self.temperature is None else self.temperature.factor
        return {"kind": "blend", "members": described, "factor": factor}, arrays

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays) -> "Blend":
        """The model again."""
        members = [
            model_of(one, unprefixed(arrays, f"member{index}/")) for index, one in enumerate(description["members"])
        ]
        factor = description["factor"]
        weights = arrays["weights"].astype(np.float64)
        if len(weights) != len(members):
            raise ValueError("a blend has one weight for each member")
        return cls(tuple(members), weights, None if factor is None else Temperature(float(factor)))


LOADERS["blend"] = Blend.from_state


def stacked_weights(errors: Sequence[Outputs]) -> NDArray[np.float64]:
    """The weights with which the weighted mean of (N, K) errors is least in square: not negative, their sum 1.

    Example:
        >>> errors = [np.array([[1.0], [-1.0]]), np.array([[-3.0], [3.0]]), np.array([[9.0], [9.0]])]
        >>> stacked_weights(errors).round(6).tolist()
        [0.75, 0.25, 0.0]
    """
    table = np.stack([one.ravel() for one in errors], axis=1)
    scale = max(float(np.sqrt(np.square(table).mean())), 1e-300)
    # With a row that asks for the sum 1, however strongly, the best direction is that of the best weights.
    wanted = np.append(np.zeros(len(table)), np.sqrt(len(table)))
    weights, _ = optimize.nnls(np.vstack((table / scale, np.full(len(errors), wanted[-1]))), wanted)
    return _worthwhile(weights)


def pooled_weights(logs: Sequence[Outputs], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The weights with which the weighted mean of (N, K) log-probabilities, times a factor, has the least log loss.

    Example:
        >>> sure, wrong = np.log([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.log([[0.3, 0.7], [0.9, 0.1], [0.4, 0.6]])
        >>> pooled_weights([sure, wrong], np.array([0, 1, 1])).round(6).tolist()
        [1.0, 0.0]
    """
    targets, rows = smoothed(labels, logs[0].shape[1]), len(labels)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        probabilities = softmax(weighted_mean(logs, weights))
        slopes = [float(((probabilities - targets) * one).sum()) / rows for one in logs]
        return log_loss(probabilities, targets), np.array(slopes)

    begin = np.full(len(logs), 1 / len(logs))
    found = optimize.minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(logs)).x
    return _worthwhile(found if found.sum() > 0 else begin)


def _worthwhile(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights whose sum is 1, without those that would count for little."""
    for _ in range(2):
        weights = weights / weights.sum()
        weights[weights < LEAST_WEIGHT] = 0.0
    return weights


def _logs(probabilities: Outputs) -> Outputs:
    found: Outputs = np.log(np.maximum(probabilities, LEAST))
    return found

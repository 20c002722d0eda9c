"""What is linear in its features, and a classifier of it whose scores are calibrated."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.blas import one_thread
from unspool.candidates.heads.calibration import Temperature, Values

MOST_BY_ONE = 2**28
"""Multiplications that one thread does."""

Features = NDArray[np.float32]
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """features @ weights + intercept: (N, F) to (N, K)."""

    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def __call__(self, features: Features) -> Values:
        """Return (N, K)."""
        few = features.size * self.weights.shape[1] <= MOST_BY_ONE
        with one_thread() if few else nullcontext():
            return (features @ self.weights + self.intercept).astype(np.float64)

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return {"weights": self.weights, "intercept": self.intercept}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The same again, with the same bits.

        Raises:
            ValueError: they do not fit each other; NumPy would repeat a single number.
        """
        weights, intercept = arrays["weights"].astype(np.float32), arrays["intercept"].astype(np.float32)
        if weights.ndim != 2 or intercept.shape != weights.shape[1:]:
            raise ValueError(f"the weights of its head are {weights.shape}, and its intercept {intercept.shape}")
        return cls(weights, intercept)


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedLinear:
    """Linear scores of K classes, made probabilities by a temperature."""

    linear: Linear
    temperature: Temperature

    def outputs(self, features: Features) -> Values:
        """Return (N, K) probabilities."""
        return self.temperature.probabilities(self.linear(features))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return self.linear.arrays() | {"factor": np.array(self.temperature.factor)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The same classifier again, with the same bits."""
        return cls(Linear.from_arrays(arrays), Temperature(float(arrays["factor"])))

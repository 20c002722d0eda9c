"""Features brought to one scale, as learned from training series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Features = NDArray[np.float32]
Arrays = dict[str, NDArray[np.generic]]

AT_ONCE = 2**20
"""How many numbers are scaled at once: more do not fit into the processor's cache."""
_TINY = 1e-31  # its millionth has a reciprocal in single precision


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Takes `centre` from each feature and multiplies it by `factor`.

    Attributes:
        centre: (F,) float32.
        factor: (F,) float32; 0 for a feature that never changed in training.
        sparse: where a feature is 0 it stays 0, as Hydra has it.
    """

    centre: Features
    factor: Features
    sparse: bool = False

    @classmethod
    def fit(cls, features: Features, unit: ArrayLike = 1.0) -> "Scaling":
        """Bring each feature to mean 0 and standard deviation 1.

        Args:
            features: (N, F).
            unit: (F,), or one for all features: the magnitude of the numbers that a feature is computed from, if they
                are small. Changes far below it are rounding errors.

        Example:
            >>> features = np.array([[1, 5], [3, 5]], np.float32)
            >>> Scaling.fit(features).scale_in_place(features).tolist()
            [[-1.0, 0.0], [1.0, 0.0]]
        """
        mean, deviation = np.empty((2, features.shape[1]))
        for some in _columns(features):
            block = features[:, some].astype(np.float64)
            mean[some] = block.mean(axis=0)
            deviation[some] = block.std(axis=0, mean=mean[None, some])
        least = np.maximum(1e-6 * np.minimum(unit, 1.0), _TINY)
        changes = deviation > 1e-6 * np.maximum(np.abs(mean), least)
        factor = np.where(changes, 1 / np.where(changes, deviation, 1), 0)
        return cls(mean.astype(np.float32), factor.astype(np.float32))

    @classmethod
    def fit_sparse(cls, features: Features) -> "Scaling":
        """Hydra's scaling of counts: rare features are damped, zeros stay zeros."""
        rarity = (features == 0).mean(axis=0) ** 4 + 1e-8
        deviation = features.std(axis=0, dtype=np.float64) + rarity
        return cls(features.mean(axis=0, dtype=np.float64).astype(np.float32), (1 / deviation).astype(np.float32), True)

    def scale_in_place(self, features: Features) -> Features:
        """Scale (N, F) features in place, and return them.

        Raises:
            ValueError: there are more or fewer of them, which NumPy might repeat.
        """
        if self.centre.shape != features.shape[1:]:
            raise ValueError(f"{features.shape[1]} features are scaled by {self.centre.shape}")
        for some in _columns(features):
            block = features[:, some]
            zeros = block == 0 if self.sparse else None
            block -= self.centre[some]
            block *= self.factor[some]
            if zeros is not None:
                block[zeros] = 0
        return features

    def arrays(self, name: str) -> Arrays:
        """What `from_arrays` needs."""
        return {f"{name}.centre": self.centre, f"{name}.factor": self.factor, f"{name}.sparse": np.array(self.sparse)}

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str) -> "Scaling":
        """The same scaling again.

        Raises:
            ValueError: its arrays do not fit each other.
        """
        centre, factor = arrays[f"{name}.centre"], arrays[f"{name}.factor"]
        if centre.shape != factor.shape:
            raise ValueError(f"the centre of its features is {centre.shape}, and their factor {factor.shape}")
        return cls(centre.astype(np.float32), factor.astype(np.float32), bool(arrays[f"{name}.sparse"]))


def _columns(features: Features) -> list[slice]:
    """All columns in blocks of up to `AT_ONCE` numbers."""
    width = max(AT_ONCE // max(len(features), 1), 1)
    return [slice(start, start + width) for start in range(0, features.shape[1], width)]

"""How well sequences are reconstructed: the errors of each example.

Cross-entropy and entropy are means over the numbers of an example (the pixels of an image), and scores are means over
examples, so that a long sequence counts no more than a short one. Steps that a mask leaves out, the padding of
sequences of different lengths, count nowhere, whatever stands there.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from unspool.errors import UserError
from unspool.evaluation.sequences import Sequences, checked_sequences

Likelihood = Literal["bernoulli", "gaussian"]
"""What numbers are: "bernoulli" lie in [0, 1] and are judged by cross-entropy, "gaussian" are any numbers, judged by
squared error."""

Floats = NDArray[np.float64]

_CLIPPING = 1e-7  # Keras's, so that a test score is what Keras calls the loss
_NUMBERS_AT_ONCE = 1_000_000  # few enough that a large test set needs little memory


@dataclass(frozen=True, slots=True)
class ExampleErrors:
    """What each example's reconstruction costs, as means over the example's numbers.

    Attributes:
        squared: (N,) squared error.
        cross_entropy: (N,) binary cross-entropy in nats; None for numbers that are not in [0, 1] by their nature.
        entropy: (N,) what a perfect reconstruction would have as cross-entropy; None likewise.
    """

    squared: Floats
    cross_entropy: Floats | None = None
    entropy: Floats | None = None

    @property
    def columns(self) -> Floats:
        """(N, 1) the squared error; or (N, 3) with the cross-entropy and the entropy behind it."""
        rows = [self.squared, self.cross_entropy, self.entropy]
        return np.stack([row for row in rows if row is not None], axis=1)

    @property
    def losses(self) -> Floats:
        """(N,) what a model is judged by: the cross-entropy, or the squared error where there is none."""
        return self.squared if self.cross_entropy is None else self.cross_entropy


def example_errors(
    targets: ArrayLike,
    reconstructions: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    likelihood: Likelihood = "bernoulli",
) -> ExampleErrors:
    """Measure each example's reconstruction; its `losses` serve as anomaly scores.

    Args:
        targets: (N, T, D) what was to be reconstructed.
        reconstructions: (N, T, D).
        mask: (N, T) whether a step counts; None where all do.
        likelihood: "bernoulli" for numbers in [0, 1]: cross-entropy is measured too, with reconstructions clipped to
            [1e-7, 1 - 1e-7] as Keras does.

    Raises:
        UserError: shapes that do not fit, an example without a step that counts, a number that is not finite or, with
            "bernoulli", not in [0, 1]; names the first.

    Example:
        >>> errors = example_errors([[[1.0, 0.0]], [[0.5, 0.5]]], [[[0.5, 0.5]], [[0.5, 0.5]]])
        >>> errors.squared.tolist(), errors.cross_entropy.round(3).tolist(), errors.entropy.round(3).tolist()
        ([0.25, 0.0], [0.693, 0.693], [0.0, 0.693])
    """
    truth = checked_sequences(targets, "targets", mask)
    guess = checked_sequences(reconstructions, "reconstructions", mask)
    if truth.values.shape != guess.values.shape:
        raise UserError(
            f"targets and reconstructions must have one shape; they have {truth.values.shape} and {guess.values.shape}"
        )
    if likelihood == "bernoulli":
        truth.check_range("targets")
        guess.check_range("reconstructions")
    at_once = max(1, _NUMBERS_AT_ONCE // max(1, truth.values[0].size))
    blocks = [
        _errors_of_block(truth, guess, slice(start, start + at_once), likelihood)
        for start in range(0, len(truth.values), at_once)
    ]
    return ExampleErrors(*np.concatenate(blocks, axis=1))


def _errors_of_block(truth: Sequences, guess: Sequences, block: slice, likelihood: Likelihood) -> Floats:
    """Return (1, n) the squared error of n examples, or (3, n) with cross-entropy and entropy."""
    target, reconstruction, counted = truth.take(block), guess.take(block), truth.counted(block)

    def mean(numbers: Floats) -> Floats:
        return np.asarray(numbers.mean(axis=(1, 2), where=counted))

    squared = mean((target - reconstruction) ** 2)
    if likelihood == "gaussian":
        return squared[np.newaxis]
    clipped = np.clip(reconstruction, _CLIPPING, 1 - _CLIPPING)
    cross_entropy = mean(-target * np.log(clipped) - (1 - target) * np.log1p(-clipped))
    return np.stack([squared, cross_entropy, mean(entr(target) + entr(1 - target))])

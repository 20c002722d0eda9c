"""Checks that sample weights fit the numbers that a loss gives."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from unspool.training.examples import Examples, is_ragged
from unspool.training.targets import called_in, losses_of_targets, shapes_of_outputs

_ONE_NUMBER_A_ROW = {
    keras.losses.binary_crossentropy,
    keras.losses.binary_focal_crossentropy,
    keras.losses.categorical_crossentropy,
    keras.losses.huber,
    keras.losses.mean_absolute_error,
    keras.losses.mean_squared_error,
    keras.losses.sparse_categorical_crossentropy,
}
"""Losses of Keras that are the mean, or sum, over the last axis of the outputs."""


def check_weight_shapes(
    model: keras.Model, examples: Examples, sample: Callable[[], Examples], name: str = "sample_weight"
) -> None:
    """Refuse weights that do not fit what the loss gives for each example, or for each step of it.

    Args:
        model: built and compiled.
        examples: of which targets and weights are read.
        sample: returns some examples as the model reads them; only called if the model is not a graph of layers.
        name: what to call the weights in messages.

    Raises:
        ValueError: gives their shape and the one that is expected.
    """
    weights = keras.tree.flatten(examples.sample_weight)
    least = 1 if getattr(model, "outputs", None) else 2  # dimensions, where outputs have to be looked for
    some = [weight for weight in weights if weight is not None and not is_ragged(weight) and weight.ndim >= least]
    if not some or examples.by_step or len(weights) != len(keras.tree.flatten(examples.y)):
        return
    outputs: list[Any] | None = None
    for number, place, target, function, settings in losses_of_targets(model, examples.y):
        outputs = outputs or shapes_of_outputs(model, sample)
        weight, output = weights[number], outputs[place]
        if function not in _ONE_NUMBER_A_ROW or settings.get("axis", -1) != -1:
            continue
        of_classes = function is keras.losses.sparse_categorical_crossentropy
        if not of_classes and target.ndim != len(output) and (target.ndim, *output[1:]) != (1, 1):
            continue  # Keras takes away the last dimension of the outputs
        losses = (len(examples), *output[1:-1])
        if weight is not None and None not in losses and not _fits(weight.shape, losses):
            called = called_in(examples.sample_weight, number, name)
            each = "example" if len(losses) == 1 else "step"
            raise ValueError(
                f"{called} has the shape {weight.shape}, but {losses} is needed: one weight for each {each}"
            )


def _fits(weights: tuple[int, ...], losses: tuple[Any, ...]) -> bool:
    """Whether Keras makes weights as long as losses; it adds a last dimension of 1, or takes one away."""
    if len(weights) == len(losses) + 1 and weights[-1] == 1:
        weights = weights[:-1]
    elif len(losses) == len(weights) + 1 and losses[-1] == 1:
        weights = (*weights, 1)
    if len(weights) != len(losses):
        return False
    try:
        return np.broadcast_shapes(weights, losses) == losses
    except ValueError:
        return False

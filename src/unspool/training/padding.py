"""A check that a model ignores the NaN that ragged numbers are padded with."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from unspool.keras_internals import graph_of
from unspool.training.examples import Examples, is_ragged
from unspool.training.step_weights import weighing_steps
from unspool.training.targets import called_in, uses_its_loss


def check_padding(model: keras.Model, examples: Examples, sample: Callable[[], Examples]) -> None:
    """Check that a model ignores the padding of ragged inputs of numbers, by the loss of some examples.

    Args:
        model: built and compiled.
        examples: for training.
        sample: returns some of the first of them as the model reads them.

    Raises:
        ValueError: the loss is NaN because of the padding; says how to mask it.
    """
    inputs = keras.tree.flatten(examples.x)
    if not any(map(_is_padded_with_nan, inputs)) or not uses_its_loss(model) or _looks_for_nan(model):
        return
    batch = sample()
    padded = [
        called_in(examples.x, number, "x")
        for number, (given, array) in enumerate(zip(inputs, keras.tree.flatten(batch.x), strict=True))
        if _is_padded_with_nan(given)
        and _has_nan(array)
        and not _has_nan(given.take(np.arange(len(array))).load().flat)
    ]
    if not padded or any(_has_nan(weight) for weight in model.weights):
        return
    with keras.StatelessScope(), weighing_steps(model, examples.by_step):
        outputs = model(batch.x, training=False)
        loss = model.compute_loss(batch.x, batch.y, outputs, batch.sample_weight, training=False)
    if any(map(_has_nan, keras.tree.flatten(outputs))) and _has_nan(loss):
        raise ValueError(
            f"{padded[0]} is padded with NaN, which the model reads, so its loss is NaN. Mask the padding first: "
            "keras.layers.Masking(-1e9)(keras.ops.where(keras.ops.isnan(inputs), -1e9, inputs))"
        )


def _looks_for_nan(model: keras.Model) -> bool:
    """Whether a graph of layers calls `keras.ops.isnan`, as unspool's own do: the check would take a second."""
    graph = graph_of(model)
    return graph is not None and any(type(one).__name__ == "Isnan" for one in graph.operations)


def _is_padded_with_nan(given: Any) -> bool:
    return is_ragged(given) and given.take(np.zeros(1, np.int64)).load().flat.dtype.kind == "f"


def _has_nan(values: Any) -> bool:
    array = np.asarray(values)
    return array.dtype.kind == "f" and bool(np.isnan(array).any())

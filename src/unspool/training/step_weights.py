"""Keras's losses and metrics, made to count each real step of ragged targets once and padding never."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops

from unspool import keras_internals

MEANS = ("sum_over_batch_size", "mean")
"""The reductions of a loss that do not grow with what a batch was padded to."""


@contextmanager
def weighing_steps(model: keras.Model, by_step: bool = True) -> Iterator[None]:
    """While a step of the model is traced or its metrics are built: the sample weights alone say what counts.

    Without it Keras would also weigh by the mask that it has attached to the outputs, which differs in its scale with
    what a batch was padded to, and metrics given as `metrics=` would count padding. They are weighed here as
    `weighted_metrics=` are.

    Args:
        model: compiled.
        by_step: whether the targets are ragged; where not, nothing is changed.

    Raises:
        ValueError: a loss is reduced by its sum, which grows with padding, or by the mean over a batch's own weights,
            which favours steps of short sequences.
    """
    if not by_step:
        yield
        return
    compute_loss, compute_metrics = model.compute_loss, model.compute_metrics
    compiled = keras_internals.compiled_metrics(model)

    def loss(x: Any, y: Any, y_pred: Any, sample_weight: Any, **options: Any) -> Any:
        value = compute_loss(x, *_aligned(y, y_pred), sample_weight, **options)
        _refuse_sums(model)
        return value

    def metrics(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return compute_metrics(x, *_aligned(y, y_pred), sample_weight)

    def update(y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        keras_internals.update_weighted(compiled, y_true, y_pred, sample_weight)

    replaced = [(model, "compute_loss", loss), (model, "compute_metrics", metrics)]
    if compiled is not None:
        replaced.append((compiled, "update_state", update))
    for owner, name, function in replaced:
        object.__setattr__(owner, name, function)  # past Keras's bookkeeping of what is set on a model
    try:
        yield
    finally:
        for owner, name, _ in replaced:
            object.__delattr__(owner, name)


def _aligned(y: Any, y_pred: Any) -> tuple[Any, Any]:
    """Outputs without Keras's mask, and targets (B, L) beside outputs (B, L, 1) as (B, L, 1).

    Keras would take the outputs' last dimension away instead, and the mean over what is last then, the steps.
    """
    outputs, targets = keras.tree.flatten(y_pred), keras.tree.flatten(y)
    for output in outputs:
        keras_internals.forget_mask(output)
    if len(outputs) == len(targets):
        pairs = zip(targets, outputs, strict=True)
        y = keras.tree.pack_sequence_as(y, [_like(target, output) for target, output in pairs])
    return y, y_pred


def _like(target: Any, output: Any) -> Any:
    if target is None:  # of an output without a loss
        return None
    missing = len(output.shape) == len(target.shape) + 1 and output.shape[-1] == 1
    return ops.expand_dims(target, -1) if missing else target


def _refuse_sums(model: keras.Model) -> None:
    for part in keras_internals.parts_of_the_loss(model):
        reduction = getattr(part.loss, "reduction", MEANS[0])
        if reduction not in MEANS:
            raise ValueError(
                f"the loss {part.name} has reduction={reduction!r}, which does not weigh all steps of ragged targets "
                f"alike: compile with the default, {MEANS[0]!r}"
            )

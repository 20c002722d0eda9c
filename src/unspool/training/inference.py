"""`evaluate` and `predict`: what Keras's methods of that name do, with many steps in one compiled program."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import keras
import numpy as np

from unspool.data.stored import Sequences
from unspool.training.arrays import Examples, Nested, batch_order, filled, to_examples
from unspool.training.buckets import buckets, pass_over, sample_batch
from unspool.training.programs import assign_test_state, programs_of, test_state
from unspool.training.steps import Pass, as_floats
from unspool.training.support import check_model

BATCHES_A_PROGRAM = 64
"""Of `predict`; fixed, so that inputs of any length share one compiled program."""

RAGGED_BATCHES_A_PROGRAM = 8
"""The same for sequences of one bucket, of which there are fewer."""


def evaluate(
    model: keras.Model,
    x: Nested,
    y: Nested = None,
    batch_size: int | None = None,
    sample_weight: Nested = None,
) -> dict[str, float]:
    """Compute the loss and the metrics of a compiled Keras model over examples.

    Args:
        model: compiled, on Keras's JAX backend.
        x: nested arrays (N, ...).
        y: targets, (N, ...).
        batch_size: examples in a step; 32 if not given.
        sample_weight: (N,) or as `y`.

    Returns:
        The values by name, as Keras's `evaluate(..., return_dict=True)`.

    Raises:
        TypeError: the data is not arrays.
        ValueError: the model is not supported, or the arrays do not fit together.
    """
    check_model(model)
    examples = to_examples(x, y, sample_weight)
    batch = sample_batch(examples, 1)
    model._symbolic_build(data_batch=(batch.x, batch.y, batch.sample_weight))
    hooks = keras.callbacks.CallbackList(None, model=model)
    return evaluate_pass(model, pass_over(programs_of(model).test, examples, batch_size or 32), hooks)


def evaluate_pass(model: keras.Model, validation: Pass, hooks: keras.callbacks.CallbackList) -> dict[str, float]:
    """Run a pass without training, with the callbacks' test hooks around it (their batch hooks once a program)."""
    hooks.on_test_begin()
    model.reset_metrics()
    logs: dict[str, Any] = {}
    order = batch_order(validation.count, validation.batch_size, shuffle=False)
    for done, step_logs, state in validation.programs(
        order, lambda: test_state(model), before=hooks.on_test_batch_begin
    ):
        assign_test_state(model, state)
        logs = as_floats(step_logs)
        hooks.on_test_batch_end(done - 1, logs)
    hooks.on_test_end(logs)
    return logs


def predict(model: keras.Model, x: Nested, batch_size: int | None = None) -> Any:
    """Compute a Keras model's outputs over examples, in inference mode.

    Args:
        model: built, on Keras's JAX backend; need not be compiled.
        x: nested arrays (N, ...), or a Ragged or StoredRagged of N sequences.
        batch_size: examples in a step; 32 if not given.

    Returns:
        NumPy arrays (N, ...), nested as the model's outputs are, in the order of x.

    Raises:
        TypeError: the data is not arrays.
        ValueError: the arrays do not fit together.

    Example:
        >>> import keras, numpy as np, unspool
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        >>> unspool.predict(model, np.zeros((5, 3))).shape
        (5, 2)
    """
    examples = to_examples(x)
    loop = programs_of(model).predict
    state = ([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables])
    if isinstance(examples.x, Sequences):
        return _predict_sequences(partial(loop, state), examples.x, batch_size or 32)
    return _predict_arrays(partial(loop, state), examples.x, min(batch_size or 32, len(examples)))


def _predict_arrays(loop: Callable[..., Any], x: Nested, size: int) -> Any:
    count = len(keras.tree.flatten(x)[0])
    rows_a_program = min(BATCHES_A_PROGRAM, count // size) * size
    whole = count // size * size
    outputs = []
    for start in range(0, whole, rows_a_program):
        stop = min(start + rows_a_program, whole)
        rows = filled(jax.tree.map(lambda a, s=start, e=stop: a[s:e], x), rows_a_program)
        result = loop(rows, np.int32((stop - start) // size), batch_size=size)
        outputs.append(_first(stop - start, result))
    if whole < count:
        rest = jax.tree.map(lambda a: a[whole:], x)
        outputs.append(jax.tree.map(np.asarray, loop(rest, np.int32(1), batch_size=count - whole)))
    return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)


def _predict_sequences(loop: Callable[..., Any], x: Sequences, size: int) -> Any:
    """Sequences of near length together, in programs of one number of rows, the last filled up with empty ones."""
    rows_a_program = RAGGED_BATCHES_A_PROGRAM * size
    parts, order = [], []
    for bucket in buckets(x.lengths, size):
        for start in range(0, len(bucket.rows), rows_a_program):
            rows = bucket.rows[start : start + rows_a_program]
            ids = filled(Examples(x).take(rows).padded(bucket.length).x, rows_a_program)
            result = loop(ids, np.int32(-(-len(rows) // size)), batch_size=size)
            parts.append(_first(len(rows), result))
            order.append(rows)
    if len({tuple(array.shape[1:] for array in jax.tree.leaves(part)) for part in parts}) > 1:
        raise ValueError(
            "the model's outputs grow with its input: predict sequences of one length at a time, as an array"
        )
    places = np.argsort(np.concatenate(order))
    return jax.tree.map(lambda *arrays: np.concatenate(arrays)[places], *parts)


def _first(count: int, outputs: Any) -> Any:
    return jax.tree.map(lambda array: np.asarray(array)[:count], outputs)

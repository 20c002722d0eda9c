"""`evaluate` and `predict`: what Keras's methods of that name do, with many steps in one compiled program."""

from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp

from unspool.training.arrays import Nested, batch_order, to_examples
from unspool.training.programs import assign_test_state, programs_of, test_state
from unspool.training.steps import Pass, as_floats
from unspool.training.support import check_model

BATCHES_A_PROGRAM = 64
"""Of `predict`; fixed, so that inputs of any length share one compiled program."""


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
    model._symbolic_build(data_batch=_first_rows(examples.x, examples.y, examples.sample_weight))
    hooks = keras.callbacks.CallbackList(None, model=model)
    return evaluate_pass(model, Pass(programs_of(model).test, examples, batch_size or 32), hooks)


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
        x: nested arrays (N, ...).
        batch_size: examples in a step; 32 if not given.

    Returns:
        NumPy arrays (N, ...), nested as the model's outputs are.

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
    count = len(examples)
    size = min(batch_size or 32, count)
    loop = programs_of(model).predict
    state = ([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables])
    rows_a_program = min(BATCHES_A_PROGRAM, count // size) * size
    whole = count // size * size
    outputs = []
    for start in range(0, whole, rows_a_program):
        stop = min(start + rows_a_program, whole)
        rows = jax.tree.map(lambda a, s=start, e=stop: _padded(a[s:e], rows_a_program), examples.x)
        result = loop(state, rows, jnp.int32((stop - start) // size), batch_size=size)
        outputs.append(jax.tree.map(lambda a, n=stop - start: np.asarray(a)[:n], result))
    if whole < count:
        rest = jax.tree.map(lambda a: a[whole:], examples.x)
        outputs.append(jax.tree.map(np.asarray, loop(state, rest, jnp.int32(1), batch_size=count - whole)))
    return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)


def _padded(rows: Any, count: int) -> Any:
    """Rows of zeros behind, up to `count`: they are never computed on, but keep the program's shape."""
    missing = count - len(rows)
    return rows if missing == 0 else np.concatenate([rows, np.zeros((missing, *rows.shape[1:]), rows.dtype)])


def _first_rows(*data: Nested) -> Any:
    return keras.tree.map_structure(lambda a: None if a is None else a[:1], data)

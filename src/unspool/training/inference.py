"""`evaluate` and `predict`: what Keras's methods of that name do, with many steps in one compiled program."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import keras
import numpy as np

from unspool.keras_internals import build_from, build_to_predict, compiled_metrics
from unspool.training.arguments import Callbacks, check_model, checked_batch_size, listed, refuse
from unspool.training.arrays import batch_order, filled, first_rows, to_examples
from unspool.training.buckets import pass_over, sample_batch
from unspool.training.examples import Nested
from unspool.training.ids import check_ids
from unspool.training.programs import assign_test_state, programs_of, test_state
from unspool.training.progress import Progress, pass_progress
from unspool.training.sequence_prediction import predict_sequences
from unspool.training.step_weights import weighing_steps
from unspool.training.steps import Pass, as_numbers
from unspool.training.structure import check_inputs, matched
from unspool.training.targets import check_target_shapes, check_targets

BATCHES_A_PROGRAM = 64
"""Of `predict`; fixed, so that inputs of any length share one compiled program."""


def evaluate(
    model: keras.Model,
    x: Nested,
    y: Nested = None,
    batch_size: int | None = None,
    verbose: int | str = 0,
    sample_weight: Nested = None,
    steps: int | None = None,
    callbacks: Callbacks = None,
    return_dict: bool = False,
) -> Any:
    """Compute the loss and the metrics of a compiled Keras model over examples, as `keras.Model.evaluate` does.

    Args:
        model: compiled, on Keras's JAX backend.
        x: as `fit` takes it.
        y: as `fit` takes it; of ragged targets the loss and the metrics are means over all steps.
        batch_size: examples in a step; 32 if not given.
        verbose: 0 silent, 1 a bar and a line, 2 a line; "auto" is 1 in a terminal or a notebook and 2 elsewhere.
        sample_weight: as `fit` takes it.
        steps: refused: all rows are evaluated.
        callbacks: Keras callbacks, whose test hooks are called.
        return_dict: whether to give the values by name.

    Returns:
        The loss, or a list of the loss and the metrics in Keras's order, or a dict of them by name. A metric with
        several numbers, such as F1 for each class, is an array.

    Raises:
        TypeError: the data is not arrays.
        ValueError: the model or an argument is not supported, the arrays do not fit together or do not fit the model's
            inputs and outputs, an integer does not fit in 32 bits, the loss cannot use a label, or an embedding has no
            vector for an id.

    Example:
        >>> import keras, numpy as np, unspool
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", "mse")
        >>> unspool.evaluate(model, np.ones((5, 1)), np.full(5, 2.0))
        4.0
        >>> unspool.evaluate(model, np.ones((5, 1)), np.full(5, 2.0), return_dict=True)
        {'loss': 4.0}
    """
    refuse(steps=steps)
    check_model(model)
    size = checked_batch_size(batch_size)
    examples = matched(model, to_examples(x, y, sample_weight))
    batch = sample_batch(examples, size)  # not one example, as a stateful layer takes whole batches only
    try:
        with weighing_steps(model, examples.by_step):
            build_from(model, batch.x, batch.y, batch.sample_weight)
    finally:  # the loss is built before it reads targets, and fails on them
        check_target_shapes(model, examples, lambda: batch)
    check_ids(model, examples)
    check_targets(model, examples, lambda: batch)
    hooks = keras.callbacks.CallbackList(listed(callbacks), model=model)
    with pass_progress(verbose, "evaluate", len(examples)) as progress:
        test = programs_of(model, examples.by_step).test
        values = evaluate_pass(model, pass_over(test, examples, size), hooks, progress)
    return values if return_dict else _in_order(model, values)


def _in_order(model: keras.Model, values: dict[str, Any]) -> Any:
    """As Keras gives them: the model's metrics in their order, then others by name; one value alone."""
    compiled = compiled_metrics(model)
    metrics = [part for metric in model.metrics for part in (metric.metrics if metric is compiled else [metric])]
    first = [metric.name for metric in metrics if metric.name in values]
    names = first + sorted(values.keys() - set(first))
    return values[names[0]] if len(names) == 1 else [values[name] for name in names]


def evaluate_pass(
    model: keras.Model, validation: Pass, hooks: keras.callbacks.CallbackList, progress: Progress | None = None
) -> dict[str, Any]:
    """Run a pass without training, with the callbacks' test hooks around it (their batch hooks once a program)."""
    hooks.on_test_begin()
    model.reset_metrics()
    logs: dict[str, Any] = {}
    order = batch_order(validation.count, validation.batch_size, shuffle=False)
    for done, step_logs, state in validation.programs(
        order, lambda: test_state(model), before=hooks.on_test_batch_begin
    ):
        assign_test_state(model, state)
        logs = as_numbers(step_logs)
        hooks.on_test_batch_end(done - 1, logs)
        if progress is not None:
            progress.update(done * validation.batch_size, logs)
    hooks.on_test_end(logs)
    return logs


def predict(
    model: keras.Model,
    x: Nested,
    batch_size: int | None = None,
    verbose: int | str = 0,
    steps: int | None = None,
) -> Any:
    """Compute a Keras model's outputs over examples, in inference mode, as `keras.Model.predict` does.

    Args:
        model: on Keras's JAX backend; need not be compiled.
        x: nested arrays (N, ...), each of them or a Ragged or StoredRagged of N sequences.
        batch_size: examples in a step; 32 if not given.
        verbose: 0 silent, 1 a bar and a line, 2 a line; "auto" is 1 in a terminal or a notebook and 2 elsewhere.
        steps: refused: all rows are predicted.

    Returns:
        NumPy arrays (N, ...), nested as the model's outputs are, in the order of x. An output with a step for each of a
        ragged input is a Ragged of N sequences, as long as that input's.

    Raises:
        TypeError: the data is not arrays.
        ValueError: an argument is not supported, the arrays do not fit together or do not fit the model's inputs, an
            integer does not fit in 32 bits, or an embedding has no vector for an id.

    Example:
        >>> import keras, numpy as np, unspool
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        >>> unspool.predict(model, np.zeros((5, 3))).shape
        (5, 2)
    """
    refuse(steps=steps)
    size = checked_batch_size(batch_size)
    examples = to_examples(x)
    check_inputs(model, examples.x)
    if not model.built:
        build_to_predict(model, sample_batch(examples, size).x)
    check_ids(model, examples)
    loop = programs_of(model).predict
    state = ([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables])
    with pass_progress(verbose, "predict", len(examples)) as progress:
        if examples.ragged:
            found = predict_sequences(partial(loop, state), examples.x, size)
            progress.update(len(examples), {})
            return found
        return _predict_arrays(partial(loop, state), examples.x, min(size, len(examples)), progress)


def _predict_arrays(loop: Callable[..., Any], x: Nested, size: int, progress: Progress) -> Any:
    count = len(keras.tree.flatten(x)[0])
    rows_a_program = min(BATCHES_A_PROGRAM, count // size) * size
    whole = count // size * size
    outputs = []
    for start in range(0, whole, rows_a_program):
        stop = min(start + rows_a_program, whole)
        rows = filled(jax.tree.map(lambda a, s=start, e=stop: a[s:e], x), rows_a_program)
        result = loop(rows, np.int32((stop - start) // size), batch_size=size)
        outputs.append(first_rows(stop - start, result))
        progress.update(stop, {})
    if whole < count:
        rest = jax.tree.map(lambda a: a[whole:], x)
        outputs.append(jax.tree.map(np.asarray, loop(rest, np.int32(1), batch_size=count - whole)))
        progress.update(count, {})
    return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)

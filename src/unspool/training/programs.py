"""Many steps of a compiled Keras model as one XLA program.

Keras's JAX trainer dispatches each step from Python. Here the step itself, `model.train_step`, is still Keras's:
losses, metrics, regularisers, optimizers and overridden steps mean what they mean there. Only the loop around it is
compiled. Its trip count is an argument, so one compilation serves a program of any number of steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import keras
from jax import lax
from jax import numpy as jnp

from unspool import layers
from unspool.keras_internals import PROGRAMS, compilation, forget_masks_of_traced
from unspool.layers.explanation import log_slow_layers
from unspool.training import processes
from unspool.training.compilation import keep_compiled_programs
from unspool.training.step_weights import weighing_steps

State = tuple[list[jax.Array], ...]
Logs = dict[str, Any]
Loop = Callable[..., tuple[Logs, State]]


@dataclass(frozen=True)
class Programs:
    """The compiled loops of one model, and what they were compiled for.

    Attributes:
        train: (state, data, start, steps, *, batch_size) to (logs of the last step, state).
        test: the same, without a gradient.
        predict: (state, x, steps, *, batch_size) to outputs.
        made_for: the parts of the model that a recompilation depends on.
    """

    train: Loop
    test: Loop
    predict: Callable[..., Any]
    made_for: tuple[Any, ...]


def programs_of(model: keras.Model, by_step: bool = False) -> Programs:
    """The model's compiled loops, made once and again after `compile` or a change of what is trainable.

    Args:
        model: compiled, but for `predict`.
        by_step: whether its targets are ragged, so that each step of them has its weight.
    """
    made_for = (
        getattr(model, "optimizer", None),
        compilation(model),
        *(id(v) for v in model.trainable_variables),
    )
    attribute = f"{PROGRAMS}_by_step" if by_step else PROGRAMS
    group = processes.sharing()
    if group is not None:
        attribute += "_shared"
    programs = getattr(model, attribute, None)
    if programs is None or programs.made_for != made_for:
        keep_compiled_programs()
        log_slow_layers(model)
        train, test = (_loop(_step(model, name, by_step), group) for name in ("train_step", "test_step"))
        programs = Programs(train, test, _predict_loop(model), made_for)
        # Kept on the model, as Keras keeps its own train_function: they live and die together.
        object.__setattr__(model, attribute, programs)
    return programs


def train_state(model: keras.Model) -> State:
    """What a training step reads and writes: weights, other variables, optimizer, metrics, by value."""
    return tuple(map(_values, _trained(model)))


def test_state(model: keras.Model) -> State:
    """What an evaluation step reads and writes: weights, other variables, metrics, by value."""
    return tuple(map(_values, _tested(model)))


def assign_train_state(model: keras.Model, state: State) -> None:
    """Put a state back into the model's variables."""
    for variables, values in zip(_trained(model), state, strict=True):
        _assign(variables, values)


def assign_test_state(model: keras.Model, state: State) -> None:
    """Put a state back into the model's variables."""
    for variables, values in zip(_tested(model), state, strict=True):
        _assign(variables, values)


def _trained(model: keras.Model) -> tuple[list[keras.Variable], ...]:
    """The variables that a training step changes, in the order of Keras's steps."""
    optimizer = model.optimizer.variables
    return model.trainable_variables, model.non_trainable_variables, optimizer, model.metrics_variables


def _tested(model: keras.Model) -> tuple[list[keras.Variable], ...]:
    """Those that an evaluation step reads or changes."""
    return model.trainable_variables, model.non_trainable_variables, model.metrics_variables


def _step(model: keras.Model, name: str, by_step: bool) -> Callable[[State, Any], tuple[Logs, State]]:
    keras_step: Callable[[State, Any], tuple[Logs, State]] = getattr(model, name)

    def step(state: State, data: Any) -> tuple[Logs, State]:
        forget_masks_of_traced()
        with weighing_steps(model, by_step):
            return keras_step(state, data)

    return step


def _loop(keras_step: Callable[[State, Any], tuple[Logs, State]], group: processes.Group | None) -> Loop:
    # Traced once, though both the shape of the logs and the loop ask for it.
    step = jax.jit(keras_step if group is None else group.traced(keras_step))

    def run(state: State, data: Any, start: jax.Array, steps: jax.Array, *, batch_size: int) -> tuple[Logs, State]:
        def batch(index: jax.Array) -> Any:
            first = start + index * batch_size
            rows = jax.tree.map(lambda array: lax.dynamic_slice_in_dim(array, first, batch_size), data)
            return rows if group is None else group.share(rows)

        def body(index: jax.Array, carry: tuple[Logs, State]) -> tuple[Logs, State]:
            logs, new_state = step(carry[1], batch(index))
            return logs, _like(new_state, carry[1])

        logs_shape, _ = jax.eval_shape(lambda s: step(s, batch(jnp.int32(0))), state)
        no_logs = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), logs_shape)
        result: tuple[Logs, State] = lax.fori_loop(0, steps, body, (no_logs, state))
        return result

    compiled = jax.jit if group is None else group.compiled
    return compiled(run, static_argnames="batch_size")


def _predict_loop(model: keras.Model) -> Callable[..., Any]:
    def run(state: State, x: Any, steps: jax.Array, *, batch_size: int) -> Any:
        @jax.jit  # traced once, as in `_loop`
        def step(state: State, rows: Any) -> Any:
            forget_masks_of_traced()
            return model.predict_step(state, (rows,))[0]

        def one(index: jax.Array) -> Any:
            rows = jax.tree.map(lambda array: lax.dynamic_slice_in_dim(array, index * batch_size, batch_size), x)
            return step(state, rows)

        def body(index: jax.Array, outputs: Any) -> Any:
            place = partial(lax.dynamic_update_slice_in_dim, start_index=index * batch_size, axis=0)
            return jax.tree.map(place, outputs, one(index))

        rows = jax.tree.leaves(x)[0].shape[0]
        with layers.looped(rows // batch_size):
            shapes = jax.eval_shape(one, jnp.int32(0))
            empty = jax.tree.map(lambda leaf: jnp.zeros((rows, *leaf.shape[1:]), leaf.dtype), shapes)
            return lax.fori_loop(0, steps, body, empty)

    return jax.jit(run, static_argnames="batch_size")


def _like(new: State, old: State) -> State:
    """A loop's carry keeps its types; a step may return a weakly typed or wider number."""
    carry: State = jax.tree.map(lambda n, o: jnp.asarray(n, o.dtype), new, old)
    return carry


def _values(variables: list[keras.Variable]) -> list[jax.Array]:
    return [variable.value for variable in variables]


def _assign(variables: list[keras.Variable], values: list[jax.Array]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)

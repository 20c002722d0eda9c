"""The whole state of a training between two programs, taken and put back."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.keras_internals import global_seed, set_global_seed
from unspool.training import callback_state
from unspool.training.programs import assign_train_state, train_state
from unspool.training.serialization import copied


@dataclass(frozen=True)
class Point:
    """How far a training has come.

    Attributes:
        epoch: the epoch under way, counted from 0; between two epochs the next one.
        steps: done in it.
        order: (N,) of its examples; None where it has not begun.
        logs: of the last step, or of the epoch before.
        stopped: whether a callback has ended the training.
        total: steps done in all epochs.
    """

    epoch: int
    steps: int = 0
    order: NDArray[np.int32] | None = None
    logs: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False
    total: int = 0


def capture(model: keras.Model, callbacks: Sequence[keras.callbacks.Callback], point: Point) -> dict[str, Any]:
    """Take a snapshot: a tree (see `serialization`) that later training does not change.

    Nothing is copied but what is small: JAX's arrays never change, and a variable gets a new one with each step.
    """
    state: dict[str, Any] = copied(
        {
            "point": vars(point),
            "variables": train_state(model),
            "random": _random_state(),
            "callbacks": callback_state.states(callbacks),
        }
    )
    return state


def flaw_of(point: dict[str, Any], examples: int, steps: int) -> str:
    """Say what keeps a saved point from being one of a training; empty where nothing does.

    Args:
        point: the attributes of a `Point`, from a file.
        examples: of an epoch, N.
        steps: of an epoch.

    Example:
        >>> flaw_of({**vars(Point(epoch=-5)), "total": 20}, examples=100, steps=10)
        'it is in epoch -5 after 20 steps'
    """
    if point.keys() != vars(Point(0)).keys():
        return "it does not say how far the training had come"
    epoch, done, total, order = (point[name] for name in ("epoch", "steps", "total", "order"))
    if not all(type(count) is int for count in (epoch, done, total)) or type(point["stopped"]) is not bool:
        return "its epoch and steps are not whole numbers"
    if epoch < 0 or total < done:
        return f"it is in epoch {epoch:,} after {total:,} steps"
    if not 0 <= done <= (0 if order is None else steps):
        return f"it has done {done:,} of {0 if order is None else steps:,} steps"
    if order is not None and not _is_order(order, examples):
        return f"its order does not have each of the {examples:,} examples once"
    if not isinstance(point["logs"], dict):
        return "it has no metrics of its last step"
    return ""


def _is_order(order: Any, examples: int) -> bool:
    return (
        isinstance(order, np.ndarray)
        and order.dtype == np.int32
        and order.shape == (examples,)
        and np.array_equal(np.sort(order), np.arange(examples))
    )


def restore(model: keras.Model, callbacks: Sequence[keras.callbacks.Callback], snapshot: dict[str, Any]) -> Point:
    """Put a snapshot back into a model of the same kind, its callbacks and the generators of random numbers."""
    assign_train_state(model, snapshot["variables"])
    callback_state.restore(callbacks, snapshot["callbacks"])
    _set_random_state(snapshot["random"])
    point = Point(**snapshot["point"])
    model.stop_training = point.stopped
    return point


def _random_state() -> dict[str, Any]:
    return {"python": random.getstate(), "numpy": np.random.get_state(legacy=False), "keras": global_seed()}


def _set_random_state(state: dict[str, Any]) -> None:
    set_global_seed(state["keras"])
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    np.random.set_state(state["numpy"])

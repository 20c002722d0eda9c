"""The whole state of a training between two programs, taken and put back."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator
from numpy.typing import NDArray

from unspool.training import callback_state
from unspool.training.programs import assign_train_state, train_state
from unspool.training.trees import copied


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
    """Take a snapshot: a tree (see `trees`) that later training does not change.

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


def restore(model: keras.Model, callbacks: Sequence[keras.callbacks.Callback], snapshot: dict[str, Any]) -> Point:
    """Put a snapshot back into a model of the same kind, its callbacks and the generators of random numbers."""
    assign_train_state(model, snapshot["variables"])
    callback_state.restore(callbacks, snapshot["callbacks"])
    _set_random_state(snapshot["random"])
    point = Point(**snapshot["point"])
    model.stop_training = point.stopped
    return point


def _random_state() -> dict[str, Any]:
    generator = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=False),
        "keras": None if generator is None else generator.state.value,
    }


def _set_random_state(state: dict[str, Any]) -> None:
    if state["keras"] is None:
        global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, None)
    else:
        global_seed_generator().state.assign(state["keras"])  # made from Python's generator where there is none yet
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    np.random.set_state(state["numpy"])

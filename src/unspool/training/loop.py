"""The epochs of a training: what happens when, and where between two programs it can be saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.keras_internals import first_epoch, forget_first_epoch
from unspool.training.arrays import batch_order
from unspool.training.checkpoint import Saves
from unspool.training.inference import evaluate_pass
from unspool.training.kept_memory import keeping_freed_memory
from unspool.training.programs import assign_train_state, train_state
from unspool.training.progress import Progress
from unspool.training.snapshot import Point
from unspool.training.steps import Pass, as_numbers


@dataclass(frozen=True)
class Loop:
    """Trains a model epoch by epoch.

    Attributes:
        model: compiled and built.
        training: a pass over the training examples.
        validation: a pass over the validation examples, or None.
        shuffle: True, False, or "batch".
        validation_freq: validate every so many epochs, or after the epochs listed (counted from 1).
        hooks: the callbacks.
        progress: what a person sees.
        saves: what is saved meanwhile.
    """

    model: keras.Model
    training: Pass
    validation: Pass | None
    shuffle: bool | str
    validation_freq: int | Sequence[int]
    hooks: keras.callbacks.CallbackList
    progress: Progress
    saves: Saves

    def run(self, initial_epoch: int, epochs: int) -> None:
        """Train until `epochs` are done or a callback stops it."""
        self.model.stop_training = False
        forget_first_epoch(self.model)
        self.hooks.on_train_begin()
        point = self.saves.resume(self.hooks, self.training.count, self.training.steps)
        if point is None:
            point = Point(first_epoch(self.model, initial_epoch))
        else:
            self.progress.resumed(point.epoch, point.steps, point.stopped or point.epoch >= epochs)
        try:
            with keeping_freed_memory():
                while point.epoch < epochs and not (point.stopped and point.order is None):
                    point = self._epoch(point)
        finally:
            if epochs > 0:
                self.model.optimizer.finalize_variable_values(self.model.trainable_weights)
        self.hooks.on_train_end(point.logs)

    def _epoch(self, point: Point) -> Point:
        """One epoch, or what is left of it; the point after it is before the next."""
        epoch = point.epoch
        order = point.order
        if order is None:
            self.hooks.on_epoch_begin(epoch)
            order = batch_order(self.training.count, self.training.batch_size, self.shuffle)
            self.model.reset_metrics()
        self.progress.begin_epoch(epoch, point.steps)
        point = self._steps(replace(point, order=order), order)
        logs = dict(point.logs)
        if self.validation and _validates(epoch, self.validation_freq):
            self.progress.validating()
            values = evaluate_pass(self.model, self.validation, self.hooks)
            logs |= {f"val_{name}": value for name, value in values.items()}
        self.progress.end_epoch(epoch, logs | self._end_epoch(epoch, logs))
        point = Point(epoch + 1, logs=logs, stopped=self.model.stop_training, total=point.total)
        self.saves.offer(point, self.hooks, epoch_ended=True)
        return point

    def _end_epoch(self, epoch: int, logs: dict[str, Any]) -> dict[str, Any]:
        """Call the callbacks' hooks, and give what Keras's history has recorded: also values that callbacks added."""
        before = {name: len(values) for name, values in self.model.history.history.items()}
        self.hooks.on_epoch_end(epoch, logs)
        recorded = self.model.history.history
        return {name: values[-1] for name, values in recorded.items() if len(values) > before.get(name, 0)}

    def _steps(self, point: Point, order: NDArray[np.int32]) -> Point:
        if point.stopped:
            return point
        before = point.total - point.steps
        for done, logs, state in self.training.programs(
            order, lambda: train_state(self.model), self.hooks.on_train_batch_begin, point.steps
        ):
            assign_train_state(self.model, state)
            logs = as_numbers(logs)
            self.hooks.on_train_batch_end(done - 1, logs)
            self.progress.update(done, logs)
            point = replace(point, steps=done, total=before + done, logs=logs, stopped=self.model.stop_training)
            self.saves.offer(point, self.hooks)
            if self.model.stop_training:
                break
        return point


def _validates(epoch: int, validation_freq: int | Sequence[int]) -> bool:
    if isinstance(validation_freq, int):
        return (epoch + 1) % validation_freq == 0
    return epoch + 1 in validation_freq

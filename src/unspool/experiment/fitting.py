"""What every run does with a compiled model: train it until the validation loss stops falling, and say what it is."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from unspool.errors import UserError
from unspool.evaluation.result import LayerSummary, ParameterCounts
from unspool.experiment import environment
from unspool.experiment.chronicle import Chronicle
from unspool.experiment.recipe import Recipe, TrainingSettings
from unspool.training import Checkpoint, fit

Say = Callable[[str], None]
"""Takes a line that tells how far a run has come."""


@dataclass(frozen=True)
class Job:
    """How and where a recipe is executed.

    Attributes:
        out: the folder that gets what is made.
        data_folder: the user's datasets; otherwise the folder that UNSPOOL_DATA names.
        command: what a person types to run it again, for the report.
        say: gets a line as each part of the work begins.
        chronicle: notes how training went.
        checkpoints: where training is saved meanwhile, and goes on from; None to save nothing.
    """

    out: Path
    data_folder: Path | None
    command: str
    say: Say
    chronicle: Chronicle
    checkpoints: Path | None = None


@dataclass(frozen=True)
class Trained:
    """A model at its best epoch, and how it got there."""

    model: keras.Model
    history: dict[str, list[float]]
    epochs: int
    best_epoch: int


def adam(settings: TrainingSettings) -> keras.optimizers.Optimizer:
    """The optimizer of every recipe."""
    return keras.optimizers.Adam(settings.learning_rate, global_clipnorm=settings.clip_norm)


def stopping(
    settings: TrainingSettings, monitor: str = "val_loss"
) -> tuple[keras.callbacks.Callback, keras.callbacks.EarlyStopping]:
    """The callbacks that reduce the learning rate, and stop and keep the best epoch, where a loss no longer falls.

    Args:
        settings: how.
        monitor: which loss is watched.
    """
    schedule = keras.callbacks.ReduceLROnPlateau(
        monitor=monitor,
        factor=settings.plateau_factor,
        patience=settings.plateau_patience,
        min_delta=settings.min_delta,
    )
    early_stopping = keras.callbacks.EarlyStopping(
        monitor=monitor,
        patience=settings.early_stopping_patience,
        min_delta=settings.min_delta,
        restore_best_weights=True,
    )
    return schedule, early_stopping


def train(
    model: keras.Model, training: tuple[Any, ...], validation: tuple[Any, ...], settings: TrainingSettings, job: Job
) -> Trained:
    """Train a compiled model until the validation loss stops falling.

    Args:
        model: compiled.
        training: inputs, targets and perhaps weights.
        validation: the same.
        settings: how.
        job: for whom.

    Raises:
        UserError: training has diverged: no epoch gave a finite validation loss.
    """
    schedule, early_stopping = stopping(settings)
    x, y, *weights = training
    history = fit(
        model,
        x,
        y,
        sample_weight=weights[0] if weights else None,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        validation_data=validation,
        callbacks=[schedule, early_stopping, job.chronicle],
        checkpoint=Checkpoint(job.checkpoints) if job.checkpoints else None,
    ).history
    if not np.isfinite(history["val_loss"][early_stopping.best_epoch]):
        if job.checkpoints:
            shutil.rmtree(job.checkpoints, ignore_errors=True)  # going on from them would end here again
        raise UserError(
            "training has diverged: no epoch gave a finite validation loss. Choose a lower learning rate, as in --set "
            f"training.learning_rate={settings.learning_rate / 10:g}."
        )
    return Trained(model, history, len(history["loss"]), early_stopping.best_epoch + 1)


def record(recipe: Recipe, job: Job, trained: Trained) -> dict[str, Any]:
    """The fields of a `RunRecord`, once all else is done."""
    model = trained.model
    total = model.count_params()
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "description": recipe.description,
        "protocol": recipe.evaluation.protocol,
        "seed": recipe.training.seed,
        "command": job.command,
        "layers": tuple(_layers(model)),
        "parameters": ParameterCounts(total, trainable, total - trainable),
        "history": trained.history,
        "epochs": trained.epochs,
        "best_epoch": trained.best_epoch,
        "environment": environment.describe(),
        "seconds": job.chronicle.seconds,
    }


def _layers(model: keras.Model, prefix: str = "") -> list[LayerSummary]:
    """A row a layer; those of a model within the model under its name."""
    rows: list[LayerSummary] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            rows += _layers(layer, f"{layer.name} ")
        elif not isinstance(layer, keras.layers.InputLayer):
            name, kind = f"{prefix}{layer.name}", type(layer).__name__
            rows.append(LayerSummary(name, kind, tuple(layer.output.shape), layer.count_params()))
    return rows

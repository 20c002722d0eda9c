"""Training of a network, the same for every run: until the validation loss stops falling."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.readers import ForecastReader, RawSeriesReader, RawTextReader, RawWordReader
from unspool.runs.reading.preparation import Prepared
from unspool.runs.recipes.recipe import Recipe, TrainingSettings
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.trained import Job, Trained, epochs_of
from unspool.tasks import Task
from unspool.tasks.both_directions import in_both_directions
from unspool.tasks.translation import Translation

if TYPE_CHECKING:
    import keras

BOTH_DIRECTIONS = "checkpoint-of-both-directions"
"""The folder, among the checkpoints, of those of training in both directions."""


class Diverged(UserError):
    """No epoch of a training gave a finite loss."""


def adam(settings: TrainingSettings) -> "keras.optimizers.Optimizer":
    """The optimizer of every recipe."""
    import keras

    from unspool.training.warmup import WarmUp

    rate = settings.learning_rate if settings.warmup is None else WarmUp(settings.learning_rate, settings.warmup)
    average = {} if settings.ema is None else {"use_ema": True, "ema_momentum": settings.ema}
    return keras.optimizers.Adam(rate, global_clipnorm=settings.clip_norm, **average)


def steering(
    settings: TrainingSettings, monitor: str = "val_loss"
) -> "tuple[list[keras.callbacks.Callback], keras.callbacks.EarlyStopping]":
    """The callbacks that steer a training, in the order in which they act, and the last of them.

    They put the average of the weights in their place at the end of each epoch, where it is asked for, lower the
    learning rate where a loss no longer falls, unless a schedule says what it is, and stop there and keep the best
    epoch.
    """
    import keras

    from unspool.training.decay import LinearDecay

    found: list[keras.callbacks.Callback] = []
    if settings.ema is not None:
        found.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    if settings.decay == "linear":
        found.append(LinearDecay(settings.learning_rate, settings.epochs))
    elif settings.warmup is None:
        lowered = keras.callbacks.ReduceLROnPlateau(
            monitor=monitor,
            factor=settings.plateau_factor,
            patience=settings.plateau_patience,
            min_delta=settings.min_delta,
        )
        found.append(lowered)
    early_stopping = keras.callbacks.EarlyStopping(
        monitor=monitor,
        patience=settings.early_stopping_patience,
        min_delta=settings.min_delta,
        restore_best_weights=True,
    )
    return [*found, early_stopping], early_stopping


def fit_network(recipe: Recipe, prepared: Prepared, job: Job) -> Trained:
    """Train the network that a recipe describes on prepared data."""
    import keras

    from unspool.training import processes

    task, training, validation = prepared.task, prepared.training, prepared.validation
    job.say(f"training on {len(training):,} examples, validating on {len(validation):,}")
    keras.utils.set_random_seed(recipe.training.seed)
    assert not isinstance(prepared.reader, RawTextReader | RawSeriesReader | RawWordReader | ForecastReader)
    network = _compiled(task, recipe, prepared.reader)
    job.log.begin_training()
    both = None
    with processes.together():
        if recipe.training.bidirectional_epochs:
            assert isinstance(task, Translation)
            both = _learn_both_directions(network, task, recipe, prepared, job)
            keras.utils.set_random_seed(recipe.training.seed)
        trained = train(
            network,
            task.examples(training.inputs, training.targets, recipe.training.class_weight == "balanced"),
            task.examples(validation.inputs, validation.targets, balanced=False),
            recipe.training,
            job,
        )
    processes.leave()
    return replace(trained, seconds=job.log.training_seconds, both_directions=both)


def _compiled(task: Task, recipe: Recipe, reader: Any) -> "keras.Model":
    assert not isinstance(recipe.model, ModelChoice)
    network = task.build(recipe.model, reader.inputs)
    smoothing = recipe.training.label_smoothing
    more = {} if smoothing is None else {"label_smoothing": smoothing}
    task.compile(network, recipe.model, adam(recipe.training), **more)
    return network


def _learn_both_directions(
    network: "keras.Model", task: Translation, recipe: Recipe, prepared: Prepared, job: Job
) -> Trained:
    """Initialise a network with the weights of one trained in both directions (Ding, Wu and Tao, 2021).

    That one can write all ids; its weights are cut to those that the network can write. Both sides share a vocabulary
    and an embedding, so each direction helps the other.
    """
    budget = recipe.training.budget
    settings = replace(
        recipe.training, epochs=recipe.training.bidirectional_epochs, budget=None if budget is None else budget / 2
    )
    job.say("first in both directions: from source to target, and from target to source")
    both, *training = in_both_directions(task, prepared.training.inputs, prepared.training.targets)
    _, *validation = in_both_directions(task, prepared.validation.inputs, prepared.validation.targets)
    reversible = _compiled(both, recipe, prepared.reader)
    trained = train(
        reversible,
        both.examples(training[0], training[1], balanced=False),
        both.examples(validation[0], validation[1], balanced=False),
        settings,
        replace(
            job,
            log=job.log.of_part("in both directions"),
            checkpoints=job.checkpoints and job.checkpoints / BOTH_DIRECTIONS,
        ),
    )
    for weight, learned in zip(network.weights, reversible.weights, strict=True):
        weight.assign(np.asarray(learned)[tuple(map(slice, weight.shape))])
    job.say(f"{epochs_of(trained, ' in both directions')}; now from source to target only")
    return trained


def train(
    model: "keras.Model",
    training: tuple[Any, ...],
    validation: tuple[Any, ...] | None,
    settings: TrainingSettings,
    job: Job,
) -> Trained:
    """Train a compiled model until the validation loss stops falling, or the budget of the settings is spent.

    Args:
        model: compiled.
        training: inputs, targets and perhaps weights.
        validation: the same; or None where there is no validation part: then the training loss decides.
        settings: how.
        job: for whom.

    Raises:
        Diverged: no epoch gave a finite loss.
    """
    from unspool.runs.records.log_callback import LogCallback
    from unspool.training import Checkpoint, fit

    began = time.perf_counter()
    monitor = "loss" if validation is None else "val_loss"
    steered, early_stopping = steering(settings, monitor)
    if settings.budget is not None:
        _end_in_time(job.log, settings.budget)
    x, y, *weights = training
    history = fit(
        model,
        x,
        y,
        sample_weight=weights[0] if weights else None,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        verbose=job.verbose,
        validation_data=validation,
        callbacks=[*steered, LogCallback(job.log)],
        checkpoint=Checkpoint(job.checkpoints) if job.checkpoints else None,
        batch_tokens=settings.batch_tokens,
    ).history
    if not np.isfinite(history[monitor][early_stopping.best_epoch]):
        if job.checkpoints:
            shutil.rmtree(job.checkpoints, ignore_errors=True)  # going on from them would end here again
        raise Diverged(
            "training has diverged: no epoch gave a finite validation loss. Choose a lower learning rate, as in --set "
            f"training.learning_rate={settings.learning_rate / 10:g}."
        )
    epochs, best = len(history["loss"]), early_stopping.best_epoch + 1
    stopped = settings.budget is not None and epochs < min(settings.epochs, best + settings.early_stopping_patience)
    return Trained(model, history, epochs, best, time.perf_counter() - began, stopped=stopped)


def _end_in_time(log: TrainingLog, budget: float) -> None:
    """Have training end with the epoch in which its seconds are spent, those before an interruption among them."""
    from unspool.training import processes

    group = processes.group()

    def end(epoch: int, logs: Mapping[str, float]) -> None:
        spent = log.training_seconds > budget
        if group.agreed(spent) if group else spent:  # clocks differ
            log.model.stop_training = True

    log.watch(end)

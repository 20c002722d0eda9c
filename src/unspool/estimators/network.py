"""Networks for the estimators: trained from arrays to arrays of weights, and used with such weights.

An estimator holds weights, never a Keras model: so it is pickled and copied like any other, and what is compiled stays
out of it. A network of the same description is built and compiled once a process and then lent to each fit and each
prediction: folds and grids do not wait for the compiler again and again.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from threading import RLock
from typing import Any, TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.task import Task
from unspool.estimators.errors import InputError
from unspool.experiment.fitting import adam, stopping
from unspool.experiment.own.network import PREDICTION_BATCH, compiled
from unspool.experiment.own.reading import Inputs
from unspool.experiment.recipe import TrainingSettings
from unspool.models.inputs import Series, Tokens
from unspool.models.seq2seq import Seq2Seq, reconstruction_loss, seq2seq
from unspool.models.seq2vec import Seq2Vec, seq2vec
from unspool.models.vec2seq import Vec2Seq, vec2seq
from unspool.training import fit, predict
from unspool.training.arrays import to_examples
from unspool.training.buckets import sample_batch
from unspool.training.inference import BATCHES_A_PROGRAM

Weights: TypeAlias = list[NDArray[Any]]

_KEPT = 8  # networks of different descriptions
_LOCK = RLock()  # for those, and for the generators of random numbers, which a process has but one of


@dataclass(frozen=True)
class Plan:
    """What a network is built from.

    Attributes:
        description: of the model, with the head for its task.
        inputs: what it reads; of a decoder, what it gives.
        task: of a seq2vec model that is trained.
        latent: width of the vector that a decoder reads.
    """

    description: Seq2Vec | Seq2Seq | Vec2Seq
    inputs: Tokens | Series
    task: Task | None = None
    latent: int = 0


@dataclass(frozen=True, eq=False)
class Part:
    """N examples: inputs, targets, and perhaps how much each counts."""

    inputs: Inputs = field(repr=False)
    targets: NDArray[Any] = field(repr=False)
    weights: NDArray[np.floating] | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Learned:
    """What training gives.

    Attributes:
        weights: of the best epoch.
        history: a figure an epoch for each loss and metric.
        epochs: that were trained.
        best_epoch: whose weights are kept, counted from 1.
    """

    weights: Weights = field(repr=False)
    history: dict[str, list[float]]
    epochs: int
    best_epoch: int


def learn(plan: Plan, training: Part, validation: Part | None, settings: TrainingSettings, verbose: int = 0) -> Learned:
    """Train a network until its loss stops falling: that on the validation part, or without one that in training.

    The same settings give the same bits; the global generators of random numbers stay as they are.

    Raises:
        InputError: the loss is no finite number.
    """
    with _LOCK, _undisturbed_generators():
        network = _network(plan)
        _build(network, training)
        _begin_anew(network, plan, settings)
        schedule, early_stopping = stopping(settings, "val_loss" if validation else "loss")
        history = fit(
            network,
            training.inputs,
            training.targets,
            sample_weight=training.weights,
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            validation_data=_packed(validation) if validation else None,
            callbacks=[schedule, early_stopping],
            verbose=verbose,
        ).history
        if early_stopping.best_weights is None or not np.isfinite(early_stopping.best):
            raise InputError("Training failed: the loss is no finite number. Choose a smaller learning_rate.")
        weights = [np.array(weight) for weight in network.get_weights()]
    return Learned(weights, history, len(history["loss"]), early_stopping.best_epoch + 1)


def outputs(plan: Plan, weights: Weights, inputs: Any) -> NDArray[np.float64]:
    """Compute what a network with these weights answers to N inputs, (N, ...); of a decoder, vectors and steps."""
    with _LOCK, _undisturbed_generators():
        network = _network(plan)
        network.set_weights(weights)
        found = predict(network, _filled_up(inputs), batch_size=PREDICTION_BATCH)
    answers: NDArray[np.float64] = found[: _count(inputs)].astype(np.float64)
    return answers


def weights_of(plan: Plan) -> int:
    """How many arrays of weights a network has."""
    with _LOCK, _undisturbed_generators():
        return len(_network(plan).weights)


def _built(plan: Plan) -> keras.Model:
    description, inputs = plan.description, plan.inputs
    if isinstance(description, Seq2Vec):
        return seq2vec(description, inputs)
    assert isinstance(inputs, Series)
    if isinstance(description, Vec2Seq):
        return vec2seq(description, plan.latent, inputs, mask_padding=True)
    return seq2seq(description, inputs)


@lru_cache(_KEPT)
def _network(plan: Plan) -> keras.Model:
    network, optimizer = _built(plan), adam(TrainingSettings())
    if isinstance(plan.description, Seq2Seq):
        network.compile(optimizer, loss=reconstruction_loss(plan.description))
    elif plan.task is not None:
        compiled(network, plan.task, optimizer)
    return network


def _build(network: keras.Model, training: Part) -> None:
    """Make what `fit` would make at first, and draw an order of batches for: the second fit must draw no fewer."""
    if not network.optimizer.built:
        first = sample_batch(to_examples(*_packed(training)), 1)
        network._symbolic_build(data_batch=(first.x, first.y, first.sample_weight))


def _begin_anew(network: keras.Model, plan: Plan, settings: TrainingSettings) -> None:
    """Give a used network new weights, new seeds of its dropout, and an optimizer that has seen nothing."""
    random.seed(settings.seed)
    np.random.seed(settings.seed)
    for variable, new in zip(network.variables, _built(plan).variables, strict=True):
        variable.assign(new.value)
    for variable in network.optimizer.variables:
        variable.assign(np.zeros(variable.shape, variable.dtype))
    network.optimizer.learning_rate = settings.learning_rate


@contextmanager
def _undisturbed_generators() -> Iterator[None]:
    """Leave the global generators, from which weights, dropout and batches are drawn, as they were."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _packed(part: Part) -> tuple[Any, ...]:
    return (part.inputs, part.targets) if part.weights is None else (part.inputs, part.targets, part.weights)


def _count(inputs: Any) -> int:
    return len(keras.tree.flatten(inputs)[0])


def _filled_up(inputs: Any) -> Any:
    """Rows of zeros behind: whole batches, in numbers that share few compiled programs."""
    if isinstance(inputs, Ragged):  # which `predict` sees to
        return inputs
    batches = -(-_count(inputs) // PREDICTION_BATCH)
    if batches < BATCHES_A_PROGRAM:
        batches = 1 << (batches - 1).bit_length()
    missing = batches * PREDICTION_BATCH - _count(inputs)
    return keras.tree.map_structure(
        lambda rows: np.concatenate([rows, np.zeros((missing, *rows.shape[1:]), rows.dtype)]), inputs
    )

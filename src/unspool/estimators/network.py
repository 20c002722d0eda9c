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
from pathlib import Path
from threading import RLock
from typing import Any, TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.descriptions.inputs import Series, Tokens
from unspool.descriptions.networks import Autoencoder, Seq2Vec, Vec2Seq
from unspool.estimators.errors import InputError
from unspool.models.autoencoder import autoencoder
from unspool.models.seq2vec import seq2vec
from unspool.models.vec2seq import vec2seq
from unspool.runs.network_fitting import Diverged, adam, train
from unspool.runs.recipes.recipe import TrainingSettings
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.trained import Job
from unspool.tasks import Task
from unspool.tasks.base import PREDICTION_BATCH
from unspool.training import predict
from unspool.training.arrays import batch_order
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
        task: that it is trained for.
        latent: width of the vector that a decoder reads.
    """

    description: Seq2Vec | Autoencoder | Vec2Seq
    inputs: Tokens | Series
    task: Task | None = None
    latent: int = 0


Arrays: TypeAlias = tuple[Any, ...]
"""N examples: inputs, targets, and perhaps how much each counts."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What training gives.

    Attributes:
        weights: of the best epoch.
        history: a figure an epoch for each loss and metric.
        epochs: that were trained.
        best_epoch: whose weights are kept, counted from 1.
        seconds: that it took.
        log: the state of its `TrainingLog`.
    """

    weights: Weights = field(repr=False)
    history: dict[str, list[float]]
    epochs: int
    best_epoch: int
    seconds: float
    log: dict[str, Any] = field(repr=False)


def trained_plan(description: Seq2Vec | Autoencoder, inputs: Tokens | Series, task: Task) -> Plan:
    """What a network is built from that is trained for a task; numbers of another mean need no other network."""
    return Plan(description, inputs, task.unscaled)


def learn(
    plan: Plan, training: Arrays, validation: Arrays | None, settings: TrainingSettings, verbose: int = 0
) -> Learned:
    """Train a network as a run does: until its loss stops falling, on the validation part if there is one.

    The same settings give the same bits, those of a run too; the global generators of random numbers stay as they are.

    Raises:
        InputError: the loss is not a finite number.
    """
    log = TrainingLog()
    with _LOCK, undisturbed_generators():
        network = _network(plan)
        _begin_anew(network, plan, settings, len(training[1]))
        job = Job(Path(), "", lambda line: None, log, verbose=verbose)
        try:
            trained = train(network, training, validation, settings, job)
        except Diverged as error:
            raise InputError(
                "Training failed: the loss is not a finite number. Choose a smaller learning_rate."
            ) from error
        weights = [np.array(weight) for weight in network.get_weights()]
    return Learned(weights, trained.history, trained.epochs, trained.best_epoch, trained.seconds, log.get_state())


def outputs(plan: Plan, weights: Weights, inputs: Any) -> NDArray[np.float64]:
    """Compute what a network with these weights answers to N inputs, (N, ...); of a decoder, vectors and steps."""
    with _LOCK, undisturbed_generators():
        network = _network(plan)
        network.set_weights(weights)
        found = predict(network, _filled_up(inputs), batch_size=PREDICTION_BATCH)
    answers: NDArray[np.float64] = found[: _count(inputs)].astype(np.float64)
    return answers


def network_with(plan: Plan, weights: Weights) -> keras.Model:
    """Build a new network with these weights."""
    with _LOCK, undisturbed_generators():
        network = _built(plan)
        network.set_weights(weights)
    return network


def weights_of(plan: Plan) -> int:
    """How many arrays of weights a network has."""
    with _LOCK, undisturbed_generators():
        return len(_network(plan).weights)


def _built(plan: Plan) -> keras.Model:
    description, inputs = plan.description, plan.inputs
    if isinstance(description, Seq2Vec):
        return seq2vec(description, inputs)
    assert isinstance(inputs, Series)
    if isinstance(description, Vec2Seq):
        return vec2seq(description, plan.latent, inputs, mask_padding=True)
    return autoencoder(description, inputs)


@lru_cache(_KEPT)
def _network(plan: Plan) -> keras.Model:
    network = _built(plan)
    if plan.task is not None:
        plan.task.compile(network, plan.description, adam(TrainingSettings()))
    return network


def _begin_anew(network: keras.Model, plan: Plan, settings: TrainingSettings, examples: int) -> None:
    """Give a used network new weights, new seeds of its dropout, and an optimizer that has seen nothing."""
    random.seed(settings.seed)
    np.random.seed(settings.seed)
    for variable, new in zip(network.variables, _built(plan).variables, strict=True):
        variable.assign(new.value)
    for variable in network.optimizer.variables:
        variable.assign(np.zeros(variable.shape, variable.dtype))
    network.optimizer.learning_rate = settings.learning_rate
    if network.optimizer.built:
        batch_order(examples, settings.batch_size, True)  # that `fit` draws where it builds an optimizer


@contextmanager
def undisturbed_generators() -> Iterator[None]:
    """Leave the global generators, from which weights, dropout and batches are drawn, as they were."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


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

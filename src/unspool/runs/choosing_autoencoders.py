"""The choice between a network that reconstructs series and principal components, on the validation examples."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from unspool.candidates.outcome import Choice, Heard
from unspool.candidates.registry import PCA
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.inputs import Series
from unspool.descriptions.networks import Autoencoder
from unspool.readers import SeriesReader
from unspool.runs.comparing_on_validation import DIVERGED, Fitted, TrainedNetwork, best_of, in_order, try_each
from unspool.runs.reading.preparation import Prepared
from unspool.tasks import Reconstruction

if TYPE_CHECKING:
    import keras


def choose_autoencoder(
    description: ModelChoice,
    prepared: Prepared,
    width: int,
    train_network: Callable[[float], TrainedNetwork | None],
    *,
    tell: Callable[[str], None],
    heard: Heard,
) -> "Choice[keras.Model]":
    """Fit models to the training examples, and take the one that does best on the validation examples.

    Args:
        description: which are compared, and the seconds after which the network's training ends with its epoch.
        prepared: the data.
        width: of the latent vector of all of them.
        train_network: trains the network, given the seconds that are left; None if that diverges.
        tell: called with the name of each before it is tried.
        heard: called with the outcome of each.

    Raises:
        UserError: there is no such model.
    """
    names = in_order(description.candidates, prepared, "reconstructs series")
    by = prepared.task.measures[prepared.task.headline]
    models: dict[str, TrainedNetwork] = {}

    def fit(name: str, left: float) -> Fitted | str:
        found = _linear(prepared, width) if name == PCA else train_network(left)
        if found is None:
            return DIVERGED
        models[name] = found
        return found.fitted

    tried = try_each(names, fit, prepared, by, description.budget, tell=tell, heard=heard)
    best, why = best_of(tried, by)
    chosen = models[best]
    rows = len(prepared.training) + np.arange(len(prepared.validation))
    return Choice(best, chosen.model, tuple(tried), rows, chosen.outputs, why, stopped_after=chosen.stopped)


def narrowed(description: Autoencoder, inputs: Series) -> Autoencoder:
    """The same autoencoder with a latent vector of at most half as many numbers as a series has.

    With as many, nothing need be left out: all series, unusual ones too, can be reconstructed without an error.

    Example:
        >>> from unspool.tasks import Reconstruction
        >>> wide = Reconstruction(likelihood="gaussian").principal_components(16)
        >>> narrowed(wide, Series(length=12, features=1)).latent
        6
    """
    width = min(description.encoder.outputs, max(1, inputs.length * inputs.features // 2))
    return replace(description, encoder=replace(description.encoder, outputs=width))


def fit_linear(description: Autoencoder, prepared: Prepared) -> "keras.Model":
    """Fit a linear autoencoder to the training examples."""
    from unspool.training.principal_components import fit_principal_components

    reader: Any = prepared.reader
    assert isinstance(reader, SeriesReader)
    network = prepared.task.build(description, reader.inputs)
    fit_principal_components(network, np.asarray(prepared.training.inputs))
    return network


def _linear(prepared: Prepared, width: int) -> TrainedNetwork:
    began, task = time.perf_counter(), prepared.task
    assert isinstance(task, Reconstruction)
    network = fit_linear(task.principal_components(width), prepared)
    outputs = task.predict(network, prepared.validation.inputs)
    return TrainedNetwork(network, outputs, time.perf_counter() - began)

"""The choice between a network that tags words or steps and simple models: all are compared on validation."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from unspool.candidates import Choice, RawModel, candidate_names
from unspool.candidates.choice import Compared
from unspool.candidates.outcome import Heard
from unspool.candidates.registry import NETWORK, WORD_BLEND, Kind, tagging_candidates
from unspool.candidates.tagged import Tagged
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Tagger
from unspool.readers import RawExamples, RawSeriesReader, RawWordReader, StepReader, WordReader
from unspool.runs.comparing_on_validation import DIVERGED, Fitted, TrainedNetwork, best_of, in_order, try_each
from unspool.runs.reading.preparation import Prepared, PreparedPart

NO_NETWORK = "there is no network to blend"
LINEAR = "window-regression"
"""The linear part of a blend."""


NETWORK_OF_TAGS = Tagger()
"""The network that is compared with simple models that tag; with settings of another, only that one is trained."""


def choose_tagger(
    description: ModelChoice,
    prepared: Prepared,
    measure: str | None,
    train_network: Callable[[float], TrainedNetwork | None],
    *,
    tell: Callable[[str], None],
    heard: Heard,
) -> Choice:
    """Fit models to the training examples, and take the one that does best on the validation examples.

    They are compared by the measure of the verdict, so that no other model is already known to be better by it. A
    simple model that is chosen is fitted again to training and validation examples.

    Args:
        description: which are compared, and the seconds after which no further model is begun, and the network's
            training ends with its epoch.
        prepared: the data.
        measure: the name of the verdict's measure; None for the task's first.
        train_network: trains the network, given the seconds that are left; None if that diverges.
        tell: called with the name of each before it is tried.
        heard: called with the outcome of each.

    Raises:
        UserError: a model cannot be used for such data.
    """
    names = in_order(description.candidates, prepared, "tags these examples")
    asked = set(names)
    if WORD_BLEND in asked:  # its parts are needed
        names = [*candidate_names(prepared.kind, prepared.task.name)]
    by = prepared.task.measures[measure or prepared.task.headline]
    models = _Models(prepared, train_network)
    tried = try_each(names, models.fit, prepared, by, description.budget, tell=tell, heard=heard, asked=asked)
    best, why = best_of(tried, by)
    rows = len(prepared.training) + np.arange(len(prepared.validation))
    chosen: Any = models.compared.get(best)
    if chosen is None:
        assert models.network is not None
        model, outputs = models.network.model, models.network.outputs
    else:
        model, outputs = chosen.fit(), chosen.held_out
    stopped = None if models.network is None else models.network.stopped
    return Choice(best, model, tuple(tried), rows, outputs, why, stopped_after=stopped, compared=models.compared)


@dataclass
class _Models:
    """The models that are compared, fitted to the training examples one after the other.

    Attributes:
        prepared: the data.
        train_network: trains the network, given the seconds that are left; None if that diverges.
        compared: those that have been fitted except the network, by name.
        network: the network, once it has been trained.
    """

    prepared: Prepared
    train_network: Callable[[float], TrainedNetwork | None]
    compared: dict[str, Compared] = field(default_factory=dict)
    network: TrainedNetwork | None = None

    def fit(self, name: str, left: float) -> Fitted | str:
        """Fit a model, or say why there is none."""
        if name == NETWORK:
            self.network = self.train_network(left)
            return DIVERGED if self.network is None else self.network.fitted
        if name != WORD_BLEND:
            self.compared[name] = self._simple(name)
            return Fitted(self.compared[name].held_out, self.compared[name].seconds)
        if self.network is None:
            return NO_NETWORK
        self.compared[name] = self._blended()
        return Fitted(self.compared[name].held_out, 0.0, self.network.note)

    def _simple(self, name: str) -> Compared:
        parts, kind = (self.prepared.training, self.prepared.validation), self.prepared.kind
        training, validation = (_tagged(part, kind) for part in parts)
        candidate = next(one for one in tagging_candidates(kind) if one.name == name)
        separate = self.prepared.validation is not self.prepared.test
        return _raw(kind, name, candidate.compare(training, validation, self.prepared.task.outputs, separate=separate))

    def _blended(self) -> Compared:
        """The mean of both models; in the end, the linear one is fitted to all examples."""
        from unspool.training.word_blend import WordBlend

        linear, network, prepared = self.compared[LINEAR], self.network, self.prepared
        assert network is not None

        def fit() -> RawModel:
            reader, config = prepared.reader, replace(NETWORK_OF_TAGS, outputs=prepared.task.outputs)
            assert isinstance(reader, WordReader)
            blend = WordBlend(linear.fit().fitted, reader, config, network.model)
            return RawModel("text", WORD_BLEND, "tagging", blend)

        return replace(linear, held_out=(linear.held_out + network.outputs) / 2, fit=fit)


def read_raw(prepared: Prepared) -> Prepared:
    """The same examples, as simple models read them."""
    parts = {id(part): part for part in prepared.parts.values()}  # validation may be the test
    raw = {key: replace(part, inputs=RawExamples(_examples_of(part, prepared.kind))) for key, part in parts.items()}
    training, validation, test = (raw[id(part)] for part in prepared.parts.values())
    reader = prepared.reader
    read: RawSeriesReader | RawWordReader = RawWordReader()
    if isinstance(reader, StepReader):
        read = RawSeriesReader(reader.channels, reader.mean)
    return replace(prepared, reader=read, training=training, validation=validation, test=test)


def _raw(kind: Kind, name: str, found: Compared) -> Compared:
    return replace(found, fit=lambda: RawModel(kind, name, "tagging", found.fit()))


def _tagged(part: PreparedPart, kind: Kind) -> Tagged:
    targets: Any = part.targets
    return Tagged(_examples_of(part, kind), targets.flat.astype(np.int64))


def _examples_of(part: PreparedPart, kind: Kind) -> list[Any]:
    return [np.asarray(one, np.float32) for one in part.raw()] if kind == "series" else list(part.raw())

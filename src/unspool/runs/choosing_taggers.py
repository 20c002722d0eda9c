"""The choice between a network that tags words or steps and simple models: all are compared on validation."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from unspool.candidates import Choice, RawModel, candidate_names
from unspool.candidates.choice import Compared
from unspool.candidates.outcome import NO_TIME, Heard, Tried
from unspool.candidates.registry import NETWORK, WORD_BLEND, Kind, tagging_candidates
from unspool.candidates.tagged import Tagged
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Tagger
from unspool.errors import UserError
from unspool.evaluation.scoring import HALF
from unspool.readers import RawExamples, RawSeriesReader, RawWordReader, StepReader, WordReader
from unspool.runs.candidate_networks import DIVERGED, TrainedNetwork, best_of
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
    names = _in_order(description.candidates, prepared)
    asked = set(names)
    if WORD_BLEND in asked:  # its parts are needed
        names = [*candidate_names(prepared.kind, prepared.task.name)]
    by = prepared.task.measures[measure or prepared.task.headline]
    truth = prepared.task.truth(prepared.validation.targets)
    end = math.inf if description.budget is None else time.perf_counter() + description.budget
    tried, models = list[Tried](), _Models(prepared, train_network)
    for name in names:
        left = end - time.perf_counter()
        if tried and left < 0 and name != WORD_BLEND:  # which takes no time
            found: tuple[Any, float] | str = NO_TIME
        else:
            tell(name)
            found = models.fit(name, left)
        if name not in asked:
            continue
        score = None if isinstance(found, str) else float(by.value(truth, found[0], HALF))
        note = models.note(name)
        tried.append(Tried(name, score, 0.0, found) if isinstance(found, str) else Tried(name, score, found[1], note))
        heard(tried[-1])

    best, why = best_of(tried, by)
    rows = len(prepared.training) + np.arange(len(prepared.validation))
    chosen: Any = models.compared.get(best)
    if chosen is None:
        assert models.network is not None
        model, outputs = models.network.model, models.network.outputs
    else:
        model, outputs = chosen.fit(), chosen.held_out
    stopped = None if models.network is None else models.network.stopped
    return Choice(best, model, tuple(tried), rows, outputs, why, epochs=stopped, compared=models.compared)


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

    def fit(self, name: str, left: float) -> tuple[Any, float] | str:
        """A model's outputs for the validation examples and the seconds that it took, or why there is no such model."""
        if name == NETWORK:
            self.network = self.train_network(left)
            return DIVERGED if self.network is None else (self.network.outputs, self.network.seconds)
        if name == WORD_BLEND and self.network is None:
            return NO_NETWORK
        self.compared[name] = self._blended() if name == WORD_BLEND else self._simple(name)
        return self.compared[name].held_out, 0.0 if name == WORD_BLEND else self.compared[name].seconds

    def note(self, name: str) -> str:
        """What is to be known of a model that was fitted."""
        return self.network.note if self.network is not None and name in (NETWORK, WORD_BLEND) else ""

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


def _in_order(names: tuple[str, ...], prepared: Prepared) -> list[str]:
    """The names from the cheapest to the most expensive; refuses those that are no models for the data."""
    known = candidate_names(prepared.kind, prepared.task.name)
    for name in names:
        if name not in known:
            raise UserError(f"There is no model {name!r} that tags these examples. The models are {', '.join(known)}.")
    return [name for name in known if name in names]


def _raw(kind: Kind, name: str, found: Compared) -> Compared:
    return replace(found, fit=lambda: RawModel(kind, name, "tagging", found.fit()))


def _tagged(part: PreparedPart, kind: Kind) -> Tagged:
    targets: Any = part.targets
    return Tagged(_examples_of(part, kind), targets.flat.astype(np.int64))


def _examples_of(part: PreparedPart, kind: Kind) -> list[Any]:
    return [np.asarray(one, np.float32) for one in part.raw()] if kind == "series" else list(part.raw())

"""The choice between a network that tags words or steps and simple models: all are compared on validation."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unspool.candidates import Choice, RawModel, candidate_names
from unspool.candidates.choice import Compared
from unspool.candidates.outcome import Heard, Tried
from unspool.candidates.registry import NETWORK, WORD_BLEND, Kind, tagging_candidates
from unspool.candidates.tagged import Tagged
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Tagger
from unspool.errors import UserError
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import HALF
from unspool.readers import RawExamples, RawSeriesReader, RawWordReader, StepReader, WordReader
from unspool.runs.reading.preparation import Prepared, PreparedPart

if TYPE_CHECKING:
    import keras

DIVERGED = "its training diverged"
NO_NETWORK = "there is no network for it"
LINEAR = "window-regression"
"""The other part of a blend."""
OUT_OF_TIME = "no time was left for it"


NETWORK_OF_TAGS = Tagger()
"""The network that is compared with simple models that tag; with settings of another, only that one is trained."""


class TrainedNetwork(NamedTuple):
    """A network with what it says of the validation examples, and the seconds that it took."""

    model: "keras.Model"
    outputs: Any
    seconds: float


def choose_tagger(
    description: ModelChoice,
    prepared: Prepared,
    measure: str | None,
    train_network: Callable[[], TrainedNetwork | None],
    *,
    tell: Callable[[str], None],
    heard: Heard,
) -> Choice:
    """Fit models to the training examples, and take the one that does best on the validation examples.

    They are compared by the measure of the verdict, so that no other model is already known to be better by it. A
    simple model that is chosen is fitted again to training and validation examples.

    Args:
        description: which are compared, and the seconds after which no further model is begun.
        prepared: the data.
        measure: the name of the verdict's measure; None for the task's first.
        train_network: trains the network; None if that diverges.
        tell: called with the name of each before it is tried.
        heard: called with the outcome of each.

    Raises:
        UserError: a model cannot be used for such data.
    """
    names = _in_order(description.candidates, prepared)
    asked = set(names)
    if WORD_BLEND in asked:  # its parts are needed
        names = [*candidate_names(prepared.kind, prepared.task.name)]
    simple = {one.name: one for one in tagging_candidates(prepared.kind)}
    by = prepared.task.measures[measure or prepared.task.headline]
    truth = prepared.task.truth(prepared.validation.targets)
    training, validation = (_tagged(part, prepared.kind) for part in (prepared.training, prepared.validation))
    began, tried = time.perf_counter(), list[Tried]()
    compared: dict[str, Compared] = {}
    network: TrainedNetwork | None = None

    def note(one: Tried) -> None:
        if one.name in asked:
            tried.append(one)
            heard(one)

    for name in names:
        if tried and description.budget is not None and time.perf_counter() - began > description.budget:
            note(Tried(name, None, 0.0, OUT_OF_TIME))
            continue
        tell(name)
        if name == WORD_BLEND:
            if network is None:
                note(Tried(name, None, 0.0, NO_NETWORK))
                continue
            compared[name] = _blended(prepared, compared[LINEAR], network)
            outputs, seconds = compared[name].held_out, 0.0
        elif name != NETWORK:
            separate = prepared.validation is not prepared.test
            found: Any = simple[name].compare(training, validation, len(prepared.task.names), separate=separate)
            compared[name], outputs, seconds = _raw(prepared.kind, name, found), found.held_out, found.seconds
        elif (network := train_network()) is None:
            note(Tried(name, None, 0.0, DIVERGED))
            continue
        else:
            outputs, seconds = network.outputs, network.seconds
        note(Tried(name, float(by.value(truth, outputs, HALF)), seconds))

    best, why = _best_of(tried, by)
    rows = len(prepared.training) + np.arange(len(prepared.validation))
    chosen: Any = compared.get(best)
    model, outputs = (network.model, network.outputs) if network and chosen is None else (chosen.fit(), chosen.held_out)
    return Choice(best, model, tuple(tried), rows, outputs, why, compared=compared)


def _blended(prepared: Prepared, linear: Compared, network: TrainedNetwork) -> Compared:
    """The mean of both models; the linear one is in the end fitted to all examples."""
    from unspool.training.word_blend import WordBlend

    def fit() -> RawModel:
        reader, config = prepared.reader, replace(NETWORK_OF_TAGS, outputs=prepared.task.outputs)
        assert isinstance(reader, WordReader)
        return RawModel("text", WORD_BLEND, "tagging", WordBlend(linear.fit().fitted, reader, config, network.model))

    return replace(linear, held_out=(linear.held_out + network.outputs) / 2, fit=fit)


def _best_of(tried: Sequence[Tried], by: Measure) -> tuple[str, str]:
    """The name of the best, of equal ones the first, and why it is."""
    reached = {one.name: one.score * (1 if by.higher_is_better else -1) for one in tried if one.score is not None}
    best = max(reached, key=lambda name: np.nan_to_num(reached[name], nan=-np.inf))
    return best, f"its {by.title} on the validation examples is the best" if len(reached) > 1 else ""


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
            raise UserError(f"There is no model {name!r} that tags these examples. There are {', '.join(known)}.")
    return [name for name in known if name in names]


def _raw(kind: Kind, name: str, found: Compared) -> Compared:
    return replace(found, fit=lambda: RawModel(kind, name, "tagging", found.fit()))


def _tagged(part: PreparedPart, kind: Kind) -> Tagged:
    targets: Any = part.targets
    return Tagged(_examples_of(part, kind), targets.flat.astype(np.int64))


def _examples_of(part: PreparedPart, kind: Kind) -> list[Any]:
    return [np.asarray(one, np.float32) for one in part.raw()] if kind == "series" else list(part.raw())

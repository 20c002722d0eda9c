"""The choice of a model of texts, series or forecasts: candidates are compared, and the best is fitted."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import forecasts as of_forecasts
from unspool.candidates import outcome
from unspool.candidates import series as of_series
from unspool.candidates import texts as of_texts
from unspool.candidates.examples import Examples
from unspool.candidates.held_out import held_out_parts, windows
from unspool.candidates.outcome import Fitting, Heard
from unspool.candidates.raw_model import RawModel
from unspool.candidates.registry import Kind, baselines, candidate_names
from unspool.candidates.saved import NOTHING_SAVED, Saved, digest
from unspool.candidates.series.choice import BLEND, partner_names
from unspool.candidates.transformation import Transformation
from unspool.errors import UserError

Choice = outcome.Choice[RawModel]
Compared = outcome.Compared[RawModel]


def gathered(kind: Kind, inputs: Iterable[Any]) -> Sequence[Any]:
    """Raw examples in memory; for texts a `Corpus`, so that several candidates share what is read from them."""
    return of_texts.Corpus.of(inputs) if kind == "text" else list(inputs)


def choose(
    kind: Kind,
    examples: Examples,
    names: Sequence[str],
    *,
    budget: float | None = None,
    seed: int = 0,
    unlabelled: Sequence[str] = (),
    work: float | None = None,
    saves: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
    heard: Heard = lambda tried: None,
    fitting: Fitting = lambda name, seconds: None,
) -> Choice:
    """Compare candidates by cross-validation within the training examples, and fit the best to all of them.

    Args:
        kind: of the examples.
        examples: to learn from; for their inputs see `gathered`.
        names: of the candidates, see `candidate_names`.
        budget: seconds for the comparison; None for no limit.
        seed: of everything random.
        unlabelled: texts without a label, which some candidates learn from.
        work: of a language model, from an earlier `Choice`, to reproduce it; None for what suits the budget.
        saves: the folder for results of candidates and checkpoints of a language model, from which an interrupted
            choice resumes; None to save nothing.
        tell: called with progress messages: which candidate is tried, and more if that takes long.
        heard: called with the outcome of each candidate.
        fitting: for texts, called with the name of the chosen candidate, and the seconds that its fit to all examples
            will probably take; None if unknown.

    Raises:
        UserError: there is no candidate of a name, or none can be fitted.
    """
    side = isinstance(examples.inputs, of_texts.Corpus) and examples.inputs.side() is not None
    known = candidate_names(kind, examples.task, side=side)
    for name in names:
        if name not in known:
            beside = name in candidate_names(kind, examples.task, side=True)
            what = "series" if kind == "series" else "texts without columns beside them" if beside else "texts"
            raise UserError(f"There is no model {name!r} for {what}. There are {', '.join(map(repr, known))}.")
    budget = math.inf if budget is None else budget
    saved = NOTHING_SAVED if saves is None else Saved(saves, _digest(examples, seed, unlabelled))
    if kind == "series":
        return _choose_series(examples, names, budget=budget, seed=seed, saved=saved, tell=tell, heard=heard)
    found = of_texts.choose(
        examples,
        [of_texts.CANDIDATES[name] for name in names],
        budget=budget,
        seed=seed,
        unlabelled=unlabelled,
        work=work,
        saves=saves,
        saved=saved,
        tell=tell,
        heard=heard,
        fitting=fitting,
    )
    return _of_raw_models(kind, examples, found)


def choose_forecaster(
    training: of_forecasts.Training,
    names: Sequence[str],
    *,
    more: Sequence[of_forecasts.Candidate] = (),
    budget: float | None = None,
    seed: int = 0,
    saves: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
    heard: Heard = lambda tried: None,
) -> Choice:
    """Compare models that forecast on rolling origins within the training part, and fit the best to all of it.

    Args:
        training: the series, and the forecasts to compare on.
        names: of the candidates, see `candidate_names`.
        more: further candidates.
        budget: seconds for the comparison; None for no limit.
        seed: of everything random.
        saves: see `choose`.
        tell: called with the name of each candidate before it is tried.
        heard: called with the outcome of each candidate.

    Raises:
        UserError: there is no candidate of a name, or none can be fitted.
    """
    budget = math.inf if budget is None else budget
    compared = (training.truth, training.windows, training.setup, training.measure)
    of = "" if saves is None else digest(training.histories, *compared, seed)
    found: outcome.Choice[Any] = of_forecasts.choose(
        training, names, more=more, budget=budget, seed=seed, saved=Saved(saves, of), tell=tell, heard=heard
    )
    return replace(found, model=RawModel("forecast", found.name, "forecasting", found.model))


def _digest(examples: Examples, seed: int, unlabelled: Sequence[str]) -> str:
    """A digest of all that the comparison of candidates depends on."""
    targets, kept = np.asarray(examples.targets), (examples.groups, examples.times)
    return digest(examples.inputs, examples.task, examples.classes, targets, *kept, seed, len(unlabelled), *unlabelled)


def compare_baselines(kind: Kind, examples: Examples, names: Sequence[str], *, seed: int = 0) -> dict[str, Compared]:
    """Cross-validate simple models as `choose` does, by name, without those that cannot read the examples.

    Models of texts are only fitted to all texts when their `fit` is called.
    """
    if kind == "text":
        found = of_texts.compare(examples, [of_texts.CANDIDATES[name] for name in names], seed=seed)
        return {name: _of_raw_model(kind, name, examples, found[name]) for name in names if name in found}
    outputs = of_series.Truth.of(_with_all_classes(examples), examples.task).classes
    return {
        name: _choose_series(examples, [name], budget=math.inf, seed=seed).compared[name]
        for name in names
        if not of_series.candidate_named(name).serves(examples.inputs, examples.task, outputs)
    }


def _choose_series(examples: Examples, names: Sequence[str], *, seed: int, **how: Any) -> Choice:
    targets, task, groups = np.asarray(examples.targets), examples.task, examples.groups
    alone = [name for name in names if name != BLEND]
    cheap = [
        name for name in partner_names(task) if name != of_series.RECURRENT.name
    ]  # of a blend that is requested by name
    found = of_series.choose(
        list(examples.inputs),
        _with_all_classes(examples),
        task,
        candidates=[of_series.candidate_named(name) for name in alone or cheap],
        seed=seed,
        parts=held_out_parts("series", targets, task, seed, groups=groups, times=examples.times),
        groups=groups,
        transformation=examples.transformation,
        absolute_errors=examples.absolute_errors,
        **how,
    )
    return _of_raw_models("series", examples, found)


def _with_all_classes(examples: Examples) -> NDArray[Any]:
    """The targets of series: as they are, or one-hot (N, K) if the last classes have no training example."""
    targets, classes = np.asarray(examples.targets), examples.classes or 0
    if examples.task != "multiclass" or classes <= targets.max(initial=0) + 1:
        return targets
    return np.asarray(np.eye(classes, dtype=np.int8)[targets])


def _of_raw_models(kind: Kind, examples: Examples, found: outcome.Choice[Any]) -> Choice:
    """Wrap the models of a choice in `RawModel`; of the compared candidates, only baselines are kept."""
    task, inputs = examples.task, examples.inputs
    side = isinstance(inputs, of_texts.Corpus) and inputs.side() is not None
    simple = baselines(kind, task, side=side)
    unit = _fitted_transformation(examples, found.rows, found.held_out)
    return replace(
        found,
        model=RawModel(kind, found.name, task, found.model, unit),
        held_out=found.held_out if unit is None else unit.numbers(found.held_out),
        by_time=bool(windows(np.asarray(examples.targets), task, examples.groups, examples.times)),
        compared={
            name: _of_raw_model(kind, name, examples, one) for name, one in found.compared.items() if name in simple
        },
    )


def _of_raw_model(kind: Kind, name: str, examples: Examples, compared: outcome.Compared[Any]) -> Compared:
    unit = _fitted_transformation(examples, compared.rows, compared.held_out)
    held_out = compared.held_out if unit is None else unit.numbers(compared.held_out)
    return replace(compared, held_out=held_out, fit=partial(_fitted, kind, name, examples.task, compared.fit, unit))


def _fitted_transformation(examples: Examples, rows: Any, held_out: outcome.Outputs) -> Transformation | None:
    """The transformation of the targets with the factor that suits a model's (M,) held-out outputs."""
    unit = examples.transformation
    if unit is None:
        return None
    return unit.fitted(held_out, np.asarray(examples.targets)[rows], absolute_errors=examples.absolute_errors)


def _fitted(
    kind: Kind, name: str, task: str, fit: Callable[[], Any], transformation: Transformation | None
) -> RawModel:
    return RawModel(kind, name, task, fit(), transformation)

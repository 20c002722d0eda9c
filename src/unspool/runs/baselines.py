"""The simple models that a run must beat, each with what it reaches on held-out training data."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.candidates import Choice, baselines
from unspool.candidates.choice import Alternative, fit_baseline
from unspool.candidates.forecasts import fit_baseline as fit_simple_forecaster
from unspool.candidates.held_out import held_out_parts
from unspool.candidates.registry import candidate_title
from unspool.candidates.titles import title_of
from unspool.data.padding import pad_series
from unspool.data.texts.side_columns import TextRow
from unspool.evaluation.baselines import cache as baseline_cache
from unspool.evaluation.baselines.cache import digest_of_arrays
from unspool.evaluation.baselines.simple_models import RawPart, Rows, SimpleModel, linear_baseline, reached_on
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import cut_at
from unspool.readers import RawExamples
from unspool.runs.fitting import joined
from unspool.runs.reading.preparation import ForecastData, Prepared, PreparedPart
from unspool.runs.recipes.defaults import BUDGET
from unspool.runs.recipes.recipe import Recipe
from unspool.tasks.whole import WholeTask

MANY = 10_000
"""With more examples than this, candidates are compared on a part of them: on all, it would take too long."""
SEED = 0
"""The seed of the parts on which baselines are compared, and of their fits: other runs find them in the cache."""


def simple_models(
    recipe: Recipe, prepared: Prepared, choice: Choice | None, tell: Callable[[str], None] = lambda name: None
) -> tuple[SimpleModel, ...]:
    """What a person would use instead, each with what it reaches on held-out training data.

    Args:
        recipe: of the run that they are to stand beside.
        prepared: its data.
        choice: between its candidates, if there were some.
        tell: gets the name of each before it is fitted, where each is fitted by itself.
    """
    if prepared.forecasts is not None:
        return _simple_forecasters(recipe, prepared, prepared.forecasts, choice, tell)
    task, measure = prepared.task, recipe.evaluation.measure or prepared.task.headline
    parts = (prepared.training, prepared.validation, prepared.test)
    raw_training, raw_validation, raw_test = (RawPart(part.raw, task.truth(part.targets)) for part in parts)
    if not isinstance(task, WholeTask):
        return tuple(task.simple_models(raw_training, raw_validation, raw_test, measure))
    learned = _Learned.of(prepared)
    targets = tuple(part.targets for part in (raw_training, raw_validation, raw_test))
    found = [replace(task.most_frequent(*targets), held_out=_frequent_held_out(task, learned, measure))]
    if prepared.kind != "series" or not baselines(prepared.kind, task.name):
        tell(f"{task.regression} regression")
        found.append(_linear(recipe, prepared, learned))
    for name in _fitted_to_all(baselines(prepared.kind, task.name, side=prepared.side), task, choice, measure, learned):
        tell(name)
        one = _candidate_baseline(name, recipe, prepared, choice, measure, learned)
        found += [] if one is None else [one]
    return tuple(found)


def _simple_forecasters(
    recipe: Recipe, prepared: Prepared, data: ForecastData, choice: Choice | None, tell: Callable[[str], None]
) -> tuple[SimpleModel, ...]:
    """The same of series to forecast: naive forecasts, smoothing, a linear model; with intervals like any other."""
    known = {} if choice is None else choice.points
    given_up = set() if choice is None else {one.name for one in choice.tried if one.score is None}
    found = []
    for name in baselines("forecast", prepared.task.name):
        if name in given_up:  # the choice says why
            continue
        tell(name)
        began = time.perf_counter()
        fitted = fit_simple_forecaster(name, data.training, known.get(name), recipe.training.seed, BUDGET)
        if fitted is None:
            continue
        assert isinstance(prepared.test.inputs, RawExamples)
        outputs = fitted[0].outputs(prepared.test.inputs.items)
        seconds = time.perf_counter() - began
        found.append(SimpleModel(name, title_of(name, prepared.task.name), outputs, None, seconds, fitted[1]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Learned:
    """The examples that simple models are fitted to, and how all of them are measured on held-out ones alike."""

    targets: NDArray[Any]
    groups: NDArray[np.int64] | None
    times: NDArray[np.float64] | None
    parts: Sequence[tuple[Rows, Rows]]

    @classmethod
    def of(cls, prepared: Prepared) -> "_Learned":
        chapter = prepared.validation is prepared.test
        parts = (prepared.training,) if chapter else (prepared.training, prepared.validation)
        task = prepared.task
        targets = np.concatenate([task.truth(part.targets) for part in parts])
        groups, times = joined(part.groups for part in parts), joined(part.times for part in parts)
        assert prepared.kind != "forecast"
        compared = baselines(prepared.kind, task.name)
        held = held_out_parts(prepared.kind, targets, task.name, groups=groups, times=times) if compared else ()
        return cls(targets, groups, times, held)


def _frequent_held_out(task: WholeTask, learned: _Learned, measure: str) -> float:
    """What is most frequent hardly changes where some are left out, so that it is counted over all."""
    rows = [row for _, held in learned.parts for row in held] or slice(None)
    targets = learned.targets[rows]
    return reached_on(task, targets, task.most_frequent(learned.targets, targets, targets).outputs, measure)


def _linear(recipe: Recipe, prepared: Prepared, learned: _Learned) -> SimpleModel:
    task, kind = prepared.task, prepared.kind
    assert isinstance(task, WholeTask)
    assert kind != "forecast"
    training, validation, test = (
        RawPart(partial(_raw_of, part, kind, prepared.side), task.truth(part.targets))
        for part in (prepared.training, prepared.validation, prepared.test)
    )
    both = (training,) if prepared.validation is prepared.test else (training, validation)
    return linear_baseline(
        task,
        kind,
        training,
        validation,
        test,
        measure=recipe.evaluation.measure,
        cache_folder=files.cache_folder() / "baselines",
        key=_key(recipe, prepared),
        side=prepared.side,
        learned=RawPart(lambda: chain.from_iterable(part.inputs() for part in both), learned.targets),
        parts=learned.parts,
    )


def _raw_of(part: PreparedPart, kind: str, side: bool) -> Any:
    if kind == "text" and side:  # the words of each text, with the cells beside it
        return (TextRow(text, row.cells) for text, row in zip(part.split(), part.raw(), strict=True))
    return part.split() if kind == "text" else pad_series(list(part.raw()))


def _key(recipe: Recipe, prepared: Prepared) -> str:
    """Names the data and how it was split."""
    split = "all"
    if recipe.evaluation.protocol == "honest":
        split = f"validation {recipe.evaluation.validation_fraction}, seed {recipe.seed_of_parts}"
    return f"{prepared.digest}, {split}"


def _candidate_baseline(
    name: str, recipe: Recipe, prepared: Prepared, choice: Choice | None, measure: str, learned: _Learned
) -> SimpleModel | None:
    """A candidate that is simple enough to be what a person would use, fitted to training and validation examples.

    If the run's own choice has compared it on the same parts of them, it is not compared again.
    """
    task, targets = prepared.task, learned.targets
    facts = {"task": task.name, "data": _key(recipe, prepared), "measure": measure, "labels": digest_of_arrays(targets)}
    facts |= {"unspool": baseline_cache.revision(), "protocol": recipe.evaluation.protocol}
    for what, known in (("groups", learned.groups), ("times", learned.times)):
        facts |= {} if known is None else {what: digest_of_arrays(known)}
    path = baseline_cache.cache_path(files.cache_folder() / "baselines", name.replace(" ", "-").replace(",", ""), facts)
    stored = baseline_cache.load(path, {"outputs": None, "threshold": (), "seconds": (), "held_out": ()})
    if stored is not None and stored["outputs"].shape[:1] == (len(prepared.test),):
        return _as_simple(name, task.name, stored, prepared.side)
    fitted = choice.alternatives.get(name) if choice is not None and recipe.training.seed == SEED else None
    if fitted is None:
        began = time.perf_counter()
        alone = fit_baseline(
            name,
            prepared.kind,
            prepared.learned,
            targets,
            task.name,
            classes=len(task.names),
            seed=SEED,
            groups=learned.groups,
            times=learned.times,
        )
        if alone is None:
            return None
        fitted = Alternative(alone.rows, alone.held_out, time.perf_counter() - began, lambda: alone.model)
    truth = targets[fitted.rows]
    threshold = task.pick_threshold(truth, fitted.held_out, recipe.evaluation.measure)
    cut = cut_at(threshold)
    began = time.perf_counter()
    outputs = fitted.fit().outputs(list(prepared.test.raw()))
    found: dict[str, Any] = {
        "outputs": outputs,
        "threshold": -1.0 if threshold is None else threshold,
        "seconds": fitted.seconds + time.perf_counter() - began,
        "held_out": task.measures[measure].value(truth, fitted.held_out, cut),
    }
    baseline_cache.save(path, found)
    return _as_simple(name, task.name, found, prepared.side)


def _fitted_to_all(
    names: Sequence[str], task: WholeTask, choice: Choice | None, measure: str, learned: _Learned
) -> Sequence[str]:
    """Which candidates are fitted to all examples: of more than `MANY` only the best, if the choice compared all.

    The others have no part in the verdict, and their n-grams would take more time and memory than the run's model.
    """
    known = {} if choice is None else {name: choice.alternatives.get(name) for name in names}
    if len(learned.targets) <= MANY or not known or None in known.values():
        return names
    better = 1 if task.measures[measure].higher_is_better else -1

    def reached(name: str) -> float:
        one = known[name]
        assert one is not None
        return better * reached_on(task, learned.targets[one.rows], one.held_out, measure)

    return [max(names, key=reached)]


def _as_simple(name: str, task: str, found: Mapping[str, Any], side: bool) -> SimpleModel:
    threshold = float(found["threshold"])
    known = None if threshold < 0 else threshold
    return SimpleModel(
        name,
        candidate_title(name, task, side=side),
        found["outputs"],
        known,
        float(found["seconds"]),
        float(found["held_out"]),
    )


def strongest_of(measure: Measure, simple: Sequence[SimpleModel]) -> str:
    """The simple model that did best on held-out training data: the one that a person would use."""
    better = 1 if measure.higher_is_better else -1
    known = [one for one in (*simple[1:], simple[0]) if one.held_out is not None]  # of equals not the most frequent
    return max(known, key=lambda one: better * (one.held_out or 0.0)).name if known else simple[0].name

"""The simple models that a run must beat, each with what it reaches on held-out training data."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from operator import call
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.candidates import Choice, baselines
from unspool.candidates.choice import Compared, compare_baselines
from unspool.candidates.examples import Examples
from unspool.candidates.forecasts import fit_baseline as fit_simple_forecaster
from unspool.candidates.held_out import held_out_parts
from unspool.candidates.outcome import BUDGET
from unspool.candidates.registry import OF_COUNTS, candidate_title
from unspool.candidates.titles import title_of
from unspool.candidates.transformation import KINDS, Transformation
from unspool.candidates.transformation_choice import transformed
from unspool.cores import in_parallel
from unspool.data.padding import pad_series
from unspool.data.texts.side_columns import TextRow
from unspool.evaluation.baselines import cache as baseline_cache
from unspool.evaluation.baselines.cache import digest_of_arrays
from unspool.evaluation.baselines.simple_models import RawPart, RawParts, Rows, SimpleModel, linear_baseline, reached_on
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import cut_at
from unspool.readers import ForecastReader, RawExamples
from unspool.runs.held_together import classes_of, held_out_together, of_all_parts
from unspool.runs.reading.preparation import ForecastData, Prepared, PreparedPart
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.tasks.whole import WholeTask

MANY = 10_000
"""With more texts than this, candidates are compared on a part of them: on all, it would take too long."""
SEED = 0
"""The seed with which baselines of named data are compared and fitted: other runs find them in the cache."""
_LEARNED = ("", *(f", fitted to {kind}s" for kind in KINDS))
"""What a baseline's title says about the targets that it learned: the numbers themselves, or one of `KINDS`."""
_SLIGHTLY = 1e-6
"""The relative difference up to which scores count as equal: those of models with equal answers may differ by it."""


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
        raw_test = raw_validation if prepared.test is prepared.validation else raw_test
        compared = {} if choice is None else choice.compared
        parts_and_measure = raw_training, raw_validation, raw_test, task.measures[measure]
        return tuple(task.simple_models(RawParts(*parts_and_measure, compared)))
    seed = _seed_of_parts(recipe)
    learned = _Learned.of(prepared, seed)
    targets = raw_training.targets, raw_validation.targets, raw_test.targets
    most_frequent = replace(task.most_frequent(*targets, measure), held_out=_frequent_held_out(task, learned, measure))
    candidates = _Candidates.of(recipe, prepared, choice, learned, measure, seed)
    fits: list[Callable[[], list[SimpleModel]]] = [lambda: list(candidates.models(tell))]
    if prepared.kind != "series" or not baselines(prepared.kind, task.name):
        tell(f"{task.regression} regression")
        fits.insert(0, lambda: [_linear(recipe, prepared, learned)])
    return most_frequent, *chain.from_iterable(in_parallel(call, fits))


def _simple_forecasters(
    recipe: Recipe, prepared: Prepared, data: ForecastData, choice: Choice | None, tell: Callable[[str], None]
) -> tuple[SimpleModel, ...]:
    """The same of series to forecast: naive forecasts, smoothing, a linear model; with intervals like any other."""
    known, training = {} if choice is None else choice.points, data.compared_by(recipe.evaluation.measure)
    chosen = None if choice is None else choice.model.fitted.model
    spent = {} if choice is None else {one.name: one.seconds for one in choice.tried}
    given_up = set() if choice is None else {one.name for one in choice.tried if one.score is None}
    assert isinstance(prepared.reader, ForecastReader)
    columns, found = prepared.reader.columns, []
    for name in baselines("forecast", prepared.task.name, side=bool(columns.until_now or columns.known_ahead)):
        if name in given_up:  # the choice says why
            continue
        tell(name)
        began = time.perf_counter()
        fitted = fit_simple_forecaster(name, training, known.get(name), recipe.training.seed, BUDGET, chosen)
        if fitted is None:
            continue
        assert isinstance(prepared.test.inputs, RawExamples)
        outputs = fitted[0].outputs(prepared.test.inputs.items)
        seconds = spent.get(name, 0.0) + time.perf_counter() - began
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
    def of(cls, prepared: Prepared, seed: int) -> "_Learned":
        chapter = prepared.validation is prepared.test
        parts = (prepared.training,) if chapter else (prepared.training, prepared.validation)
        task = prepared.task
        targets = np.concatenate([task.truth(part.targets) for part in parts])
        groups = held_out_together(parts, prepared.kind, classes_of(task, targets))
        times = of_all_parts(part.times for part in parts)
        assert prepared.kind != "forecast"
        compared = baselines(prepared.kind, task.name)
        held = held_out_parts(prepared.kind, targets, task.name, seed, groups=groups, times=times) if compared else ()
        return cls(targets, groups, times, held)


def _seed_of_parts(recipe: Recipe) -> int:
    """The seed of the parts that baselines are compared on: all trainings of a comparison have the same strongest one.

    Such a comparison keeps the parts of a file, whose run has compared its candidates on them.
    """
    return recipe.seed_of_parts if isinstance(recipe.data, FileSettings) else SEED


def _frequent_held_out(task: WholeTask, learned: _Learned, measure: str) -> float:
    """What is most frequent hardly changes where some are left out, so that it is counted over all."""
    rows = [row for _, held in learned.parts for row in held] or slice(None)
    targets = learned.targets[rows]
    return reached_on(task, targets, task.most_frequent(learned.targets, targets, targets, measure).outputs, measure)


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
    """A name for the data and how it was split."""
    split = "all"
    if recipe.evaluation.protocol == "honest":
        split = f"validation {recipe.evaluation.validation_fraction}, seed {recipe.seed_of_parts}"
    return f"{prepared.digest}, {split}"


@dataclass(frozen=True)
class _Candidates:
    """Candidates that are simple enough to be what a person would use, as baselines.

    Attributes:
        recipe: of the run.
        prepared: its data.
        task: what is predicted.
        learned: the training and validation examples, to all of which they are fitted.
        measure: of the verdict.
        seed: with which they are compared and fitted.
        known: those that were compared and not yet fitted, by name.
        given_up: those that the run's own comparison had no time for.
        choice: the choice between the run's own candidates, with the transformation of targets that it found best;
            None if there was no choice.
    """

    recipe: Recipe
    prepared: Prepared
    task: WholeTask
    learned: _Learned
    measure: str
    seed: int
    known: dict[str, Compared]
    given_up: frozenset[str] = frozenset()
    choice: Choice | None = None

    @classmethod
    def of(
        cls, recipe: Recipe, prepared: Prepared, choice: Choice | None, learned: _Learned, measure: str, seed: int
    ) -> "_Candidates":
        """What the run's own choice has compared on the same parts is not compared again."""
        assert isinstance(prepared.task, WholeTask)
        known = dict(choice.compared) if choice is not None and recipe.training.seed == seed else {}
        given_up = frozenset() if choice is None else frozenset(one.name for one in choice.tried if one.score is None)
        return cls(recipe, prepared, prepared.task, learned, measure, seed, known, given_up, choice)

    def models(self, tell: Callable[[str], None]) -> Iterator[SimpleModel]:
        """Fit them all to all examples; of more than `MANY` texts only the strongest.

        The others have no part in the verdict, and their n-grams would take more time and memory than the run's model.
        Candidates that would take longer than `BUDGET` to fit are not used as baselines, unless all would. Nor are
        those that the run's comparison left out and reports: models of counts, or any of more than `MANY` series.
        """
        names = baselines(self.prepared.kind, self.task.name, side=self.prepared.side)
        many = len(self.learned.targets) > MANY
        dear = names if self.prepared.kind == "series" and many else OF_COUNTS
        names = tuple(name for name in names if name not in dear or name not in self.given_up)
        if self.prepared.kind == "text" and many:
            tell(f"comparing {', '.join(names)}")
            names = (self._strongest(names),)
        for name in names:
            tell(name)
            found = self._fitted(name)
            if found is not None:
                learned = int(found["learned"]) if self._unit is None else 0  # else the run's model learned the same
                yield _as_simple(name, self.task.name, found, self.prepared.side, _LEARNED[learned])

    def _strongest(self, names: Sequence[str]) -> str:
        """The one that does best on held-out training texts, of equals the first."""
        path = self._path("strongest-candidate", {"among": ", ".join(names)})
        stored = baseline_cache.load(path, {"place": ()})
        if stored is not None and stored["place"] in range(len(names)):
            return names[int(stored["place"])]
        self._compare(names)
        known = [name for name in names if name in self.known]  # others are not tried on such texts
        quick = [name for name in known if self.known[name].seconds_to_fit <= BUDGET]
        better = 1 if self.task.measures[self.measure].higher_is_better else -1
        strongest = max(quick or known[:1], key=lambda name: better * self._reached(self.known[name])[1])
        if len(quick) == len(known):  # otherwise another run may find another
            baseline_cache.save(path, {"place": names.index(strongest)})
        return strongest

    def _fitted(self, name: str) -> Mapping[str, Any] | None:
        """Test outputs of a candidate fitted to all examples, perhaps from the cache; None if it cannot be fitted."""
        path = self._path(name.replace(" ", "-").replace(",", ""), {})
        shapes = {"outputs": None, "threshold": (), "seconds": (), "held_out": (), "learned": ()}
        stored = baseline_cache.load(path, shapes)
        if stored is not None and stored["outputs"].shape[:1] == (len(self.prepared.test),):
            return stored
        self._compare([name])
        compared = self.known.pop(name, None)
        if compared is None:
            return None
        threshold, reached = self._reached(compared)
        began = time.perf_counter()
        model = compared.fit()
        unit, outputs = model.transformation, model.outputs(list(self.prepared.test.raw()))
        found: dict[str, Any] = {
            "outputs": outputs,
            "threshold": -1.0 if threshold is None else threshold,
            "seconds": compared.seconds + time.perf_counter() - began,
            "held_out": reached,
            "learned": 0 if unit is None else 1 + KINDS.index(unit.kind),
        }
        baseline_cache.save(path, found)
        return found

    def _compare(self, names: Sequence[str]) -> None:
        lacking = [name for name in names if name not in self.known]
        if lacking:
            self.known.update(compare_baselines(self.prepared.kind, self._examples, lacking, seed=self.seed))

    @cached_property
    def _examples(self) -> Examples:
        learned, task = self.learned, self.task
        examples = Examples(
            self.prepared.learned,
            learned.targets,
            task.name,
            len(task.names),
            learned.groups,
            learned.times,
            absolute_errors=self.measure == "mae",
        )
        if self.choice is None:
            return transformed(self.prepared.kind, examples)[0]
        if self._unit is None:
            return examples
        return replace(examples, targets=self._unit.targets(learned.targets), transformation=self._unit)

    @property
    def _unit(self) -> Transformation | None:
        """The transformation that all models of the run's choice learned, without the chosen model's factor."""
        unit = None if self.choice is None else self.choice.model.transformation
        return None if unit is None else replace(unit, factor=1.0)

    def _reached(self, compared: Compared) -> tuple[float | None, float]:
        """The threshold that suits held-out examples best, and what is reached there."""
        truth = self.learned.targets[compared.rows]
        threshold = self.task.pick_threshold(truth, compared.held_out, self.recipe.evaluation.measure)
        return threshold, self.task.measures[self.measure].value(truth, compared.held_out, cut_at(threshold))

    def _path(self, name: str, more: Mapping[str, str]) -> Path:
        """Of a file in the cache."""
        targets = self.learned.targets
        facts = {"task": self.task.name, "data": _key(self.recipe, self.prepared), "measure": self.measure, **more}
        facts |= {"labels": digest_of_arrays(targets), "unspool": baseline_cache.revision()}
        facts |= {"protocol": self.recipe.evaluation.protocol, "seed": str(self.seed)}
        facts["threshold"] = str(self.recipe.evaluation.measure)  # another one suits "accuracy" than the first measure
        for what, known in (("groups", self.learned.groups), ("times", self.learned.times)):
            facts |= {} if known is None else {what: digest_of_arrays(known)}
        return baseline_cache.cache_path(files.cache_folder() / "baselines", name, facts)


def _as_simple(name: str, task: str, found: Mapping[str, Any], side: bool, learned: str) -> SimpleModel:
    threshold = float(found["threshold"])
    known = None if threshold < 0 else threshold
    return SimpleModel(
        name,
        candidate_title(name, task, side=side) + learned,
        found["outputs"],
        known,
        float(found["seconds"]),
        float(found["held_out"]),
    )


def strongest_of(measure: Measure, simple: Sequence[SimpleModel], same: str | None = None) -> str | None:
    """The simple model that did best on held-out training data: the one that a person would use.

    None if all did equally well, for instance because nothing could be held out.

    Args:
        measure: what is compared.
        simple: the models; the first one ignores the inputs, and loses ties.
        same: the name of the run's own model; if it is one of them, it wins unless another is better by more than
            `_SLIGHTLY`.
    """
    better = 1 if measure.higher_is_better else -1
    scored = {one.name: one.held_out for one in (*simple[1:], simple[0]) if one.held_out is not None}
    reached = {name: better * score for name, score in scored.items() if not np.isnan(score)}
    if not reached:
        return simple[0].name
    if len(reached) > 1 and len(set(reached.values())) == 1:
        return None
    best = max(reached, key=lambda name: reached[name])
    if same in reached and reached[best] - reached[same] <= _SLIGHTLY * abs(reached[best]):
        return same
    return best

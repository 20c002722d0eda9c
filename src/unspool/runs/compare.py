"""Compares recipes over several seeds, whose runs are kept, or finished runs and other models."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from unspool import files
from unspool.candidates.registry import candidate_names
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Autoencoder, Tagger
from unspool.errors import UserError
from unspool.evaluation.agreement import agreements_of
from unspool.evaluation.compared import Comparison
from unspool.evaluation.comparison import compare_recipes
from unspool.evaluation.contenders import Answers, OtherModel, SeedRun
from unspool.evaluation.result import Result
from unspool.evaluation.scoring import Measures
from unspool.evaluation.wording import capitalized
from unspool.report.comparison import PAGE, RECORD, write_comparison
from unspool.runs.comparable import check_comparable, other_pairs, refuse_mixed, settings_of_examples
from unspool.runs.contenders import check_names, contender_name, is_run, refuse_contenders
from unspool.runs.disagreements import FILE as DISAGREEMENTS
from unspool.runs.disagreements import decisions, write_disagreements
from unspool.runs.other_models.answers import InMemory, answers_of
from unspool.runs.other_models.examples_of_test import examples_of_test
from unspool.runs.reading.preparation import Say
from unspool.runs.recipes.defaults import plain_name
from unspool.runs.recipes.file import differences, load_recipe
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.runs.records import folder
from unspool.runs.records.record import read_result
from unspool.tasks import Forecasting, task_of

Results = dict[str, dict[int, Result]]
"""For each recipe, the result of each seed."""


@dataclass(frozen=True, slots=True)
class WrittenComparison(Comparison):
    """A comparison, and where it lies.

    Attributes:
        folder: holds comparison.json and compare.html, and disagreements.csv if there are `agreements`.
    """

    folder: Path = field(kw_only=True)

    @property
    def report(self) -> Path:
        """The path of the page, to open in a browser."""
        return self.folder / PAGE

    @property
    def disagreements(self) -> Path | None:
        """The path of a table of the test examples on which not all models agree; None if there is none."""
        return self.folder / DISAGREEMENTS if self.agreements else None

    def __str__(self) -> str:
        differences = dict.fromkeys(one.words for one in self.differences)
        baseline = [] if self.baseline is None else [self.baseline.words]
        agreements = [one.words for one in self.agreements]
        return "\n".join([*differences, *baseline, *agreements, self.words, f"report: {self.report}"])


@dataclass(frozen=True)
class SeededRun:
    """One run of a comparison: its recipe, seed included, and its folder."""

    recipe: Recipe
    folder: Path

    @property
    def seed(self) -> int:
        """What sets it apart from the other runs of its recipe."""
        return self.recipe.training.seed

    @property
    def command(self) -> str:
        """What a person types to run it again: its own recipe.toml holds every setting, wherever they came from."""
        return shlex.join(["unspool", "run", str(self.folder / folder.RECIPE)])


def compare(
    recipes: Sequence[Recipe],
    seeds: Sequence[int],
    out: Path,
    *,
    data_folder: Path | None = None,
    say: Say = lambda line: None,
) -> WrittenComparison:
    """Execute each recipe with each seed and compare them; runs that `out` already holds are not done again.

    Args:
        recipes: two or more, with different names.
        seeds: each recipe is run with each.
        out: holds a folder a run, and comparison.json and compare.html at the end. An interrupted comparison goes on
            from there, in the middle of a run too.
        data_folder: see `run`.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: fewer than two recipes, two of the same name, of different kinds or test sets, a folder that holds a
            run of another recipe, or what `run` raises.
    """
    planned = _plan(recipes, seeds, out)
    done = _of_all(planned, {}, "", data_folder, say)
    return _written(_compared(done), done, out)


def compare_runs(
    contenders: Sequence[Path | InMemory],
    out: Path,
    *,
    seeds: Sequence[int] | None = None,
    command: str = "",
    data_folder: Path | None = None,
    say: Say = lambda line: None,
) -> WrittenComparison:
    """Compare finished runs that were tested on the same examples, of recipes or of people's own files.

    Args:
        contenders: two or more, with different names, under which they are shown. At least one is the folder of a run
            that `run` or `train` wrote; others may be answers of other models to its test examples, in a file or in
            memory (see `other_models.answers.answers_of`).
        out: gets comparison.json and compare.html.
        seeds: None to compare the models as they are; else each is trained again with each seed but that which it was
            trained with, into a folder of `out`, as `compare` does. The parts of a person's file stay as they are.
        command: what a person types to do it again, for the reports of people's own files.
        data_folder: see `run`.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: fewer than two contenders, two of the same name, no run among them, a folder that holds no finished
            run, runs whose question or test examples differ (lists what does), answers that cannot be used, answers
            beside `seeds`, a file that has changed since, or what `compare` raises.
    """
    refuse_contenders(contenders, seeds)
    given = {plain_name(contender_name(one)): one for one in contenders}
    folders = {name: one for name, one in given.items() if is_run(one)}
    for path in folders.values():
        files.refuse_inside(out / RECORD, path)
    results = {name: read_result(path) for name, path in folders.items()}
    recipes = {name: _recipe_of(path, name) for name, path in folders.items()}
    check_comparable(results, recipes)
    others: dict[str, OtherModel] = {}
    if seeds is not None:
        done = _of_all(_plan(list(recipes.values()), seeds, out), results, command, data_folder, say)
        found = _compared(done)
    else:
        done = {name: {0: result} for name, result in results.items()}
        others = _others(given, folders, results)
        found = _compared_as_they_are({name: others.get(name) or done[name] for name in given}, folders, out)
    return _written(replace(found, words=found.words + _other_training(results, recipes)), done, out, others)


def _others(
    contenders: Mapping[str, Path | InMemory], folders: Mapping[str, Path], results: Mapping[str, Result]
) -> dict[str, OtherModel]:
    """The answers among the contenders, matched to the test examples of a run, if possible one that lists them."""
    given = {name: one for name, one in contenders.items() if name not in folders}
    if not given:
        return {}
    name = _listing_its_examples(folders)
    examples = examples_of_test(folders[name], results[name])
    return {name: answers_of(one, examples) for name, one in given.items()}


def _listing_its_examples(folders: Mapping[str, Path]) -> str:
    """The name of the first run that lists its test examples, or of the first."""
    listing = (name for name, path in folders.items() if (path / folder.TEST_PREDICTIONS).is_file())
    return next(listing, next(iter(folders)))


def _of_all(
    planned: Sequence[SeededRun],
    there: Mapping[str, Result],
    command: str,
    data_folder: Path | None,
    say: Say,
) -> Results:
    """Execute what is not there yet; `there` has finished runs, one of each recipe or none."""
    results: Results = {}
    recipes = {one.recipe.name: one.recipe for one in planned}
    for number, one in enumerate(planned, start=1):
        name = one.recipe.name
        before = there.get(name)
        result = before if before and before.seed == one.seed else _finished(one, before)
        state = "already there" if result else "going on" if folder.is_unfinished(one.folder) else "running"
        say(f"[{number}/{len(planned)}] {name}, seed {one.seed}: {state}")
        if result is None:
            from unspool.runs.run import run  # with Keras, which finished runs are compared without

            result = run(
                one.recipe,
                one.folder,
                data_folder=data_folder,
                command=command or one.command,
                say=say,
                go_on=True,
                digest=before.data.digest if before else None,
            )
        results.setdefault(name, {})[one.seed] = result
        check_comparable({name: found[one.seed] for name, found in results.items() if one.seed in found}, recipes)
    return results


def _written(
    comparison: Comparison, results: Results, out: Path, others: Mapping[str, OtherModel] | None = None
) -> WrittenComparison:
    files.make_folder(out)
    if not comparison.agreements:
        (out / DISAGREEMENTS).unlink(missing_ok=True)  # of an earlier comparison
    write_comparison(comparison, results, out, others)
    return WrittenComparison(**{one.name: getattr(comparison, one.name) for one in fields(comparison)}, folder=out)


def _first_of(contenders: Mapping[str, dict[int, Result] | OtherModel]) -> Result:
    """The first result of a run among contenders."""
    return next(one for by_seed in contenders.values() if isinstance(by_seed, dict) for one in by_seed.values())


def _seed_runs(contenders: Mapping[str, dict[int, Result] | OtherModel]) -> dict[str, list[SeedRun]]:
    """The test predictions of each contender, with each seed; those of other models beside the first run."""
    first = _first_of(contenders)
    return {
        name: [one.as_run(first.test_predictions)]
        if isinstance(one, OtherModel)
        else [_seed_run(seed, result) for seed, result in one.items()]
        for name, one in contenders.items()
    }


def _compared(contenders: Mapping[str, dict[int, Result] | OtherModel]) -> Comparison:
    """Compare runs and other models; measures of probabilities are left out if a model gives labels alone."""
    first, runs = _first_of(contenders), _seed_runs(contenders)
    measures, compared = _measures(first)
    unsure = [one.source for one in contenders.values() if isinstance(one, OtherModel) and one.outputs is None]
    left_out = [name for name in compared if unsure and measures[name].of_probabilities]
    compared = [name for name in compared if name not in left_out]
    if not compared:
        raise UserError(
            f"{unsure[0]} has no probabilities, but the runs are judged by {measures[left_out[0]].title}, which needs "
            "them. Add a column of probabilities for each label."
        )
    try:
        with np.errstate(all="ignore"):
            taken = {name: measures[name] for name in compared}
            found = compare_recipes(runs, first.task, taken, compared[0], drawn=first.drawn)
    except files.DAMAGE as error:
        raise UserError(
            f"{', '.join(contenders)} cannot be compared: what one of them says is damaged ({type(error).__name__}: "
            f"{files.reason_of(error)}). Run the recipe again."
        ) from error
    refuse_mixed(contenders, found, compared[0], measures[compared[0]])
    if not left_out:
        return found
    titles = " and ".join(measures[name].title for name in left_out)
    verbs = ("is" if len(left_out) == 1 else "are", "has" if len(unsure) == 1 else "have")
    lacking = "intervals (columns low and high)" if first.task == Forecasting.name else "probability for each label"
    note = f" {capitalized(titles)} {verbs[0]} not compared: {' and '.join(unsure)} {verbs[1]} no {lacking}."
    return replace(found, words=found.words + note)


def _compared_as_they_are(
    contenders: Mapping[str, dict[int, Result] | OtherModel], folders: Mapping[str, Path], out: Path
) -> Comparison:
    """Compare one training of each, with what is noted of other models; list where they differ in a table in `out`."""
    found = _compared(contenders)
    results = {name: one[0] for name, one in contenders.items() if isinstance(one, dict)}
    scores: Any = tuple(
        replace(one, seeds=(results[one.recipe].seed,) if one.recipe in results else ()) for one in found.recipes
    )
    notes = [note for one in contenders.values() if isinstance(one, OtherModel) for note in one.notes]
    first = next(iter(results.values()))
    decided = decisions({name: run for name, (run,) in _seed_runs(contenders).items()}, task_of(first))
    agreements = agreements_of(decided, first.test_predictions.targets)
    if agreements:
        files.make_folder(out)
        name = _listing_its_examples(folders)
        write_disagreements(decided, folders[name], results[name], out)
    return replace(found, recipes=scores, words=" ".join([found.words, *notes]), agreements=agreements)


def _measures(result: Result) -> tuple[Measures, list[str]]:
    """All measures of a result's task, and those that models are compared by, the verdict's first."""
    task = task_of(result)
    compared = [name for name in task.compared if name != result.verdict.measure and name in result.test.figures]
    return task.measures, [result.verdict.measure, *reversed(compared)]


def _seed_run(seed: int, result: Result) -> SeedRun:
    beside = {one.title: Answers(one.outputs, one.scores.threshold) for one in result.baselines}
    return SeedRun(seed, result.test_predictions, result.test.threshold, beside)


def _other_training(results: Mapping[str, Result], recipes: Mapping[str, Recipe]) -> str:
    """Say where runs were not trained on the same examples or columns: then they differ in more than their models."""
    (first, one), *others = results.items()
    found = ""
    for name, other in others:
        if one.data.digest != other.data.digest:
            settings = settings_of_examples(recipes[first], recipes[name])
            beside = all(line.startswith(("data.numeric", "data.categorical")) for line in settings)
            what = (
                "did not read the same columns beside the text" if beside else "were not trained on the same examples"
            )
            found += f" {first} and {name} {what} ({'; '.join(settings)}): they differ in more than their models."
    return found


def _recipe_of(run_folder: Path, name: str) -> Recipe:
    """The recipe of a finished run under another name; the parts of a person's file stay as they were drawn."""
    recipe = load_recipe(run_folder / folder.RECIPE)
    data = recipe.data
    if isinstance(data, FileSettings):
        data = replace(data, parts_seed=recipe.seed_of_parts)
    return replace(recipe, name=name, data=data)


def _plan(recipes: Sequence[Recipe], seeds: Sequence[int], out: Path) -> list[SeededRun]:
    names = [recipe.name for recipe in recipes]
    check_names(list(zip(names, recipes, strict=True)), "recipes")
    if len({(type(recipe.data), isinstance(recipe.model, Autoencoder)) for recipe in recipes}) > 1:
        raise UserError(f"{', '.join(names)}: models for such different tasks have no score in common to compare.")
    for name, recipe in zip(names[1:], recipes[1:], strict=True):
        if found := other_pairs(recipes[0], recipe):
            raise UserError(f"{names[0]} and {name} cannot be compared. What differs: {'; '.join(found)}.")
    planned = []
    for seed in seeds:  # by seed first, so that an interrupted comparison has pairs
        for recipe in recipes:
            seeded = replace(recipe, training=replace(recipe.training, seed=seed))
            planned.append(SeededRun(seeded, out / f"{recipe.name}-seed{seed}"))
    return planned


def _finished(one: SeededRun, before: Result | None) -> Result | None:
    """The result of a run that is already there; a folder made from another recipe or data is an error, no result."""
    if not folder.is_run(one.folder):
        return None
    there, result = load_recipe(one.folder / folder.RECIPE), read_result(one.folder)
    changed = differences(there, _as_recorded(one.recipe, there, result))
    if changed:
        raise UserError(
            f"{one.folder} holds a run of another recipe ({'; '.join(changed)}). Choose another folder with --out."
        )
    if before and result.data.digest != before.data.digest:
        raise UserError(
            f"{one.folder} was trained on different data from the runs to compare. Choose another folder with --out."
        )
    return result


def _as_recorded(recipe: Recipe, recorded: Recipe, result: Result) -> Recipe:
    """A recipe as its run's folder has it: for a choice among the same models, those tried, without a budget.

    If a budget stopped the training of a network, it has as many epochs as there were, unless none is asked for now.
    """
    asked, tried = recipe.model, recorded.model
    names, there = {*getattr(asked, "candidates", ())}, {one.name for one in result.candidates}
    if result.network_stopped and recipe.has_budget:
        there_were = {name: getattr(recorded.training, name) for name in ("epochs", "bidirectional_epochs")}
        recipe = replace(recipe, training=replace(recipe.training, **there_were))
    recipe = replace(recipe, training=replace(recipe.training, budget=None))
    of_network = isinstance(tried, Tagger | Autoencoder)  # it was chosen
    if isinstance(asked, ModelChoice) and of_network and names == there:
        return replace(recipe, model=tried)
    if not isinstance(asked, ModelChoice) or not isinstance(tried, ModelChoice):
        return recipe
    same = names == there
    if not there - {"blend"} & {*candidate_names("text", "binary", side=True)}:
        same = (names ^ there) <= {"blend"} or names == {"blend"}  # of all others, a blend is tried without being asked
    return replace(recipe, model=tried) if same and asked.language_model in (None, tried.language_model) else recipe

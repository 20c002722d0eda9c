"""The same recipes over several seeds, each run kept, or finished runs, and whether the difference is real."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from unspool import files
from unspool.errors import UserError
from unspool.evaluation.comparison import Answers, Comparison, SeedRun, compare_recipes
from unspool.evaluation.loss_comparison import LossComparison, SeedLosses, compare_losses
from unspool.evaluation.reconstruction_result import ReconstructionResult
from unspool.evaluation.result import Result
from unspool.evaluation.task_result import TaskPredictions, TaskResult
from unspool.experiment import folder
from unspool.experiment.comparable import check_comparable, settings_of_examples
from unspool.experiment.fitting import Say
from unspool.experiment.own.model import is_own_model
from unspool.experiment.own.recipe import OwnRecipe, plain_name, read_own_recipe
from unspool.experiment.own.training import train_again
from unspool.experiment.recipe import Recipe
from unspool.experiment.recipe_file import differences, load_recipe
from unspool.experiment.record import AnyResult, read_result
from unspool.experiment.run import run

COMPARISON = "comparison.json"

Results = dict[str, dict[int, AnyResult]]
"""For each recipe, the result of each seed."""


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
) -> Comparison | LossComparison:
    """Execute each recipe with each seed and compare them; runs that `out` already holds are not done again.

    Args:
        recipes: two or more, with different names.
        seeds: each recipe is run with each.
        out: holds a folder a run, and comparison.json at the end. An interrupted comparison goes on from there, in the
            middle of a run too.
        data_folder: see `run`.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: fewer than two recipes, two of the same name, of different kinds or test sets, a folder that holds a
            run of another recipe, or what `run` raises.
    """
    planned = _plan(recipes, seeds, out)
    return _written(_of_all(planned, {}, "", data_folder, say), out)


def compare_runs(
    folders: Sequence[Path],
    out: Path,
    *,
    seeds: Sequence[int] | None = None,
    command: str = "",
    data_folder: Path | None = None,
    say: Say = lambda line: None,
) -> Comparison | LossComparison:
    """Compare finished runs that were tested on the same examples, of recipes or of people's own files.

    Args:
        folders: two or more that `run` or `train` wrote, with different names, by which they are called.
        out: gets comparison.json.
        seeds: None to compare the models as they are; else each is trained anew with each seed but that which it was
            trained with, into a folder of `out`, as `compare` does. The parts of a person's file stay as they are.
        command: what a person types to do it again, for the reports of people's own files.
        data_folder: see `run`.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: fewer than two folders, two of the same name, one that holds no finished run, runs whose question or
            test examples differ (lists what does), a file that has changed since, or what `compare` raises.
    """
    names = [plain_name(path.resolve().name) for path in folders]
    _check_names(names, "folders")
    results = {name: read_result(path) for name, path in zip(names, folders, strict=True)}
    recipes = {name: _recipe_of(path, name) for name, path in zip(names, folders, strict=True)}
    check_comparable(results, recipes)
    if seeds is not None:
        found = _of_all(_plan(list(recipes.values()), seeds, out), results, command, data_folder, say)
    else:
        found = _compared({name: {0: result} for name, result in results.items()})
        scores: Any = tuple(replace(one, seeds=(results[one.recipe].seed,)) for one in found.recipes)
        found = replace(found, recipes=scores)
    return _written(replace(found, words=found.words + _other_training(results, recipes)), out)


def _of_all(
    planned: Sequence[SeededRun],
    there: Mapping[str, AnyResult],
    command: str,
    data_folder: Path | None,
    say: Say,
) -> Comparison | LossComparison:
    """Execute what is not there yet, and compare; `there` has finished runs, one of each recipe or none."""
    results: Results = {}
    for number, one in enumerate(planned, start=1):
        name = one.recipe.name
        before = there.get(name)
        result = before if before and before.seed == one.seed else _finished(one, before)
        state = "already there" if result else "going on" if folder.is_unfinished(one.folder) else "running"
        say(f"[{number}/{len(planned)}] {name}, seed {one.seed}: {state}")
        if result is None and before and isinstance(one.recipe, OwnRecipe):
            result = train_again(one.recipe, one.folder, digest=before.data.digest, command=command, say=say)
        elif result is None:
            result = run(one.recipe, one.folder, data_folder=data_folder, command=one.command, say=say, go_on=True)
        results.setdefault(name, {})[one.seed] = result
    recipes = {one.recipe.name: one.recipe for one in planned}
    for seed in next(iter(results.values())):
        check_comparable({name: by_seed[seed] for name, by_seed in results.items()}, recipes)
    return _compared(results)


def _written(comparison: Comparison | LossComparison, out: Path) -> Comparison | LossComparison:
    files.make_folder(out)
    files.write_aside(out / COMPARISON, (json.dumps(asdict(comparison), indent=2) + "\n").encode())
    return comparison


def _compared(results: Results) -> Comparison | LossComparison:
    runs: dict[str, list[SeedRun]] = {recipe: [] for recipe in results}
    losses: dict[str, list[SeedLosses]] = {recipe: [] for recipe in results}
    for recipe, by_seed in results.items():
        for seed, result in by_seed.items():
            if isinstance(result, ReconstructionResult):
                losses[recipe].append(SeedLosses(seed, result.test_losses))
                measure = result.verdict.measure
            else:
                runs[recipe].append(_seed_run(seed, result))
                task = result.task if isinstance(result, TaskResult) else "binary"
    if any(losses.values()):
        return compare_losses(losses, measure)
    return compare_recipes(runs, task)


def _seed_run(seed: int, result: Result | TaskResult) -> SeedRun:
    if isinstance(result, TaskResult):
        given = result.test_predictions
        beside = {one.title: Answers(one.outputs, one.scores.threshold) for one in result.baselines}
    else:
        of_two = result.test_predictions
        given = TaskPredictions(of_two.labels, of_two.probabilities, of_two.groups)
        beside = {one.title: Answers(one.probabilities, one.scores.threshold) for one in result.baselines}
    return SeedRun(seed, given, result.test.threshold, beside)


def _other_training(results: Mapping[str, AnyResult], recipes: Mapping[str, Recipe]) -> str:
    """Say where runs were not trained on the same examples: then it is not the models alone that differ."""
    (first, one), *others = results.items()
    found = [
        f" {first} and {name} were not trained on the same examples "
        f"({'; '.join(settings_of_examples(recipes[first], recipes[name]))}): what differs is not the models alone."
        for name, other in others
        if one.data.digest != other.data.digest
    ]
    return "".join(found)


def _recipe_of(run_folder: Path, name: str) -> Recipe:
    """The recipe of a finished run under another name; the parts of a person's file stay as they were drawn."""
    if not is_own_model(run_folder):
        return replace(load_recipe(run_folder / folder.RECIPE), name=name)
    recipe = read_own_recipe(run_folder / folder.RECIPE)
    return replace(recipe, name=name, data=replace(recipe.data, parts_seed=recipe.seed_of_parts))


def _plan(recipes: Sequence[Recipe], seeds: Sequence[int], out: Path) -> list[SeededRun]:
    names = [recipe.name for recipe in recipes]
    _check_names(names, "recipes")
    if len({type(recipe) for recipe in recipes}) > 1:
        raise UserError(f"{', '.join(names)}: a classifier and an autoencoder have no score in common to compare.")
    planned = []
    for seed in seeds:  # by seed first, so that an interrupted comparison has pairs
        for recipe in recipes:
            seeded = replace(recipe, training=replace(recipe.training, seed=seed))
            planned.append(SeededRun(seeded, out / f"{recipe.name}-seed{seed}"))
    return planned


def _check_names(names: Sequence[str], what: str) -> None:
    if len(names) < 2:
        raise UserError(f"A comparison needs at least two {what}.")
    if len(set(names)) < len(names):
        where = ", in its TOML file" if what == "recipes" else ""
        raise UserError(f"Two {what} have the same name ({', '.join(names)}): give each its own{where}.")


def _finished(one: SeededRun, before: AnyResult | None) -> AnyResult | None:
    """The result of a run that is already there; a folder made from another recipe or data is an error, no result."""
    if not folder.is_run(one.folder):
        return None
    read = read_own_recipe if isinstance(one.recipe, OwnRecipe) else load_recipe
    changed = differences(read(one.folder / folder.RECIPE), one.recipe)
    if changed:
        raise UserError(
            f"{one.folder} holds a run of another recipe ({'; '.join(changed)}). Choose another folder with --out."
        )
    result = read_result(one.folder)
    if before and result.data.digest != before.data.digest:
        raise UserError(
            f"{one.folder} was trained when the data was another than that of the runs to compare. Choose another "
            "folder with --out."
        )
    return result

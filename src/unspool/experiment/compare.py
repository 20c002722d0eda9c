"""The same recipes over several seeds, each run kept, and whether the difference between them is real."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from unspool import files
from unspool.errors import UserError
from unspool.evaluation.comparison import Comparison, SeedRun, compare_recipes
from unspool.evaluation.loss_comparison import LossComparison, SeedLosses, compare_losses
from unspool.evaluation.reconstruction_result import ReconstructionResult
from unspool.evaluation.result import Result
from unspool.experiment import folder
from unspool.experiment.fitting import Say
from unspool.experiment.recipe import ClassificationRecipe, Recipe
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
    results: Results = {recipe.name: {} for recipe in recipes}
    for number, one in enumerate(planned, start=1):
        result = _finished(one)
        state = "already there" if result else "going on" if folder.is_unfinished(one.folder) else "running"
        say(f"[{number}/{len(planned)}] {one.recipe.name}, seed {one.seed}: {state}")
        results[one.recipe.name][one.seed] = result or run(
            one.recipe, one.folder, data_folder=data_folder, command=one.command, say=say, go_on=True
        )
    comparison = _of_classifiers(results) if isinstance(recipes[0], ClassificationRecipe) else _of_autoencoders(results)
    files.write_aside(out / COMPARISON, (json.dumps(asdict(comparison), indent=2) + "\n").encode())
    return comparison


def _of_classifiers(results: Results) -> Comparison:
    runs: dict[str, list[SeedRun]] = {recipe: [] for recipe in results}
    for recipe, by_seed in results.items():
        for seed, result in by_seed.items():
            assert isinstance(result, Result), "the plan holds one kind only"
            runs[recipe].append(SeedRun(seed, result.test_predictions, result.test.threshold))
    return compare_recipes(runs)


def _of_autoencoders(results: Results) -> LossComparison:
    runs: dict[str, list[SeedLosses]] = {recipe: [] for recipe in results}
    judged = {}
    for recipe, by_seed in results.items():
        for seed, result in by_seed.items():
            assert isinstance(result, ReconstructionResult), "the plan holds one kind only"
            runs[recipe].append(SeedLosses(seed, result.test_losses))
            judged[recipe] = result.verdict.measure, result.data.digest
    (first, (measure, _)), *_ = judged.items()
    for recipe, how in judged.items():
        if how != judged[first]:
            what = "measure" if how[0] != measure else "test set"
            raise UserError(f"{recipe} and {first} cannot be compared: they are judged by another {what}.")
    return compare_losses(runs, measure)


def _plan(recipes: Sequence[Recipe], seeds: Sequence[int], out: Path) -> list[SeededRun]:
    names = [recipe.name for recipe in recipes]
    if len(names) < 2:
        raise UserError("A comparison needs at least two recipes.")
    if len(set(names)) < len(names):
        raise UserError(f"Two recipes have the same name ({', '.join(names)}): give each its own, in its TOML file.")
    if len({type(recipe) for recipe in recipes}) > 1:
        raise UserError(f"{', '.join(names)}: a classifier and an autoencoder have no score in common to compare.")
    planned = []
    for seed in seeds:  # by seed first, so that an interrupted comparison has pairs
        for recipe in recipes:
            seeded = replace(recipe, training=replace(recipe.training, seed=seed))
            planned.append(SeededRun(seeded, out / f"{recipe.name}-seed{seed}"))
    return planned


def _finished(one: SeededRun) -> AnyResult | None:
    """The result of a run that is already there; a folder made from another recipe is an error, not a result."""
    if not folder.is_run(one.folder):
        return None
    changed = differences(load_recipe(one.folder / folder.RECIPE), one.recipe)
    if changed:
        raise UserError(
            f"{one.folder} holds a run of another recipe ({'; '.join(changed)}). Choose another folder with --out."
        )
    return read_result(one.folder)

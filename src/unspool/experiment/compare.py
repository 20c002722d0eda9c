"""The same recipes over several seeds, each run kept, and whether the difference between them is real."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from unspool import files
from unspool.errors import UserError
from unspool.evaluation.comparison import Comparison, SeedRun, compare_recipes
from unspool.evaluation.result import Result
from unspool.experiment import folder
from unspool.experiment.fitting import Say
from unspool.experiment.recipe import ClassificationRecipe, Recipe
from unspool.experiment.recipe_file import differences, load_recipe
from unspool.experiment.record import AnyResult, read_result
from unspool.experiment.run import run

COMPARISON = "comparison.json"


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
) -> Comparison:
    """Execute each recipe with each seed and compare them; runs that `out` already holds are not done again.

    Args:
        recipes: two or more, with different names.
        seeds: each recipe is run with each.
        out: holds a folder a run, and comparison.json at the end. An interrupted comparison goes on from there.
        data_folder: see `run`.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: fewer than two recipes, two of the same name, one that is no classifier's, a folder that holds a run
            of another recipe, or what `run` raises.
    """
    planned = _plan(recipes, seeds, out)
    results: dict[str, list[SeedRun]] = {recipe.name: [] for recipe in recipes}
    for number, one in enumerate(planned, start=1):
        result = _finished(one)
        state = "already there" if result else "running"
        say(f"[{number}/{len(planned)}] {one.recipe.name}, seed {one.seed}: {state}")
        if result is None:
            result = run(one.recipe, one.folder, data_folder=data_folder, command=one.command, say=say)
        assert isinstance(result, Result), "the plan holds classifiers only"
        results[one.recipe.name].append(SeedRun(one.seed, result.test_predictions, result.test.threshold))
    comparison = compare_recipes(results)
    files.write_aside(out / COMPARISON, (json.dumps(asdict(comparison), indent=2) + "\n").encode())
    return comparison


def _plan(recipes: Sequence[Recipe], seeds: Sequence[int], out: Path) -> list[SeededRun]:
    names = [recipe.name for recipe in recipes]
    if len(names) < 2:
        raise UserError("A comparison needs at least two recipes.")
    if len(set(names)) < len(names):
        raise UserError(f"Two recipes have the same name ({', '.join(names)}): give each its own, in its TOML file.")
    others = [recipe.name for recipe in recipes if not isinstance(recipe, ClassificationRecipe)]
    if others:
        raise UserError(
            f"A comparison takes recipes of classifiers, and {', '.join(others)} trains an autoencoder. Its report "
            "compares it with PCA on the same images."
        )
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

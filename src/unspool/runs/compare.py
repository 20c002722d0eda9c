"""The same recipes over several seeds, each run kept, or finished runs, and whether the difference is real."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from unspool import files
from unspool.descriptions.networks import Autoencoder
from unspool.errors import UserError
from unspool.evaluation.comparison import Answers, Comparison, SeedRun, compare_recipes
from unspool.evaluation.result import Result
from unspool.evaluation.scoring import Measures
from unspool.report.comparison import PAGE, write_comparison_page
from unspool.runs.comparable import check_comparable, settings_of_examples
from unspool.runs.reading.preparation import Say
from unspool.runs.recipes.defaults import plain_name
from unspool.runs.recipes.file import differences, load_recipe
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.runs.records import folder
from unspool.runs.records.record import read_result
from unspool.tasks import task_of

COMPARISON = "comparison.json"

Results = dict[str, dict[int, Result]]
"""For each recipe, the result of each seed."""


@dataclass(frozen=True, slots=True)
class WrittenComparison(Comparison):
    """A comparison, and where it lies.

    Attributes:
        folder: holds comparison.json and compare.html.
    """

    folder: Path

    @property
    def report(self) -> Path:
        """The path of the page, to open in a browser."""
        return self.folder / PAGE

    def __str__(self) -> str:
        said = [*(one.words for one in self.differences), *([self.baseline.words] if self.baseline else []), self.words]
        return "\n".join([*said, f"report: {self.report}"])


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
    folders: Sequence[Path],
    out: Path,
    *,
    seeds: Sequence[int] | None = None,
    command: str = "",
    data_folder: Path | None = None,
    say: Say = lambda line: None,
) -> WrittenComparison:
    """Compare finished runs that were tested on the same examples, of recipes or of people's own files.

    Args:
        folders: two or more that `run` or `train` wrote, with different names, by which they are called.
        out: gets comparison.json and compare.html.
        seeds: None to compare the models as they are; else each is trained again with each seed but that which it was
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
    for path in folders:
        files.refuse_inside(out / COMPARISON, path)
    results = {name: read_result(path) for name, path in zip(names, folders, strict=True)}
    recipes = {name: _recipe_of(path, name) for name, path in zip(names, folders, strict=True)}
    check_comparable(results, recipes)
    if seeds is not None:
        done = _of_all(_plan(list(recipes.values()), seeds, out), results, command, data_folder, say)
        found = _compared(done)
    else:
        done = {name: {0: result} for name, result in results.items()}
        found = _compared(done)
        scores: Any = tuple(replace(one, seeds=(results[one.recipe].seed,)) for one in found.recipes)
        found = replace(found, recipes=scores)
    return _written(replace(found, words=found.words + _other_training(results, recipes)), done, out)


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


def _written(comparison: Comparison, results: Results, out: Path) -> WrittenComparison:
    files.make_folder(out)
    files.write_json_aside(out / COMPARISON, asdict(comparison))
    write_comparison_page(comparison, results, out)
    return WrittenComparison(**{one.name: getattr(comparison, one.name) for one in fields(comparison)}, folder=out)


def _compared(results: Results) -> Comparison:
    runs = {name: [_seed_run(seed, result) for seed, result in by_seed.items()] for name, by_seed in results.items()}
    first = next(iter(next(iter(results.values())).values()))
    measures, compared = _measures(first)
    try:
        with np.errstate(all="ignore"):
            return compare_recipes(runs, first.task, {name: measures[name] for name in compared}, compared[-1])
    except files.DAMAGE as error:
        raise UserError(
            f"{', '.join(results)} cannot be compared: what one of them says is damaged ({type(error).__name__}: "
            f"{files.reason_of(error)}). Run the recipe again."
        ) from error


def _measures(result: Result) -> tuple[Measures, list[str]]:
    """All measures of a result's task, and those that models are compared by, the verdict's last."""
    task = task_of(result)
    compared = [name for name in task.compared if name != result.verdict.measure and name in result.test.figures]
    return task.measures, [*compared, result.verdict.measure]


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
    _check_names(names, "recipes")
    if len({(type(recipe.data), isinstance(recipe.model, Autoencoder)) for recipe in recipes}) > 1:
        raise UserError(f"{', '.join(names)}: models for such different tasks have no score in common to compare.")
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


def _finished(one: SeededRun, before: Result | None) -> Result | None:
    """The result of a run that is already there; a folder made from another recipe or data is an error, no result."""
    if not folder.is_run(one.folder):
        return None
    changed = differences(load_recipe(one.folder / folder.RECIPE), one.recipe)
    if changed:
        raise UserError(
            f"{one.folder} holds a run of another recipe ({'; '.join(changed)}). Choose another folder with --out."
        )
    result = read_result(one.folder)
    if before and result.data.digest != before.data.digest:
        raise UserError(
            f"{one.folder} was trained on different data from the runs to compare. Choose another folder with --out."
        )
    return result

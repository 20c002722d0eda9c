"""One execution of a recipe, of whatever kind: data, training, evaluation, report, folder."""

import shlex
import time
from collections.abc import Iterable
from pathlib import Path

from unspool.experiment import classification, folder, reconstruction
from unspool.experiment.fitting import Job, Say
from unspool.experiment.recipe import ClassificationRecipe, Recipe, ReconstructionRecipe
from unspool.experiment.recipe_file import write_recipe
from unspool.experiment.record import AnyResult, write_result
from unspool.report.page import write_report


def run(
    recipe: Recipe, out: Path, *, data_folder: Path | None = None, command: str = "", say: Say = lambda line: None
) -> AnyResult:
    """Execute a recipe and write its folder: whole, or, when something fails or Ctrl-C is pressed, not at all.

    Args:
        recipe: what to do.
        out: the folder to write; must not be there yet.
        data_folder: the user's datasets; otherwise the folder that UNSPOOL_DATA names.
        command: what a person types to run it again, for the report.
        say: gets a line as each part of the work begins.

    Returns:
        What the report shows.

    Raises:
        UserError: the folder is there already, or the data cannot be had.
    """
    began = time.perf_counter()
    with folder.written_whole(out) as partial:
        say(f"data: {recipe.data.dataset}")
        result = _execute(recipe, Job(partial, data_folder, command, say, began))
        write_recipe(recipe, partial / folder.RECIPE)
        write_result(result, partial)
        write_report(result, partial)
    return result


def command_line(recipe: str, settings: Iterable[str]) -> str:
    """What a person types to execute a recipe with these changes."""
    return shlex.join(["unspool", "run", recipe, *(word for s in settings for word in ("--set", s))])


def _execute(recipe: Recipe, job: Job) -> AnyResult:
    if isinstance(recipe, ReconstructionRecipe):
        return reconstruction.execute(recipe, job)
    assert isinstance(recipe, ClassificationRecipe)
    return classification.execute(recipe, job)

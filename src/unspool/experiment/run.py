"""One execution of a recipe, of whatever kind: data, training, evaluation, report, folder."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from unspool.experiment import classification, folder, reconstruction
from unspool.experiment.chronicle import Chronicle
from unspool.experiment.fitting import Job, Say
from unspool.experiment.recipe import Recipe, ReconstructionRecipe
from unspool.experiment.recipe_file import write_recipe
from unspool.experiment.record import AnyResult, write_result
from unspool.experiment.unfinished import Begun, begin, check_is_the_same, telling_how_to_go_on
from unspool.report.page import write_report


def run(
    recipe: Recipe,
    out: Path,
    *,
    data_folder: Path | None = None,
    command: str = "",
    say: Say = lambda line: None,
    go_on: bool = False,
    force: bool = False,
) -> AnyResult:
    """Execute a recipe and write its folder: whole, or not at all.

    When something fails, Ctrl-C is pressed or the process is killed, what was trained stays beside it, for `resume`.

    Args:
        recipe: what to do.
        out: the folder to write; must not be there yet.
        data_folder: the user's datasets; otherwise the folder that UNSPOOL_DATA names.
        command: what a person types to run it again, for the report.
        say: gets a line as each part of the work begins.
        go_on: whether to go on where an earlier execution was interrupted, if it was.
        force: whether to go on though versions or machine have changed, so that the last bits may differ.

    Returns:
        What the report shows.

    Raises:
        UserError: the folder is there already or in use, the data cannot be had, or what is to go on was begun with
            another recipe or under other conditions.
    """
    with folder.written_whole(out, go_on) as content:
        if not check_is_the_same(out, recipe, force, say):
            begin(out, recipe, Begun.now(command, data_folder))
        say(f"data: {recipe.data.dataset}")
        checkpoints = folder.partial_of(out) / folder.CHECKPOINTS
        job = Job(content, data_folder, command, say, Chronicle(), checkpoints)
        with telling_how_to_go_on(out, say):
            result: AnyResult = kind_of(recipe).execute(recipe, job)
            write_recipe(recipe, content / folder.RECIPE)
            job.chronicle.digests.write(content)
            write_result(result, content)
            write_report(result, content)
    return result


def command_line(recipe: str, settings: Iterable[str]) -> str:
    """What a person types to execute a recipe with these changes."""
    return shlex.join(["unspool", "run", recipe, *(word for s in settings for word in ("--set", s))])


def kind_of(recipe: Recipe) -> ModuleType:
    """The module with what is particular to the recipe's kind: `prepare`, `fitted`, `execute`."""
    return reconstruction if isinstance(recipe, ReconstructionRecipe) else classification

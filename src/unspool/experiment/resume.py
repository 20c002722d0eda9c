"""Going on with a run, or with a person's own file, that was interrupted."""

from pathlib import Path

from unspool.experiment.fitting import Say
from unspool.experiment.own.recipe import OwnRecipe
from unspool.experiment.own.training import resume_file
from unspool.experiment.record import AnyResult
from unspool.experiment.run import run
from unspool.experiment.unfinished import read_begun


def resume(
    out: Path, *, data_folder: Path | None = None, force: bool = False, say: Say = lambda line: None
) -> AnyResult:
    """Finish a run, or the training on a person's own file, as if it had not been interrupted.

    Args:
        out: the folder that the run is to have, as `run` was told.
        data_folder: the user's datasets; otherwise the folder that the run was begun with.
        force: see `run`.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: there is no such unfinished run, the own file is not what it was, or what `run` raises.
    """
    recipe, begun = read_begun(out)
    if isinstance(recipe, OwnRecipe):
        return resume_file(out, recipe, begun, force=force, say=say)
    if data_folder is None and begun.data_folder:
        data_folder = Path(begun.data_folder)
    return run(recipe, out, data_folder=data_folder, command=begun.command, say=say, go_on=True, force=force)

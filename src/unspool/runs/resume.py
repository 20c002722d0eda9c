"""Going on with a run that was interrupted."""

from pathlib import Path

from unspool.data import storage
from unspool.errors import UserError
from unspool.evaluation.result import Result
from unspool.runs.reading.preparation import Say
from unspool.runs.records.unfinished import read_begun
from unspool.runs.refit import refit
from unspool.runs.run import run


def resume(
    out: Path,
    *,
    data_folder: Path | None = None,
    force: bool = False,
    say: Say = lambda line: None,
    track: str | None = None,
    search: Path | None = None,
) -> Result | None:
    """Finish a run as if it had not been interrupted.

    Args:
        out: the folder that the run is to have, as `run` or `train` was told.
        data_folder: the user's datasets; otherwise the folder that the run was begun with or, if that is gone, the one
            that UNSPOOL_DATA names.
        force: see `run`.
        say: gets a line as each part of the work begins.
        track: a tracker that logs the whole run, see `run`.
        search: see `run`.

    Returns:
        The result; None where the model of a finished run is fitted to all examples, see `refit`.

    Raises:
        UserError: there is no such unfinished run, its data is not what it was, or what `run` raises.
    """
    recipe, begun = read_begun(out)
    if data_folder is None and begun.data_folder:
        remembered = Path(begun.data_folder)
        data_folder = remembered if remembered.is_dir() else storage.data_folder() or remembered
    if begun.refits is not None:
        from unspool.training import processes

        if track is not None or processes.size() > 1:
            raise UserError(f"{out} is a refit: it is not tracked, and trains in one process. Leave out these options.")
        refit(Path(begun.refits), out, data_folder=data_folder, say=say, go_on=True, force=force)
        return None
    return run(
        recipe,
        out,
        data_folder=data_folder,
        command=begun.command,
        say=say,
        go_on=True,
        force=force,
        track=track,
        search=search,
    )

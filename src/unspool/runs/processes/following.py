"""What the processes but the first do in a run whose model several train together: they follow in training."""

import signal
import tomllib
from pathlib import Path

from unspool.runs.fitting import fit_recipe
from unspool.runs.processes.shared import check_alike
from unspool.runs.recipes.file import recipe_from
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.run import prepare
from unspool.runs.trained import Job
from unspool.training import processes
from unspool.training.processes import Group


def follow(group: Group, data_folder: Path | None) -> None:
    """Train what the first process trains, and write nothing. Ctrl-C is for that one; when it ends, so does this one.

    Raises:
        UserError: the data cannot be had or is not that of the first, or another process was lost.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with processes.telling_of_the_lost():
        recipe = recipe_from(tomllib.loads(group.send(b"").decode()), "the recipe of process 0")
    prepared = prepare(recipe, data_folder, TrainingLog())
    check_alike(group, prepared)
    fit_recipe(recipe, prepared, Job(Path(), "", lambda line: None, TrainingLog(), verbose=0))

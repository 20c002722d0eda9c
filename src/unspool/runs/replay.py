"""A run trained again from what its folder records, and whether it gives the same bits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from unspool.errors import UserError
from unspool.readers import READER, load_reader
from unspool.runs.checking.golden_labels import refuse_changed
from unspool.runs.fitting import fit_recipe
from unspool.runs.judging import trained_model
from unspool.runs.reading.preparation import Say
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records import environment, folder
from unspool.runs.records.record import read_result
from unspool.runs.records.training_log import Digests, TrainingLog, read_digests
from unspool.runs.run import prepare_again
from unspool.runs.trained import Job
from unspool.tasks import load_task
from unspool.tasks.base import FILE as LABELS


@dataclass(frozen=True)
class Parting:
    """Where a replay first had other bits than its run.

    Attributes:
        epoch: counted from 1.
        array: of weights; empty where the run had no such epoch, or the replay has not.
    """

    epoch: int
    array: str


@dataclass(frozen=True)
class Replay:
    """What a replay showed.

    Attributes:
        epochs: how many had the same weights, to the bit.
        arrays: of weights, compared after each epoch, and those that the task has learned, at the end.
        parting: where they first differed, or None.
        fitted: whether the model was fitted in one go, which counts as an epoch.
    """

    epochs: int
    arrays: int
    parting: Parting | None
    fitted: bool = False


class Comparing(TrainingLog):
    """Takes notes beside those of a run, and stops where they part."""

    def __init__(self, run: Digests) -> None:
        super().__init__()
        self._run = run
        self.parting: Parting | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compare this epoch's weights."""
        super().on_epoch_end(epoch, logs)
        if self._parts_in(epoch):
            self.model.stop_training = True

    def adopt(self, part: TrainingLog) -> None:
        """Compare the epochs of a part."""
        super().adopt(part)
        any(self._parts_in(epoch) for epoch in range(len(self.digests.epochs)))

    def record_arrays(self, arrays: dict[str, Any]) -> None:
        """Compare what a model has learned that is fitted in one go."""
        super().record_arrays(arrays)
        self._parts_in(0)

    def _parts_in(self, epoch: int) -> bool:
        here = self.digests
        there = self._run.epochs[epoch] if epoch < len(self._run.epochs) else []
        if here.epochs[epoch] != there:
            rows = zip(here.arrays, here.epochs[epoch], there, strict=False)
            self.parting = Parting(epoch + 1, next((name for name, one, other in rows if one != other), ""))
        return self.parting is not None


def replay(run: Path, *, data_folder: Path | None = None, force: bool = False, say: Say = lambda line: None) -> Replay:
    """Train the model of a finished run again, and compare its weights after each epoch.

    Args:
        run: its folder, or that of a model that `train` made; nothing in it is changed.
        data_folder: the user's datasets; otherwise the folder that UNSPOOL_DATA names.
        force: whether to train even if versions, the machine, the data or files in the folder have changed.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: it is not a finished run, the data cannot be had, or what the result depends on or a file of the
            model has changed.
    """
    result, digests = read_result(run), read_digests(run)
    if not force:
        # Equal bits would say nothing about a model that has been replaced; the recipe is what is trained again.
        refuse_changed(run, besides=(folder.RECIPE,))
    decisive, others = environment.changes(result.environment)
    say(f"data: {result.data.name}")
    if (run / READER).is_file():
        load_reader(run)  # refuses one of an earlier version before hours of training whose bits would differ
    recipe = load_recipe(run / folder.RECIPE)
    prepared = prepare_again(recipe, run, data_folder, TrainingLog())
    if prepared.digest != result.data.digest:
        decisive.append(f"data: {result.data.digest}, now {prepared.digest}")
    if decisive and not force:
        raise UserError(
            f"Since the run, something has changed that can change its bits ({'; '.join(decisive)}). "
            f"`unspool replay {run} --force` trains anyway."
        )
    if decisive or others:
        say(f"changed since the run: {'; '.join(decisive + others)}")
    log = Comparing(digests)
    trained = fit_recipe(recipe, prepared, Job(run, "", say, log))
    done = len(log.digests.epochs)
    if log.parting:
        return Replay(log.parting.epoch - 1, len(digests.arrays), log.parting, log.in_one_go)
    if done < len(digests.epochs):
        return Replay(done, len(digests.arrays), Parting(done + 1, ""))
    kept = load_task(run / LABELS).learned if (run / LABELS).is_file() else {}
    now = trained_model(recipe, prepared, trained).task.learned if kept else {}
    other = [name for name, one in kept.items() if not np.array_equal(one, now.get(name, ()))]
    return Replay(done, len(digests.arrays) + len(kept), Parting(done, other[0]) if other else None, log.in_one_go)

"""A run trained again from what its folder records, and whether it gives the same bits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unspool.errors import UserError
from unspool.experiment import environment, folder
from unspool.experiment.chronicle import Chronicle, Digests, read_digests
from unspool.experiment.fitting import Job, Say
from unspool.experiment.own.fitting import ready_again
from unspool.experiment.own.model import is_own_model
from unspool.experiment.own.recipe import read_own_recipe
from unspool.experiment.recipe_file import load_recipe
from unspool.experiment.record import read_result
from unspool.experiment.run import kind_of


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
        arrays: of weights, compared after each epoch.
        parting: where they first differed, or None.
    """

    epochs: int
    arrays: int
    parting: Parting | None


class Comparing(Chronicle):
    """Takes notes beside those of a run, and stops where they part."""

    def __init__(self, run: Digests) -> None:
        super().__init__()
        self._run = run
        self.parting: Parting | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compare this epoch's weights."""
        super().on_epoch_end(epoch, logs)
        here = self.digests
        there = self._run.epochs[epoch] if epoch < len(self._run.epochs) else []
        if here.epochs[-1] != there:
            rows = zip(here.arrays, here.epochs[-1], there, strict=False)
            self.parting = Parting(epoch + 1, next((name for name, one, other in rows if one != other), ""))
            self.model.stop_training = True


def replay(run: Path, *, data_folder: Path | None = None, force: bool = False, say: Say = lambda line: None) -> Replay:
    """Train the model of a finished run again, and compare its weights after each epoch.

    Args:
        run: its folder, or that of a model that `train` made; nothing in it is changed.
        data_folder: the user's datasets; otherwise the folder that UNSPOOL_DATA names.
        force: whether to train though versions, machine or data have changed.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: it is no finished run, the data cannot be had, or what the result depends on has changed.
    """
    result, digests = read_result(run), read_digests(run)
    decisive, others = environment.changes(result.environment)
    say(f"data: {result.data.name}")
    data, fit = _again(run, data_folder)
    if data != result.data.digest:
        decisive.append(f"data: {result.data.digest}, now {data}")
    if decisive and not force:
        raise UserError(
            f"Since the run there has changed what its bits may depend on ({'; '.join(decisive)}). "
            f"`unspool replay {run} --force` trains all the same."
        )
    if decisive or others:
        say(f"changed since the run: {'; '.join(decisive + others)}")
    chronicle = Comparing(digests)
    fit(Job(run, data_folder, "", say, chronicle))
    done = len(chronicle.digests.epochs)
    if chronicle.parting:
        return Replay(done - 1, len(digests.arrays), chronicle.parting)
    parting = Parting(done + 1, "") if done < len(digests.epochs) else None
    return Replay(done, len(digests.arrays), parting)


def _again(run: Path, data_folder: Path | None) -> tuple[str, Callable[[Job], object]]:
    """The digest of the data as it is now, and what trains the model on it."""
    if is_own_model(run):
        given = ready_again(read_own_recipe(run / folder.RECIPE), Chronicle())
        return given.digest, given.fitted
    recipe = load_recipe(run / folder.RECIPE)
    kind = kind_of(recipe)
    prepared = kind.prepare(recipe, data_folder)
    return prepared.dataset.digest, lambda job: kind.fitted(recipe, job, prepared)

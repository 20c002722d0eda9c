"""Reports a run to a tracker; errors of the tracker do not stop the training."""

import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from unspool.errors import UserError
from unspool.evaluation.result import Result, Scores
from unspool.runs.reading.preparation import Say
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.trackers.tracker import Beginning, Finished, Parameters, Tracker

TRACKERS = {
    "tensorboard": ("tensorboardX", "TensorBoard"),
    "mlflow": ("mlflow", "MLflow"),
    "wandb": ("wandb", "WandB"),
    "trackio": ("trackio", "Trackio"),
}
"""The package that each needs, and the class of its adapter, which lies in a module of the tracker's name."""

LOWEST_LOSS = "lowest_val_loss"
"""What a tracker calls the loss by which the trials of a search are compared."""


@dataclass
class Tracking:
    """Reports a run to a tracker until its first failure, which is logged in one line.

    Attributes:
        kind: a key of `TRACKERS`; None for no tracker.
        say: gets the line.
    """

    kind: str | None
    say: Say
    _tracker: Tracker | None = None
    _told: int = 0

    def begin(self, out: Path, recipe: Recipe, search: Path | None) -> None:
        """Tell that a run begins."""
        if self.kind is not None:
            module, name = f"unspool.runs.trackers.{self.kind}", TRACKERS[self.kind][1]
            if search is None:
                begun = Beginning(out, tracker_name(out.name), flat(recipe), out.parent)
            else:
                named = tracker_name(f"{search.name}-{out.name}")
                begun = Beginning(out, named, flat(recipe), search.parent, tracker_name(search.name))
            with self._forgiving():
                self._tracker = getattr(import_module(module), name)(begun)

    def epochs(self, history: Mapping[str, Sequence[float]]) -> None:
        """Report all epochs that have not been reported yet, including those before an interruption."""
        for number in range(self._told + 1, 1 + min(map(len, history.values()), default=0)):
            values = {name: float(all_of_it[number - 1]) for name, all_of_it in history.items()}
            known = {name: value for name, value in values.items() if math.isfinite(value)}
            self._told = number
            if self._tracker is not None:
                with self._forgiving():
                    self._tracker.epoch(number, known)

    def finish(self, result: Result, content: Path) -> None:
        """Tell how good it is, and where its files lie."""
        self.epochs(result.history)
        scores = {**dict(_scores("test", result.test)), **dict(_scores("validation", result.validation))}
        self._finish(Finished(scores, {"verdict": result.verdict.words}, result.epochs, content))

    def finish_trial(self, losses: Sequence[float], outcome: str) -> None:
        """Tell how a trial of a search ended: its lowest validation loss, and why it ended."""
        known = [loss for loss in losses if math.isfinite(loss)]
        scores = {LOWEST_LOSS: min(known)} if known else {}
        self._finish(Finished(scores, {"outcome": outcome}, len(losses)))

    def _finish(self, finished: Finished) -> None:
        if self._tracker is not None:
            with self._forgiving():
                self._tracker.finish(finished)

    def close(self, failed: bool) -> None:
        """Tell that it ends."""
        if self._tracker is not None:
            with self._forgiving():
                self._tracker.close(failed)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Where the block fails, say so, and tell the tracker no more."""
        try:
            with redirect_stdout(sys.stderr):  # what trackers print is no result of a command
                yield
        except Exception as error:
            self._tracker = None
            said = (str(error).strip() or type(error).__name__).splitlines()[0]
            self.say(f"warning: training continues, but logging to {self.kind} stopped: {said[:300]}")


@contextmanager
def tracking(kind: str | None, out: Path, recipe: Recipe, say: Say, search: Path | None = None) -> Iterator[Tracking]:
    """Tell a tracker of the run that the block executes.

    Args:
        kind: a key of `TRACKERS`; None for no tracker.
        out: the run's folder.
        recipe: what is executed.
        say: gets a line where the tracker fails.
        search: the folder of the search that the run is a trial of, or the winner.
    """
    told = Tracking(kind, say)
    told.begin(out, recipe, search)
    try:
        yield told
    except BaseException:
        told.close(failed=True)
        raise
    told.close(failed=False)


def refuse_missing(kind: str | None) -> None:
    """Refuse a tracker that is not installed, before anything is trained.

    Raises:
        UserError: there is no such tracker, or its package is missing; says how to get it.
    """
    if kind is None:
        return
    if kind not in TRACKERS:
        raise UserError(f"--track {kind}: there is no such tracker. There are {', '.join(TRACKERS)}.")
    if find_spec(TRACKERS[kind][0]) is None:
        raise UserError(f"--track {kind} needs {TRACKERS[kind][0]}: pip install 'unspool[track-{kind}]'.")


def flat(recipe: Recipe) -> Parameters:
    """A recipe's settings by name, as in "model.units"; what is not set is left out, lists are texts."""
    return dict(_flat("", asdict(recipe)))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str | int | float | bool]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else key, inner)
    elif isinstance(value, str | int | float | bool):
        yield prefix, value
    elif value is not None:
        yield prefix, ", ".join(map(str, value))


def _scores(part: str, scores: Scores) -> Iterator[tuple[str, float]]:
    for name, score in scores.figures.items():
        for ending, value in (("", score.value), ("_low", score.interval.low), ("_high", score.interval.high)):
            if math.isfinite(value):
                yield f"{part}/{name}{ending}", value


def tracker_name(name: str) -> str:
    """A name that every tracker takes.

    Example:
        >>> tracker_name("Größe 2")
        'Gr-e-2'
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name) or "run"

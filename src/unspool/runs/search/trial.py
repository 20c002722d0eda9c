"""A trial: a run that is trained and validated but not tested; only the winner of a search is."""

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import Trial, TrialState

from unspool.errors import UserError
from unspool.report.wording import setting_value
from unspool.runs.fitting import fit_recipe
from unspool.runs.network_fitting import Diverged
from unspool.runs.reading.preparation import Prepared, Say
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.records import folder
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.records.unfinished import Begun, begun_before, note_beginning
from unspool.runs.search.ranges import changes_of
from unspool.runs.search.study import Trials
from unspool.runs.search.subject import Subject
from unspool.runs.trackers import Tracking, tracking
from unspool.runs.trained import Job

PRUNED, DIVERGED, OUT_OF_TIME, IMPOSSIBLE = "pruned", "diverged", "out of time", "impossible"
"""Why a trial was not trained to its end; kept with it as WHY."""
WHY, REASON, BEST_EPOCH = "why", "reason", "best_epoch"
SECONDS, PARAMETERS = "seconds", "parameters"
_LOSS = "loss_{}"
"""Of each epoch, counted from 1."""


class OutOfTime(Exception):
    """The budget of the search ended in a trial."""


@dataclass(frozen=True)
class Worker:
    """What the trials of one worker have in common.

    Attributes:
        trials: those of all workers.
        subject: what the search is over.
        digest: of the data, see `Prepared.digest`.
        data_folder: see `run`.
        say: gets a line as each trial ends.
        out_of_time: whether the budget has ended.
        verbose: how much of each epoch is shown, as `fit` takes it.
        track: a tracker that logs each trial, see `trackers.TRACKERS`.
    """

    trials: Trials
    subject: Subject
    digest: str
    data_folder: Path | None
    say: Say
    out_of_time: Callable[[], bool]
    verbose: int | str
    track: str | None = None

    def work(self, trial: Trial) -> None:
        """Train a trial that this worker holds, from where it was left, and tell the study how it ended.

        Raises:
            OutOfTime: the budget has ended, and no trial has been trained to its end: this one is kept as it is.
            UserError: the data has changed, the disk is full, and the like: the trial is kept as it is.
        """
        values = {one.name: one.suggest(trial) for one in self.trials.ranges}
        try:
            recipe, prepared = self.subject.prepare(changes_of(values), lambda line: None)
        except UserError as error:  # a combination that makes no model: each setting for itself has been checked
            self._end(trial, TrialState.FAIL, IMPOSSIBLE, reason=str(error))
            return
        if prepared.digest != self.digest:
            raise UserError("The data has changed since the search began. Put it back, or search again elsewhere.")
        place = self.trials.place(trial.number)
        if begun_before(place, recipe, force=True, say=self.say) is None:
            note_beginning(
                folder.partial_of(place),
                recipe,
                Begun.now(recipe, "", self.data_folder, prepared.digest, prepared.seen),
            )
        with tracking(self.track, place, recipe, self.say, self.trials.out) as tracked:
            self._train(trial, place, recipe, prepared, tracked)
            ended = self.trials.all()[trial.number]
            tracked.finish_trial(losses_of(ended), outcome(ended))

    def _train(self, trial: Trial, place: Path, recipe: Recipe, prepared: Prepared, tracked: Tracking) -> None:
        log = TrainingLog(
            lambda epoch, logs: tracked.epochs(log.history_with(logs)),
            lambda epoch, logs: self._watch(trial, log, epoch, logs, recipe.training.epochs),
            of_parts=[lambda epoch, logs: self._end_in_time()],
        )
        checkpoints = folder.partial_of(place) / folder.CHECKPOINTS
        job = Job(place, "", lambda line: None, log, checkpoints, self.verbose)
        try:
            trained = fit_recipe(recipe, prepared, job)
        except optuna.TrialPruned:
            self._end(trial, TrialState.PRUNED, PRUNED)
        except Diverged:
            self._end(trial, TrialState.PRUNED, DIVERGED)
        except OutOfTime:
            if not self.trials.all(TrialState.COMPLETE):
                raise
            self._end(trial, TrialState.PRUNED, OUT_OF_TIME)
        else:
            trial.set_user_attr(BEST_EPOCH, trained.best_epoch)
            self._end(trial, TrialState.COMPLETE, loss=trained.history["val_loss"][trained.best_epoch - 1])

    def _watch(self, trial: Trial, log: TrainingLog, epoch: int, logs: Mapping[str, float], most: int) -> None:
        """Report an epoch; end the trial where it is of no use.

        What is reported is the lowest loss so far: the weights of that epoch are those that would be kept.
        """
        loss, before = float(logs["val_loss"]), losses_of(trial)[: epoch - 1]
        trial.set_user_attr(_LOSS.format(epoch), loss)
        trial.set_user_attr(SECONDS, log.seconds)
        trial.set_user_attr(PARAMETERS, log.model.count_params())
        known = self.trials.all()[trial.number].intermediate_values
        if epoch not in known:  # an epoch is trained again where the worker died before it was saved
            trial.report(min([*before, loss]) if math.isfinite(loss) else math.nan, epoch)
        if not math.isfinite(loss):
            raise Diverged("the validation loss is no number any more")
        if epoch < most and trial.should_prune():  # at its end there is nothing to save
            raise optuna.TrialPruned
        if epoch < most:
            self._end_in_time()

    def _end_in_time(self) -> None:
        if self.out_of_time():
            raise OutOfTime

    def _end(
        self, trial: Trial, state: TrialState, why: str = "", *, loss: float | None = None, reason: str = ""
    ) -> None:
        """Tell the study how a trial ended, and what can no longer win its checkpoints' place."""
        if why:
            trial.set_user_attr(WHY, why)
        if reason:
            trial.set_user_attr(REASON, reason)
        with self.trials.asking():
            self.trials.study.tell(trial, loss, state=state)
            self._remove_beaten()
        self.say(self.line(trial.number))

    def _remove_beaten(self) -> None:
        """Remove the checkpoints of all trials that have ended but the best: a loss once beaten stays so."""
        ended = self.trials.all(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
        best = self.trials.best
        for trial in ended:
            if trial.number != best:
                checkpoints = folder.partial_of(self.trials.place(trial.number)) / folder.CHECKPOINTS
                shutil.rmtree(checkpoints, ignore_errors=True)

    def line(self, number: int) -> str:
        """What a person reads of a trial that has ended."""
        trial = self.trials.all()[number]
        settings = " ".join(f"{name.rpartition('.')[2]}={setting_value(value)}" for name, value in trial.params.items())
        said = f"trial {number}: {settings}: {outcome(trial)}"
        best = self.trials.best
        if best is None:
            return said
        if best == number:
            return f"{said}, the best so far"
        return f"{said}; best so far: {self.trials.all()[best].value:.4f} (trial {best})"


def losses_of(trial: Any) -> list[float]:
    """The validation loss of each epoch."""
    attributes = trial.user_attrs
    return [*takewhile(lambda loss: loss is not None, (attributes.get(_LOSS.format(epoch)) for epoch in count(1)))]


def outcome(trial: Any) -> str:
    """How a trial ended, in words."""
    attributes = trial.user_attrs
    losses = losses_of(trial)
    epochs = len(losses)
    after = f"after {epochs} epoch{'s' * (epochs != 1)}"
    if trial.state == TrialState.COMPLETE:
        return f"validation loss {trial.value:.4f}, epoch {attributes[BEST_EPOCH]} of {epochs}"
    why = attributes.get(WHY, "under way")
    if why == IMPOSSIBLE:
        return f"impossible: {attributes.get(REASON, '')}"
    last = f", validation loss {losses[-1]:.4f}" if losses else ""
    return f"{why} {after}{last}"

"""The search: trials until there are enough or the time is over; then the best is judged, once, on the test set."""

import math
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from numbers import Integral
from pathlib import Path
from time import monotonic
from typing import Any, get_args

from optuna.trial import TrialState

from unspool import locks
from unspool.errors import UserError
from unspool.evaluation.searched import Searched
from unspool.progress import in_notebook
from unspool.runs.reading.preparation import Say
from unspool.runs.recipes.file import without_nothing
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.records import folder
from unspool.runs.records.unfinished import note_beginning, read_begun
from unspool.runs.resume import resume
from unspool.runs.search.ranges import Range, changes_of, corners, parse_ranges, typed
from unspool.runs.search.study import WINNER, Pruner, Sampler, Trials, joined, telling_of_the_storage
from unspool.runs.search.subject import Subject
from unspool.runs.search.summary import searched, write_summary
from unspool.runs.search.trial import OUT_OF_TIME, WHY, OutOfTime, Worker
from unspool.runs.trackers import refuse_missing


def search(
    subject: Subject,
    over: Iterable[str],
    out: Path,
    *,
    trials: int = 20,
    budget: float | None = None,
    storage: str | None = None,
    sampler: Sampler = "tpe",
    pruner: Pruner = "halving",
    data_folder: Path | None = None,
    command: str = "",
    say: Say = lambda line: None,
    track: str | None = None,
) -> Searched:
    """Search the settings of a recipe, or of a network for a file, for the lowest validation loss.

    Each trial is a run that ends after validation. The best one is finished as any run is: its model alone is scored on
    the test set. The same call resumes a search that was interrupted, or joins it as another worker.

    Args:
        subject: what is trained.
        over: what is varied, as in "model.units=16..256:log".
        out: the search's folder.
        trials: how many, those of all workers together.
        budget: seconds after which this worker begins no other trial, and ends its present one at the end of an epoch;
            None for no limit.
        storage: the URL of a database for the study; None for a journal in the folder.
        sampler: "tpe" (Bergstra et al., 2011), "random", or "qmc", which covers the ranges evenly.
        pruner: "halving" ends trials by asynchronous successive halving (Li et al., 2020), "median" those that are
            worse than half of the others, "none" none.
        data_folder: see `run`.
        command: that resumes it.
        say: gets a line as each trial ends.
        track: a tracker that logs each trial and the winner, see `trackers.TRACKERS`.

    Returns:
        What was found; without a winner where other workers are not done.

    Raises:
        UserError: an argument is wrong, a range is wrong or without effect, the folder holds another search or one of
            other data, the data cannot be had, or no trial was trained to its end.
    """
    refuse_missing(track)
    _check_arguments(trials, sampler, pruner)
    deadline = math.inf if budget is None else monotonic() + budget
    ranges = parse_ranges(over)
    _check_all(ranges, subject)
    say(f"data: {subject.source}")
    base, prepared = subject.prepare(changes_of({one.name: one.ends[0] for one in ranges}), say)
    if base.evaluation.protocol == "chapter":
        raise UserError("A search under the protocol chapter would choose by the test set. Leave --protocol out.")
    ranges = typed(ranges, base)
    _check_all(ranges, subject)
    plan = {"over": list(map(str, ranges)), "recipe": _plan(base, ranges), "digest": prepared.digest}
    with telling_of_the_storage():
        found = joined(out, plan, ranges, storage=storage, seed=base.training.seed, sampler=sampler, pruner=pruner)
        verbose = "auto" if sys.stderr.isatty() or in_notebook() else 0
        worker = Worker(
            found, subject, prepared.digest, data_folder, say, lambda: monotonic() > deadline, verbose, track
        )
        ended = len(found.all())
        if found.winner is not None and ended < min(trials, found.combinations):
            say(
                f"{out}: this search is closed, as its winner was chosen after {ended} trial{'s' * (ended > 1)}: no "
                f"more are tried. To try {trials}, search in another folder (--out)."
            )
        elif found.combinations < trials:
            say(f"combinations of settings: {found.combinations}; the search ends when each has been tried once")
        try:
            _work(worker, trials)
            if _closed(worker):
                _finish(found, say, track)
        except (KeyboardInterrupt, UserError):
            if not folder.is_run(out / WINNER):
                say(f"the search so far is saved. To continue: {command or 'search again with the same arguments'}")
            raise
        finally:
            if found.all():
                summary = searched(found, subject.name, base.title, command)
                write_summary(summary, out)
    return summary


def _check_arguments(trials: Any, sampler: Any, pruner: Any) -> None:
    """Refuse what cannot be searched with; in Python, anything may be given.

    Raises:
        UserError: names the argument and its values.
    """
    if isinstance(trials, bool) or not isinstance(trials, Integral) or trials < 1:
        raise UserError(f"trials is {trials!r}. Give a whole number of at least 1.")
    for name, value, known in (("sampler", sampler, get_args(Sampler)), ("pruner", pruner, get_args(Pruner))):
        if value not in known:
            raise UserError(f"{name} is {value!r}. It can be {', '.join(known)}.")


def _check_all(ranges: Sequence[Range], subject: Subject) -> None:
    """Refuse a range with an end that can be trained with no value of the others."""
    for one, combinations in corners(ranges):
        errors = []
        for values in combinations:
            try:
                subject.check(changes_of(values), one.name)
            except UserError as error:
                errors.append(error)
        if len(errors) == len(combinations):
            said = str(errors[0]).removeprefix("--set: ")
            to_blame = next((other for other in ranges if re.search(rf"\b{re.escape(other.name)}\b", said)), one)
            raise UserError(f"--over {to_blame}: {said}") from errors[0]


def _plan(base: Recipe, ranges: Sequence[Range]) -> dict[str, object]:
    """What the recipe of every trial has in common."""
    plan = without_nothing(asdict(base))
    for one in ranges:
        *path, last = one.name.split(".")
        table = plan
        for part in path:
            table = table[part]
        table.pop(last, None)
    return plan


def _work(worker: Worker, most: int) -> None:
    """Train trials while there are some to take, and time."""
    while True:
        with worker.trials.claimed(most, worker.out_of_time) as trial:
            if trial is None:
                return
            try:
                worker.work(trial)
            except OutOfTime:
                return


def _closed(worker: Worker) -> bool:
    """Close the search, unless another worker is at it: the last one closes it."""
    trials, say = worker.trials, worker.say
    with trials.asking():
        abandoned = trials.abandoned()
        others = len(trials.all(TrialState.RUNNING)) - len(abandoned)
        if others:
            say(f"{others} trial{'s' * (others > 1)} of other workers under way: the last worker judges the winner")
            return False
        if trials.best is None:
            raise UserError(
                "No trial was trained to its end, so there is nothing to judge. Give the search more time (--budget) "
                "or trials, or other ranges."
            )
        for trial in abandoned:
            storage, identity = trials.study._storage, trial._trial_id
            storage.set_trial_user_attr(identity, WHY, OUT_OF_TIME)
            trials.study.tell(trial.number, state=TrialState.PRUNED)
        trials.close()
        return True


def _finish(trials: Trials, say: Say, track: str | None) -> None:
    """Resume the winner's run where the trial ended, and score it on the test set, unless another worker is at it."""
    winner, number = trials.out / WINNER, trials.winner
    assert number is not None
    with trials.asking():
        if not folder.is_unfinished(winner) and not folder.is_run(winner):  # in this order: it may end in between
            _move(trials, number, winner)
    if folder.is_run(winner):
        return
    say(f"trial {number} has the lowest validation loss of {len(trials.all())} trials: judging it on the test set")
    try:
        resume(winner, force=True, say=say, track=track, search=trials.out)
    except locks.Busy:
        say(f"another worker is judging it already; the result will be in {winner}")
    except UserError:
        if not folder.is_run(winner):  # another worker has finished it meanwhile
            raise


def _move(trials: Trials, number: int, winner: Path) -> None:
    place = trials.place(number)
    recipe, begun = read_begun(place)
    ended = len(trials.all(TrialState.COMPLETE))
    note = (
        f"The winner of a search: chosen by its validation loss among {len(trials.all())} trials ({ended} trained to "
        f"their end) over {', '.join(one.name for one in trials.ranges)}. Its validation scores are optimistic: they "
        "chose it; the test set was scored once, for this model alone."
    )
    told = recipe.description.strip().removesuffix(note).strip()  # by a worker that was killed before the renaming
    described = replace(recipe, description=f"{told}\n\n{note}".strip())
    command = shlex.join(["unspool", "run", str(winner / folder.RECIPE)])
    note_beginning(folder.partial_of(place), described, replace(begun, command=command))
    folder.partial_of(place).rename(folder.partial_of(winner))

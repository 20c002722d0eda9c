"""A study as plain values, for its page and for `trials.csv`."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import optuna
from optuna.importance import FanovaImportanceEvaluator
from optuna.trial import FrozenTrial, TrialState

from unspool import atomic_writes
from unspool.evaluation.result import Result
from unspool.evaluation.searched import Searched, SearchedTrial, Setting, State
from unspool.report.search import write_search_page
from unspool.runs.records import folder
from unspool.runs.records.record import read_result
from unspool.runs.search.ranges import Range
from unspool.runs.search.study import WINNER, Trials
from unspool.runs.search.trial import BEST_EPOCH, PARAMETERS, REASON, SECONDS, WHY, losses_of

TABLE = "trials.csv"
ENOUGH_FOR_IMPORTANCES = 8
"""Trials, below which importances say nothing."""


def searched(trials: Trials, name: str, title: str, command: str) -> Searched:
    """What a search has found so far."""
    told = tuple(map(_trial, trials.all()))
    importances, epochs = _importances(told, trials.study) if len(trials.ranges) > 1 else ({}, 0)
    settings = tuple(_setting(one, importances) for one in trials.ranges)
    winner = trials.out / WINNER
    result: Result | None = read_result(winner) if folder.is_run(winner) else None
    return Searched(name, title, command, settings, told, epochs, trials.winner, result)


def write_summary(found: Searched, out: Path) -> Path:
    """Write trials.csv and the page to a search's folder.

    Raises:
        UserError: the folder cannot be written.
    """
    atomic_writes.write_aside(out / TABLE, _table(found).encode())
    return write_search_page(found, out)


def _setting(one: Range, importances: Mapping[str, float]) -> Setting:
    values = str(one).partition("=")[2]
    return Setting(one.name, values, one.log, one.choices, importances.get(one.name))


def _importances(trials: Sequence[SearchedTrial], study: optuna.Study) -> tuple[dict[str, float], int]:
    """How much of the differences in loss each setting explains, and after how many epochs; 0 for the finished trials.

    By functional ANOVA (Hutter, Hoos and Leyton-Brown, 2014): Optuna's, which takes whole trials alone. Where few are
    finished, since others were pruned, trials are compared by their lowest loss within as many epochs as enough have
    come to.
    """
    losses = {one.number: one.loss for one in trials if one.loss is not None}
    epochs = 0
    if len(losses) < ENOUGH_FOR_IMPORTANCES:
        known = [one for one in trials if one.losses and math.isfinite(sum(one.losses))]
        reached = sorted((len(one.losses) for one in known if one.loss is None), reverse=True)
        wanted = ENOUGH_FOR_IMPORTANCES - len(losses)
        if len(reached) < wanted:
            return {}, 0
        epochs = reached[wanted - 1]
        losses = {
            one.number: min(one.losses[:epochs]) for one in known if one.loss is not None or len(one.losses) >= epochs
        }
    if len(set(losses.values())) < 2:
        return {}, 0
    whole = optuna.create_study()
    for one in study.get_trials(deepcopy=False):
        if one.number in losses:
            whole.add_trial(
                optuna.create_trial(params=one.params, distributions=one.distributions, value=losses[one.number])
            )
    found = optuna.importance.get_param_importances(whole, evaluator=FanovaImportanceEvaluator(seed=0))
    return dict(found), epochs


def _trial(trial: FrozenTrial) -> SearchedTrial:
    attributes = trial.user_attrs
    state: State = "finished" if trial.state == TrialState.COMPLETE else attributes.get(WHY, "under way")
    return SearchedTrial(
        trial.number,
        dict(trial.params),
        state,
        trial.value if trial.state == TrialState.COMPLETE else None,
        tuple(losses_of(trial)),
        attributes.get(BEST_EPOCH, 0),
        attributes.get(SECONDS, 0.0),
        attributes.get(PARAMETERS, 0),
        attributes.get(REASON, ""),
    )


def _table(found: Searched) -> str:
    content = io.StringIO()
    names = [one.name for one in found.settings]
    writer = csv.writer(content)
    columns = ["state", "validation_loss", "epochs", "best_epoch", "seconds", "parameters"]
    writer.writerow(["trial", *names, *columns])
    for one in found.trials:
        values = [one.settings.get(name, "") for name in names]
        ends = [one.state, one.loss, len(one.losses), one.best_epoch, f"{one.seconds:.1f}", one.parameters]
        writer.writerow([one.number, *values, *ends])
    return content.getvalue()

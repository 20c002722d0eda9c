"""The trials of a search, as an Optuna study in a storage that its workers share; and who of them has which trial.

A worker holds the lock of its trial's folder. The system lets go of it when the process dies, however it dies: a trial
that is under way by what the storage says, and whose folder nobody holds, was a dead worker's, and is taken up.
"""

import json
import math
import random
import secrets
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState

from unspool import atomic_writes, files, locks
from unspool.errors import UserError
from unspool.runs.recipes.file import table_differences
from unspool.runs.records import folder
from unspool.runs.records.folder_links import refuse_links_within
from unspool.runs.search.journal import journal
from unspool.runs.search.ranges import Range, Value, combinations
from unspool.strict_json import as_lossless_json

SEARCH, JOURNAL, TRIALS, WINNER = "search.json", "trials.journal", "trials", "winner"
"""What lies in a search's folder."""
ASKING = "asking"
"""The lock of who takes or gives back a trial."""

Sampler = Literal["tpe", "random", "qmc"]
Pruner = Literal["halving", "median", "none"]

_FIRST_RUNG, _RUNG_FACTOR = 2, 2
"""After 2, 4, 8, ... epochs, the better half continues; after one epoch, the outcome is too uncertain."""
_TRIALS_BEFORE_MEDIAN = 5


@dataclass(frozen=True)
class Trials:
    """The trials of a search.

    Attributes:
        out: the search's folder.
        study: where they are kept.
        ranges: what is varied.
        seed: what proposals are drawn from, together with the number of the trial.
        sampler: how values are proposed.
    """

    out: Path
    study: optuna.Study
    ranges: Sequence[Range]
    seed: int
    sampler: Sampler

    @contextmanager
    def claimed(self, most: int, out_of_time: Callable[[], bool]) -> Iterator[Trial | None]:
        """Take a trial that no other worker has while the block runs: a dead worker's, else a new one.

        Args:
            most: trials that the search has, those of all workers together.
            out_of_time: whether there is no time for another.

        Yields:
            The trial; None where there is none to take.
        """
        with ExitStack() as held:
            with self.asking():
                trial = self._next(held, most) if not out_of_time() and self.winner is None else None
            yield trial

    def asking(self) -> Any:
        """Hold the lock under which trials are taken and given back."""
        return locks.locked(self.out / ASKING)

    def all(self, *states: TrialState) -> list[FrozenTrial]:
        """The trials in a state, or all of them, in their order."""
        return self.study.get_trials(deepcopy=False, states=states or None)

    def abandoned(self) -> list[FrozenTrial]:
        """The trials that are under way and that no living worker has; to be asked for while `asking`."""
        found = []
        for trial in self.all(TrialState.RUNNING):
            with ExitStack() as held:
                if self._held(trial.number, held):
                    found.append(trial)
        return found

    def place(self, number: int) -> Path:
        """The folder that the run of a trial would have if it were finished."""
        return self.out / TRIALS / str(number)

    @property
    def winner(self) -> int | None:
        """The trial that was chosen, once one was: then no other begins."""
        number = self.study.user_attrs.get(WINNER)
        return None if number is None else int(number)

    @property
    def best(self) -> int | None:
        """The best of the trials that were trained to their end, the first of several; None where there is none."""
        ended = self.all(TrialState.COMPLETE)
        return min(ended, key=lambda trial: (trial.value, trial.number)).number if ended else None

    def close(self) -> None:
        """Choose the best trial, so that no other begins; to be called while `asking`."""
        if self.winner is None:
            self.study.set_user_attr(WINNER, self.best)

    def _next(self, held: ExitStack, most: int) -> Trial | None:
        for frozen in self.all(TrialState.RUNNING):
            if self._held(frozen.number, held):
                self.study.sampler = self._sampler_of(frozen.number, most, frozen.params) or self.study.sampler
                return self._drawn(Trial(self.study, frozen._trial_id))
        number = len(self.all())
        sampler = self._sampler_of(number, most) if number < most else None
        if sampler is None:
            return None
        self.study.sampler = sampler
        trial = self._drawn(self.study.ask())
        self._held(trial.number, held)
        return trial

    def _sampler_of(self, number: int, most: int, drawn: Mapping[str, Value] | None = None) -> BaseSampler | None:
        """A sampler for one trial: what it proposes depends only on the trials before, not on which worker asks.

        Args:
            number: of the trial.
            most: trials that the search has.
            drawn: the settings that a worker drew for it before it was killed, perhaps not all of them.

        Returns:
            None if all settings have been tried.
        """
        if drawn and len(drawn) == len(self.ranges):
            return _Chosen(drawn)  # another sampler might count the trial as one more
        seed = (self.seed + 1_000_003 * number) % (1 << 32)
        if self.combinations > most:
            return _sampler(self.sampler, seed)
        untried = self._untried()
        return _Chosen(random.Random(seed).choice(untried)) if untried else None

    def _drawn(self, trial: Trial) -> Trial:
        """The trial with all of its settings, drawn while no other worker draws."""
        frozen = self.all()[trial.number]
        for one in self.ranges:
            if one.name in frozen.params:  # drawn again in vain, so that the next is as it would have been
                self.study.sampler.sample_independent(self.study, frozen, one.name, frozen.distributions[one.name])
            one.suggest(trial)
        return trial

    @property
    def combinations(self) -> float:
        """How many different settings there are to try."""
        return math.prod(one.count for one in self.ranges)

    def _untried(self) -> list[dict[str, Value]]:
        """The settings that no trial has had; for finitely many."""
        tried = [trial.params for trial in self.all()]
        return [one for one in combinations(self.ranges) if one not in tried]

    def _held(self, number: int, held: ExitStack) -> bool:
        """Take the lock of a trial's folder, unless a living worker has it."""
        lock = folder.partial_of(self.place(number)) / folder.LOCK
        try:
            held.enter_context(locks.locked(lock, busy=f"{self.place(number)} is being trained by another worker."))
        except locks.Busy:
            return False
        return True


class _Chosen(optuna.samplers.RandomSampler):
    """Proposes settings that were chosen without it."""

    def __init__(self, settings: Mapping[str, Value]):
        super().__init__()
        self._settings = settings

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The chosen value of one setting."""
        return self._settings[param_name]


def joined(
    out: Path,
    plan: Mapping[str, Any],
    ranges: Sequence[Range],
    *,
    storage: str | None,
    seed: int,
    sampler: Sampler,
    pruner: Pruner,
) -> Trials:
    """Begin a search, or join one that was begun in the same folder.

    Args:
        out: the search's folder.
        plan: what the search is, and the `digest` of its data; one that is joined must be the same.
        ranges: what is varied.
        storage: a database, as "postgresql://..."; None for a journal in the folder.
        seed: of the proposals.
        sampler: how values are proposed.
        pruner: which trials are ended early.

    Raises:
        UserError: the folder holds another search, one of other data, a link or what no search writes, or the database
            cannot be used.
    """
    for place in (TRIALS, SEARCH, JOURNAL):
        refuse_links_within(out / place)
    files.make_folder(out / TRIALS)
    with locks.locked(out / ASKING):
        name = _name(out, plan)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with telling_of_the_storage(), nullcontext() if storage else _telling_of_the_journal(out):
            study = optuna.create_study(
                storage=_storage(out, storage),
                study_name=name,
                load_if_exists=True,
                pruner=_pruner(pruner),
                sampler=_sampler(sampler, seed),
            )
            _check(study, ranges)
    return Trials(out, study, ranges, seed, sampler)


def _check(study: optuna.Study, ranges: Sequence[Range]) -> None:
    """Make sure that a storage holds what searches write.

    Raises:
        ValueError: something else is in it.
    """
    trials = study.get_trials(deepcopy=False)
    winner = study.user_attrs.get(WINNER)
    if winner is not None and (type(winner) is not int or not 0 <= winner < len(trials)):
        raise ValueError(f"its winner is {str(winner)[:40]!r}, of {len(trials)} trials")
    for number, trial in enumerate(trials):
        if trial.number != number or not _is_of_a_search(trial, {one.name for one in ranges}):
            raise ValueError(f"trial {number} is not as a search writes it")


def _is_of_a_search(trial: FrozenTrial, names: set[str]) -> bool:
    losses = [*(trial.values or ()), *trial.intermediate_values.values()]
    kept = len(trial.values or ())  # of a pruned one the last loss that was reported
    return (
        (kept == 1 if trial.state == TrialState.COMPLETE else kept <= 1)
        and all(isinstance(one, float) for one in losses)
        and not trial.params.keys() - names
    )


@contextmanager
def _telling_of_the_journal(out: Path) -> Iterator[None]:
    """Turn whatever Optuna raises on an altered journal into one error."""
    try:
        yield
    except (*files.DAMAGE, AssertionError, optuna.exceptions.OptunaError) as error:
        reason = files.reason_of(error)
        raise UserError(f"{out / JOURNAL} is damaged: {reason}. Remove {out} and search again.") from error


def _name(out: Path, plan: Mapping[str, Any]) -> str:
    """The name of the study, which a database may share with others; kept in the folder with what the search is."""
    path = out / SEARCH
    if not files.is_there(path):
        name = f"{out.name}-{secrets.token_hex(4)}"
        atomic_writes.write_json_aside(path, {"study": name, **plan})
        return name
    there, here = read_plan(out), json.loads(as_lossless_json(plan))
    known = {key: value for key, value in there.items() if key != "study"}
    digests = known.pop("digest", None), here.pop("digest", None)  # earlier versions did not keep it
    changed = list(table_differences("", known, here))
    if changed:
        said = _short("; ".join(changed))
        raise UserError(f"{out} holds another search ({said}). Choose another folder with --out, or remove it.")
    if digests[0] not in (None, digests[1]):
        raise UserError(
            f"The data has changed since the search in {out} began, so its trials cannot be compared with new ones. "
            "Restore the data, or choose another folder with --out."
        )
    return str(there["study"])


def read_plan(out: Path) -> dict[str, Any]:
    """What the search in a folder is.

    Raises:
        UserError: the file is damaged.
    """
    try:
        plan = json.loads(files.read_bounded(out / SEARCH))
        plan["study"] = str(plan["study"])
    except files.DAMAGE as error:
        reason = files.reason_of(error)
        raise UserError(f"{out / SEARCH} is damaged: {reason}. Remove {out} and search again.") from error
    return dict(plan)


def _short(text: str) -> str:
    return text if len(text) <= 400 else text[:397] + "..."


def _storage(out: Path, url: str | None) -> BaseStorage:
    if url is None:
        return JournalStorage(journal(out / JOURNAL))
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise UserError("--storage: give the URL of a database, as in postgresql://user@host/name.")
    if scheme.partition("+")[0] == "sqlite":
        raise UserError(
            "--storage: SQLite loses what several workers write at once. Leave --storage out, for a journal in the "
            "search's folder, or name a PostgreSQL or MySQL database."
        )
    return RDBStorage(url)


@contextmanager
def telling_of_the_storage() -> Iterator[None]:
    """What goes wrong with a database, or the journal, in one line."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (ImportError, SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        cause = error.__cause__ or error
        reason = (
            (str(getattr(cause, "orig", None) or cause).strip() or type(cause).__name__).splitlines()[0].rstrip(".")
        )
        raise UserError(f"The search's storage cannot be used: {reason}. Its trials are kept; try again.") from error


def _sampler(name: Sampler, seed: int) -> BaseSampler:
    if name == "random":
        return optuna.samplers.RandomSampler(seed)
    if name == "qmc":
        with warnings.catch_warnings(action="ignore", category=optuna.exceptions.ExperimentalWarning):
            return optuna.samplers.QMCSampler(seed=seed, warn_independent_sampling=False)
    return optuna.samplers.TPESampler(seed=seed)


def _pruner(name: Pruner) -> optuna.pruners.BasePruner:
    if name == "halving":
        return optuna.pruners.SuccessiveHalvingPruner(min_resource=_FIRST_RUNG, reduction_factor=_RUNG_FACTOR)
    if name == "median":
        return optuna.pruners.MedianPruner(_TRIALS_BEFORE_MEDIAN)
    return optuna.pruners.NopPruner()

"""What a search for settings found, as plain frozen values: what its page is made from."""

from dataclasses import dataclass, field
from typing import Literal

from unspool.evaluation.result import Result

Value = int | float | bool | str
State = Literal["finished", "pruned", "diverged", "out of time", "impossible", "under way"]


@dataclass(frozen=True, slots=True)
class SearchedTrial:
    """One trial.

    Attributes:
        number: of the trial, from 0.
        settings: the values that it had, by setting.
        state: how it ended: "finished", or why it was not trained to its end.
        loss: of a finished trial, the validation loss of the epoch whose weights were kept.
        losses: the validation loss of each epoch, as far as it came.
        best_epoch: whose weights were kept; 0 where it is not finished.
        seconds: that training took.
        parameters: of the model; 0 where it was not built.
        reason: why it was impossible.
    """

    number: int
    settings: dict[str, Value]
    state: State
    loss: float | None = None
    losses: tuple[float, ...] = field(default=(), repr=False)
    best_epoch: int = 0
    seconds: float = 0.0
    parameters: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that was varied.

    Attributes:
        name: as in "model.units".
        values: what it could take, in words, as in "16..256:log".
        log: whether it was drawn evenly on a logarithmic scale.
        choices: its values, where they were listed.
        importance: how much of the differences in loss it explains, by functional ANOVA; None where there are too few
            trials to tell.
    """

    name: str
    values: str
    log: bool = False
    choices: tuple[Value, ...] = ()
    importance: float | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """A search.

    Attributes:
        name: of the recipe, or after the file.
        title: of what every trial is.
        command: that resumes or joins it.
        settings: what was varied.
        trials: in their order.
        importance_epochs: after how many epochs losses were compared for the importances; 0 where trials were at
            their end.
        winner: the number of the trial that was scored on the test set; None while the search is open.
        result: of the winner.
    """

    name: str
    title: str
    command: str
    settings: tuple[Setting, ...]
    trials: tuple[SearchedTrial, ...]
    importance_epochs: int = 0
    winner: int | None = None
    result: Result | None = None

    @property
    def finished(self) -> tuple[SearchedTrial, ...]:
        """The trials that were trained to their end, the best first."""
        return tuple(
            sorted((one for one in self.trials if one.loss is not None), key=lambda one: (one.loss, one.number))
        )

    @property
    def short_names(self) -> dict[str, str]:
        """The settings by their last word, where no two share it."""
        last = {one.name: one.name.rpartition(".")[2] for one in self.settings}
        return last if len(set(last.values())) == len(last) else {name: name for name in last}

    def in_state(self, *states: State) -> int:
        """How many trials ended so."""
        return sum(one.state in states for one in self.trials)

    @property
    def words(self) -> str:
        """How many trials there were and how they ended, in a sentence."""
        others = {
            "pruned": "pruned",
            "diverged": "diverged",
            "out of time": "stopped as the time was over",
            "impossible": "impossible",
            "under way": "not finished",
        }
        ends = [f"{count} {said}" for state, said in others.items() if (count := self.in_state(state))]  # type: ignore[arg-type]
        several = "s" * (len(self.trials) != 1)
        return f"{len(self.trials)} trial{several}: {', '.join([f'{len(self.finished)} trained to their end', *ends])}"

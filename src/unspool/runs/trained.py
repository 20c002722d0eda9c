"""How a recipe is executed, and the trained model that comes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from unspool.candidates import Choice, RawModel
from unspool.descriptions.networks import Autoencoder, Tagger
from unspool.runs.reading.preparation import Say
from unspool.runs.records.training_log import TrainingLog

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Job:
    """How and where a recipe is executed.

    Attributes:
        out: the folder that gets what is made.
        command: what a person types to run it again, for the report.
        say: gets a line as each part of the work begins.
        log: notes how training went.
        checkpoints: where training is saved meanwhile, and goes on from; None to save nothing.
        verbose: how much of each epoch is shown, as `fit` takes it.
    """

    out: Path
    command: str
    say: Say
    log: TrainingLog
    checkpoints: Path | None = None
    verbose: int | str = "auto"


@dataclass(frozen=True)
class Trained:
    """A model at its best epoch, and how it got there; one that was chosen and fitted in one go has no epochs.

    `both_directions` is the training in both directions that came first, if there was one; `transformed` says what the
    model learned instead of numbers, see `transformed_targets`; `described` describes a network that was chosen;
    `stopped` says whether the training ended because the budget was spent.
    """

    model: "keras.Model | RawModel"
    history: dict[str, list[float]]
    epochs: int
    best_epoch: int
    seconds: float
    choice: Choice | None = None
    both_directions: "Trained | None" = None
    transformed: str = ""
    described: Tagger | Autoencoder | None = None
    stopped: bool = False

    @property
    def stopped_after(self) -> int | None:
        """The epochs of a network whose training the budget ended, compared with other models or not; else None."""
        if self.choice is not None:
            return self.choice.stopped_after
        return self.epochs if self.stopped else None


def epochs_of(trained: Trained, how: str = "") -> str:
    """The epochs of a training, in one line.

    Example:
        >>> epochs_of(Trained(None, {}, 12, 9, 60.0), " in both directions")
        'trained for 12 epochs in both directions, kept the weights of epoch 9'
        >>> epochs_of(Trained(None, {}, 12, 9, 60.0, stopped=True))
        'trained for 12 epochs until the budget was spent, kept the weights of epoch 9'
        >>> epochs_of(Trained(None, {}, 0, 0, 1.0))
        'fitted in one go'
    """
    if not trained.epochs:
        return "fitted in one go"
    epochs = f"{trained.epochs} epoch{'s' * (trained.epochs > 1)}"
    until = " until the budget was spent" if trained.stopped else ""
    return f"trained for {epochs}{how}{until}, kept the weights of epoch {trained.best_epoch}"

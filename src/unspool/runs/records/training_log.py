"""The log of a run: digests of its weights after each epoch, the time it has taken, its memory."""

import csv
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter

from unspool.errors import UserError
from unspool.files import DAMAGE, read_bounded, reason_of
from unspool.memory import memory
from unspool.runs.records.folder import DIGESTS

if TYPE_CHECKING:
    import keras

LOG = "log.csv"

Watcher = Callable[[int, Mapping[str, float]], None]
"""Takes the number of an epoch that has ended, from 1, and what was logged of it; not those before an interruption."""


@dataclass(frozen=True)
class Digests:
    """What a run's weights were after each epoch, to the bit.

    Attributes:
        arrays: the names of the E arrays of weights.
        epochs: for each epoch E digests.
    """

    arrays: list[str]
    epochs: list[list[str]]

    def write(self, folder: Path) -> None:
        """Write digests.json to a run's folder."""
        (folder / DIGESTS).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def read_digests(folder: Path) -> Digests:
    """Read digests.json from a run's folder.

    Raises:
        UserError: it is not there or damaged.
    """
    try:
        return TypeAdapter(Digests).validate_json(read_bounded(folder / DIGESTS))
    except FileNotFoundError as error:
        raise UserError(f"{folder} holds no {DIGESTS}: it was made by an earlier version. Train it again.") from error
    except DAMAGE as error:
        raise UserError(f"{folder / DIGESTS} is damaged: {reason_of(error)}. Train it again.") from error


@dataclass
class _Clock:
    """Times a run and its training; `earlier` and `earlier_training` are the times before an interruption."""

    began: float = field(default_factory=lambda: time.perf_counter())
    training_began: float | None = None
    earlier: float = 0.0
    earlier_training: float = 0.0


class TrainingLog:
    """Takes the notes, which a resumed run continues.

    Keras calls it by a `LogCallback`.

    Watchers are called after everything else that acts on an epoch. They may end the training; otherwise they have no
    influence on it, so that it can resume with others, or without, to the same bits.

    Args:
        watchers: of the training itself.
        of_parts: watchers of a training that comes first, see `of_part`.
    """

    def __init__(self, *watchers: Watcher, of_parts: Sequence[Watcher] = ()) -> None:
        self.model: Any = None
        self._watchers = [*watchers]
        self._watchers_of_parts = of_parts
        self._clock = _Clock()
        self._part = ""
        self._epochs: list[list[str]] = []
        self._log: list[tuple[str, ...]] = []
        self._fitted: list[str] | None = None

    @property
    def seconds(self) -> float:
        """How long the run has taken, what was done before an interruption included."""
        return self._clock.earlier + time.perf_counter() - self._clock.began

    @property
    def training_seconds(self) -> float:
        """How long training has taken, including the time before an interruption."""
        began = self._clock.training_began
        return self._clock.earlier_training + (0.0 if began is None else time.perf_counter() - began)

    @property
    def digests(self) -> Digests:
        """The weights after each epoch."""
        names = self._fitted if self._fitted is not None else [weight.path for weight in self.model.weights]
        return Digests(names, self._epochs)

    @property
    def in_one_go(self) -> bool:
        """Whether the model was fitted in one go, without epochs."""
        return self._fitted is not None

    def history_with(self, logs: Mapping[str, float]) -> dict[str, Sequence[float]]:
        """All epochs so far, those before an interruption, too; for who watches, with the `logs` of the latest."""
        return {name: [*self.model.history.history.get(name, ()), value] for name, value in logs.items()}

    def record_arrays(self, arrays: dict[str, Any]) -> None:
        """Note what a model has learned that is fitted in one go, as if after its only epoch."""
        self._fitted = [*arrays]
        self._epochs.append([_digest_of(array) for array in arrays.values()])

    def set_model(self, model: "keras.Model") -> None:
        """Whose weights are noted."""
        self.model = model

    def watch(self, watcher: Watcher) -> None:
        """Tell another watcher of each epoch from now on."""
        self._watchers.append(watcher)

    def begin_training(self) -> None:
        """Start to measure the time of training."""
        self._clock.training_began = time.perf_counter()

    def of_part(self, name: str) -> "TrainingLog":
        """A log for a training that comes first: its epochs are its own; the clock and log.csv are shared."""
        log = TrainingLog(*self._watchers_of_parts)
        log._clock, log._log, log._part = self._clock, self._log, f" {name}"
        return log

    def adopt(self, part: "TrainingLog") -> None:
        """Take over the epochs of a part: its model is the run's."""
        self.model, self._epochs = part.model, part._epochs

    def note(self, done: str) -> None:
        """Log that something is done, with the time and the memory that it has taken."""
        held = memory()
        self._log.append((f"{self.seconds:.1f}", f"{held.now:.0f}", f"{held.peak:.0f}", done))

    def write_log(self, folder: Path) -> None:
        """Write log.csv to a run's folder: seconds since the beginning, megabytes then and at most until then."""
        with (folder / LOG).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("seconds", "memory_mb", "peak_memory_mb", "done"), *self._log])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the weights, and tell who watches."""
        self._epochs.append([_digest(weight) for weight in self.model.weights])
        self.note(f"epoch {epoch + 1}{self._part}")
        for watch in self._watchers:
            watch(epoch + 1, logs or {})

    def get_state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"epochs": list(self._epochs), "seconds": self.seconds, "training_seconds": self.training_seconds}

    def set_state(self, state: dict[str, Any]) -> None:
        """From a checkpoint; the log is of this process alone."""
        self._epochs = state["epochs"]
        self._clock.earlier = state["seconds"]
        self._clock.earlier_training = state.get("training_seconds", 0.0)  # not in checkpoints of earlier versions


def _digest(weight: "keras.Variable") -> str:
    return _digest_of(weight.value)


def _digest_of(array: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()[:16]

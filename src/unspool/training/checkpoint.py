"""`Checkpoint`: where and how often `fit` saves a training, so that it can be resumed exactly."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral
from os import PathLike
from typing import Any

import keras

from unspool import files, locks
from unspool.errors import UserError
from unspool.training.callback_state import matched, steering, without_known_state
from unspool.training.checkpoint_files import CheckpointFiles
from unspool.training.fingerprint import Fingerprint, differences, learning_rates, surroundings
from unspool.training.snapshot import Point, capture, flaw_of, restore

FORMAT = 1
"""The version of a checkpoint's content, raised when earlier ones can no longer be read."""

SNAPSHOT_SECONDS = 0.5
"""The longest time between snapshots in memory, up to one program more; an interruption saves the latest."""

SHARE = 0.02
"""The share of training time that saving at the ends of epochs may take."""

_PARTS = {"format", "training", "surroundings", "learning rate", "point", "variables", "random", "callbacks"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often `fit` saves the whole state of a training.

    If `fit` is called again after a training was interrupted, even by `kill -9` in the middle of an epoch, it resumes
    from the newest checkpoint in the folder. Weights, optimizer, history and random numbers then end up the same, bit
    for bit, as without the interruption. A training that had finished is not repeated: its final state is restored.

    The state is saved at the given intervals, at the end of each epoch (unless epochs are so short that this would take
    more than 2% of the time), at the end, and when Ctrl-C or an error stops the training. Training continues while a
    checkpoint is written, and if the disk is full, which is logged. The last two checkpoints are kept; a damaged one is
    logged and skipped.

    The state of Keras's callbacks is saved. A callback of your own that remembers anything between steps needs two
    methods: `get_state()`, which returns it as dicts, lists, numbers, strings and arrays that are not changed later,
    and `set_state(state)`, which restores it. On resuming, `set_state` is called after `on_train_begin` and, in the
    middle of an epoch, after `on_epoch_begin`. The callbacks must be the same as before, except for Keras's loggers
    (CSVLogger, TensorBoard and RemoteMonitor), which may be added or removed.

    Args:
        folder: for this training alone; created if needed. A second process that uses it at the same time is refused.
        seconds: between two saves, and about the most training time that a kill can lose.
        steps: the most steps between two saves; None for no limit.

    Example:
        >>> import keras, numpy as np, tempfile, unspool
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     checkpoint = unspool.Checkpoint(folder, seconds=60)
        ...     history = unspool.fit(model, x, 2 * x, epochs=3, verbose=0, checkpoint=checkpoint)
        ...     longer = unspool.fit(model, x, 2 * x, epochs=5, verbose=0, checkpoint=checkpoint)
        >>> longer.history["loss"][:3] == history.history["loss"], len(longer.history["loss"])
        (True, 5)
    """

    folder: str | PathLike[str]
    seconds: float = 60.0
    steps: int | None = None

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError(f"seconds between two checkpoints must be positive, not {self.seconds}")
        steps: Any = self.steps
        if steps is not None and (isinstance(steps, bool) or not isinstance(steps, Integral) or steps < 1):
            raise ValueError(f"steps between two checkpoints must be a whole number, at least 1, not {self.steps!r}")


class Saves:
    """What the training loop reports its progress to; this base class saves nothing."""

    def resume(self, hooks: keras.callbacks.CallbackList, examples: int, steps: int) -> Point | None:
        """Restore the saved state, after `on_train_begin`, and return where it is; None if there is none.

        Raises:
            UserError: the saved state is not one of such a training.
        """
        return None

    def offer(self, point: Point, hooks: keras.callbacks.CallbackList, epoch_ended: bool = False) -> None:
        """Called between two programs, when the state of the training can be saved."""

    @property
    def saved(self) -> dict[str, Any] | None:
        """The state that `resume` is to put back, or None."""
        return None


class CheckpointSaves(Saves):
    """Takes snapshots, and writes them in a thread, one at a time."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        model: keras.Model,
        training: Fingerprint,
        epochs: int,
        is_held: Callable[[], bool] = lambda: True,
    ) -> None:
        self._checkpoint = checkpoint
        self._is_held = is_held
        self._model = model
        self._files = CheckpointFiles(files.expanded(checkpoint.folder))
        self._saved = self._files.read_newest()
        if self._saved is not None:
            try:
                training = self._check(self._saved, training, epochs)
            except files.DAMAGE as error:
                raise self._impossible(f"a part of it is of another kind: {files.reason_of(error)}") from error
        self._about = {"format": FORMAT, "training": training, "surroundings": surroundings()}
        self._latest: dict[str, Any] | None = None
        self._latest_at = self._saved_at = time.monotonic()
        self._saved_steps = 0
        self._written: dict[str, Any] | None = None
        self._seconds_a_write = 0.0
        self._failing = False
        self._writer = ThreadPoolExecutor(1, "checkpoint")
        self._writing: Future[None] = Future()
        self._writing.set_result(None)

    @property
    def saved(self) -> dict[str, Any] | None:
        """The state that `resume` is to put back, or None."""
        return self._saved

    def resume(self, hooks: keras.callbacks.CallbackList, examples: int, steps: int) -> Point | None:
        """Restore the newest checkpoint."""
        saved, self._saved = self._saved, None
        if saved is None:
            return None
        flaw = flaw_of(saved["point"], examples, steps)
        if flaw:
            raise self._impossible(flaw)
        try:
            point = put_back(self._model, hooks, saved)
        except files.DAMAGE as error:
            reason = files.reason_of(error)[:200]
            raise self._impossible(f"it does not fit the model and its callbacks: {reason}") from error
        self._saved_steps = point.total
        return point

    def _impossible(self, flaw: str) -> UserError:
        return UserError(
            f"{self._checkpoint.folder} holds a checkpoint that no training can have saved: {flaw}. Remove the folder, "
            "or name another."
        )

    def offer(self, point: Point, hooks: keras.callbacks.CallbackList, epoch_ended: bool = False) -> None:
        """Take a snapshot if the last one is old; start to write it if a save is due and no write is in progress."""
        now = time.monotonic()
        due = self._is_due(now, point, epoch_ended)
        if not (due or epoch_ended or now - self._latest_at >= SNAPSHOT_SECONDS):
            return
        rates = {"learning rate": learning_rates(self._model)}
        # In one assignment: a Ctrl-C in the middle of it leaves the last whole snapshot.
        self._latest = self._about | rates | capture(self._model, hooks.callbacks, point)
        self._latest_at = now
        if due and self._writing.done():
            self._writing.result()
            self._saved_at, self._saved_steps = now, point.total
            self._writing = self._writer.submit(self._write, self._latest)

    def close(self) -> None:
        """Write the last snapshot unless it is written already."""
        self._writer.shutdown()
        if self._latest is not self._written and self._latest is not None:
            self._write(self._latest)

    def _is_due(self, now: float, point: Point, epoch_ended: bool) -> bool:
        since = now - self._saved_at
        enough_steps = point.total - self._saved_steps >= (self._checkpoint.steps or math.inf)
        cheap = epoch_ended and since >= self._seconds_a_write / SHARE
        return since >= self._checkpoint.seconds or enough_steps or cheap

    def _write(self, snapshot: dict[str, Any]) -> None:
        """Write a snapshot; a failure is logged, as training without checkpoints is better than none."""
        began = time.monotonic()
        try:
            if not self._is_held():
                raise UserError(f"{self._checkpoint.folder} was moved away, and its place may be another training's.")
            self._files.write(snapshot)
        except (UserError, OSError, TypeError) as error:
            if not self._failing:
                _log.warning("No checkpoint was saved; training continues, and saving will be tried again. %s", error)
            self._failing = True
            return
        self._failing = False
        self._written = snapshot
        self._seconds_a_write = time.monotonic() - began

    def _check(self, saved: dict[str, Any], training: Fingerprint, epochs: int) -> Fingerprint:
        """Refuse the checkpoint of another training; return the fingerprint that this one started with."""
        folder = self._checkpoint.folder
        if not isinstance(saved, dict) or not saved.keys() >= _PARTS or not isinstance(saved["point"], dict):
            raise self._impossible("a part of it is missing")
        if saved["format"] != FORMAT:
            raise UserError(f"{folder} holds checkpoints of another version of unspool. Name another folder.")
        if training["learning rate"] == saved["learning rate"]:  # the model that was interrupted, not a fresh one
            training = training | {"learning rate": saved["training"]["learning rate"]}
        there, here = (one | {"callbacks": steering(one["callbacks"])} for one in (saved["training"], training))
        parting = [*differences(there, here)]
        done = saved["point"].get("epoch")
        if isinstance(done, int) and done > epochs:
            parting.append(f"epochs: {done} done there, {epochs} here")
        if parting:
            more = f"; and {len(parting) - 5} more" if len(parting) > 5 else ""
            raise UserError(
                f"{folder} holds checkpoints of another training ({'; '.join(parting[:5])}{more}). "
                "To resume it, call fit with the same data and arguments. Otherwise, name another folder, or remove "
                "this one."
            )
        changed = [*differences(saved["surroundings"], surroundings())]
        if changed:
            _log.warning("Since the checkpoint was saved, %s: the last bits may differ.", "; ".join(changed))
        return training


def put_back(model: keras.Model, hooks: keras.callbacks.CallbackList, saved: dict[str, Any]) -> Point:
    """Restore a checkpoint; in the middle of an epoch, its `on_epoch_begin` is called before."""
    if saved["point"]["order"] is not None:
        hooks.on_epoch_begin(saved["point"]["epoch"])
    states = matched(hooks.callbacks, saved["callbacks"], saved["training"]["callbacks"])
    return restore(model, hooks.callbacks, saved | {"callbacks": states})


@contextmanager
def saving(
    checkpoint: Checkpoint | None,
    model: keras.Model,
    callbacks: list[keras.callbacks.Callback],
    training: Callable[[], Fingerprint],
    epochs: int,
) -> Iterator[Saves]:
    """Lock the checkpoint's folder within the block, and save the last state however the block ends.

    Raises:
        TypeError: it is not a `Checkpoint` but, for example, the name of a folder.
        UserError: the folder cannot be written, is in use, or holds checkpoints of another training.
    """
    if checkpoint is None:
        yield Saves()
        return
    if not isinstance(checkpoint, Checkpoint):
        raise TypeError(
            f"checkpoint must be an unspool.Checkpoint, as in unspool.Checkpoint('folder'), not {checkpoint!r}"
        )
    for name in without_known_state(callbacks):
        _log.warning(
            "%s has attributes, but no get_state() and set_state(state): what it remembers is not in the checkpoint.",
            name,
        )
    folder = files.expanded(checkpoint.folder)
    with locks.locked(folder / "training", busy=f"{folder} is in use: another process trains with it.") as is_held:
        saves = CheckpointSaves(checkpoint, model, training(), epochs, is_held)
        try:
            yield saves
        finally:
            saves.close()

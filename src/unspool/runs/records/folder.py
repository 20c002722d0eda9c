"""A run's folder: what is in it, and how it is written whole or not at all."""

import errno
import logging
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import Any

from unspool import atomic_writes, files, locks
from unspool.errors import AdvisedError, UserError
from unspool.runs.records.folder_links import refuse_links, refuse_links_within
from unspool.runs.records.refitted import read_refitted

METRICS, HISTORY, ENVIRONMENT, PREDICTIONS = "metrics.json", "history.csv", "environment.json", "predictions.npz"
HISTORY_OF_BOTH_DIRECTIONS = "history-both-directions.csv"
"""The epochs in which a model that translates was first trained in both directions."""

RECIPE, MODEL, REPORT, DIGESTS = "recipe.toml", "model.keras", "report.html", "digests.json"
GOLDEN, CERTIFICATE = "golden.npz", "certificate.json"
CHOSEN = "chosen.json"
"""In place of the Keras model, of a model of raw examples: which it is."""
PARTS_OF_FILE, TEST_PREDICTIONS = "parts.csv", "test_predictions.csv"

BEGUN, CHECKPOINTS, LOCK, CONTENT = "begun.json", "checkpoints", "run", "content"
"""What lies in an unfinished run's folder, beside its recipe."""

_KERAS_MODELS = (
    "A Keras model of your own cannot be exported or served: it does not say how texts or series are read, or what its "
    "outputs mean. Use Keras's model.save, or model.export after unspool.layers.to_keras(model)."
)
_log = logging.getLogger(__name__)


def given_folder(folder: Any) -> Path:
    """The path of a trained model's folder, as a caller gave it.

    Raises:
        UserError: it is not a path but, for example, a Keras model.
    """
    if isinstance(folder, str | PathLike):
        return files.expanded(folder)
    if any(kind.__module__.split(".")[0] == "keras" for kind in type(folder).__mro__):  # without importing Keras
        raise UserError(
            "Give the folder of a trained model, as unspool.train or an estimator's save writes it, not a Keras model. "
            f"{_KERAS_MODELS}"
        )
    raise UserError(f"Give the path of the folder of a trained model; this is of type {type(folder).__name__}.")


def is_run(folder: Path) -> bool:
    """Whether a folder holds a finished run."""
    return (folder / METRICS).is_file()


def is_model_alone(folder: Path) -> bool:
    """Whether a folder holds a trained model without scores, as a refit or an estimator's `save` writes it."""
    there = {name for name in (METRICS, DIGESTS, MODEL, CHOSEN, RECIPE) if (folder / name).is_file()}
    return there in ({MODEL, RECIPE}, {CHOSEN, RECIPE})


def check_run(folder: Path) -> None:
    """Make sure that a folder holds a finished run, and nothing that leads out of it.

    Raises:
        UserError: it does not, is not there, or a link is in it.
    """
    _refuse_unfinished(folder)
    _refuse_file(folder, "a finished run")
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    if is_model_alone(folder):
        refitted = read_refitted(folder)
        if refitted is not None:
            raise UserError(f"The model in {folder} was {refitted.in_words}. Use the run instead: {refitted.run}.")
        raise UserError(
            f"{folder} holds a model that was saved without test examples, so there are no scores and no record of its "
            "training. Save the estimator with them: save(folder, test=(X, y))."
        )
    if not is_run(folder):
        raise UserError(f"{folder} is not the folder of a finished run: it holds no {METRICS}.")
    refuse_links(folder)


def check_model(folder: Path) -> None:
    """Make sure that a folder holds a trained model.

    Raises:
        UserError: it does not, or is not there.
    """
    _refuse_unfinished(folder)
    _refuse_file(folder, "a trained model")
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}. Give the folder of a trained model.")
    if not (folder / RECIPE).is_file():
        raise UserError(f"{folder} holds no trained model: there is no {RECIPE} in it.")


def _refuse_file(path: Path, what: str) -> None:
    if path.suffix == ".unspool" and path.is_file():
        raise UserError(f"{path} is a portable model, for unspool-runtime. Give the folder of {what}.")
    if path.suffix == ".keras" and path.is_file():
        if (path.parent / RECIPE).is_file():
            raise UserError(f"{path} is a file. Give the folder of {what}: {path.parent}.")
        raise UserError(f"{path} is the file of a Keras model. Give the folder of {what}. {_KERAS_MODELS}")
    if path.is_file():
        raise UserError(f"{path} is a file. Give the folder of {what}, such as runs/{path.stem}.")


def _refuse_unfinished(folder: Path) -> None:
    """Refuse a run that is under way, or was begun and is not finished, by either of its names."""
    final = of_partial(folder)
    if not is_unfinished(final):
        return
    if _is_under_way(final):
        raise UserError(f"{final} is being made by another process. Wait for it to finish.")
    raise UserError(f"{final} was started but is not finished. To continue: unspool resume {final}.")


def check_unfinished(folder: Path) -> None:
    """Make sure that a run was begun and is not finished.

    Args:
        folder: that the run is to have when it is finished.

    Raises:
        UserError: it is finished, there is none, or something else has taken its name.
    """
    if is_run(folder) or is_model_alone(folder):
        raise UserError(f"{folder} is finished: there is nothing to resume.")
    partial = partial_of(folder)
    if folder.exists() and (partial / RECIPE).exists():
        raise UserError(f"{folder} is in the way of the unfinished run {partial}. Move it, or remove it.")
    if not is_unfinished(folder) and partial.is_dir():
        raise UserError(f"The run {folder} was interrupted before it had read its data. Start it again.")
    if not is_unfinished(folder):
        raise UserError(f"There is no unfinished run {folder}: {partial / RECIPE} does not exist.")


def partial_of(folder: Path) -> Path:
    """Where a run lies until it is finished and takes its name."""
    return folder.parent / f"{folder.name}.partial"  # the root has no name


def of_partial(folder: Path) -> Path:
    """The folder that a run is to have, where the one that it lies in until then may have been named.

    Example:
        >>> str(of_partial(Path("runs/wide.partial")))
        'runs/wide'
    """
    folder = folder if folder.name else folder.absolute()  # "." has none
    name = folder.name.removesuffix(".partial")
    return folder.with_name(name) if name and not is_unfinished(folder) else folder


def is_unfinished(folder: Path) -> bool:
    """Whether a run was begun and is not finished, or is under way."""
    return not files.is_there(folder) and files.is_there(partial_of(folder) / RECIPE)


def free_folder(parent: Path, name: str, say: Callable[[str], None] = lambda line: None) -> Path:
    """The first of `parent/name`, `parent/name-2`, `parent/name-3`, ... that is not there yet, nor begun.

    Args:
        parent: of the folder.
        name: of the first.
        say: gets a line if that is not free, and another if it is being made or can be resumed.
    """
    first = folder = parent / name
    number = 1
    while folder.exists() or is_unfinished(folder) or _is_under_way(folder):
        number += 1
        folder = parent / f"{name}-{number}"
    if _is_under_way(first):
        say(f"{first} is being made by another process")
    elif is_unfinished(first):
        say(f"{first} is not finished; to continue: unspool resume {first}")
    if folder != first:
        say(f"{first} is taken: this run will be in {folder}")
    return folder


def beside(run: Path, what: str, say: Callable[[str], None] = lambda line: None) -> Path:
    """A free folder beside a run's, named after it and after what it will hold; `say` as of `free_folder`.

    Example:
        >>> str(beside(Path("runs/energy"), "refit"))
        'runs/energy-refit'
    """
    parent = run.parent if run.name else run.absolute().parent  # "." has no name
    return free_folder(parent, f"{run.absolute().name}-{what}", say)


class Announcing:
    """Holds lines back, such as that a name is taken, until there is another line to say.

    A command that refuses its input before it says anything writes no folder, and so should not mention one.

    Args:
        say: gets the lines.

    Example:
        >>> announcing = Announcing(print)
        >>> announcing.note("runs/a is taken")
        >>> announcing("a.csv: 40 rows")
        runs/a is taken
        a.csv: 40 rows
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._noted: list[str] = []

    def note(self, line: str) -> None:
        """Keep a line for later."""
        self._noted.append(line)

    def __call__(self, line: str) -> None:
        """Say what was noted, and a line."""
        noted, self._noted = self._noted, []
        for one in (*noted, line):
            self._say(one)


def _is_under_way(folder: Path) -> bool:
    return locks.is_locked(partial_of(folder) / LOCK)


@contextmanager
def written_whole(folder: Path, go_on: bool = False) -> Iterator[Path]:
    """Give an empty folder to write to; it takes the name `folder` at the end.

    Until then it lies in `partial_of(folder)`, which no other process can have, and which disappears at the end; after
    an error or Ctrl-C too, unless it was there before or a checkpoint of the training lies in it. It has a name of its
    own there: where somebody moves `partial_of(folder)` away and another process makes a new one, neither writes to
    what is the other's.

    Args:
        folder: the folder to make.
        go_on: whether it may have been begun before.

    Raises:
        UserError: the folder is there already, has been begun, is being made by another process, cannot be written, or
            what it was made from was removed meanwhile.
    """
    with _telling_of_the_disk(folder):
        _check_absent(folder, go_on)  # before its partial is made
        partial = partial_of(folder)
        content = partial / f"{CONTENT}-{uuid.uuid4().hex}"
        refuse_links_within(partial)
    busy = f"{folder} is being made by another process. Wait for it to finish, or choose another folder."
    with (
        locks.locked(partial / LOCK, busy=busy) as is_held,
        _telling_of_the_disk(folder),
    ):
        refuse_links_within(partial)  # again, now that no other process makes or removes what is in it
        begun = is_unfinished(folder)
        if begun and not go_on:
            raise UserError(
                f"{folder} was started but is not finished. To continue: unspool resume {folder}. "
                f"To start over, remove {partial}."
            )
        try:
            _check_absent(folder, go_on)  # again: another process may have finished it before the lock was taken
            for left in partial.glob(f"{CONTENT}*"):  # of a process that was killed
                _remove(left)
            if not begun:
                _remove(partial / CHECKPOINTS)  # of a run that ended, killed while it was tidied up
            content.mkdir()
            yield content
            _give_name(content, folder, is_held)
        except BaseException as error:
            gone = isinstance(error, _Removed) or not (files.is_there(content) or files.is_there(folder))
            if isinstance(error, OSError | UserError) and gone:
                raise UserError(f"{partial} was removed while {folder} was being written. Start again.") from error
            if not begun and files.is_there(content) and not holds_checkpoint(folder):
                _tidy_up(partial)
            raise
        _tidy_up(partial)
        if partial.exists():
            _log.warning("%s is finished, but %s cannot be removed. It is no longer needed.", folder, partial)


def holds_checkpoint(folder: Path) -> bool:
    """Whether an unfinished run has saved something of its training."""
    checkpoints = partial_of(folder) / CHECKPOINTS
    return any(path.is_file() for path in checkpoints.rglob("checkpoint-*.safetensors"))


def _check_absent(folder: Path, go_on: bool = False) -> None:
    if go_on and (is_run(folder) or is_model_alone(folder)):  # callers go on only with what was unfinished
        raise UserError(f"Another process has finished {folder} in the meantime.")
    if files.is_there(folder) or folder.is_symlink():  # one that leads nowhere is in the way too
        raise AdvisedError(
            f"{folder} is there already.",
            "Choose another folder (--out; in Python, out=), or remove it.",
            "Choose another folder, or remove it.",
        )


@contextmanager
def _telling_of_the_disk(folder: Path) -> Iterator[None]:
    """A disk that is full or cannot be written is for a person to put right, wherever the block meets it."""
    try:
        yield
    except OSError as error:
        if error.errno not in files.OF_THE_SYSTEM:
            raise
        where = f", {error.filename}" if error.filename else ""
        raise UserError(
            f"{folder} cannot be finished ({error.strerror}{where}). Free some space there or change the permissions."
        ) from error


class _Removed(OSError):
    """Somebody removes what a run is made from."""


def _give_name(content: Path, folder: Path, is_held: Callable[[], bool]) -> None:
    """Rename a folder whose files are on the disk: what it was made from is removed after that."""
    try:
        for path in (*content.rglob("*"), content):
            atomic_writes.force_to_disk(path)
    except FileNotFoundError as error:
        raise _Removed from error
    if not is_held():
        raise _Removed
    try:
        content.rename(folder)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            _check_absent(folder)
        raise
    with suppress(OSError):  # the run is whole and has its name: no reason to call it unfinished
        atomic_writes.force_to_disk(folder.parent)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif files.is_there(path):
        shutil.rmtree(path)


def _tidy_up(partial: Path) -> None:
    """Remove what a run was made from, the lock last: until then no other process takes hold of the rest."""
    with suppress(OSError):
        for path in partial.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path != locks.lock_of(partial / LOCK):
                path.unlink(missing_ok=True)
        locks.lock_of(partial / LOCK).unlink(missing_ok=True)
        partial.rmdir()

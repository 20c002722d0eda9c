"""A run's folder: what is in it, and how it is written whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unspool import files
from unspool.errors import UserError
from unspool.experiment.links import refuse_links

METRICS, HISTORY, ENVIRONMENT, PREDICTIONS = "metrics.json", "history.csv", "environment.json", "predictions.npz"
RECIPE, MODEL, REPORT, DIGESTS = "recipe.toml", "model.keras", "report.html", "digests.json"
GOLDEN, CERTIFICATE = "golden.npz", "certificate.json"

BEGUN, CHECKPOINTS, LOCK, CONTENT = "begun.json", "checkpoints", "run", "content"
"""What lies in an unfinished run's folder, beside its recipe."""


def is_run(folder: Path) -> bool:
    """Whether a folder holds a finished run."""
    return (folder / METRICS).is_file()


def check_run(folder: Path) -> None:
    """Make sure that a folder holds a finished run, and nothing that leads out of it.

    Raises:
        UserError: it does not, is not there, or a link is in it.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    if not is_run(folder):
        raise UserError(f"{folder} is not the folder of a finished run: it holds no {METRICS}.")
    refuse_links(folder)


def partial_of(folder: Path) -> Path:
    """Where a run lies until it is finished and takes its name."""
    return folder.with_name(folder.name + ".partial")


def of_partial(folder: Path) -> Path:
    """The folder that a run is to have, where the one that it lies in until then may have been named.

    Example:
        >>> str(of_partial(Path("runs/wide.partial")))
        'runs/wide'
    """
    return folder.with_name(folder.name.removesuffix(".partial"))


def is_unfinished(folder: Path) -> bool:
    """Whether a run was begun and is not finished, or is under way."""
    return (partial_of(folder) / RECIPE).is_file()


def free_folder(parent: Path, name: str) -> Path:
    """The first of `parent/name`, `parent/name-2`, `parent/name-3`, ... that is not there yet, nor begun."""
    folder, number = parent / name, 1
    while folder.exists() or is_unfinished(folder):
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


@contextmanager
def written_whole(folder: Path, go_on: bool = False) -> Iterator[Path]:
    """Give an empty folder to write to; it takes the name `folder` at the end.

    Until then it lies in `partial_of(folder)`, which no other process can have, and which disappears at the end; after
    an error or Ctrl-C too, unless a checkpoint of the training lies in it.

    Args:
        folder: the folder to make.
        go_on: whether it may have been begun before.

    Raises:
        UserError: the folder is there already, has been begun, is being made by another process, or cannot be made.
    """
    partial = partial_of(folder)
    if is_unfinished(folder) and not go_on:
        raise UserError(
            f"{folder} has been begun and is not finished. To go on: unspool resume {folder}. "
            f"To begin anew, remove {partial}."
        )
    _check_absent(folder)
    with files.locked(partial / LOCK, busy=f"{folder} is being made by another process."):
        content = partial / CONTENT
        try:
            _check_absent(folder)
            shutil.rmtree(content, ignore_errors=True)
            content.mkdir()
            yield content
            content.rename(folder)
        except BaseException:
            if not holds_checkpoint(folder):
                shutil.rmtree(partial, ignore_errors=True)
            raise
        shutil.rmtree(partial, ignore_errors=True)


def holds_checkpoint(folder: Path) -> bool:
    """Whether an unfinished run has saved something of its training."""
    return any((partial_of(folder) / CHECKPOINTS).glob("checkpoint-*"))


def _check_absent(folder: Path) -> None:
    if folder.exists():
        raise UserError(f"{folder} is there already. Choose another folder with --out, or remove it.")

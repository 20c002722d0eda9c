"""A run's folder: what is in it, and how it is written whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unspool.errors import UserError

METRICS, HISTORY, ENVIRONMENT, PREDICTIONS = "metrics.json", "history.csv", "environment.json", "predictions.npz"
RECIPE, MODEL, REPORT = "recipe.toml", "model.keras", "report.html"


def is_run(folder: Path) -> bool:
    """Whether a folder holds a finished run."""
    return (folder / METRICS).is_file()


def check_run(folder: Path) -> None:
    """Make sure that a folder holds a finished run.

    Raises:
        UserError: it does not, or is not there.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    if not is_run(folder):
        raise UserError(f"{folder} is not the folder of a finished run: it holds no {METRICS}.")


def free_folder(parent: Path, name: str) -> Path:
    """The first of `parent/name`, `parent/name-2`, `parent/name-3`, ... that is not there yet."""
    folder, number = parent / name, 1
    while folder.exists():
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give a folder beside `folder` to write to; it takes the name `folder` at the end, or disappears on an error.

    Raises:
        UserError: the folder is there already, or cannot be made.
    """
    if folder.exists():
        raise UserError(f"{folder} is there already. Choose another folder with --out, or remove it.")
    partial = folder.with_name(folder.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}. Choose another folder with --out.") from error
    try:
        yield partial
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)

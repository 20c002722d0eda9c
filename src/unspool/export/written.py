"""The file that an export writes: beside its place until it has passed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from unspool.atomic_writes import close_on_windows, force_to_disk, keep_permissions, opened_aside
from unspool.errors import UserError
from unspool.files import FOR_OUTPUT, expanded, linked, refuse_inside, refuse_special, unwritable
from unspool.interruption import put_off


def size_in_words(size: int) -> str:
    """A number of bytes as text, in MB or kB.

    Example:
        >>> size_in_words(3_960_000), size_in_words(38_700), size_in_words(300)
        ('4.0 MB', '39 kB', '1 kB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 999_500 else f"{max(size / 1e3, 1):.0f} kB"


def check_out(option: str, out: str | PathLike[str], ending: str, what: str, folder: Path) -> Path:
    """Make sure that a file can be written there, and return it, or the file that it is a link to.

    Args:
        option: of the command line that names it.
        out: the file.
        ending: that its name must have.
        what: it holds, in words.
        folder: of the model, which holds files of its own only.

    Raises:
        UserError: it has another ending, lies in the model's folder, or cannot be written.
    """
    out = expanded(out)
    if out.suffix != ending:
        raise UserError(f"{option} {out}: the file of {what} ends in {ending}.")
    if not out.parent.is_dir():
        raise UserError(f"{option} {out}: there is no folder {out.parent}.")
    if out.is_dir():
        raise UserError(f"{option} {out} is a folder.")
    refuse_special(out, FOR_OUTPUT)
    refuse_inside(out, folder)
    return linked(out)


@contextmanager
def written_aside(out: Path) -> Iterator[Path]:
    """An empty file beside another, which is gone afterwards unless it took the other's place.

    It is to be written in place: a file that replaces it is not locked, and may be taken for that of a killed process.

    Args:
        out: the other.

    Raises:
        UserError: it cannot be written.
    """
    try:
        with opened_aside(out) as (aside, handle):
            close_on_windows(handle)
            yield aside
    except OSError as error:
        raise unwritable(out.parent, error) from error


def take_place(aside: Path, out: Path) -> None:
    """Flush a file to disk and rename it to `out`, with the permissions of the file that it replaces, if any."""
    take_places((aside, out))


def take_places(*files: tuple[Path, Path]) -> None:
    """Flush files to disk, and then rename each to its place; see `take_place`.

    So a full disk or Ctrl-C leaves either all new files or none: an encoder of one model and a decoder of another would
    answer, but wrongly. Only `kill -9`, a power failure or a rename that fails after another can part them.

    Args:
        files: each with its place.
    """
    for aside, out in files:
        keep_permissions(out, aside)
        force_to_disk(aside)
    with put_off():
        for aside, out in files:
            os.replace(aside, out)
    for folder in {out.parent for _, out in files}:
        force_to_disk(folder)

"""A folder from elsewhere must not lead out of itself."""

import os
from collections.abc import Iterator
from pathlib import Path

from unspool import files
from unspool.errors import UserError


def refuse_links(folder: Path) -> None:
    """Make sure that nothing in a run's folder is a link: what is read or written there would lie elsewhere.

    The folder itself may be reached by one. A pipe, which would be read for ever, is refused as well.

    Raises:
        UserError: something in it is a link, or neither a file nor a folder.
    """
    for path in (*folder.glob("*"), *folder.glob("figures/*")):
        if path.is_symlink():
            raise UserError(f"{path} is a link. A run's folder holds files of its own only: put a copy there.")
        files.refuse_special(path)


def refuse_links_within(folder: Path) -> None:
    """Make sure that neither an unfinished run's folder nor anything in it is a link, at any depth.

    What is tidied up there before it goes on would be removed elsewhere.

    Raises:
        UserError: something in it is a link, or neither a file nor a folder.
    """
    for path in (folder, *_below(folder)):
        if path.is_symlink():
            raise UserError(f"{path} is a link. An unfinished run holds files of its own only. Nothing was changed.")
        files.refuse_special(path)


def _below(folder: Path) -> Iterator[Path]:
    """Whatever is below a folder that is none of a link; what another process removes meanwhile is not told."""
    if folder.is_symlink():
        return
    try:
        with os.scandir(folder) as found:
            names = [one.name for one in found]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        yield folder / name
        yield from _below(folder / name)

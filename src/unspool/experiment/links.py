"""A folder from elsewhere must not lead out of itself."""

from pathlib import Path

from unspool.errors import UserError


def refuse_links(folder: Path) -> None:
    """Make sure that nothing in a run's folder is a link: what is read or written there would lie elsewhere.

    The folder itself may be reached by one.

    Raises:
        UserError: something in it is a link.
    """
    for path in (*folder.glob("*"), *folder.glob("figures/*")):
        if path.is_symlink():
            raise UserError(f"{path} is a link. A run's folder holds files of its own only: put a copy there.")

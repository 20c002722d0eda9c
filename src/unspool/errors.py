"""The one exception for what a user can put right."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike


class UserError(Exception):
    """Something the user gave is wrong; the message says what, where, and what to do.

    The command line prints the message alone and exits with 1; a traceback would only hide it.
    """


@contextmanager
def naming(path: str | PathLike[str]) -> Iterator[None]:
    """Put the name of a file before what a block says is wrong with its content."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{path}: {error}") from error

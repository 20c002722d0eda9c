"""One rule for what a user can put right: an error that is a UserError and, as scikit-learn expects, a ValueError."""

from collections.abc import Iterator
from contextlib import contextmanager

from unspool.errors import UserError


class InputError(UserError, ValueError):
    """Something that was given to an estimator is wrong; the message says what, where, and what to do."""


@contextmanager
def as_input_error() -> Iterator[None]:
    """Raise the UserErrors of the block as InputErrors."""
    try:
        yield
    except InputError:
        raise
    except UserError as error:
        raise InputError(str(error)) from error

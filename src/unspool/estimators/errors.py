"""One rule for what a user can put right: an error that is a UserError and, as scikit-learn expects, a ValueError."""

from collections.abc import Iterator
from contextlib import contextmanager

from unspool.errors import AdvisedError, UserError


class InputError(UserError, ValueError):
    """Something that was given to an estimator is wrong; the message says what, where, and what to do."""


@contextmanager
def as_input_error() -> Iterator[None]:
    """Raise the UserErrors of the block as InputErrors, without advice about options of the command line."""
    try:
        yield
    except InputError:
        raise
    except UserError as error:
        raise InputError(error.to_users if isinstance(error, AdvisedError) else str(error)) from error

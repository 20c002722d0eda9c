"""The exception for what a user can put right, one whose advice depends on what is being done, and what was meant."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from os import PathLike


class UserError(Exception):
    """Something the user gave is wrong; the message says what, where, and what to do.

    The command line prints the message alone and exits with 1; a traceback would only hide it.
    """


class AdvisedError(UserError):
    """A file cannot be used; what to do about that depends on why it is read.

    As it is raised, its message suits those who choose the file and how to read it, as in training. `advising` replaces
    the advice where a run names the file, and `advising_users` where the options are those of a trained model.

    Args:
        problem: what is wrong and where, in sentences.
        advice: what to do about it, in sentences.
        advice_to_users: the same for whoever uses a trained model on the file; None if that is no different.

    Example:
        >>> error = AdvisedError("a.csv has 2 columns.", "Name one, as in --text review.", "Give the column review.")
        >>> str(error)
        'a.csv has 2 columns. Name one, as in --text review.'
        >>> with advising("Restore it."):
        ...     raise error
        Traceback (most recent call last):
        unspool.errors.UserError: a.csv has 2 columns. Restore it.
    """

    def __init__(self, problem: str, advice: str, advice_to_users: str | None = None) -> None:
        super().__init__(problem, advice, advice if advice_to_users is None else advice_to_users)

    def __str__(self) -> str:
        return self.advising(self.args[1])

    @property
    def to_users(self) -> str:
        """The message for whoever uses a trained model."""
        return self.advising(self.args[2])

    def advising(self, advice: str) -> str:
        """The message with other advice."""
        return f"{self.args[0]} {advice}".strip()


@contextmanager
def advising(advice: str) -> Iterator[None]:
    """Replace the advice of errors about files that a block reads, whose paths and options cannot be chosen there.

    Any other UserError keeps its message, and the advice is added to it.
    """
    try:
        yield
    except AdvisedError as error:
        raise UserError(error.advising(advice)) from error
    except UserError as error:
        raise UserError(f"{error} {advice}") from error


@contextmanager
def advising_users() -> Iterator[None]:
    """Advise those who use a trained model: they choose the file, but not the options of training."""
    try:
        yield
    except AdvisedError as error:
        raise UserError(error.to_users) from error


@contextmanager
def naming(path: str | PathLike[str]) -> Iterator[None]:
    """Put the name of a file before what a block says is wrong with its content."""
    try:
        yield
    except AdvisedError as error:
        problem, *advice = error.args
        raise AdvisedError(f"{path}: {problem}", *advice) from error
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def meant(word: str, known: Iterable[str]) -> str:
    """A sentence that asks for the known name that a word misspells, after a space; empty if none is close.

    A misspelling rarely changes the first letter. Dashes before options do not count: they make all options alike.

    Example:
        >>> meant("--lable", ["--label", "--table"]), meant("--force", ["--score", "--source"])
        (' Did you mean --label?', '')
    """
    first = word.lstrip("-")[:1]
    names = {name.lstrip("-"): name for name in known if name.lstrip("-")[:1] == first}
    near = get_close_matches(word.lstrip("-"), names, n=1, cutoff=0.65)
    return f" Did you mean {names[near[0]]}?" if near else ""

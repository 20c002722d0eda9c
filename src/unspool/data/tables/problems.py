"""What can be wrong with a row of a person's file, and how it is told."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

from unspool.errors import AdvisedError, UserError

OnError = Literal["stop", "skip"]

SKIP = ' (--on-error skip; in Python on_error="skip")'
"""What leaves out rows or series that cannot be used, as the end of an advice."""

MAX_CELL = 1 << 20
"""Characters in one cell. A longer one is not a text for a sequence model but the sign of a broken file."""

MAX_LINE = 1 << 22
"""Bytes in one line of a text file: what is held in memory of a file that has no lines at all."""


class Reason(Enum):
    """Every way in which a row can be unusable, in the words that a summary counts it by."""

    NOT_UTF8 = "bytes that are not UTF-8"
    NUL = "NUL bytes"
    TOO_LONG = f"a cell of more than {MAX_CELL:,} characters"
    QUOTE = "a quote that is not closed or is closed early"
    RETURN = "a carriage return outside of quotes"
    CELLS = "more or fewer cells than columns"
    HEADER = "a repeated header"
    NOT_JSON = "no JSON object"
    TORN = "an end in the middle"
    EMPTY_TEXT = "no text"
    LONG_TEXT = "a text that is too long"
    NO_VALUE = "a missing value"
    TYPE = "a value of another type"
    NOT_FINITE = "a value that is not a finite number"
    TOO_LARGE = "a number that is too large"
    ROUNDED = "numbers too close together for 32-bit precision"
    NOT_A_TIME = "a value that is not a time"
    UNKNOWN_LABEL = "a label that does not occur in training"
    UNKNOWN_SPLIT = "a split without a meaning"
    DUPLICATE_ID = "an id that an earlier row has"
    RAGGED = "a series that changes within itself"
    SAME_TIME = "two rows with the same time"
    NOT_AHEAD = "a forecast step whose covariates are not known"
    SHORT = "too few steps"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a row.

    Attributes:
        reason: which of the known ways.
        detail: a clause that says it of this row.
        column: where in the row; None for the row as a whole.
        fix: what to do about it in training, where that is more than to correct the row; the start of a sentence.
        fix_in_use: the same where a trained model reads the row.
    """

    reason: Reason
    detail: str
    column: str | None = None
    fix: str = ""
    fix_in_use: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is in its file.

    Attributes:
        row: its number, from 1; a header is not a row.
        mark: the line in which it begins (a number) or the file it was read from (a name), where that says more.
        what: is counted: rows, or whole series.
    """

    row: int
    mark: int | str | None = None
    what: str = "row"

    def __str__(self) -> str:
        if self.mark is None or str(self.mark) == str(self.row):
            return f"{self.what} {self.row}"
        return f"{self.what} {self.row} ({'line ' if isinstance(self.mark, int) else ''}{self.mark})"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be used, and where it stands."""

    flaw: Flaw
    place: Place

    def told(self, path: Path | None = None) -> str:
        """Return the one sentence on it, which names row and column, and the file if it is given."""
        file = "" if path is None else f"{path}, "
        column = f", column {self.flaw.column}" if self.flaw.column is not None else ""
        return f"{file}{self.place}{column}: {self.flaw.detail}."


def settle(problems: Iterable[Problem], path: Path, on_error: OnError, unusable: str | None = None) -> None:
    """Stop at the first of the problems, if there is one and that is what `on_error` asks for.

    Args:
        problems: in the order of the rows.
        path: of the file.
        on_error: "stop" or "skip".
        unusable: what a problem makes unusable ("row", "text", "series"); None for what its place counts.

    Raises:
        UserError: names file, row and column.
    """
    if on_error == "stop":
        for problem in problems:
            what = unusable or problem.place.what
            skip = f"leave such {what}{'s' * (what != 'series')} out{SKIP}"
            in_training, in_use = problem.flaw.fix or "Fix it", problem.flaw.fix_in_use or "Fix it"
            raise AdvisedError(problem.told(path), f"{in_training}, or {skip}.", f"{in_use}, or {skip}.")


@contextmanager
def without_skipping() -> Iterator[None]:
    """Do not advise `SKIP` in errors of a block or a function that must answer each row.

    Example:
        >>> with without_skipping():
        ...     raise UserError(f"A text is empty. Leave such rows out{SKIP}.")
        Traceback (most recent call last):
        unspool.errors.UserError: A text is empty. Leave such rows out.
    """
    try:
        yield
    except UserError as error:
        raise type(error)(*(str(part).replace(SKIP, "") for part in error.args)) from error


def no_series(path: Path, problems: Iterable[Problem]) -> UserError:
    """The error for a file of which no series is left, with the first of the problems, if there is one.

    Args:
        path: of the file.
        problems: that made series unusable, in the order of the rows.
    """
    first = next(iter(problems), None)
    if first is None:
        return UserError(f"{path}: no series can be used.")
    fixes = (f"{fix}." if fix else "" for fix in (first.flaw.fix, first.flaw.fix_in_use))
    return AdvisedError(f"{path}: no series can be used. The first problem: {first.told()}", *fixes)


def check_on_error(on_error: str) -> None:
    """Refuse what is neither "stop" nor "skip".

    Raises:
        UserError: names what was given.
    """
    if on_error not in ("stop", "skip"):
        raise UserError(f'on_error is {on_error!r}: it must be "stop" or "skip".')


def by_reason(counts: Counter[Reason]) -> dict[str, int]:
    """How many were left out for which reason, as people read it, the most common first."""
    return {reason.value: count for reason, count in counts.most_common()}


def reasons(counts: Counter[Reason]) -> str:
    """Say in words how many rows were left out for which reason, the most common first.

    Example:
        >>> reasons(Counter({Reason.NUL: 1, Reason.EMPTY_TEXT: 1204}))
        '1,204 with no text, 1 with NUL bytes'
    """
    return ", ".join(f"{count:,} with {reason.value}" for reason, count in counts.most_common())

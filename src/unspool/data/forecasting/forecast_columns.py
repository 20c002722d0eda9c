"""The columns of a table of series that a forecast is made from, and what is said of them."""

from dataclasses import dataclass
from pathlib import Path

from unspool.data.columns import by_role, ignored_words
from unspool.data.forecasting.series_columns import SERIES, free_name
from unspool.data.names_in_words import as_typed, first_few
from unspool.data.tables.joined_columns import shown_columns
from unspool.data.tables.joined_names import named_cells
from unspool.errors import AdvisedError, UserError

ROWS = "rows"
"""What the number of rows is called where that is forecast, as on exported pages."""

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class ForecastColumns:
    """The columns that matter, by their names.

    Attributes:
        target: the column that is forecast, or what names `series_columns`, or what the number of rows is called.
        time: when each step is, or None: rows are in the order of the file.
        series: tells the series apart, or None: there is one.
        until_now: covariates that are known until the forecast begins.
        known_ahead: covariates that are known for the forecast steps too.
        ignored: what is not read.
        rising: if no column is known to tell the time, the first covariate that rises from row to row, which may; else
            None.
        series_columns: the columns that are forecast, each a series of its own; none if `target` is a single column.
        named_by: the columns that `series` is joined from; none if it is a single column.
        counts: whether the number of rows is forecast, so that `target` is no column.
        perhaps_series: if times recur and `series` is None, the columns that may tell series apart; else none.
    """

    target: str
    time: str | None = None
    series: str | None = None
    until_now: tuple[str, ...] = ()
    known_ahead: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    rising: str | None = None
    series_columns: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    counts: bool = False
    perhaps_series: tuple[str, ...] = ()

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns of a table of forecasts that name the series; none if there is one series."""
        return self.named_by or (() if self.told_apart is None else (self.told_apart,))

    def named(self, name: str) -> dict[str, str]:
        """The cells of these columns for the series of this name."""
        return named_cells(self.naming, name) if self.naming else {}

    @property
    def told_apart(self) -> str | None:
        """The column of a table of forecasts that tells series apart, or None: there is one."""
        return free_name(SERIES, [self.time]) if self.series_columns else self.series

    @property
    def shown_target(self) -> str:
        """What is forecast, as a message calls it."""
        return self.target_in_words if self.counts or self.series_columns else self.target

    @property
    def target_in_words(self) -> str:
        """The same, which says that it is a column if it is one."""
        if self.counts:
            return "the number of rows"
        names = self.series_columns or (self.target,)
        return f"column{'s' * (len(names) > 1)} {first_few(names)}"

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The columns that are read, by what each is for."""
        covariates = {"covariates known until now": self.until_now, "covariates known ahead": self.known_ahead}
        target = self.series_columns or (None if self.counts else self.target)
        return by_role({"target": target, "time": self.time, "series": self.series}, covariates)

    @property
    def in_file(self) -> tuple[str, ...]:
        """The columns of numbers that are read."""
        targets = () if self.counts else self.series_columns or (self.target,)
        return (*targets, *self.until_now, *self.known_ahead)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns of numbers, in the order of a panel's: the target first, what is known ahead last."""
        return (self.target, *self.until_now, *self.known_ahead)

    @property
    def words(self) -> list[str]:
        """What each is for, in sentences without their stop."""
        if self.series_columns:
            several = len(self.series_columns) > 1
            told = [f"{self.shown_target} {'are forecast, each as a series' if several else 'is forecast'}"]
        else:
            told = [f"{self.target_in_words} is forecast"]
            told.append(
                f"there is one series{self._words_on_series}"
                if self.series is None
                else f"series are told apart by {shown_columns(self.named_by or (self.series,))}"
            )
        times = [part.strip() for part in (self.time or "").split(",")]
        told.append(
            "rows are in the order of the file: no column is known to tell the time"
            if self.time is None
            else f"{shown_columns(times)} tell{'s' * (len(times) == 1)} the time"
        )
        if self.rising is not None:
            told.append(f"column {self.rising} rises from row to row; if it tells the time, add --time {self.rising}")
        for names, what in ((self.until_now, "until the forecast begins"), (self.known_ahead, "ahead")):
            if names:
                plural = "s" * (len(names) > 1)
                told.append(f"covariate{plural} known {what}: {', '.join(names)}")
        return [*told, *ignored_words(self.ignored)]

    @property
    def _words_on_series(self) -> str:
        if not self.perhaps_series:
            return ""
        names = " or ".join(self.perhaps_series[:_MOST_NAMED])
        return f"; if column {names} tells several apart, name it (--series {as_typed(self.perhaps_series[:1])})"


def no_covariate(path: Path, name: str) -> AdvisedError:
    """The error about a covariate without numbers."""
    write = "Write numbers, such as 1 for a holiday and 0 for other days"
    problem = f"{path}: column {name} holds no numbers, so it cannot be a covariate."
    return AdvisedError(problem, f"{write}, or leave it out.", f"{write}: the model reads it.")


def no_history(path: Path, columns: ForecastColumns) -> UserError:
    """The error about a table that has what is known ahead, but none of the values before."""
    return UserError(
        f"{path} has no values of {columns.shown_target}, and forecasts go on from these: the model does not keep "
        f"those of earlier files. Put the rows with {', '.join(columns.known_ahead)} below the rows of what was, and "
        f"leave {columns.shown_target} empty in them."
    )

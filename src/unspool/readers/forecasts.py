"""The recent steps of series to what a model forecasts from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from unspool.candidates.forecasts import Setup, item_of
from unspool.data.forecasting import (
    AGGREGATES,
    Aggregate,
    ForecastColumns,
    Panel,
    TimeStep,
    find_forecast_columns,
    names_any,
    no_history,
    read_panel,
)
from unspool.data.series.rows_of_series import notes_on_left_out
from unspool.data.tables.notation import DECIMALS, Decimal
from unspool.data.tables.numbered_dates import DATE_ORDERS, Dates
from unspool.data.tables.problems import SKIP, Reason
from unspool.data.tables.table import read_table
from unspool.errors import UserError, advising_users
from unspool.readers.definition import READER, SavedReader, flag, positive, text
from unspool.readers.raw import RawExamples


@dataclass(frozen=True)
class ForecastReader(SavedReader):
    """Reads tables with a row for each time step, as in training.

    Attributes:
        columns: what is what.
        setup: horizon, season, covariates.
        step: between two rows.
        day: of the month on which steps of months are dated, or the last day in shorter months; 0 if there is none or
            series differ.
        local: whether times are read in local time, not in UTC.
        zoned: whether times were read in UTC, as they named their zones; None in earlier models.
        resample: the interval that rows were resampled to, or None.
        fill: the target's value at steps that a file leaves out, or None where it was interpolated.
        aggregate: how rows with the same time were combined, "sum", "mean" or "count"; None if they were refused.
        dates: whether the day or the month came first in dates with the year last; None if there were none.
        decimal: what separated the decimals of numbers; None if nothing showed it.
    """

    kind: ClassVar = "forecast"

    columns: ForecastColumns
    setup: Setup
    step: TimeStep
    day: int = 0
    local: bool = False
    resample: str | None = None
    fill: float | None = None
    aggregate: Aggregate | None = None
    dates: Dates | None = None
    decimal: Decimal | None = None
    zoned: bool | None = None

    @classmethod
    def of(
        cls,
        panel: Panel,
        horizon: int,
        season: int | None,
        resample: str | None,
        fill: float | None = None,
        aggregate: Aggregate | None = None,
        dates: Dates | None = None,
        decimal: Decimal | None = None,
    ) -> "ForecastReader":
        """What reads other tables as this one was read; the season is the usual one unless it is given."""
        known = panel.known_width
        width = panel.values[0].shape[1]
        season = season or panel.season
        by_day, calendar = panel.step.may_be_day(season), panel.step.calendar_width
        setup = Setup(horizon, season, width - known - 1, known, by_day, calendar)
        day = int(panel.days[0]) if len(np.unique(panel.days)) == 1 else 0
        how = (resample, fill, aggregate, dates, decimal)
        return cls(panel.columns, setup, panel.step, day, panel.local, *how, panel.zoned)

    @advising_users()
    def read_file(self, path: Path, on_error: Any = "stop") -> Panel:
        """Read a table.

        Args:
            path: of it.
            on_error: what is done about a series that cannot be used.

        Raises:
            UserError: it cannot be read, or lacks a column that training had.
        """
        columns = self.columns
        joined: dict[str, Any] = {"times": (columns.time,), "series": columns.series}
        table = read_table(path, on_error, dates=self.dates, **joined, decimal=self.decimal)
        self._refuse_without_history(path, table.columns)
        found = find_forecast_columns(
            table,
            target=None if columns.counts else columns.target,
            time=columns.time,
            series=columns.series,
            known_ahead=columns.known_ahead,
            covariates=columns.until_now,
            by_content=False,
            counts=columns.counts,
        )
        named = replace(columns, ignored=found.ignored, series_columns=found.series_columns, named_by=found.named_by)
        how: dict[str, Any] = {"resample": self.resample, "fill": self.fill, "aggregate": self.aggregate}
        panel = read_panel(table, named, **how, step=self.step, day=self.day, local=self.local, zoned=self.zoned)
        if panel.known_width != self.setup.known:
            raise UserError(
                f"The model's {READER} is altered: by its columns and times, {panel.known_width} numbers are known "
                f"ahead, and by its setup {self.setup.known}. Train the model again, or get another copy."
            )
        return panel

    def _refuse_without_history(self, path: Path, table: Sequence[str]) -> None:
        """Refuse a table with what is known ahead alone: a model does not keep the values before.

        Raises:
            UserError: says where these rows belong.
        """
        columns = self.columns
        others = {columns.time, columns.series, *columns.named_by, *columns.until_now, *columns.known_ahead}
        is_ahead = bool(columns.known_ahead) and not columns.counts and {*columns.known_ahead} <= {*table}
        if is_ahead and not names_any(columns.target, [name for name in table if name not in others]):
            raise no_history(path, columns)

    def read(self, panel: Panel) -> RawExamples:
        """N items that forecast what comes after each series.

        Raises:
            UserError: what is known ahead is not there for each step that is forecast.
        """
        ahead = [self._ahead(panel, row) for row in range(len(panel))]
        for row, found in enumerate(ahead):
            if found is not None and np.isnan(found).any():
                raise UserError(self._unknown(panel, row, found))
        return RawExamples([item_of(*one, self.setup) for one in zip(panel.values, ahead, strict=True)])

    def with_ahead(self, panel: Panel) -> Panel:
        """The series whose covariates are known for all forecast steps; the others are counted.

        Raises:
            UserError: no series has it.
        """
        ahead = [self._ahead(panel, row) for row in range(len(panel))]
        lacking = [row for row, found in enumerate(ahead) if found is not None and np.isnan(found).any()]
        if lacking and len(lacking) == len(panel):
            raise UserError(self._unknown(panel, 0, ahead[0], skip=False))
        left_out = Counter({Reason.NOT_AHEAD: len(lacking)} if lacking else {})
        kept = panel.take([row for row in range(len(panel)) if row not in {*lacking}], left_out)
        return replace(kept, notes=(*panel.notes, *notes_on_left_out([panel.names[row] for row in lacking])))

    def _ahead(self, panel: Panel, row: int) -> Any:
        setup = self.setup
        if not setup.known:
            return None
        found = np.full((setup.horizon, setup.known), np.nan, dtype=np.float32)
        there = panel.ahead[row][: setup.horizon]
        found[: len(there)] = there
        width = panel.step.calendar_width
        if width:
            first, places = float(panel.starts[row]), len(panel.values[row]) + np.arange(setup.horizon)
            found[:, setup.known - width :] = panel.step.calendar(first, places)
        return found

    def _unknown(self, panel: Panel, row: int, ahead: Any, *, skip: bool = True) -> str:
        columns, several = self.columns, self.columns.told_apart is not None
        name = f"series {panel.names[row]}" if several else "the series"
        or_skip = f", or leave such series out{SKIP}" if several and skip else ""
        missing = np.isnan(ahead)
        step = int(np.argmax(missing.any(axis=1)))
        lacking = [one for one, is_missing in zip(columns.known_ahead, missing[step], strict=False) if is_missing]
        at = "" if columns.time is None else f" ({panel.shown_time(panel.time_after(row, step + 1))})"
        return (
            f"{panel.path}: {', '.join(lacking)} must be known for each step that is forecast, but for {name} there is "
            f"no value at step {step + 1:,} of {self.setup.horizon:,}{at}. Give a row for each of these steps, with "
            f"{', '.join(columns.known_ahead)} filled in and {columns.shown_target} left empty{or_skip}."
        )

    def content(self) -> dict[str, Any]:
        """What reader.json says beside the kind."""
        parts = {"columns": asdict(self.columns), "setup": asdict(self.setup), "step": self.step.content()}
        how = {"resample": self.resample, "fill": self.fill, "aggregate": self.aggregate}
        dated = {"day": self.day, "local": self.local, "zoned": self.zoned, "dates": self.dates}
        return parts | how | dated | {"decimal": self.decimal}

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        columns, setup = content["columns"], content["setup"]
        until_now, ahead, ignored, of_series, named_by = (
            tuple(map(text, columns.get(name, ())))
            for name in ("until_now", "known_ahead", "ignored", "series_columns", "named_by")
        )
        time, series = (None if columns[name] is None else text(columns[name]) for name in ("time", "series"))
        target = text(columns["target"])
        counts = content.get("aggregate") == "count"
        read = ForecastColumns(target, time, series, until_now, ahead, ignored, None, of_series, named_by, counts)
        sizes = {name: positive(setup[name]) for name in ("horizon", "season")}
        widths = {name: positive(setup[name] + 1) - 1 for name in ("until_now", "known")}
        step = TimeStep.from_content(content["step"])
        if widths["until_now"] != len(read.until_now) or widths["known"] != len(read.known_ahead) + step.calendar_width:
            raise ValueError("the covariates do not suit the columns")
        resample = None if content["resample"] is None else text(content["resample"])
        fill, aggregate, dates, decimal = map(content.get, ("fill", "aggregate", "dates", "decimal"))  # not in old ones
        if fill is not None and not np.isfinite(np.float32(fill)):
            raise ValueError(f"steps are filled with {fill}")
        if aggregate not in (None, *AGGREGATES):
            raise ValueError(f"rows are combined by {aggregate!r}")
        day = int(content.get("day", 31 if content.get("last") else 0))  # earlier models only had "last"
        if not 0 <= day <= 31:
            raise ValueError(f"months are dated by day {day}")
        if dates not in (None, *DATE_ORDERS):
            raise ValueError(f"dates are {dates!r}")
        if decimal not in (None, *DECIMALS):
            raise ValueError(f"decimals follow a {decimal!r}")
        return cls(
            read,
            Setup(**sizes, **widths, by_day=flag(setup.get("by_day", True)), calendar=step.calendar_width),
            step,
            day,
            flag(content.get("local", False)),
            resample,
            None if fill is None else float(fill),
            aggregate,
            dates,
            decimal,
            None if content.get("zoned") is None else flag(content["zoned"]),
        )

    @property
    def described(self) -> str:
        """What is read of a series, in words."""
        covariates = self.columns.until_now + self.columns.known_ahead
        beside = f", and of {', '.join(covariates)}" if covariates else ""
        season = f"; a season is {self.setup.season:,} steps" if self.setup.season > 1 else "; there is no season"
        return f"the last {self.setup.most_steps:,} steps of {self.columns.target_in_words}{beside}{season}"

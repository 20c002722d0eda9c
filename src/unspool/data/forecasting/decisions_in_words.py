"""What was decided when series to forecast were read, in words."""

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.combined_rows import Combined, LastInterval
from unspool.data.forecasting.even_steps import EvenSteps
from unspool.data.forecasting.gathered_rows import GatheredRows
from unspool.data.forecasting.numbered_times import words_on_numbers
from unspool.data.forecasting.panel import Steps
from unspool.data.forecasting.running_totals import is_running_total
from unspool.data.forecasting.time_step import TimeStep


def decisions(
    rows: GatheredRows,
    combined: Combined,
    even: EvenSteps,
    step: TimeStep,
    starts: NDArray[np.float64],
    days: NDArray[np.int64],
    gaps: tuple[int, int],
) -> list[str]:
    """What was decided about a file, and why.

    Args:
        rows: that were gathered.
        combined: what became of them.
        even: that brought them to even steps.
        step: of the panel.
        starts: (N,) when each series begins.
        days: (N,) the day of the month of each, where steps are months; 0 if its rows are on different days.
        gaps: missing numbers of the target, and of covariates, that are filled in.
    """
    columns = rows.columns
    told = [*columns.words, *rows.table.words_on((*columns.in_file, columns.time))]
    if columns.time is not None:
        told.append(f"a step is {step.words}" + (f", resampled (--resample {even.resample})" if even.resample else ""))
    told += _on_times(rows, even, step, starts, days)
    if even.aggregate is not None:
        before, left = len(rows.series), len(rows.series) - combined.merged
        of_target = f"the {even.aggregate} of {'each series' if columns.series_columns else columns.target}"
        of_covariates = " and the mean of each covariate" if columns.numbers[1:] else ""
        done = (
            f"counted in {left:,} steps"
            if columns.counts
            else f"combined into {left:,}, with {of_target}{of_covariates}"
        )
        told.append(f"{before:,} rows are {done} (--aggregate {even.aggregate})")
    told += on_unfinished(combined.unfinished, step, rows.zoned)
    return told + _on_missing(rows, combined, even, step, gaps)


def _on_times(
    rows: GatheredRows, even: EvenSteps, step: TimeStep, starts: NDArray[np.float64], days: NDArray[np.int64]
) -> list[str]:
    """How times are read."""
    told = []
    if step.unit == "month" and not days.all():
        told.append("rows are on different days of the month; forecasts will be on that of a series' first row")
    if len(few := step.few_at_weekends(np.array(rows.times))) and even.resample is None:
        day, count = step.shown_time(float(few[0])), len(rows.times)
        fall, them = (
            (f"falls on a weekend ({day})", "it") if len(few) == 1 else (f"fall on weekends, such as {day}", "them")
        )
        told.append(f"only {len(few):,} of {count:,} rows {fall}: without {them}, steps would be weekdays")
    if rows.digits is not None:
        written, date = rows.digits
        told.append(f"times in column {rows.columns.time} are dates written as numbers: {written} is {date}")
    if step.unit == "number":
        told += words_on_numbers(str(rows.columns.time), starts)
    return told


def _on_missing(
    rows: GatheredRows, combined: Combined, even: EvenSteps, step: TimeStep, gaps: tuple[int, int]
) -> list[str]:
    """What stands for steps without a row, or without a number."""
    told, columns = [], rows.columns
    if count := len(combined.partial):
        begin, number = combined.partial[0]
        intervals, have = ("interval", "has") if count == 1 else ("intervals", "have")
        told.append(
            f"{count:,} {intervals} of {step.words} {have} fewer rows than usual, such as "
            f"{step.shown_time(float(begin))} of {rows.named(int(number))}: they count as missing; if "
            "rows are missing because nothing happened, give --fill 0"
        )
    if even.filled:
        steps, counts = ("step", "counts") if even.filled == 1 else ("steps", "count")
        told.append(
            f"{even.filled:,} {steps} without a row, up to the last time in the file, {counts} as {even.fill:g}"
        )
    of_target, of_covariates = gaps
    if of_target:
        steps, have = ("step", "has") if of_target == 1 else ("steps", "have")
        lack = f"{have} no number for {columns.target}"
        if columns.series_columns:
            lack = f"of these series {have} no number"
        told.append(f"{of_target:,} {steps} {lack} in the file: filled in by linear interpolation, and not scored")
    if of_covariates:
        told.append(f"{of_covariates:,} missing numbers of covariates are filled in by linear interpolation")
    return told


def on_unfinished(last: LastInterval | None, step: TimeStep, zoned: bool) -> list[str]:
    """A remark if the last interval may not be over, or is left out; `zoned` tells whether times name their zones."""
    if last is None:
        return []
    begin, end = (step.shown_time(one, utc=zoned) for one in (last.begin, last.end))
    if last.is_cut:
        begun = f", with {last.begun:,} series that began in it" if last.begun else ""
        return [
            f"the last interval, which begins at {begin}, is left out as incomplete{begun}: its last row is at "
            f"{end}, earlier than in nearly all other intervals"
        ]
    return [
        f"the last interval begins at {begin}, but the last row is at {end}: if the interval is not over, "
        "leave out its rows"
    ]


def on_running_totals(names: list[str], grids: list[Steps]) -> list[str]:
    """A remark if most series only rise, as a meter's readings do: what each step adds may be wanted instead."""
    totals = [name for name, grid in zip(names, grids, strict=True) if is_running_total(grid[:, 0])]
    if 2 * len(totals) <= len(grids):
        return []
    several = f" of {len(totals):,} of {len(grids):,} series" if len(grids) > 1 else ""
    return [
        f"values{several} never fall, other than back to nearly 0: if they are running totals, such as meter "
        "readings, and you want what each step adds, forecast the differences between rows"
    ]

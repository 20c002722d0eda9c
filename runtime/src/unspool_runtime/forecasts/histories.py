"""Histories, and what is known of the steps ahead, to items.

An item is (T + H, C) float32: T steps that are known and H to forecast. Its columns are the target, covariates known
until now, covariates known ahead, and what the calendar says; of the H steps the first two are NaN.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.errors import InputError
from unspool_runtime.forecasts.calendar_columns import calendar_columns
from unspool_runtime.forecasts.limits import MOST_COLUMNS, MOST_HORIZON, MOST_SEASON
from unspool_runtime.forecasts.rounding import is_rounded_away
from unspool_runtime.forecasts.setup import Setup, Steps
from unspool_runtime.node import Node
from unspool_runtime.readers import as_series, filled, too_large

HISTORIES = ("histories", "dated histories")
"""Kinds of readers. In the second, the calendar of steps from a day to a week has days of the week and of the month."""
_LONGEST_STEP = 7 * 86_400.0
_KEYS = ("history", "ahead", "start")


class HistoryReader:
    """Reads histories.

    Args:
        node: the "reader" of a description: its "kind", one of `HISTORIES`; "columns", names of the target, of the
            covariates known `until_now`, and of those known ahead; and the "calendar", null or the seconds of a "step",
            perhaps with "local": whether it follows local time, not UTC.
        task: its "task", with the "horizon" and the "season".
    """

    def __init__(self, node: Node, task: Node):
        self.columns = node.texts("columns")
        until_now = node.whole("until_now", 0, MOST_COLUMNS)
        if not until_now < len(self.columns) <= MOST_COLUMNS:
            raise node.wrong("the columns are too few or too many")
        calendar = node.node("calendar") if node.has("calendar") else None
        self._step = calendar.number("step") if calendar else 0.0
        self._local = calendar is not None and calendar.has("local") and calendar.flag("local")
        if not 0 <= self._step <= _LONGEST_STEP:
            raise node.wrong("the step of the calendar is out of bounds")
        self._month_days = node.choice("kind", *HISTORIES) == HISTORIES[1]
        self._dates = self._calendar(0.0, 1).shape[1] if self._step else 0
        horizon, season = task.whole("horizon", 1, MOST_HORIZON), task.whole("season", 1, MOST_SEASON)
        self.setup = Setup(horizon, season, until_now, len(self.columns) - 1 - until_now + self._dates)

    def items(self, examples: Sequence[Any]) -> list[Steps]:
        """N examples to items.

        Raises:
            InputError: one is not what the model reads; says which.
        """
        return [self._item(one, f"Example {place} (counted from 0)") for place, one in enumerate(examples)]

    def _item(self, example: Any, where: str) -> Steps:
        given = example if isinstance(example, Mapping) else {"history": example}
        if "history" not in given or not {*given} <= {*_KEYS}:
            raise InputError(f"{where} is a dict without 'history', or with more than 'history', 'ahead' and 'start'.")
        start = None if given.get("start") is None else _seconds(given["start"], where, self._local)
        dates = self._dates if start is not None else 0
        width = 1 + self.setup.until_now + self.setup.known - dates
        history = self._history(given["history"], width, where)
        ahead = self._ahead(given.get("ahead"), self.setup.known - dates, where)
        future = np.full((self.setup.horizon, width), np.nan, np.float32)
        future[:, width - ahead.shape[1] :] = ahead
        item = np.concatenate([history, future])
        if dates:
            item = np.concatenate([item, self._calendar(start or 0.0, len(item))], axis=1)
        return item[-self.setup.most_steps - self.setup.horizon :]

    def _history(self, given: Any, width: int, where: str) -> Steps:
        steps = as_series(given, width)
        if steps is None or not len(steps):
            if width > len(self.columns) and as_series(given, len(self.columns)) is not None:
                raise InputError(
                    f"{where}: this model reads the calendar. Give 'start', the time of the first step of the history, "
                    "such as '2026-03-01'."
                )
            raise InputError(f"{where}: its history is not {self._wanted(width)}.")
        _refuse_too_large(steps, where, "history")
        if np.isnan(steps[[0, -1], 0]).any():
            raise InputError(
                f"{where}: its history begins or ends with a missing number for {self.columns[0]!r}. Leave such steps "
                "out."
            )
        if is_rounded_away(steps[:, 0].astype(np.float64)):
            raise InputError(
                f"{where}: its history has numbers for {self.columns[0]!r} too large and too close together for 32-bit "
                "precision. Train a model on such numbers with the same number subtracted from all of them, and "
                "subtract it here, too."
            )
        (whole,) = filled([steps.astype(np.float32)], np.zeros(width))
        return whole

    def _ahead(self, given: Any, width: int, where: str) -> Steps:
        horizon, names = self.setup.horizon, ", ".join(map(repr, self.columns[1 + self.setup.until_now :]))
        if given is None and not width:
            return np.zeros((horizon, 0), np.float32)
        steps = None if given is None or not width else as_series(given, width)
        if steps is None or len(steps) != horizon or np.isnan(steps).any():
            if not width:
                raise InputError(f"{where}: this model reads nothing that is known ahead. Leave 'ahead' out.")
            more = f" and {self._dates} of the calendar" * (width == self.setup.known and self._dates > 0)
            hint = " (give 'start' instead of the calendar's)" * bool(more)
            raise InputError(
                f"{where}: 'ahead' must have {horizon} steps, each with {names or 'no number'}{more} as numbers{hint}."
            )
        _refuse_too_large(steps, where, "'ahead'")
        return steps.astype(np.float32)

    def _wanted(self, width: int) -> str:
        names = ", ".join(map(repr, self.columns))
        if width == 1:
            return f"a list of numbers, the values of {names}"
        if width == len(self.columns):
            return f"a list of steps, each a list of {width} numbers: {names}"
        return (
            f"a list of steps, each a list of {width} numbers: {names} and {self._dates} of the calendar. Or give "
            f"'start', the time of its first step, and {len(self.columns)} number{'s' * (len(self.columns) > 1)} a step"
        )

    def _calendar(self, start: float, count: int) -> Steps:
        """(T, K) what the calendar says of steps."""
        return calendar_columns(start + np.arange(count) * self._step, self._step, self._month_days)


def _refuse_too_large(steps: NDArray[Any], where: str, what: str) -> None:
    step = too_large(steps)
    if step is not None:
        raise InputError(f"{where}: its {what} has an infinite or too large number at step {step} (counted from 0).")


def _seconds(start: Any, where: str, local: bool) -> float:
    """Seconds since 1970 of a time: a number, or a date in ISO 8601, in UTC without a zone or if `local`."""
    try:
        if isinstance(start, int | float) and abs(start) < 1e12:
            return float(start)
        moment = datetime.fromisoformat(str(start))
        return (moment.replace(tzinfo=UTC) if local or not moment.tzinfo else moment).timestamp()
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{where}: its start is {str(start)[:40]!r}, which is no time. Give one such as '2026-03-01' or "
            "'2026-03-01T05:00', or seconds since 1970."
        ) from error

"""What a set of series is."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class ForecastSet:
    """Series in long form: a row for each step, with its series, its time, its value and perhaps covariates."""

    name: str
    horizon: int
    rows: list[Row] = field(repr=False)
    season: int | None = None


class MissingError(Exception):
    """A package that carries a set is not installed."""

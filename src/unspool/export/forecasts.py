"""Models that forecast as parts of a portable model."""

from collections.abc import Callable

from unspool.candidates.forecasts import Forecaster
from unspool.candidates.forecasts.lags import DAYS_OF_WEEK
from unspool.candidates.forecasts.local import ESTIMATED, OF_WEEKS
from unspool.candidates.model_files import unprefixed
from unspool.data.forecasting.series_columns import SERIES, free_name
from unspool.export.packing import Arrays, Matrix, Node, double, trees_node
from unspool.readers import ForecastReader

_LOCAL = {
    "naive": "last value",
    "seasonal-naive": "last season",
    "drift": "drift",
    "median": "median",
    "seasonal-mean": "season mean",
    "seasonal-median": "season median",
    "theta": "theta method",
    "ets": "exponential smoothing",
    "theta-log": "theta method of logarithms",
    "ets-log": "exponential smoothing of logarithms",
    "arima": "ARIMA",
    "arima-log": "ARIMA of logarithms",
}


VALUE = "value"
"""The column to forecast in tables for models that were trained on a column for each series."""


def history_reader_node(reader: ForecastReader) -> Node:
    """Describe the reader of a model that forecasts, with the table that it was trained on."""
    columns, step = reader.columns, reader.step
    calendar = {"step": float(step.length), "local": reader.local} if step.calendar_width else None
    others = (columns.time, *columns.until_now, *columns.known_ahead)
    series, target = columns.series, columns.target
    if columns.series_columns:
        series, target = free_name(SERIES, others), free_name(VALUE, others)
    table: Node = {"time": columns.time, "series": series, "unit": step.unit, "length": float(step.length)}
    table |= {"openings": list(step.openings)} if step.openings else {}
    table |= {"day": reader.day, "local": reader.local, "resampled": reader.resample is not None}
    table |= {"fill": 0.0 if columns.counts else reader.fill}
    table |= {"aggregate": reader.aggregate, "dates": reader.dates, "zoned": reader.zoned}
    if columns.series_columns:
        table |= {"series_columns": list(columns.series_columns)}
    return {
        "kind": "dated histories" if step.is_dated else "histories",
        "columns": [target, *columns.until_now, *columns.known_ahead],
        "until_now": len(columns.until_now),
        "calendar": calendar,
        "table": table,
    }


def forecaster_node(forecaster: Forecaster) -> Node:
    """Describe a model that forecasts, with its quantiles."""
    found, arrays = forecaster.state()
    described = point_model_node(found["model"], unprefixed(arrays, "model/"))
    spread = unprefixed(arrays, "spread/")
    unit = forecaster.spread.unit or None
    offsets = {name: double(spread[name]) for name in ("low", "high")}
    short = {"short": double(spread["short"])} if len(spread["short"]) else {}
    powers = {"place": forecaster.spread.place, "recent": forecaster.spread.recent}
    plain = {"least": forecaster.least, "unit": unit, **powers}
    return {"kind": "forecaster", "point": described} | plain | offsets | short


def point_model_node(plain: Node, arrays: Arrays) -> Node:
    """Describe a model that forecasts one number a step.

    Args:
        plain: what its `state` gives, plain values and
        arrays: by name.
    """
    makers: dict[str, Callable[[Node, Arrays], Node]] = {
        "local": _local,
        "ridge": _linear,
        "linear-lags": _linear,
        "trees": _trees,
        "network": _network,
        "blend": _blend,
        "by-length": _by_length,
    }
    return makers[plain["kind"]](plain, arrays)


def _local(plain: Node, _: Arrays) -> Node:
    name = plain["name"]
    if name in OF_WEEKS:
        kind = "longer pattern" if OF_WEEKS[name] in ESTIMATED else "longer season"
        return {"kind": kind, "seasons": DAYS_OF_WEEK, "point": {"kind": _LOCAL[OF_WEEKS[name]]}}
    return {"kind": _LOCAL[name]}


def _linear(plain: Node, arrays: Arrays) -> Node:
    weights = {name: double(arrays[name]) for name in ("weights", "intercept")}
    return {"kind": "lag linear", "lags": _lags(plain), **weights}


def _trees(plain: Node, arrays: Arrays) -> Node:
    kind = "relative lag trees" if plain["lags"].get("relative") else "lag trees"
    return {"kind": kind, "lags": _lags(plain), "base": float(plain["base"]), "trees": trees_node(arrays)}


def _network(plain: Node, arrays: Arrays) -> Node:
    weights = iter(arrays[name] for name in sorted(arrays) if name.startswith("weight"))

    def lstm() -> Node:
        kernel, recurrent = Matrix.of(next(weights)), Matrix.of(next(weights))
        return {"kernel": kernel, "recurrent": recurrent, "bias": next(weights), "zero_masked": False}

    def dense() -> Node:
        return {"kernel": Matrix.of(next(weights)), "bias": next(weights)}

    # In the order in which Keras lists its layers.
    layers = {"encoder": lstm(), "first": [dense(), dense()], "decoder": lstm(), "hidden": dense(), "head": dense()}
    scaling = {name: double(arrays[name]) for name in ("middle", "spread")}
    return {"kind": "lag network", "lags": _lags(plain), **scaling, **layers}


def _blend(plain: Node, arrays: Arrays) -> Node:
    parts = [point_model_node(one, unprefixed(arrays, f"member{i}/")) for i, one in enumerate(plain["members"])]
    return {"kind": "blend forecasts", "parts": parts, "weights": double(arrays["weights"])}


def _by_length(plain: Node, arrays: Arrays) -> Node:
    point = point_model_node(plain["model"], unprefixed(arrays, "model/"))
    shorter = _linear(plain["shorter"], unprefixed(arrays, "shorter/"))
    return {"kind": "by length", "point": point, "shorter": shorter}


def _lags(plain: Node) -> Node:
    lags = plain["lags"]
    lagged = int(lags.get("lagged", 0))
    return {
        "near": int(lags["near"]),
        "week": int(lags["week"]),
        "log": bool(lags["log"]),
        "covariates": plain["kind"] != "linear-lags",
        **({"lagged": lagged} if lagged else {}),
    }

"""A model that forecasts with quantiles, as a run's folder keeps it: arrays as safetensors, the rest as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.atomic_writes import write_aside
from unspool.candidates import model_files
from unspool.candidates.forecasts.base import Arrays, PointModel, Setup, Steps, history_of, model_of
from unspool.candidates.forecasts.spread import Spread
from unspool.data.definitions import altered, read_definition, write_definition
from unspool.data.forecasting.limits import MOST_COLUMNS, MOST_HORIZON, MOST_SEASON
from unspool.data.forecasting.scale import change_by_place, recent_change, seasonal_error
from unspool.data.tensor_files import read_tensors, tensor_bytes
from unspool.files import DAMAGE

ARRAYS, DESCRIPTION = "forecaster.safetensors", "forecaster.json"
_WHAT = "forecaster"


@dataclass(frozen=True, slots=True, eq=False)
class Forecaster:
    """A model and how far off it is.

    Attributes:
        setup: what it reads and gives.
        model: forecasts one number a step.
        spread: its quantiles.
        least: below which no forecast is, or None: 0 where the training values are never negative. A history that is
            itself below it is forecast without this bound.
    """

    setup: Setup
    model: PointModel
    spread: Spread
    least: float | None = None

    def outputs(self, items: Sequence[Steps]) -> NDArray[np.float64]:
        """Forecast N items (T_i + H, C): (N, H, 3) the quantiles .1, .5 and .9."""
        if not len(items):
            return np.zeros((0, self.setup.horizon, 3))
        rows = {id(item): row for row, item in enumerate(items)}  # an item may be there several times
        different = [items[row] for row in rows.values()]
        lengths = [len(item) - self.setup.horizon for item in different]
        found = self.spread.quantiles(
            self.model.points(different), units_of(different, self.setup), lengths, changes_of(different, self.setup)
        )
        if self.least is not None:
            below = np.array([(history_of(item, self.setup) < self.least).any() for item in different], dtype=bool)
            found[~below] = np.maximum(found[~below], self.least)
        place = {one: number for number, one in enumerate(rows)}
        return np.asarray(found[[place[id(item)] for item in items]])

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What it is, and its arrays."""
        description, arrays = self.model.state()
        arrays = model_files.prefixed(arrays, "model/") | model_files.prefixed(self.spread.arrays(), "spread/")
        return {"setup": asdict(self.setup), "least": self.least, "model": description}, arrays

    def save(self, folder: Path) -> None:
        """Write forecaster.safetensors and forecaster.json."""
        description, arrays = self.state()
        write_aside(folder / ARRAYS, tensor_bytes(arrays))
        write_definition(folder / DESCRIPTION, _WHAT, description)


def units_of(items: Sequence[Steps], setup: Setup) -> NDArray[np.float64]:
    """(N,) the units of N items, 0 for none."""
    return np.array([seasonal_error(history_of(item, setup), setup.season) for item in items])


def changes_of(items: Sequence[Steps], setup: Setup) -> NDArray[np.float64]:
    """(N, H, 2) how much the series of N items change at the place of each step ahead, and have changed recently.

    See `change_by_place` and `recent_change`.
    """
    histories = [history_of(item, setup) for item in items]
    by_place = np.array([change_by_place(one, setup.season, setup.horizon) for one in histories])
    recent = np.array([recent_change(one, setup.season) for one in histories])
    return np.stack([by_place, np.broadcast_to(recent[:, None], by_place.shape)], axis=2)


def load_forecaster(folder: Path) -> Forecaster:
    """Read what `Forecaster.save` wrote.

    Raises:
        UserError: it is not there, damaged or altered, or needs a library that is not installed.
    """
    content = read_definition(folder / DESCRIPTION, _WHAT)
    try:
        arrays = read_tensors(folder / ARRAYS)
    except DAMAGE as error:
        raise altered(folder / ARRAYS, _WHAT, error) from error
    try:
        return forecaster_of(content, arrays)
    except DAMAGE as error:
        raise altered(folder / DESCRIPTION, _WHAT, error) from error


def forecaster_of(content: dict[str, Any], arrays: dict[str, Any]) -> Forecaster:
    """Restore a forecaster from its `state`."""
    setup = _setup(content["setup"])
    least = None if content["least"] is None else float(content["least"])
    model = model_of(content["model"], model_files.unprefixed(arrays, "model/"), setup)
    return Forecaster(setup, model, Spread.from_arrays(model_files.unprefixed(arrays, "spread/"), setup.horizon), least)


def _setup(content: Any) -> Setup:
    setup = Setup(**content)
    bounds = {"horizon": (1, MOST_HORIZON), "season": (1, MOST_SEASON)}
    bounds |= dict.fromkeys(("until_now", "known", "calendar"), (0, MOST_COLUMNS))
    for name, (least, most) in bounds.items():
        value = getattr(setup, name)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{name} is {value!r}, and not from {least} to {most:,}")
    if type(setup.by_day) is not bool:
        raise ValueError(f"by_day is {setup.by_day!r}")
    return setup

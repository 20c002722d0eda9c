"""What was known of a series at a step does not depend on what came later."""

import numpy as np
import pytest

from unspool.data.forecasting import find_forecast_columns, read_panel
from unspool.data.tables import read_table

STEPS = 40


def rows(random: np.random.Generator, times: np.ndarray) -> list[dict]:
    """Two thirds of the numbers of each column are there, and all of the first and the last row."""
    numbers = {name: random.normal(size=STEPS).round(3).tolist() for name in ("y", "rain", "heat")}
    for values in numbers.values():
        for place in random.choice(np.arange(1, STEPS - 1), STEPS // 3, replace=False):
            values[place] = ""
    return [{"t": f"{t:.3f}"} | {name: some[row] for name, some in numbers.items()} for row, t in enumerate(times)]


def panel_of(path, resample=None):
    table = read_table(path)
    columns = find_forecast_columns(table, time="t", target="y", covariates=["rain"], known_ahead=["heat"])
    return read_panel(table, columns, resample=resample)


@pytest.mark.parametrize("resample", [None, "1"])
@pytest.mark.parametrize("seed", range(3))
def test_a_history_does_not_depend_on_later_rows(written, seed, resample):
    random = np.random.default_rng(seed)
    times = np.arange(STEPS) if resample is None else np.cumsum(random.uniform(0.3, 1.6, STEPS))
    content = rows(random, times)
    panel = panel_of(written(content), resample)
    assert not panel.present[0].all()
    for origin in range(3, len(panel.values[0]), 4):
        later = times - times[0] >= origin
        other = [
            row | {name: 1000.0 for name in ("y", "rain") if row[name] != ""} if late else row
            for row, late in zip(content, later, strict=True)
        ]
        changed = panel_of(written(other), resample)
        assert np.array_equal(panel.known[0], changed.known[0])
        assert np.array_equal(panel.history(0, origin), changed.history(0, origin))


def test_the_last_known_value_is_repeated_in_a_gap(written):
    numbers = [(1, ""), ("", 5), ("", 7), (7, 9)]
    content = [{"t": t, "y": y, "rain": rain, "heat": t} for t, (y, rain) in enumerate(numbers)]
    panel = panel_of(written(content))
    assert panel.values[0][:, 0].tolist() == [1, 3, 5, 7]
    assert panel.history(0, 3).tolist() == [[1, 5, 0], [1, 5, 1], [1, 7, 2]]
    assert panel.history(0, 1).tolist() == [[1, 0, 0]]  # nothing was known of rain
    assert panel.take([0]).history(0, 4).tolist() == panel.values[0].tolist()

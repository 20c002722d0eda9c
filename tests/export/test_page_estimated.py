"""The theta method, exponential smoothing and ARIMA in a page: the bits of native code here."""

import base64
import gzip

import numpy as np
import pytest

from unspool.candidates.forecasts.setup import within_reach
from unspool.export.page.script import kernels
from unspool.kernels.arima import arima
from unspool.kernels.smoothing import METHODS, smoothing

HORIZON = 30
_PROGRAM = """
await kernels.start(await unpacked(given.code));
const methods = { theta: THETA, ets: SMOOTHING, arima: ARIMA };
print(given.histories.map((one) => [...estimated(methods[given.method], Float64Array.from(one), given)]));
"""


def histories_of(season):
    """Short and long; with seasons that are added or multiplied, and with trends that end; constant and made up."""
    draw = np.random.default_rng(season)
    for steps in (1, 2, 4, 5, 6, 9, 10, 15, 2 * season, 3 * season + 5, 200, 5 * season + 150, 1_100):
        count = np.arange(steps)
        wave = np.sin(2 * np.pi * count / season) + np.cos(4 * np.pi * count / season)
        noise = draw.normal(0, 0.5, steps) + draw.normal(0, 0.3, steps).cumsum()
        yield (90 + 0.1 * count + noise) * (1 + 0.2 * wave)
        yield 40 * (1 - 0.97**count) - 20 + wave * count / steps + noise
    count = np.arange(120)
    yield np.full(120, 7.25)
    yield count / 4
    yield 1e-30 * (1.5 + np.sin(count))
    yield 1e30 * (1.5 + np.sin(count))
    yield np.where(count % season, 0.0, 3.0)
    yield np.where(
        (count % season == 0) & (count < 60), 1e21, 1.0
    )  # too large beside 1 for a season that is multiplied
    yield np.where(count == 60, 1e6, 1.0)
    yield np.exp(count / 3)
    yield draw.integers(0, 3, 120).astype(float)


@pytest.mark.parametrize("method", [*METHODS, "arima"])
@pytest.mark.parametrize("season", [1, 2, 7, 12, 24, 25, 400])
def test_histories_are_gone_on_from_as_in_native_code(node, method, season):
    histories = list(histories_of(season))
    code = base64.b64encode(gzip.compress(kernels())).decode()
    given = {"histories": [one.tolist() for one in histories], "method": method, "code": code}
    found = np.array(node(_PROGRAM, given | {"horizon": HORIZON, "season": season}), np.float64)
    native = arima(histories, HORIZON, season) if method == "arima" else smoothing(method, histories, HORIZON, season)
    bounded = [within_reach(points, history) for points, history in zip(native, histories, strict=True)]
    np.testing.assert_array_equal(found, bounded)

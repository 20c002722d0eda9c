"""Models of whole series: the runtime answers as the trainer does, to the bit."""

from unittest.mock import patch

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.features import Competition, Convolution, Quantiles
from unspool.candidates.features.plain import RawValues, Statistics, Totals
from unspool.candidates.heads import boosting
from unspool.candidates.series import WARPED, Blend, Encoded, Recurrent, Truth
from unspool.candidates.series.standardised import Standardised
from unspool.data.examples_in_memory import series_of
from unspool.export import export_model, export_page
from unspool.readers import RawExamples, RawSeriesReader
from unspool.tasks import Binary, Multiclass, Multilabel, Regression

unspool_runtime = pytest.importorskip("unspool_runtime")
draw = np.random.default_rng(0)
SERIES = [
    (np.sin(np.arange(steps)[:, None] * (0.3 + 0.2 * (number % 3)) + draw.normal(0, 0.2, (1, 2)))).astype(np.float32)
    for number, steps in enumerate(draw.integers(3, 40, size=24).tolist())
]
classes = np.arange(24) % 3
CONVOLUTION = Encoded("c", 1, (Convolution(biases=84),))
COMPETITION = Encoded("k", 1, (Competition(groups=2),))
PLAIN = Encoded("p", 1, (Statistics(), Totals(), RawValues()))
TOTALS = Encoded("o", 1, (Totals(),))
TREES = Encoded("t", 1, (Quantiles(depth=2),), "trees")
FOREST = Encoded("f", 1, (RawValues(), Statistics(), Totals()), "trees")


class Boosted:
    """Few boosted trees of many series: of few, they would be leaves."""

    def fit(self, series, target, task, seed):
        with patch.object(boosting, "ROUNDS", 6):
            candidate = Encoded("b", 1, (RawValues(), Statistics(), Totals()), "boosted")
            return candidate.fit(series * 10, np.tile(target, 10), task, seed)


class Cut:
    """Totals of series cut to lengths of their own, or to one length."""

    def __init__(self, *lengths):
        self.lengths = lengths

    def fit(self, series, target, task, seed):
        cut = [one[: self.lengths[row % len(self.lengths)]] for row, one in enumerate(series)]
        return TOTALS.fit(cut, target, task, seed)


BOOSTED = Boosted()
NETWORKS = Recurrent("n", 1, units=4, networks=2)
THREE = Multiclass(("a", "b", "c"))
SEVERAL = Multilabel(("a", "b"), ";")
labels = np.stack([classes == 0, classes < 2], axis=1).astype(int)
CASES = {
    "convolution": (CONVOLUTION, THREE, classes),
    "competing kernels": (COMPETITION, Binary(("no", "yes")), classes % 2),
    "statistics and values": (PLAIN, Regression(), classes * 1.5),
    "totals": (TOTALS, Regression(), np.array([len(one) * 0.5 for one in SERIES])),
    "totals per step": (Cut(3), Regression(), classes * 1.5),
    "quantiles": (TREES, THREE, classes),
    "forest": (FOREST, Regression(), classes * 1.5),
    "boosted trees": (BOOSTED, THREE, classes),
    "boosted trees of two": (BOOSTED, Binary(("no", "yes")), classes % 2),
    "boosted trees of numbers": (BOOSTED, Regression(), classes * 1.5),
    "several labels": (CONVOLUTION, SEVERAL, labels),
    "forest of several labels": (FOREST, SEVERAL, labels),
    "neighbour": (WARPED, THREE, classes),
    "recurrent": (NETWORKS, THREE, classes),
    "recurrent of numbers": (NETWORKS, Regression(), classes * 1.5),
    "recurrent of several labels": (NETWORKS, SEVERAL, labels),
}


def exported(folder_of, tmp_path, model, task):
    raw = RawModel("series", "small", task.name, model)
    reader = RawSeriesReader(("x", "y"), (0.5, -0.5))
    folder = folder_of(raw, reader, task, RawExamples(SERIES), threshold=0.5 if task.picks_threshold else None)
    return raw, reader, export_model(folder, tmp_path / "m.unspool")


@pytest.mark.parametrize("case", CASES)
def test_series_are_answered_alike(folder_of, tmp_path, monkeypatch, case):
    candidate, task, target = CASES[case]
    model = candidate.fit(SERIES, target, task.name, 0)
    raw, reader, found = exported(folder_of, tmp_path, model, task)
    assert (found.agree, found.count) == (24, 24)
    new = [SERIES[3][:2], np.float32([[np.nan, 1]] * 4), np.float32([[1, np.nan], [np.nan, 2], [3, 4]])]
    new += [1000 * SERIES[5], -1000 * SERIES[5]] if task.name == "regression" else []  # beyond the limits
    wanted = raw.outputs(reader.read_series(new).items)
    for kernels in ("native", "reference"):
        monkeypatch.setenv("UNSPOOL_KERNELS", kernels)
        loaded = unspool_runtime.Model.load(found.out)
        assert loaded.check().passed
        np.testing.assert_allclose(loaded.outputs(new).reshape(wanted.shape), wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "case", [pytest.param(one, marks=pytest.mark.slow) if one == "quantiles" else one for one in CASES]
)
def test_a_page_answers_series_alike(folder_of, tmp_path, javascript, case):
    candidate, task, target = CASES[case]
    raw, reader, page = exported(folder_of, tmp_path, candidate.fit(SERIES, target, task.name, 0), task)
    new = [SERIES[3][:2], np.float32([[np.nan, 1]] * 4), np.float32([[1, np.nan], [np.nan, 2], [3, 4]])]
    new += [1000 * SERIES[5], -1000 * SERIES[5]] if task.name == "regression" else []  # beyond the limits
    new += [np.concatenate([SERIES[4], np.full((7, 2), np.nan, np.float32)])]  # padding, which `series_of` cuts off
    check, found = javascript(page.out, new)
    assert (check["agree"], check["count"]) == (24, 24)
    wanted = raw.outputs(reader.read_series(series_of(new)).items)
    np.testing.assert_allclose(np.reshape(found, wanted.shape), wanted, atol=2e-6)


def test_pages_know_the_columns_that_tell_series_apart(folder_of, tmp_path):
    raw = RawModel("series", "small", "multiclass", TOTALS.fit(SERIES, classes, "multiclass", 0))
    columns = {"series": "id", "time": "at", "resample": "10s"}
    folder = folder_of(raw, RawSeriesReader(("x", "y"), (0.5, -0.5)), THREE, RawExamples(SERIES), **columns)
    table = unspool_runtime.Model.load(export_model(folder, tmp_path / "m.unspool").out).description["reader"]["table"]
    assert table == {"series": "id", "time": "at", "dates": None, "resampled": "10s"}
    page = tmp_path / "m.html"
    export_page(folder, page)
    assert "with 2 numbers each, in even steps of 10s</label>" in page.read_text()


def test_a_blend_answers_alike(folder_of, tmp_path):
    parts = [one.fit(SERIES, classes, "multiclass", 0) for one in (COMPETITION, PLAIN)]
    blend = Blend.fit(parts, Truth.of(classes, "multiclass"))
    _, _, found = exported(folder_of, tmp_path, blend, THREE)
    assert (found.agree, found.count) == (24, 24)


def test_numbers_far_from_zero_are_answered_alike(folder_of, tmp_path, javascript):
    seconds = 1.7e9 + 10 * classes
    model = Standardised(PLAIN).fit(SERIES, seconds, "regression", 0)
    raw, reader, found = exported(folder_of, tmp_path, model, Regression(mean=1.7e9, scale=10.0))
    wanted = raw.outputs(reader.read_series(SERIES).items) - 1.7e9
    assert wanted.std() > 5
    loaded = unspool_runtime.Model.load(found.out)
    np.testing.assert_allclose(loaded.outputs(SERIES)[:, 0] - 1.7e9, wanted, atol=1e-5)
    _, on_page = javascript(found.out, SERIES)
    np.testing.assert_allclose(np.ravel(on_page) - 1.7e9, wanted, atol=1e-4)


@pytest.mark.parametrize("length", [5, 25])
def test_a_page_warps_series_as_far(folder_of, tmp_path, javascript, length):
    draw = np.random.default_rng(length)
    kept, new = draw.normal(size=(2, 60, length, 1)).astype(np.float32)
    raw = RawModel("series", "small", "regression", WARPED.fit([*kept], np.arange(60.0), "regression", 0))
    reader = RawSeriesReader(("x",), (0.0,))
    page = export_model(folder_of(raw, reader, Regression(), RawExamples([*kept])), tmp_path / "m.unspool")
    _, found = javascript(page.out, new)
    np.testing.assert_allclose(np.ravel(found), np.ravel(raw.outputs([*new])), atol=2e-6)

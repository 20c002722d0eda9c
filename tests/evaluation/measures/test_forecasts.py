"""Measures of forecasts against their formulas by hand, and as means over resamples."""

import time
from dataclasses import replace

import numpy as np
import pytest

from unspool.evaluation.forecast_examples import ForecastPlaces, forecasted
from unspool.evaluation.measures.forecasts import MEASURES, errors_by_step
from unspool.evaluation.result import Baseline, Predictions
from unspool.evaluation.scoring import score

TARGETS = np.array([[[10.0, 1, 2], [20, 1, 2]], [[1.0, 1, 4], [50, 0, 4]], [[7.0, 1, 0], [7, 1, 0]]])
OUTPUTS = np.array([[[9.0, 12, 13], [15, 16, 17]], [[0.0, 3, 4], [0, 0, 0]], [[6.0, 6, 6], [7, 7, 7]]])
COUNTS = np.array([[1.0, 1, 1], [2, 0, 1], [0, 3, 0]])


def value(name):
    return MEASURES[name].value(TARGETS, OUTPUTS, 0.5)


def test_figures_are_those_by_hand():
    assert value("mase") == pytest.approx((2 / 2 + 4 / 2 + 2 / 4) / 3)  # not the unscored step, not the constant series
    assert value("mae") == pytest.approx((2 + 4 + 2 + 1 + 0) / 5)
    assert value("rmse") == pytest.approx(np.sqrt((4 + 16 + 4 + 1 + 0) / 5))
    assert value("smape") == pytest.approx((2 * 2 / 22 + 2 * 4 / 36 + 1 + 2 * 1 / 13 + 0) / 5)
    assert value("coverage") == pytest.approx(3 / 5)
    losses = [(0.1 * 1 + 0.5 * 2 + 0.1 * 3), (0.1 * 5 + 0.5 * 4 + 0.9 * 3), (0.1 * 1 + 0.5 * 2 + 0.1 * 3)]
    losses += [(0.1 + 0.5 + 0.9) * 1, 0]
    assert value("wql") == pytest.approx(2 * sum(losses) / 3 / (10 + 20 + 1 + 7 + 7))


@pytest.mark.parametrize("name", MEASURES)
def test_resamples_are_figures_of_what_is_drawn(name):
    figures = MEASURES[name].prepare(TARGETS, OUTPUTS, 0.5)(COUNTS)
    for counts, figure in zip(COUNTS, figures, strict=True):
        rows = np.repeat(np.arange(3), counts.astype(int))
        assert figure == pytest.approx(MEASURES[name].value(TARGETS[rows], OUTPUTS[rows], 0.5))


def test_a_forecast_of_constant_series_alone_has_no_mase():
    scores = score(MEASURES, Predictions(TARGETS[[2, 2]], OUTPUTS[[2, 2]]))
    assert "mase" not in scores.figures
    assert scores["mae"].value == 0.5


def test_errors_by_step_leave_out_what_is_not_scored():
    assert errors_by_step(TARGETS, OUTPUTS) == pytest.approx([(1 + 0.5) / 2, 2.0])
    assert np.isnan(errors_by_step(TARGETS[[2]], OUTPUTS[[2]])).all()


def test_the_best_median_and_worst_series_are_shown():
    names = ["a", "b", "c", "d"]
    targets = np.ones((4, 2, 3))
    outputs = np.ones((4, 2, 3)) + np.array([3.0, 0.5, 2.0, 1.0])[:, None, None]
    places = ForecastPlaces(
        np.arange(4), names, ["2026"] * 4, [np.arange(9.0)] * 4, np.full(4, 9), season=1, drawn="series", times=str
    )
    baseline = Baseline("naive", "the last value", score(MEASURES, Predictions(targets, outputs)), outputs + 1, 0.0)
    found = forecasted(places, Predictions(targets, outputs), baseline)
    assert [(one.place, one.series, one.mase) for one in found.examples] == [
        ("best", "b", 0.5),
        ("median", "c", 2.0),
        ("worst", "a", 3.0),
    ]
    assert found.examples[0].past == (3, 4, 5, 6, 7, 8)
    assert found.examples[0].baseline == (2.5, 2.5)
    assert found.by_step == (1.625, 1.625)


def test_steps_of_a_forecast_count_the_same_in_whichever_block_they_are():
    """Two blocks, of one step and of three; and a forecast of a constant series, which has no unit."""
    targets = np.ones((3, 4, 3))
    targets[0, 1:, 1] = targets[1, :1, 1] = targets[2, :, 2] = 0
    outputs = np.repeat(targets[..., :1], 3, axis=2) + np.array([[5.0], [1.0], [1.0]])[..., None]
    places = ForecastPlaces(
        np.array([0, 0, 0]), ["a"], [""] * 3, [np.ones(4)] * 3, np.array([4, 4, 8]), 1, "periods", str
    )
    baseline = Baseline("naive", "the last value", score(MEASURES, Predictions(targets, outputs)), outputs, 0.0)
    found = forecasted(places, Predictions(targets, outputs), baseline)
    assert [one.mase for one in found.examples] == [(5 + 3) / 4]


def test_many_forecasts_are_grouped_in_one_pass():
    """100,000 forecasts of 50,000 series took about 11 s while each forecast was compared with all rows."""
    count = 50_000
    targets = np.ones((2 * count, 1, 3))
    outputs = targets + np.repeat(np.linspace(1, 2, count), 2)[:, None, None]
    outputs[1::2] += 0.5  # the second channel of each
    names = [str(number) for number in range(count)]
    places = ForecastPlaces(
        np.arange(2 * count) // 2,
        names,
        [""] * 2 * count,
        [np.ones(1)] * 2 * count,
        np.ones(2 * count, int),
        1,
        "series",
        str,
    )
    baseline = Baseline("naive", "the last value", score(MEASURES, Predictions(targets[:4], outputs[:4])), outputs, 0.0)
    begun = time.process_time()
    assert places.on_few_times == (
        "The forecasts begin at the same time (): intervals over series do not cover what affects all series at once."
    )
    assert not replace(places, dated=False).on_few_times
    assert not replace(places, drawn="periods").on_few_times
    assert not replace(places, begins=[*"abcdef"]).on_few_times
    found = forecasted(places, Predictions(targets, outputs), baseline)
    assert time.process_time() - begun < 3
    assert [(one.series, one.mase) for one in found.examples] == [
        ("0", 1.25),
        (str(count // 2), pytest.approx(1.75, abs=1e-4)),
        (str(count - 1), 2.25),
    ]

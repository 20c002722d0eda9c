"""The weights of a blend of forecasts."""

import numpy as np
import pytest

from unspool.candidates.forecasts.blend import chosen_weights, refined_weights


def test_weights_of_a_blend_fall_with_the_error():
    weights = chosen_weights({"good": 1.0, "as good": 1.0, "worse": 1.1, "bad": 2.0}, naive=[])
    assert list(weights) == ["good", "as good", "worse"]
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["good"] == weights["as good"] == pytest.approx(1.1**8 * weights["worse"])
    assert chosen_weights({"right": 0.0, "wrong": 1.0}, naive=[]) == {"right": 1.0}


def test_naive_forecasts_count_only_where_they_do_best():
    scores = {"naive": 0.9, "drift": 1.05, "ets": 1.0}
    assert list(chosen_weights(scores, naive=["naive", "drift"])) == ["naive", "ets"]
    assert chosen_weights(scores | {"naive": 1.01}, naive=["naive", "drift"]) == {"ets": 1.0}
    assert list(chosen_weights({"naive": 1.0, "drift": 1.0}, naive=["naive", "drift"])) == ["naive", "drift"]


def test_models_that_err_alike_do_not_outweigh_one_that_is_right():
    """Of 600 forecasts of counts that are mostly 0, one model forecasts the median, and four are near the mean."""
    counts = (np.random.RandomState(0).random_sample(600) < 0.3).astype(float)
    errors = {f"mean {near}": near - counts for near in (0.29, 0.3, 0.31, 0.32)} | {"median": 0 - counts}
    scores = {name: float(np.abs(one).mean()) for name, one in errors.items()}
    given = chosen_weights(scores, naive=[])
    assert given["median"] < 0.8
    assert refined_weights(given, errors, apart=600)["median"] > 0.95
    assert refined_weights(given, errors, apart=2)["median"] == pytest.approx(given["median"], abs=0.02)


def test_models_whose_errors_cancel_stay_together():
    noise = np.random.RandomState(0).normal(size=500)
    found = refined_weights({"high": 0.9, "low": 0.1}, {"high": 1 + noise / 9, "low": noise / 9 - 1}, apart=500)
    assert found["high"] == pytest.approx(0.5, abs=0.05)


def test_weights_do_not_depend_on_the_unit():
    random = np.random.RandomState(0)
    errors = {"one": random.normal(size=300), "other": random.normal(0.2, 1, 300)}
    found = [
        refined_weights({"one": 0.5, "other": 0.5}, {name: unit * one for name, one in errors.items()}, apart=300)
        for unit in (1, 1e-9, 1e9)
    ]
    assert found[1] == pytest.approx(found[0], abs=1e-3)
    assert found[2] == pytest.approx(found[0], abs=1e-3)
    nothing = {name: np.zeros(9) for name in errors}
    assert refined_weights({"one": 0.5, "other": 0.5}, nothing, apart=9) == {"one": 0.5, "other": 0.5}


def test_a_blend_by_squared_errors_has_the_lowest_ones_where_forecasts_are_many():
    random = np.random.RandomState(0)
    noise = random.normal(size=(2, 1000))
    errors = {"one": 1 + noise[0], "other": noise[1] - 1}
    even = dict.fromkeys(errors, 0.5)
    weights = refined_weights(even, errors, 1e9, squared=True)
    best = min(
        np.linspace(0, 1, 1001), key=lambda w: float(((w * errors["one"] + (1 - w) * errors["other"]) ** 2).mean())
    )
    assert weights["one"] == pytest.approx(best, abs=0.002)

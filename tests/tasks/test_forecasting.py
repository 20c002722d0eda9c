"""The task forecasting: what it keeps, what it refuses."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.tasks import Forecasting, find_task, load_task


def test_a_saved_task_comes_back(tmp_path):
    task = Forecasting(horizon=24, season=168)
    task.save(tmp_path / "labels.json")
    assert load_task(tmp_path / "labels.json") == task
    assert task.outputs == 72


@pytest.mark.parametrize(("good", "bad"), [('"horizon": 24', '"horizon": 0'), ('"season": 7', '"season": true')])
def test_an_altered_file_is_refused(tmp_path, good, bad):
    Forecasting(horizon=24, season=7).save(tmp_path / "labels.json")
    text = (tmp_path / "labels.json").read_text()
    assert good in text
    (tmp_path / "labels.json").write_text(text.replace(good, bad))
    with pytest.raises(UserError, match="is altered"):
        load_task(tmp_path / "labels.json")


def test_labels_alone_are_no_forecast():
    with pytest.raises(UserError, match="how many steps are forecast"):
        find_task(["1", "2"], "forecasting")


def test_constant_series_cannot_be_scored():
    targets = np.zeros((3, 2, 3))
    targets[..., 1] = 1
    with pytest.raises(UserError, match="No test forecast can be scored"):
        Forecasting(horizon=2).check(targets, "test")
    targets[1, :, 2] = 0.5
    Forecasting(horizon=2).check(targets, "test")


def test_truth_and_answers():
    task = Forecasting(horizon=2)
    targets = task.encode([np.arange(6.0).reshape(2, 3)])
    assert task.truth(targets).shape == (1, 2, 3)
    assert task.decode(targets) == [[0.0, 3.0]]
    assert "the next 2 steps" in task.answers_in_words(None)


@pytest.mark.parametrize(
    ("forecast", "measure", "said"),
    [
        (
            0.1,
            "mase",
            "The forecasts add up to 10.0% of the actual total. The MASE is lowest for forecasts near the median",
        ),
        (0.1, "rmse", "The forecasts add up to 10.0% of the actual total."),
        (2.5, "mase", "The forecasts add up to 250.0% of the actual total."),
        (1.9, "mase", ""),
    ],
)
def test_forecasts_of_amounts_that_add_up_to_far_less_are_told(forecast, measure, said):
    targets = np.ones((4, 2, 3))
    targets[0, 0] = 0  # not scored
    outputs = np.full((4, 2, 3), forecast)
    words = Forecasting(horizon=2).caution(Predictions(targets, outputs), None, measure)
    assert words.startswith(said)
    assert bool(words) == bool(said)
    assert ("evaluation.measure=rmse" in words) == (forecast < 1 and measure == "mase")
    targets[1, 0, 0] = -1.0
    assert not Forecasting(horizon=2).caution(Predictions(targets, outputs), None, measure)

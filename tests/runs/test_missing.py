"""Series with missing numbers, from a file to a model, to predictions in Python and of a file."""

import re

import numpy as np
import pytest

import unspool
from unspool.errors import UserError

from .series import series_of


def with_gaps(series):
    """One number in four is missing, and one series lacks its second channel."""
    random = np.random.default_rng(0)
    series = [np.where(random.random(one.shape) < 0.25, np.nan, one) for one in series]
    for one in series:
        one[0] = np.nan_to_num(one[0], nan=100.0)
        one[-1] = np.nan_to_num(one[-1], nan=100.0)
    series[0][:, 1] = np.nan
    return series


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gaps")
    series, labels = series_of(60)
    lengths = [len(one) for one in series]
    np.savez(folder / "gaps.npz", x=np.concatenate(with_gaps(series)), y=labels, lengths=lengths)
    settings = {"evaluation.resamples": 100}
    return unspool.train(
        folder / "gaps.npz", out=folder / "run", model="statistics", settings=settings, verbose=False
    ), folder


def test_gaps_are_told_and_filled(trained):
    run, folder = trained
    assert run.result.test["accuracy"].value == 1.0
    seen = (folder / "run" / "inspection.txt").read_text()
    assert re.search(r"numbers are missing, in \d+ of 60 series: filled in by linear interpolation along time", seen)
    assert np.isfinite(run.result.data.example.steps).all()


def test_a_gap_is_read_as_the_line_between_its_neighbours(trained):
    model = trained[0].model
    whole = np.array([[100.0, 100.0], [110.0, 100.0], [120.0, 100.0], [130.0, 100.0]])
    gap = whole.copy()
    gap[1, 0] = np.nan
    np.testing.assert_array_equal(model.probabilities([gap]), model.probabilities([whole]))


def test_an_empty_channel_is_read_as_its_mean_in_training(trained):
    run, folder = trained
    model = run.model
    mean = model.trained.reader.mean
    empty = np.column_stack([[100.0, 110, 120], [np.nan] * 3])
    filled = np.column_stack([[100.0, 110, 120], [mean[1]] * 3])
    np.testing.assert_array_equal(model.probabilities([empty]), model.probabilities([filled]))
    again = unspool.load(folder / "run")
    np.testing.assert_array_equal(again.probabilities([empty]), model.probabilities([empty]))
    assert not model.check().broken


def test_infinity_is_refused(trained):
    with pytest.raises(UserError, match=r"Series 0, step 1 .* infinite"):
        trained[0].predict([np.array([[1.0, 2.0], [np.inf, 2.0]])])


def test_a_channel_without_any_number_in_training_is_refused(tmp_path):
    series, labels = series_of(40)
    x = np.concatenate(series)
    x[:, 1] = np.nan
    np.savez(tmp_path / "empty.npz", x=x, y=labels, lengths=[len(one) for one in series])
    with pytest.raises(UserError, match="channel 1 has no number in any training series"):
        unspool.train(tmp_path / "empty.npz", out=tmp_path / "run", model="statistics", verbose=False)

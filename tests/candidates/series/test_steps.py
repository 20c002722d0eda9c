"""Simple models that tag the steps of series."""

import warnings

import numpy as np
import pytest

from unspool.candidates.series.base import load_model, save_model
from unspool.candidates.series.steps import STEP_CANDIDATES, _drawn, fit_forest, fit_linear
from unspool.candidates.tagged import Tagged
from unspool.errors import UserError


def tagged(seed, count=12, unused=()):
    """Series with a tag, of 0 to 2 without the unused ones, by the mean of three steps."""
    rng = np.random.default_rng(seed)
    tags = rng.choice([tag for tag in range(3) if tag not in unused], (count, 9))
    series = [(tag[:, None] * [1.0, -5.0] + 1e-3 * rng.normal(size=(9, 2))).astype(np.float32) for tag in tags]
    return Tagged(series, tags.ravel())


@pytest.mark.parametrize("candidate", STEP_CANDIDATES, ids=lambda one: one.name)
def test_what_is_saved_gives_the_same_bits(candidate, tmp_path):
    training, validation = tagged(0), tagged(1, 4)
    found = candidate.compare(training, validation, 3)
    assert found.rows.tolist() == [12, 13, 14, 15]
    assert (found.held_out.argmax(axis=2).ravel() == validation.tags).mean() > 0.9
    model = found.fit()
    assert found.fit() is model
    save_model(model, tmp_path)
    asked = [training.examples[0], training.examples[1][:2]]
    outputs = load_model(tmp_path).outputs(asked)
    np.testing.assert_array_equal(outputs, model.outputs(asked))
    assert outputs.shape == (2, 9, 3)
    assert not outputs[1, 2:].any()
    np.testing.assert_allclose(outputs.sum(axis=2), [[1] * 9, [1] * 2 + [0] * 7])


@pytest.mark.parametrize("candidate", STEP_CANDIDATES, ids=lambda one: one.name)
def test_a_tag_that_training_lacks_is_improbable(candidate):
    found = candidate.compare(tagged(0, unused=(1,)), tagged(1, 4), 3)
    assert found.held_out[:, :, 1].max() < 0.05


def test_a_forest_grown_in_threads_loses_no_warning_filters():
    before = warnings.filters[:]
    fit_forest(tagged(0), 3, 1.0)
    assert warnings.filters == before


def test_the_final_fit_learns_from_validation_unless_that_is_the_test():
    training, validation = tagged(0, unused=(2,)), tagged(1, 4)
    said = {}
    for separate in (True, False):
        found = STEP_CANDIDATES[0].compare(training, validation, 3, separate=separate)
        said[separate] = found.fit().outputs(validation.examples)[:, :, 2].max()
    assert said[True] > 0.1 > said[False]


def test_of_many_steps_some_are_drawn_and_one_of_each_tag():
    tags = np.zeros(1000, np.int64)
    tags[700] = 1
    drawn = _drawn(tags, 10)
    assert 700 in drawn
    assert len(drawn) <= 12
    assert _drawn(tags, 1000).tolist() == list(range(1000))


def test_a_damaged_file_is_refused(tmp_path):
    save_model(fit_linear(tagged(0), 3, 1.0), tmp_path)
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace('"near"', '"past"'))
    with pytest.raises(UserError, match="no model of series can be read"):
        load_model(tmp_path)

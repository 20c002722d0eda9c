"""Attributions of chosen models of texts, in the units that their documentation names."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.texts.linear import COUNTS
from unspool.candidates.transformation import Transformation
from unspool.readers import RawTextReader
from unspool.runs.attributions import attributor_of
from unspool.tasks import Regression


def test_those_of_numbers_are_in_the_unit_of_the_labels():
    texts = ["a" * size for size in range(1, 41)]
    weights = 100.0 * np.arange(1, 41)
    fitted = COUNTS.fit(texts, weights, "regression")
    task = Regression(mean=float(weights.mean()), scale=float(weights.std()))
    model = SimpleNamespace(network=RawModel("text", "counts", "regression", fitted), task=task, threshold=None)
    one, two = attributor_of(model, RawTextReader()).explain(SimpleNamespace(items=["aaa", "a" * 13]), np.zeros(2))
    assert two.weights[0] - one.weights[0] == pytest.approx(1000, rel=0.1)
    assert one.error < 1e-6


@pytest.mark.parametrize("kind", ["logarithm", "square root"])
def test_those_of_transformed_numbers_add_up_to_what_was_learned(kind):
    texts = ["a" * size for size in range(1, 41)]
    numbers = np.exp(np.arange(1, 41) / 5)
    unit = replace(Transformation.of(kind, numbers), factor=1.21)
    raw = RawModel("text", "counts", "regression", COUNTS.fit(texts, unit.targets(numbers), "regression"), unit)
    model = SimpleNamespace(network=raw, task=Regression(), threshold=None)
    given = ["a" * 20, "a" * 33]
    one, two = attributor_of(model, RawTextReader()).explain(SimpleNamespace(items=given), np.zeros(2))
    predicted = {"logarithm": np.log, "square root": np.sqrt}[kind](raw.outputs(given))
    assert two.weights[0] - one.weights[0] == pytest.approx(predicted[1] - predicted[0], rel=1e-5)

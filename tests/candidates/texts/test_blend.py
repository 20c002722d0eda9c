"""The weights of a blend are those with which it does best on texts that were held out."""

import numpy as np
import pytest

from unspool.candidates.texts import blend, targets
from unspool.candidates.texts.blend import mixed
from unspool.candidates.texts.held_out import HeldOut


def held(scores):
    return HeldOut(scores, np.ones((len(scores), 1)), 0.0)


@pytest.fixture(scope="module")
def parts():
    """Scores of five parts, each right with noise of its own but the last, which is noise; and the targets."""
    random = np.random.default_rng(0)
    wanted = (random.random((400, 1)) < 0.5).astype(float)
    noise = random.normal(size=(5, 400, 1))
    return [held((wanted - 0.5) * (k < 4) + noise[k]) for k in range(5)], wanted


def test_parts_that_err_differently_all_count_and_one_that_knows_nothing_does_not(parts):
    found = mixed(*parts, "binary")
    assert found.weights[4] == 0
    assert min(found.weights[:4]) > 0
    assert sum(found.weights) == pytest.approx(1)


def test_changing_one_weight_at_a_time_finds_what_all_combinations_find(parts, monkeypatch):
    losses = []
    for most in (blend._ALL_OF, 5):
        monkeypatch.setattr(blend, "_ALL_OF", most)
        losses.append(targets.loss(mixed(*parts, "binary").scores, parts[1], "binary"))
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)

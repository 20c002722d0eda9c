import numpy as np
import pytest

from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import ARITHMETIC


@pytest.mark.parametrize(
    ("target", "task"),
    [
        ([0, 2], "binary"),
        ([0.5, 1], "multiclass"),
        ([-1, 0], "multiclass"),
        ([np.nan], "regression"),
        ([1], "multilabel"),
        ([], "binary"),
    ],
)
def test_targets_of_another_task_are_refused(target, task):
    with pytest.raises(ValueError, match=r"targets|target"):
        targets.columns(target, task)


def test_classes_that_are_not_there_get_a_column():
    assert targets.columns([0, 1], "multiclass", 4).shape == (2, 4)
    with pytest.raises(ValueError, match="of 2 classes"):
        targets.columns([0, 3], "multiclass", 2)


def test_probabilities_sum_to_one():
    scores = np.random.default_rng(0).normal(size=(5, 3)) * 10
    np.testing.assert_allclose(ARITHMETIC["multiclass"].outputs(scores).sum(axis=1), 1)
    assert ARITHMETIC["multilabel"].outputs(scores).shape == (5, 3)
    assert ARITHMETIC["regression"].outputs(scores[:, :1]).shape == (5,)


def test_the_scale_is_found_again():
    random = np.random.default_rng(1)
    logits = random.normal(size=(20_000, 1)) * 2
    wanted = (random.random((20_000, 1)) < 1 / (1 + np.exp(-logits))).astype(float)
    assert targets.fitted_scale(logits / 3, wanted, "binary") == pytest.approx(3, rel=0.05)
    assert targets.fitted_scale(logits, wanted, "regression") == 1


def test_scores_that_are_always_right_are_no_more_confident_than_their_number_justifies():
    random = np.random.default_rng(0)
    wanted = (random.random((200, 3)) < 0.3).astype(float)
    scores = (2 * wanted - 1) * random.uniform(1, 4, wanted.shape)
    scaled = scores * targets.fitted_scale(scores, wanted, "multilabel")
    likely = ARITHMETIC["multilabel"].outputs(scaled * targets.tempering(scaled, "multilabel"))
    assert np.abs(likely - wanted).mean() == pytest.approx(1 / 602, rel=1e-3)
    assert likely.min() > 1e-12


def test_scores_with_errors_keep_the_factor_that_minimises_the_loss():
    wanted = np.repeat([[1.0], [0.0]], 50, axis=0)
    scores = np.where(np.arange(100)[:, None] % 50 < 2, 0.5 - wanted, wanted - 0.5)
    factor = targets.fitted_scale(scores, wanted, "binary")
    assert factor == pytest.approx(2 * np.log(48 / 2), rel=1e-3)
    assert targets.tempering(scores * factor, "binary") == 1

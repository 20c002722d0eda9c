import numpy as np

from unspool.candidates.heads.calibration import log_loss
from unspool.candidates.tagged import Tagged, TaggingCandidate


class Sure:
    """Predicts one tag everywhere, with the probability that is its setting."""

    def __init__(self, tagged, tags, setting):
        self.learned, self.setting, self.tags = tagged, setting, tags

    def outputs(self, examples):
        found = np.full((len(examples), max(map(len, examples)), self.tags), (1 - self.setting) / (self.tags - 1))
        found[:, :, 0] = self.setting
        return found


def test_the_setting_with_the_lowest_loss_is_fitted_again_unless_validation_is_the_test():
    training, validation = Tagged(["ab", "abc"], np.zeros(5, int)), Tagged(["abcd"], np.array([0, 0, 0, 1]))
    candidate = TaggingCandidate("sure", (0.5, 0.7, 0.95), Sure)
    found = candidate.compare(training, validation, 2)
    assert log_loss(found.held_out[0], np.eye(2)[validation.tags]) < 0.6
    assert found.rows.tolist() == [2]
    assert found.fit().setting == 0.7
    assert found.fit() is found.fit()
    assert len(found.fit().learned.examples) == 3
    assert candidate.compare(training, validation, 2, separate=False).fit().learned is training

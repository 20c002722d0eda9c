"""Which settings trials get, also where a worker was killed while it drew them or held them."""

from itertools import count

import pytest

pytest.importorskip("optuna", reason="the extra `search` is not installed")

from unspool.runs.search.ranges import Range, parse_ranges
from unspool.runs.search.study import joined

WHOLE = parse_ranges(["model.units=2..3", "model.layers=1,2"])
WHOLE = (Range("model.units", 2, 3, whole=True), WHOLE[1])
REAL = (Range("training.learning_rate", 1e-3, 1e-1, log=True), Range("model.dropout", 0, 0.5))
MOST = 4


def proposed(out, ranges, sampler):
    """The settings of all trials that are left, each of which ends with a loss."""
    trials = joined(out, {}, ranges, storage=None, seed=0, sampler=sampler, pruner="none")
    while True:
        with trials.claimed(MOST, lambda: False) as trial:
            if trial is None:
                return [one.params for one in trials.all()]
            trials.study.tell(trial, float(trial.number))


@pytest.mark.parametrize(("ranges", "sampler"), [(WHOLE, "tpe"), (WHOLE, "qmc"), (REAL, "tpe"), (REAL, "random")])
@pytest.mark.parametrize("settings", [2, 3])
def test_a_trial_whose_worker_was_killed_while_drawing_gets_the_same_settings(
    ranges, sampler, settings, tmp_path, monkeypatch
):
    suggest, calls = Range.suggest, count()

    def killed(self, trial):
        if next(calls) == settings:  # none or one of those of the second trial are drawn
            raise KeyboardInterrupt
        return suggest(self, trial)

    with monkeypatch.context() as patch:
        patch.setattr(Range, "suggest", killed)
        with pytest.raises(KeyboardInterrupt):
            proposed(tmp_path / "killed", ranges, sampler)
    found = proposed(tmp_path / "killed", ranges, sampler)
    assert found == proposed(tmp_path / "whole", ranges, sampler)
    assert len({tuple(one.values()) for one in found}) == MOST


def test_taking_up_a_trial_uses_up_no_point_of_a_low_discrepancy_sequence(tmp_path):
    for _ in range(2):  # the second worker takes up what the first one left
        trials = joined(tmp_path / "killed", {}, REAL, storage=None, seed=0, sampler="qmc", pruner="none")
        for _ in range(2):
            with trials.claimed(MOST, lambda: False) as trial:
                if trial.number == 0:
                    trials.study.tell(trial, 0.0)
    assert proposed(tmp_path / "killed", REAL, "qmc") == proposed(tmp_path / "whole", REAL, "qmc")

"""What is said of how to go on with a run, however far it has come."""

import pytest

from unspool.runs.records.folder import partial_of
from unspool.runs.records.unfinished import telling_how_to_go_on


@pytest.mark.parametrize(
    ("begun", "saved", "told"),
    [
        (False, False, "nothing of {} was kept: there is nothing to resume. To start again, give the same command"),
        (False, True, "the training so far is saved. To continue: unspool resume {}"),
        (True, False, "no training was saved yet. To start it again: unspool resume {}"),
        (True, True, "the training so far is saved. To continue: unspool resume {}"),
    ],
)
def test_how_to_go_on_after_ctrl_c_is_told(tmp_path, begun, saved, told):
    out, said = tmp_path / "run", []
    if saved:
        (partial_of(out) / "checkpoints").mkdir(parents=True)
        (partial_of(out) / "checkpoints" / "checkpoint-1.safetensors").touch()
    with pytest.raises(KeyboardInterrupt), telling_how_to_go_on(out, said.append, begun=begun):
        raise KeyboardInterrupt
    assert said == [told.format(out)]


def test_a_resumed_run_that_fails_before_it_trains_says_nothing(tmp_path):
    said = []
    with pytest.raises(ValueError), telling_how_to_go_on(tmp_path / "run", said.append, begun=True):  # noqa: PT011
        raise ValueError
    assert said == []

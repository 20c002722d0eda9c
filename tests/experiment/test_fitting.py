import pytest

from unspool.errors import UserError
from unspool.experiment.recipe_file import load_recipe
from unspool.experiment.run import run

from .conftest import SMALL_AUTOENCODER


def test_a_training_that_has_diverged_is_told_and_leaves_nothing_to_go_on_with(tmp_path):
    changes = [*SMALL_AUTOENCODER, 'model.decoder.output="gaussian"', "training.learning_rate=1e30"]
    said = []
    with pytest.raises(UserError, match=r"^training has diverged: .*--set training\.learning_rate=1e\+29\.$"):
        run(load_recipe("digits-lstm-ae", changes), tmp_path / "run", say=said.append)
    assert not any("To go on" in line for line in said)
    assert list(tmp_path.iterdir()) == []

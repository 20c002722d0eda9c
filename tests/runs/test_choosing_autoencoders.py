"""A network that reconstructs series, and principal components: the best on validation is chosen, saved and used."""

from types import SimpleNamespace

import numpy as np
import pytest

import unspool
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.inputs import Series
from unspool.errors import UserError
from unspool.readers import SeriesReader
from unspool.runs.choosing_autoencoders import choose_autoencoder, narrowed
from unspool.runs.comparing_on_validation import TrainedNetwork
from unspool.runs.recipes import defaults
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.record import read_result
from unspool.runs.replay import replay
from unspool.tasks import Reconstruction

BRIEF = {"batch_size": 32, "epochs": 1, "early_stopping_patience": 1, "plateau_patience": 1}
TASK = Reconstruction(likelihood="gaussian")


def waves(count=60, steps=12, seed=0):
    rng = np.random.default_rng(seed)
    turns = rng.uniform(0.2, 0.8, (count, 1)) * np.arange(steps) + rng.uniform(0, 6, (count, 1))
    return 5 + np.sin(turns)[:, :, np.newaxis]


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chosen")
    np.savez(folder / "waves.npz", x=waves())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(defaults, "suited_training", lambda *_, **__: BRIEF)
        return unspool.train(folder / "waves.npz", task="reconstruction", out=folder / "run", verbose=False)


def test_principal_components_are_chosen_where_they_are_better(chosen):
    result = read_result(chosen.folder)
    assert [one.name for one in result.candidates] == ["pca", "network"]
    assert [one.chosen for one in result.candidates] == [True, False]
    assert result.candidates[0].score < result.candidates[1].score
    assert result.validation["mse"].value == pytest.approx(result.candidates[0].score)
    assert "The model that was chosen is a simple one, PCA with 6 dimensions" in result.verdict.words
    pca = next(one for one in result.baselines if one.name == "pca")
    np.testing.assert_allclose(pca.outputs, result.test_predictions.outputs, rtol=1e-3, atol=1e-6)
    report = (chosen.folder / "report.html").read_text()
    assert "mean squared error (lower is better), the measure" in report
    assert "fitted\nagain to both parts" not in report


def test_the_choice_is_saved_as_a_linear_autoencoder_and_fitted_again_to_the_bit(chosen):
    recipe = load_recipe(chosen.folder / "recipe.toml")
    assert recipe.model.linear
    assert recipe.model.latent == 6
    replayed = replay(chosen.folder)
    assert (replayed.parting, replayed.fitted) == (None, True)


def test_series_of_other_lengths_are_scored_encoded_and_given_back(chosen):
    model = unspool.load(chosen.folder)
    usual, odd = waves(2, seed=1), waves(2, seed=1)
    odd[:, 6] += 4
    usual_errors, odd_errors = (model.predict(list(series)) for series in (usual, odd))
    assert max(usual_errors) < min(odd_errors)
    assert len(model.predict([usual[0, :7]])) == 1


def outcome(description, network_outputs):
    parts = {"training": 20, "validation": 4}
    made = {name: waves(count).astype(np.float32) for name, count in parts.items()}

    class Part(SimpleNamespace):
        def __len__(self):
            return len(self.inputs)

    reader = SeriesReader.fit(made["training"].reshape(-1, 1), np.full(20, 12), ("wave",), None)
    prepared = SimpleNamespace(
        kind="series",
        task=TASK,
        reader=reader,
        **{name: Part(inputs=reader.read(x), targets=np.zeros(len(x), np.int64)) for name, x in made.items()},
    )

    def train_network(left):
        return None if network_outputs is None else TrainedNetwork("the network", np.full((4, 1), network_outputs), 1.0)

    heard = []
    choice = choose_autoencoder(description, prepared, 3, train_network, tell=lambda name: None, heard=heard.append)
    assert tuple(heard) == choice.tried
    return choice


BOTH = ModelChoice(candidates=("network", "pca"))


def test_a_network_is_chosen_where_it_is_better():
    choice = outcome(BOTH, 0.0)
    assert (choice.name, choice.model) == ("network", "the network")
    assert [one.name for one in choice.tried] == ["pca", "network"]


def test_a_network_that_diverges_is_not_chosen():
    choice = outcome(BOTH, None)
    assert (choice.name, choice.tried[1].note) == ("pca", "its training diverged")


def test_one_is_taken_as_it_is_and_others_are_refused():
    assert outcome(ModelChoice(candidates=("network",)), 9.0).name == "network"
    with pytest.raises(UserError, match=r"no model 'forest' that reconstructs series. The models are pca, network"):
        outcome(ModelChoice(candidates=("forest",)), 0.0)


def test_without_time_the_network_is_not_trained():
    choice = outcome(ModelChoice(candidates=("pca", "network"), budget=1e-9), 0.0)
    assert (choice.name, choice.tried[1].note) == ("pca", "no time was left for it")


@pytest.mark.parametrize(("length", "features", "width"), [(100, 2, 16), (9, 1, 4), (1, 1, 1)])
def test_the_latent_vector_has_at_most_half_the_numbers(length, features, width):
    wide = TASK.principal_components(16)
    assert narrowed(wide, Series(length=length, features=features)).latent == width

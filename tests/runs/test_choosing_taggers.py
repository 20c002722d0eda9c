"""A network that tags the steps of series, and simple models: the best on validation is chosen, saved and used."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import unspool
from unspool.candidates import RawModel
from unspool.candidates.series.steps import StepsCandidate
from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.export import export_model, export_onnx
from unspool.readers import RawSeriesReader, StepReader
from unspool.runs import fitting
from unspool.runs.choosing_taggers import choose_tagger
from unspool.runs.recipes import defaults
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records import environment
from unspool.runs.records.record import read_result
from unspool.runs.records.unfinished import Begun
from unspool.runs.replay import replay
from unspool.tasks import Tagging

BRIEF = {"batch_size": 32, "epochs": 2, "early_stopping_patience": 2, "plateau_patience": 1}


def bursts(count=60, steps=40):
    """Series that are noisy in bursts: a wide window sees where, and neighbours alone do not."""
    rng = np.random.RandomState(0)
    loud = np.cumsum(rng.rand(count, steps) < 0.08, axis=1) % 2
    noise = rng.normal(size=(count, steps, 1)) * np.where(loud, 2.0, 0.3)[:, :, np.newaxis]
    return noise, np.where(loud, "loud", "calm")


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chosen")
    series, tags = bursts()
    np.savez(folder / "bursts.npz", x=series, y=tags, channels=["level"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(defaults, "suited_training", lambda *_, **__: BRIEF)
        return unspool.train(folder / "bursts.npz", task="tagging", out=folder / "run", verbose=False)


def test_the_best_on_validation_is_chosen_and_says_that_it_is_simple(chosen):
    result = read_result(chosen.folder)
    assert [one.name for one in result.candidates] == ["window-regression", "window-forest", "network"]
    best = max(result.candidates, key=lambda one: one.score)
    assert (best.name, best.chosen, best.note) == (
        "window-forest",
        True,
        "its accuracy on the validation series is the best",
    )
    assert result.validation["accuracy"].value == pytest.approx(best.score)
    assert (
        "The model that was chosen is a simple one, a random forest over a window of 17 steps" in result.verdict.words
    )
    same = next(one for one in result.baselines if one.name == "window-forest")
    np.testing.assert_allclose(same.outputs, result.test_predictions.outputs, atol=1e-12)
    report = (chosen.folder / "report.html").read_text()
    assert "compared on the validation examples" in report
    assert "cross-validation" not in report
    recipe = load_recipe(chosen.folder / "recipe.toml")
    assert recipe.model.candidates == ("window-regression", "window-forest", "network")
    assert not (chosen.folder / "model.keras").exists()


def test_it_is_loaded_used_checked_and_trained_again(chosen, tmp_path):
    model = unspool.load(chosen.folder)
    series, tags = bursts()
    assert isinstance(model.trained.network, RawModel)
    assert isinstance(model.trained.reader, RawSeriesReader)
    said = model.predict([series[0], series[1][:7]])
    assert [len(one) for one in said] == [40, 7]
    assert np.mean([one == tag for one, tag in zip(said[0], tags[0], strict=True)]) > 0.7
    assert not model.check().broken
    again = replay(chosen.folder)
    assert again.parting is None
    assert again.arrays == len(model.trained.network.arrays())
    np.savez(tmp_path / "more.npz", x=series[:8] + 0.01, y=tags[:8], channels=["level"])
    assert 0.7 < model.evaluate(tmp_path / "more.npz").scores["accuracy"].value < 1


def test_it_is_exported_and_onnx_names_what_to_do(chosen, tmp_path):
    runtime = pytest.importorskip("unspool_runtime")
    found = export_model(chosen.folder, tmp_path / "m.unspool")
    assert found.agree == found.count
    series, _ = bursts()
    gaps = series[2].copy()
    gaps[5:9] = gaps[-2:] = np.nan
    small = runtime.Model.load(found.out)
    assert small.predict([series[0][:5], gaps]) == [list(one) for one in chosen.predict([series[0][:5], gaps])]
    with pytest.raises(
        UserError, match=r"no ONNX graph\. Train the network instead \(unspool train … --model network\)"
    ):
        export_onnx(chosen.folder, tmp_path / "m.onnx")


def test_a_network_that_is_best_is_a_run_like_any_other_network(tmp_path, monkeypatch):
    series, tags = bursts(24, 12)
    monkeypatch.setattr(defaults, "suited_training", lambda *_, **__: BRIEF)
    compare = StepsCandidate.compare

    def wrong(*given, **how):
        found = compare(*given, **how)
        return replace(found, held_out=1 - found.held_out)

    monkeypatch.setattr(StepsCandidate, "compare", wrong)
    run = unspool.train(list(series), label=list(map(list, tags)), task="tagging", out=tmp_path / "run", verbose=False)
    result = read_result(run.folder)
    assert [one.name for one in result.candidates if one.chosen] == ["network"]
    assert (result.epochs, len(result.history["loss"])) == (2, 2)
    assert load_recipe(run.folder / "recipe.toml").model == fitting.NETWORK_OF_TAGS
    assert isinstance(unspool.load(run.folder).trained.reader, StepReader)
    assert replay(run.folder).parting is None


def test_models_for_which_no_time_is_left_are_named(tmp_path):
    series, tags = bursts(24, 12)
    given = {"label": list(map(list, tags)), "task": "tagging", "verbose": False}
    run = unspool.train(list(series), out=tmp_path / "run", budget=1e-9, **given)
    tried = {one.name: one.note for one in run.result.candidates}
    assert tried == {
        "window-regression": "",
        "window-forest": "no time was left for it",
        "network": tried["window-forest"],
    }
    assert load_recipe(run.folder / "recipe.toml").model.candidates == ("window-regression",)
    with pytest.raises(UserError, match="There are 'network', 'window-regression', 'window-forest'"):
        unspool.train(list(series), out=tmp_path / "other", model="convolution", **given)


def test_what_the_bits_of_a_network_among_the_candidates_depend_on_is_noted(chosen):
    """So that an interrupted run is not resumed, without a word, where the network would have other bits."""
    recipe = load_recipe(chosen.folder / "recipe.toml")
    assert environment.DEVICE in Begun.now(recipe, "train", None).environment
    simple = replace(recipe, model=ModelChoice(candidates=("window-regression", "window-forest")))
    assert environment.DEVICE not in Begun.now(simple, "train", None).environment


def test_words_are_tagged_by_a_network_alone():
    task, data = Tagging(("noun", "verb")), FileSettings(path="a.conll", kind="tokens", task="tagging")
    with pytest.raises(UserError, match="a model that tags words is always a network"):
        defaults.recipe_for(data, task, 100, model="window-forest")
    assert defaults.recipe_for(data, task, 100).model == fitting.NETWORK_OF_TAGS
    prepared = SimpleNamespace(kind="text", task=task)
    choice = ModelChoice(candidates=("window-forest",))
    with pytest.raises(UserError, match=r"'window-forest' that tags these examples\. Words are tagged by a network"):
        choose_tagger(choice, prepared, None, lambda: None, tell=print, heard=print)

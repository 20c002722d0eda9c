"""A network that tags words or steps, and simple models: the best on validation is chosen, saved and used."""

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import unspool
from unspool.candidates import RawModel
from unspool.candidates.tagged import TaggingCandidate
from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.export import export_model, export_onnx
from unspool.readers import RawSeriesReader, RawWordReader, StepReader
from unspool.runs import fitting, network_fitting
from unspool.runs.choosing_taggers import choose_tagger
from unspool.runs.predict_file import predict_file
from unspool.runs.recipes import defaults
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records import environment, training_log
from unspool.runs.records.record import read_result
from unspool.runs.records.unfinished import Begun
from unspool.runs.replay import replay
from unspool.runs.run import run
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
        "its accuracy on the validation examples is the best",
    )
    assert result.validation["accuracy"].value == pytest.approx(best.score)
    assert (
        "The model that was chosen is a simple one, a random forest over windows of 5 to 129 steps"
        in result.verdict.words
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
        UserError, match=r"unless they are networks\. Train the network alone \(unspool train … --model network\)"
    ):
        export_onnx(chosen.folder, tmp_path / "m.onnx")


def test_a_network_that_is_best_is_a_run_like_any_other_network(tmp_path, monkeypatch):
    series, tags = bursts(24, 12)
    monkeypatch.setattr(defaults, "suited_training", lambda *_, **__: BRIEF)
    compare = TaggingCandidate.compare

    def wrong(*given, **how):
        found = compare(*given, **how)
        return replace(found, held_out=1 - found.held_out)

    monkeypatch.setattr(TaggingCandidate, "compare", wrong)
    run = unspool.train(list(series), label=list(map(list, tags)), task="tagging", out=tmp_path / "run", verbose=False)
    result = read_result(run.folder)
    assert [one.name for one in result.candidates if one.chosen] == ["network"]
    assert (result.epochs, len(result.history["loss"])) == (2, 2)
    assert load_recipe(run.folder / "recipe.toml").model == fitting.NETWORK_OF_TAGS
    assert isinstance(unspool.load(run.folder).trained.reader, StepReader)
    assert replay(run.folder).parting is None


def test_the_budget_stops_the_training_of_the_network(tmp_path, monkeypatch):
    series, tags = bursts(24, 12)
    monkeypatch.setattr(defaults, "suited_training", lambda *_, **__: BRIEF | {"epochs": 50})
    now, late = time.perf_counter, SimpleNamespace(by=0.0)
    monkeypatch.setattr(training_log, "time", SimpleNamespace(perf_counter=lambda: now() + late.by))
    train = network_fitting.train

    def slow(*given):
        given[-1].log.watch(lambda epoch, logs: setattr(late, "by", 1e6 * (epoch >= 3)))
        return train(*given)

    monkeypatch.setattr(network_fitting, "train", slow)
    run = unspool.train(list(series), label=list(map(list, tags)), task="tagging", out=tmp_path / "run", verbose=False)
    result = read_result(run.folder)
    assert result.network_stopped
    note = next(one.note for one in result.candidates if one.name == "network")
    assert note.startswith("training of the network was stopped after 3 epochs, as the budget was spent")
    assert load_recipe(run.folder / "recipe.toml").training.epochs == 3
    monkeypatch.undo()
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


@pytest.mark.parametrize("candidate", ["network", "blend-network"])
def test_a_network_that_is_the_only_candidate_is_trained_for_an_epoch_even_if_no_time_is_left(tmp_path, candidate):
    path, out = tmp_path / "letters.toml", tmp_path / "run"
    with (tmp_path / "letters.conll").open("w") as file:
        for text, tags in letters():
            print(*map(" ".join, zip(text, tags, strict=True)), sep="\n", end="\n\n", file=file)
    path.write_text(
        f'name = "letters"\n[data]\npath = "{tmp_path / "letters.conll"}"\nkind = "tokens"\ntask = "tagging"\n[model]\n'
        f'shape = "choice"\ncandidates = ["{candidate}"]\nbudget = 1e-9\n[evaluation]\nresamples = 100\n'
    )
    run(load_recipe(path), out)
    assert read_result(out).network_stopped
    with pytest.raises(UserError, match=r'training\.decay is "linear": .* there can be no budget'):
        load_recipe(path, ["training.decay=linear"])


def test_what_the_bits_of_a_network_among_the_candidates_depend_on_is_noted(chosen):
    """So that an interrupted run is not resumed, without a word, where the network would have other bits."""
    recipe = load_recipe(chosen.folder / "recipe.toml")
    assert environment.DEVICE in Begun.now(recipe, "train", None).environment
    simple = replace(recipe, model=ModelChoice(candidates=("window-regression", "window-forest")))
    assert environment.DEVICE not in Begun.now(simple, "train", None).environment


def letters(count=60):
    """Sentences in which the word before a name says whether it is a person or a place."""
    rng, texts = np.random.RandomState(0), []
    for _ in range(count):
        verb, tag = [("with", "B-person"), ("in", "B-place")][rng.randint(2)]
        names = rng.choice(["Ada", "Kim", "Paris", "Oslo", "Lima"], 2)
        words = [str(rng.randint(10**6)), "met", verb, *map(str, names), "."]
        texts.append((words, ["O", "O", "O", tag, tag.replace("B-", "I-"), "O"]))
    return texts


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    with open(folder / "letters.conll", "w") as file:
        for text, tags in letters():
            print(*(f"{word} {tag}" for word, tag in zip(text, tags, strict=True)), sep="\n", end="\n\n", file=file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(defaults, "suited_training", lambda *_, **__: BRIEF)
        return unspool.train(folder / "letters.conll", out=folder / "run", verbose=False)


def test_words_are_tagged_by_the_model_that_is_best_on_validation(words):
    result = read_result(words.folder)
    assert [one.name for one in result.candidates] == ["window-regression", "network", "blend-network"]
    assert [one.name for one in result.candidates if one.chosen] == ["window-regression"]
    assert "windows of 5 words or steps" in result.verdict.words
    same = next(one for one in result.baselines if one.name == "window-regression")
    np.testing.assert_allclose(same.outputs, result.test_predictions.outputs, atol=1e-12)
    model = unspool.load(words.folder)
    assert isinstance(model.trained.reader, RawWordReader)
    asked = [["We", "met", "in", "Lima", "Kim"], ["Oslo"]]
    assert model.predict(asked)[0] == ("O", "O", "O", "B-place", "I-place")
    assert model.predict([]) == []
    assert not model.check().broken
    assert replay(words.folder).parting is None
    file = words.folder.parent / "letters.conll"
    assert model.evaluate(file, include_seen=True).scores["accuracy"].value > 0.95
    assert predict_file(model.trained, model.trained.reader, file, words.folder.parent / "said.jsonl").rows == 60


def test_a_model_of_words_is_exported_and_onnx_suggests_a_network(words, tmp_path):
    runtime = pytest.importorskip("unspool_runtime")
    found = export_model(words.folder, tmp_path / "m.unspool")
    assert found.agree == found.count
    asked = [["We", "met", "in", "Lima", "Kim"], ["Oslo"]]
    assert runtime.Model.load(found.out).predict(asked) == [list(one) for one in words.predict(asked)]
    with pytest.raises(UserError, match=r"tag words or steps have no ONNX graph unless they are networks"):
        export_onnx(words.folder, tmp_path / "m.onnx")


def test_a_model_that_does_not_tag_words_is_refused():
    task, data = Tagging(("noun", "verb")), FileSettings(path="a.conll", kind="tokens", task="tagging")
    with pytest.raises(UserError, match="There are 'network', 'window-regression'"):
        defaults.recipe_for(data, task, 100, model="window-forest")
    assert defaults.recipe_for(data, task, 100, model="network").model == fitting.NETWORK_OF_TAGS
    sized = replace(data, size=500)
    assert defaults.recipe_for(sized, task, 100).model == fitting.NETWORK_OF_TAGS
    prepared = SimpleNamespace(kind="text", task=task)
    choice = ModelChoice(candidates=("window-forest",))
    with pytest.raises(
        UserError, match=r"'window-forest' that tags these examples\. The models are window-regression, n"
    ):
        choose_tagger(choice, prepared, None, lambda left: None, tell=print, heard=print)


def test_the_mean_of_both_is_used_checked_and_trained_again(words, tmp_path, monkeypatch, capsys):
    runtime = pytest.importorskip("unspool_runtime")
    monkeypatch.setattr(defaults, "suited_training", lambda *_, **__: BRIEF)
    file = words.folder.parent / "letters.conll"
    run = unspool.train(file, out=tmp_path / "run", model="blend-network", verbose=True)
    told = "".join(capsys.readouterr())
    assert "  blend-network " in told
    assert "epoch 1/" not in told
    assert [one.name for one in run.result.candidates] == ["blend-network"]
    model = unspool.load(run.folder)
    asked = [["We", "met", "in", "Lima", "Kim"], ["Oslo"]]
    np.testing.assert_array_equal(model.probabilities(asked), run.model.probabilities(asked))
    blend = model.trained.network.fitted
    assert 0 < abs(model.probabilities(asked) - blend.linear.outputs(asked)).max() < 0.5
    assert model.predict([]) == []
    checks = model.check()
    assert not checks.broken
    no_kernels = "only these have a choice of kernels"  # the network of this model has
    assert not [one.name for one in checks.checks if no_kernels in one.reason]
    assert replay(run.folder).parting is None
    found = export_model(run.folder, tmp_path / "m.unspool")
    assert found.agree == found.count
    np.testing.assert_allclose(runtime.Model.load(found.out).outputs(asked), model.probabilities(asked), atol=1e-5)
    path = run.folder / "text-model.json"
    path.write_text(path.read_text().replace('"units": 64', '"units": 16384'))  # whose weights would fill the memory
    with pytest.raises(UserError, match=r"no model of texts can be read from it .*the weights do not suit the network"):
        unspool.load(run.folder)


def test_nothing_is_chosen_where_only_networks_are_asked_for_and_training_diverges(words, tmp_path, monkeypatch):
    def diverge(*_):
        raise network_fitting.Diverged("training has diverged")

    monkeypatch.setattr(fitting, "fit_network", diverge)
    monkeypatch.setattr(defaults, "candidate_names", lambda *_, **__: ("network", "blend-network"))
    with pytest.raises(UserError, match="training has diverged"):
        unspool.train(words.folder.parent / "letters.conll", out=tmp_path / "run", verbose=False)


def test_without_time_for_the_network_there_is_no_blend(words, tmp_path):
    file = words.folder.parent / "letters.conll"
    run = unspool.train(file, out=tmp_path / "run", budget=1e-9, verbose=False)
    assert {one.name: one.note for one in run.result.candidates} == {
        "window-regression": "",
        "network": "no time was left for it",
        "blend-network": "there is no network to blend",
    }

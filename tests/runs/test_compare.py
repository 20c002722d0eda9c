import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.runs import run as run_module
from unspool.runs.choosing_taggers import NETWORK_OF_TAGS
from unspool.runs.compare import _as_recorded, compare, compare_runs
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import EvaluationSettings, FileSettings, Recipe
from unspool.runs.records.record import read_result, write_result
from unspool.runs.run import train
from unspool.tasks import Binary, task_of

from .conftest import interrupted
from .reviews import write_reviews

WORSE = ["training.epochs=1", "model.embedding=2", "model.bigrams=0", "evaluation.resamples=100"]


@pytest.fixture(scope="module")
def two_recipes(small_recipe):
    wider = replace(small_recipe, name="wider", model=replace(small_recipe.model, units=6))
    return [small_recipe, wider]


@pytest.fixture(scope="module")
def compared(two_recipes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    return folder, compare(two_recipes, range(2), folder)


def test_each_recipe_runs_with_each_seed(compared):
    folder, comparison = compared
    runs = {path.name for path in folder.iterdir() if path.is_dir()}
    assert runs == {"sentences-rnn-seed0", "sentences-rnn-seed1", "wider-seed0", "wider-seed1"}
    assert load_recipe(folder / "wider-seed1" / "recipe.toml").training.seed == 1
    assert [recipe.seeds for recipe in comparison.recipes] == [(0, 1), (0, 1)]
    written = json.loads((folder / "comparison.json").read_text())
    assert written["differences"][0]["words"] == comparison.differences[0].words


def test_each_report_names_a_command_that_runs_the_very_recipe(compared, two_recipes):
    folder = compared[0] / "wider-seed1"
    *command, path = read_result(folder).command.split()
    assert command == ["unspool", "run"]
    assert load_recipe(path) == replace(two_recipes[1], training=replace(two_recipes[1].training, seed=1))


def test_finished_runs_are_not_done_again(compared, two_recipes, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(run_module, "run", never)
    folder, comparison = compared
    assert compare(two_recipes, range(2), folder) == comparison


def test_runs_of_another_recipe_are_not_taken_for_its_own(compared, two_recipes):
    changed = replace(two_recipes[0], training=replace(two_recipes[0].training, epochs=3))
    with pytest.raises(UserError, match=r"another recipe \(training\.epochs: 2, 3\)"):
        compare([changed, two_recipes[1]], range(2), compared[0])


def test_a_choice_between_models_is_not_done_again_whatever_its_budget_was(reviews, tmp_path, monkeypatch):
    data = FileSettings(path=str(reviews), text="review", label="sentiment")
    brief = EvaluationSettings(resamples=100)
    recipes = [
        Recipe(name=name, data=data, model=ModelChoice(candidates=(name,), budget=60.0), evaluation=brief)
        for name in ("nb-words", "tfidf")
    ]
    comparison = compare(recipes, [0], tmp_path)
    assert load_recipe(tmp_path / "tfidf-seed0" / "recipe.toml").model.budget is None
    monkeypatch.setattr(run_module, "run", lambda *args, **kwargs: pytest.fail("trained again"))
    assert compare(recipes, [0], tmp_path) == comparison
    wider = replace(recipes[1], model=ModelChoice(candidates=("nb-words", "tfidf"), budget=60.0))
    with pytest.raises(UserError, match=r"tfidf-seed0 holds a run of another recipe \(model\.candidates: "):
        compare([recipes[0], wider], [0], tmp_path)


@pytest.mark.parametrize(
    ("asked", "tried", "same"),
    [
        (("statistics", "raw values"), ("statistics", "raw values", "blend"), True),
        (("statistics", "blend"), ("statistics",), True),
        (("blend",), ("statistics", "raw values", "blend"), True),
        (("statistics",), ("statistics", "raw values", "blend"), False),
        (("nb-words", "cnn"), ("nb-words", "cnn", "blend"), False),
    ],
)
def test_a_blend_of_series_is_tried_without_being_asked_for(asked, tried, same):
    result = SimpleNamespace(candidates=[SimpleNamespace(name=name) for name in tried], network_stopped=False)
    asked, recorded = (
        Recipe(name="a", data=FileSettings(path="a.csv"), model=ModelChoice(candidates=names, budget=budget))
        for names, budget in ((asked, 60.0), (tried, None))
    )
    assert (_as_recorded(asked, recorded, result) == recorded) == same


@pytest.mark.parametrize("stopped", [True, False])
def test_a_network_that_the_budget_stopped_is_not_trained_again(stopped):
    names = ("window-regression", "network")
    result = SimpleNamespace(candidates=[SimpleNamespace(name=name) for name in names], network_stopped=stopped)
    asked = Recipe(name="a", data=FileSettings(path="a.csv"), model=ModelChoice(candidates=names, budget=60.0))
    recorded = replace(asked, model=NETWORK_OF_TAGS, training=replace(asked.training, epochs=3))
    assert (_as_recorded(asked, recorded, result) == recorded) == stopped
    alone = replace(asked, model=NETWORK_OF_TAGS, training=replace(asked.training, budget=60.0))
    assert (_as_recorded(alone, recorded, result) == recorded) == stopped
    assert _as_recorded(replace(asked, model=NETWORK_OF_TAGS), recorded, result) != recorded


def test_finished_runs_of_recipes_are_compared_as_they_are(compared, tmp_path):
    folders = [compared[0] / name for name in ("sentences-rnn-seed1", "wider-seed1")]
    comparison = compare_runs(folders, tmp_path)
    results = [read_result(folder) for folder in folders]
    first = comparison.differences[0]  # in what the verdict rests on
    assert first.score == results[0].verdict.measure == next(iter(comparison.recipes[0].scores))
    one, other = (result.test[first.score].value for result in results)
    assert first.value == pytest.approx(one - other)
    assert [(recipe.recipe, recipe.seeds) for recipe in comparison.recipes] == [
        ("sentences-rnn-seed1", (1,)),
        ("wider-seed1", (1,)),
    ]


def test_one_recipe_is_no_comparison(two_recipes, tmp_path):
    with pytest.raises(UserError, match="at least two"):
        compare(two_recipes[:1], range(2), tmp_path)
    with pytest.raises(UserError, match=r"^sentences-rnn is given twice: a model cannot be compared with itself"):
        compare([two_recipes[0]] * 2, range(2), tmp_path)
    with pytest.raises(UserError, match=r"Two recipes have the same name \(wider\): give each its own"):
        compare([replace(two_recipes[0], name="wider"), two_recipes[1]], range(2), tmp_path)


@pytest.mark.soak
def test_autoencoders_are_compared_by_what_they_lose(small_autoencoder_recipe, finished_autoencoder, tmp_path):
    shutil.copytree(finished_autoencoder[0], tmp_path / "digits-lstm-ae-seed0")
    wide = replace(
        small_autoencoder_recipe,
        name="wide",
        model=replace(
            small_autoencoder_recipe.model, encoder=replace(small_autoencoder_recipe.model.encoder, outputs=5)
        ),
    )
    comparison = compare([small_autoencoder_recipe, wide], [0], tmp_path)
    assert {difference.score for difference in comparison.differences} == {"cross_entropy"}
    one, other = (
        read_result(tmp_path / f"{name}-seed0").test["cross_entropy"].value for name in ("digits-lstm-ae", "wide")
    )
    assert comparison.differences[0].value == pytest.approx(one - other)
    assert json.loads((tmp_path / "comparison.json").read_text())["differences"][0]["score"] == "cross_entropy"
    as_they_are = compare_runs([tmp_path / "digits-lstm-ae-seed0", tmp_path / "wide-seed0"], tmp_path / "again")
    assert as_they_are.differences[0].value == pytest.approx(one - other)


def test_what_has_no_score_in_common_is_not_compared(two_recipes, small_autoencoder_recipe, tmp_path):
    with pytest.raises(UserError, match="for such different tasks have no score in common"):
        compare([two_recipes[0], small_autoencoder_recipe], range(2), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def worse(reviews, tmp_path_factory):
    """The folder of a model that learnt little of the same file."""
    folder = tmp_path_factory.mktemp("models") / "worse"
    train(FileSettings(path=str(reviews)), folder, changes=WORSE)
    return folder


def test_models_of_different_kinds_are_compared_by_seeds_too(reviews, worse, tmp_path):
    linear = tmp_path / "linear"
    train(FileSettings(path=str(reviews)), linear, model="nb-words", changes=["evaluation.resamples=100"])
    found = compare_runs([linear, worse], tmp_path / "out", seeds=[0])
    assert [one.recipe for one in found.recipes] == ["linear", "worse"]


@pytest.fixture
def numbers(tmp_path):
    """The folders of two models of one file, one's errors three times as large."""
    x = np.random.RandomState(0).normal(size=(60, 4, 1))
    np.savez(tmp_path / "a.npz", x=x, y=x[:, :, 0] @ [1, 2, 3, 4])  # which no summary statistic gives
    changes = ["training.epochs=1", "model.units=2", "evaluation.resamples=100"]
    result = train(FileSettings(path=str(tmp_path / "a.npz"), kind="series"), tmp_path / "one", changes=changes)
    given = result.test_predictions
    far = replace(given, outputs=given.targets + 3 * (given.outputs - given.targets))
    shutil.copytree(tmp_path / "one", tmp_path / "far")
    scores = task_of(result).scores(far, None, resamples=100)
    write_result(replace(result, test_predictions=far, test=scores), tmp_path / "far")
    return tmp_path / "one", tmp_path / "far"


def test_two_finished_models_are_compared_as_they_are(trained, worse, tmp_path):
    comparison = compare_runs([trained[0], worse], tmp_path / "out")
    ours, theirs = trained[1], read_result(worse)
    assert [recipe.recipe for recipe in comparison.recipes] == ["reviews", "worse"]
    by_score = {difference.score: difference for difference in comparison.differences}
    assert by_score["auc"].value == pytest.approx(ours.test["auc"].value - theirs.test["auc"].value)
    assert by_score["accuracy"].value == pytest.approx(ours.test["accuracy"].value - theirs.test["accuracy"].value)
    expected = Binary(("neg", "pos")).scores(ours.test_predictions, ours.test.threshold, resamples=4000)["accuracy"]
    assert comparison.recipes[0].scores["accuracy"].interval.low == pytest.approx(expected.interval.low, abs=0.05)
    written = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert written["differences"][0]["words"] == comparison.differences[0].words
    assert "cannot be known from one seed" in comparison.words


def test_predictions_of_another_run_are_refused(trained, worse, tmp_path):
    mixed = shutil.copytree(trained[0], tmp_path / "mixed")
    shutil.copy(worse / "predictions.npz", mixed)
    with pytest.raises(UserError, match=r"^mixed: metrics\.json and predictions\.npz come from different runs: the f"):
        compare_runs([trained[0], mixed], tmp_path / "out")


@pytest.mark.soak
def test_with_seeds_each_is_trained_anew_on_the_same_parts_and_once(trained, worse, tmp_path, monkeypatch):
    said = []
    comparison = compare_runs([trained[0], worse], tmp_path, seeds=range(2), command="as typed", say=said.append)
    assert [line for line in said if line.startswith("[")] == [
        "[1/4] reviews, seed 0: already there",
        "[2/4] worse, seed 0: already there",
        "[3/4] reviews, seed 1: running",
        "[4/4] worse, seed 1: running",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "compare.html",
        "comparison.json",
        "reviews-seed1",
        "worse-seed1",
    ]
    again, recipe = read_result(tmp_path / "worse-seed1"), load_recipe(tmp_path / "worse-seed1" / "recipe.toml")
    assert (recipe.training.seed, recipe.data.parts_seed, again.command) == (1, 0, "as typed")
    assert again.data.digest == read_result(worse).data.digest
    assert again.history != read_result(worse).history
    assert comparison.recipes[1].by_seed["auc"] == (read_result(worse).test["auc"].value, again.test["auc"].value)

    def never(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(run_module, "run", never)
    assert compare_runs([trained[0], worse], tmp_path, seeds=range(2)) == comparison


@pytest.mark.soak
def test_an_interrupted_comparison_goes_on(trained, worse, tmp_path, monkeypatch):
    with interrupted(monkeypatch, epoch=2):
        compare_runs([trained[0], worse], tmp_path, seeds=[1])
    assert [path.name for path in tmp_path.iterdir()] == ["reviews-seed1.partial"]
    said = []
    compare_runs([trained[0], worse], tmp_path, seeds=[1], say=said.append)
    assert "[1/2] reviews, seed 1: going on" in said
    assert len(read_result(tmp_path / "reviews-seed1").history["loss"]) == 6


def test_a_file_that_has_changed_is_not_trained_on_again(tmp_path):
    path = write_reviews(tmp_path / "a.csv", rows=80)
    train(FileSettings(path=str(path)), tmp_path / "one", changes=WORSE)
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    path.write_text(path.read_text().replace("film", "movie", 1))
    with pytest.raises(UserError, match=r"a\.csv has changed since it was trained on"):
        compare_runs([tmp_path / "one", tmp_path / "other"], tmp_path / "out", seeds=[1])
    assert not list(tmp_path.glob("out/*"))


def test_numbers_of_series_are_compared_by_their_error(numbers, tmp_path):
    comparison = compare_runs(numbers, tmp_path / "out")
    difference, of_absolute = comparison.differences
    assert of_absolute.score == "mae"
    one, far = (recipe.scores["rmse"].value for recipe in comparison.recipes)
    assert far == pytest.approx(3 * one)
    assert difference.interval.high < 0
    assert difference.words.startswith("one has a lower (better) root mean squared error than far")
    assert comparison.baseline is not None
    assert comparison.baseline.second == "ridge regression over the raw values"


def test_another_seed_other_labels_and_other_tasks_are_told_all_at_once(trained, reviews, numbers, tmp_path):
    train(FileSettings(path=str(reviews)), tmp_path / "other", changes=WORSE, seed=3)
    with pytest.raises(UserError, match=r"not tested on the same examples; the seed that the parts .* 0, 3\. Train"):
        compare_runs([trained[0], tmp_path / "other"], tmp_path / "out")
    with pytest.raises(UserError, match=r"What differs: what is predicted: binary \w+, "):
        compare_runs([trained[0], numbers[0]], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.soak
def test_models_of_one_test_file_are_compared_whatever_they_were_trained_on(tmp_path):
    test = write_reviews(tmp_path / "test.csv", rows=40, seed=9)
    for name, rows in (("few", 60), ("many", 120)):
        path = write_reviews(tmp_path / f"{name}.csv", rows=rows)
        train(FileSettings(path=str(path), test=str(test)), tmp_path / name, changes=WORSE)
    comparison = compare_runs([tmp_path / "few", tmp_path / "many"], tmp_path / "out")
    assert comparison.examples == 40
    assert "few and many were not trained on the same examples (data.path: " in comparison.words


def test_a_folder_without_a_finished_run_is_refused(trained, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="is not the folder of a finished run"):
        compare_runs([trained[0], tmp_path / "empty"], tmp_path / "out")

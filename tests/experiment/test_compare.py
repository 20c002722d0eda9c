import json
import shutil
from dataclasses import replace

import pytest

from unspool.errors import UserError
from unspool.experiment import compare as compare_module
from unspool.experiment.comparable import check_comparable
from unspool.experiment.compare import compare, compare_runs
from unspool.experiment.recipe_file import load_recipe
from unspool.experiment.record import read_result


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

    monkeypatch.setattr(compare_module, "run", never)
    folder, comparison = compared
    assert compare(two_recipes, range(2), folder) == comparison


def test_runs_of_another_recipe_are_not_taken_for_its_own(compared, two_recipes):
    changed = replace(two_recipes[0], training=replace(two_recipes[0].training, epochs=3))
    with pytest.raises(UserError, match=r"another recipe \(training\.epochs: 2, 3\)"):
        compare([changed, two_recipes[1]], range(2), compared[0])


def test_finished_runs_of_recipes_are_compared_as_they_are(compared, tmp_path):
    folders = [compared[0] / name for name in ("sentences-rnn-seed1", "wider-seed1")]
    comparison = compare_runs(folders, tmp_path)
    one, other = (read_result(folder).test.auc.value for folder in folders)
    assert comparison.differences[0].value == pytest.approx(one - other)
    assert [(recipe.recipe, recipe.seeds) for recipe in comparison.recipes] == [
        ("sentences-rnn-seed1", (1,)),
        ("wider-seed1", (1,)),
    ]


def test_one_recipe_is_no_comparison(two_recipes, tmp_path):
    with pytest.raises(UserError, match="at least two"):
        compare(two_recipes[:1], range(2), tmp_path)
    with pytest.raises(UserError, match="same name"):
        compare([two_recipes[0]] * 2, range(2), tmp_path)


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
    assert comparison.measure == "cross_entropy"
    one, other = (
        read_result(tmp_path / f"{name}-seed0").test.cross_entropy.value for name in ("digits-lstm-ae", "wide")
    )
    assert comparison.differences[0].value == pytest.approx(one - other)
    assert json.loads((tmp_path / "comparison.json").read_text())["differences"][0]["score"] == "cross_entropy"
    as_they_are = compare_runs([tmp_path / "digits-lstm-ae-seed0", tmp_path / "wide-seed0"], tmp_path / "again")
    assert as_they_are.differences[0].value == pytest.approx(one - other)


def test_what_has_no_score_in_common_is_not_compared(two_recipes, small_autoencoder_recipe, tmp_path):
    with pytest.raises(UserError, match="a classifier and an autoencoder"):
        compare([two_recipes[0], small_autoencoder_recipe], range(2), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_autoencoders_judged_by_other_measures_are_told(finished_autoencoder):
    _, result = finished_autoencoder
    other = replace(result, verdict=replace(result.verdict, measure="mse"))
    with pytest.raises(
        UserError, match=r"a and b cannot be compared\. What differs: what they are judged by: cross_entropy, mse"
    ):
        check_comparable({"a": result, "b": other}, {})

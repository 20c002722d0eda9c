"""Finished models of people's own files set against each other."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.scores import binary_scores
from unspool.experiment import compare as compare_module
from unspool.experiment.compare import compare_runs
from unspool.experiment.own.recipe import OwnFile, read_own_recipe
from unspool.experiment.own.training import train_file
from unspool.experiment.record import read_result, write_result

from .conftest import interrupted_in_the_third_epoch
from .reviews import write_reviews

WORSE = ["training.epochs=1", "model.embedding=2", "model.bigrams=0", "evaluation.resamples=100"]


@pytest.fixture(scope="module")
def worse(reviews, tmp_path_factory):
    """The folder of a model that learnt little of the same file."""
    folder = tmp_path_factory.mktemp("models") / "worse"
    train_file(OwnFile(path=str(reviews)), folder, changes=WORSE)
    return folder


@pytest.fixture
def numbers(tmp_path):
    """The folders of two models of one file, one's errors three times as large."""
    x = np.random.RandomState(0).normal(size=(60, 4, 1))
    np.savez(tmp_path / "a.npz", x=x, y=x.sum(axis=(1, 2)))
    changes = ["training.epochs=1", "model.units=2", "evaluation.resamples=100"]
    result = train_file(OwnFile(path=str(tmp_path / "a.npz"), kind="series"), tmp_path / "one", changes=changes)
    given = result.test_predictions
    far = replace(given, outputs=given.targets + 3 * (given.outputs - given.targets))
    shutil.copytree(tmp_path / "one", tmp_path / "far")
    write_result(replace(result, test_predictions=far), tmp_path / "far")
    return tmp_path / "one", tmp_path / "far"


def test_two_finished_models_are_compared_as_they_are(trained, worse, tmp_path):
    comparison = compare_runs([trained[0], worse], tmp_path / "out")
    ours, theirs = trained[1], read_result(worse)
    assert [recipe.recipe for recipe in comparison.recipes] == ["reviews", "worse"]
    by_score = {difference.score: difference for difference in comparison.differences}
    assert by_score["auc"].value == pytest.approx(ours.test.auc.value - theirs.test.auc.value)
    assert by_score["accuracy"].value == pytest.approx(ours.test.accuracy.value - theirs.test.accuracy.value)
    expected = binary_scores(ours.test_predictions, ours.test.threshold, resamples=4000).accuracy
    assert comparison.recipes[0].scores["accuracy"].interval.low == pytest.approx(expected.interval.low, abs=0.05)
    written = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert written["differences"][0]["words"] == comparison.differences[0].words
    assert "cannot be known from one seed" in comparison.words


def test_with_seeds_each_is_trained_anew_on_the_same_parts_and_once(trained, worse, tmp_path, monkeypatch):
    said = []
    comparison = compare_runs([trained[0], worse], tmp_path, seeds=range(2), command="as typed", say=said.append)
    assert [line for line in said if line.startswith("[")] == [
        "[1/4] reviews, seed 0: already there",
        "[2/4] worse, seed 0: already there",
        "[3/4] reviews, seed 1: running",
        "[4/4] worse, seed 1: running",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["comparison.json", "reviews-seed1", "worse-seed1"]
    again, recipe = read_result(tmp_path / "worse-seed1"), read_own_recipe(tmp_path / "worse-seed1" / "recipe.toml")
    assert (recipe.training.seed, recipe.data.parts_seed, again.command) == (1, 0, "as typed")
    assert again.data.digest == read_result(worse).data.digest
    assert again.history != read_result(worse).history
    assert comparison.recipes[1].by_seed["auc"] == (read_result(worse).test.auc.value, again.test.auc.value)

    def never(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(compare_module, "train_again", never)
    assert compare_runs([trained[0], worse], tmp_path, seeds=range(2)) == comparison


def test_an_interrupted_comparison_goes_on(trained, worse, tmp_path, monkeypatch):
    with interrupted_in_the_third_epoch(monkeypatch):
        compare_runs([trained[0], worse], tmp_path, seeds=[1])
    assert [path.name for path in tmp_path.iterdir()] == ["reviews-seed1.partial"]
    said = []
    compare_runs([trained[0], worse], tmp_path, seeds=[1], say=said.append)
    assert "[1/2] reviews, seed 1: going on" in said
    assert len(read_result(tmp_path / "reviews-seed1").history["loss"]) == 6


def test_a_file_that_has_changed_is_not_trained_on_again(tmp_path):
    path = write_reviews(tmp_path / "a.csv", rows=80)
    for name in ("one", "other"):
        train_file(OwnFile(path=str(path)), tmp_path / name, changes=WORSE)
    path.write_text(path.read_text().replace("film", "movie", 1))
    with pytest.raises(UserError, match=r"a\.csv is not what it was when it was trained on before"):
        compare_runs([tmp_path / "one", tmp_path / "other"], tmp_path / "out", seeds=[1])
    assert not list(tmp_path.glob("out/*"))


def test_numbers_of_series_are_compared_by_their_error(numbers, tmp_path):
    comparison = compare_runs(numbers, tmp_path / "out")
    (difference,) = comparison.differences
    one, far = (recipe.scores["rmse"].value for recipe in comparison.recipes)
    assert far == pytest.approx(3 * one)
    assert difference.interval.high < 0
    assert difference.words.startswith("one has a lower (better) root mean squared error than far")
    assert comparison.baseline is not None
    assert comparison.baseline.second.startswith("ridge regression over summary statistics")


def test_another_seed_other_labels_and_other_tasks_are_told_all_at_once(trained, reviews, numbers, tmp_path):
    train_file(OwnFile(path=str(reviews)), tmp_path / "other", changes=WORSE, seed=3)
    with pytest.raises(UserError, match=r"not tested on the same examples; the seed that the parts .* 0, 3\. Train"):
        compare_runs([trained[0], tmp_path / "other"], tmp_path / "out")
    with pytest.raises(UserError, match=r"predicted: one of two labels, a number; .*same examples; data\.path: .*npz"):
        compare_runs([trained[0], numbers[0]], tmp_path / "out")
    renamed = shutil.copytree(trained[0], tmp_path / "renamed")
    names = replace(trained[1].data, label_names=("bad", "good"))
    write_result(replace(trained[1], data=names), renamed)
    with pytest.raises(UserError, match="the labels: neg, pos against bad, good"):
        compare_runs([trained[0], renamed], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_models_of_one_test_file_are_compared_whatever_they_were_trained_on(tmp_path):
    test = write_reviews(tmp_path / "test.csv", rows=40, seed=9)
    for name, rows in (("few", 60), ("many", 120)):
        path = write_reviews(tmp_path / f"{name}.csv", rows=rows)
        train_file(OwnFile(path=str(path), test=str(test)), tmp_path / name, changes=WORSE)
    comparison = compare_runs([tmp_path / "few", tmp_path / "many"], tmp_path / "out")
    assert comparison.examples == 40
    assert "few and many were not trained on the same examples (data.path: " in comparison.words


def test_groups_that_differ_are_told(trained, tmp_path):
    given = trained[1].test_predictions
    grouped = replace(trained[1], test_predictions=replace(given, groups=np.arange(20) // 2))
    write_result(grouped, shutil.copytree(trained[0], tmp_path / "grouped"))
    with pytest.raises(UserError, match="which test examples belong to one group"):
        compare_runs([trained[0], tmp_path / "grouped"], tmp_path / "out")


def test_folders_need_names_of_their_own_and_a_run_in_them(trained, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="at least two folders"):
        compare_runs([trained[0]], tmp_path / "out")
    with pytest.raises(UserError, match="Two folders have the same name"):
        compare_runs([trained[0], tmp_path / "reviews"], tmp_path / "out")
    with pytest.raises(UserError, match="is not the folder of a finished run"):
        compare_runs([trained[0], tmp_path / "empty"], tmp_path / "out")

"""Which finished runs answer the same question about the same examples."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.forecasted import Forecasted
from unspool.runs.comparable import check_comparable, other_pairs, same_test, settings_of_examples
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.tasks import Binary

BINARY = Binary(("neg", "pos"))


@pytest.fixture(scope="module")
def recipe():
    return recipe_for(FileSettings(path="reviews.csv"), BINARY, 100)


@pytest.fixture
def result(trained):
    return trained[1]


def refused(recipe, one, other, message):
    with pytest.raises(UserError, match=message):
        check_comparable({"a": one, "b": other}, {"a": recipe, "b": recipe})


def test_runs_of_one_test_set_can_be_compared_whatever_they_were_trained_on(result, recipe):
    check_comparable({"a": result, "b": result}, {"a": recipe, "b": recipe})
    other = replace(result, data=replace(result.data, digest="another"))
    assert same_test(result, other)
    assert not same_test(result, replace(other, data=replace(other.data, test_digest="another")))
    assert not same_test(*(replace(one, data=replace(one.data, test_digest="")) for one in (result, other)))
    check_comparable({"a": result, "b": other}, {"a": recipe, "b": recipe})


@pytest.mark.parametrize(
    ("changes", "advised"),
    [({"text": "title"}, True), ({"channels": ("a",), "resample": "10s"}, True), ({"group": "by"}, False)],
)
def test_how_to_compare_runs_that_read_the_same_examples_differently(result, recipe, changes, advised):
    """Such as with and without a column that gives the label away."""
    other = replace(result, data=replace(result.data, test_digest="another"))
    recipes = {"a": recipe, "b": replace(recipe, data=replace(recipe.data, **changes))}
    with pytest.raises(UserError, match="not tested on the same examples; data") as refusal:
        check_comparable({"a": result, "b": other}, recipes)
    assert ("the test_predictions.csv in the folder of b in place of" in str(refusal.value)) is advised


def test_both_directions_of_one_dataset_of_pairs_are_not_one_test(result, recipe):
    there, back = (
        replace(result, data=replace(result.data, test_digest=f"{result.data.digest} {languages}"))
        for languages in ("en fr", "fr en")
    )
    assert same_test(there, there)
    assert not same_test(there, back)
    assert same_test(replace(there, data=replace(there.data, test_digest="")), back)  # of an earlier version


def test_pairs_in_small_letters_are_not_the_pairs_as_they_are(result):
    one, small, longer = (
        load_recipe("dates-gru", changes) for changes in ([], ["data.lowercase=true"], ["data.length=90"])
    )
    check_comparable({"a": result, "b": result}, {"a": one, "b": longer})
    with pytest.raises(UserError, match=r"not tested on the same examples; data\.lowercase: False, True"):
        check_comparable({"a": result, "b": result}, {"a": one, "b": small})
    assert other_pairs(one, load_recipe("dates-gru", ["data.source=iso", "data.target=written"]))


def test_other_labels_are_told(result, recipe):
    renamed = replace(result, data=replace(result.data, label_names=("bad", "good")))
    refused(recipe, result, renamed, "the labels: neg, pos against bad, good")


def test_groups_that_differ_are_told(result, recipe):
    grouped = replace(result, test_predictions=replace(result.test_predictions, groups=np.arange(20) // 2))
    refused(recipe, result, grouped, "which test examples belong to one group")


def test_the_run_of_an_earlier_version_is_named(result, recipe):
    """It drew blocks of steps of forecasts for intervals, so its test examples have other groups."""
    shown = Forecasted((), (), (), "naive", 1, 1, 1.0, "periods")
    groups = replace(result.test_predictions, groups=np.arange(20) // 2)
    new = replace(result, forecasted=shown, test_predictions=groups)
    old = replace(result, forecasted=replace(shown, drawn="blocks"))
    with pytest.raises(UserError, match=r"b is from an earlier version.*: train it again"):
        check_comparable({"a": new, "b": old}, {"a": recipe, "b": recipe})


@pytest.mark.soak
def test_other_tasks_are_told(result, recipe, finished_autoencoder):
    words = r"What differs: what is predicted: binary classification, reconstruction of the input \(an autoencoder\)"
    refused(recipe, result, finished_autoencoder[1], words)


def test_autoencoders_judged_by_other_measures_are_told(finished_autoencoder, small_autoencoder_recipe):
    _, result = finished_autoencoder
    figures = {"mse": result.test["mse"]}
    other = replace(result, verdict=replace(result.verdict, measure="mse"), test=replace(result.test, figures=figures))
    words = r"a and b cannot be compared\. What differs: what they are judged by: cross_entropy, mse"
    refused(small_autoencoder_recipe, result, other, words)


def test_the_settings_of_which_examples_there_are_are_named(recipe):
    def with_data(seed=0, **changes):
        training = replace(recipe.training, seed=seed)
        return replace(recipe, data=replace(recipe.data, **changes), training=training)

    assert settings_of_examples(recipe, with_data(path="b.csv", tokenizer="bpe")) == ["data.path: reviews.csv, b.csv"]
    assert settings_of_examples(recipe, with_data(seed=3)) == ["the seed that the parts are drawn from: 0, 3"]
    assert settings_of_examples(recipe, with_data(seed=3, parts_seed=0)) == ["the file has changed in between"]

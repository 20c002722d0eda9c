import pytest

from unspool.errors import UserError
from unspool.experiment.own.recipe import OwnFile, read_own_recipe, recipe_for
from unspool.experiment.recipe_file import write_recipe


def test_a_recipe_comes_back_as_it_was(tmp_path):
    data = OwnFile(path="a b.csv", label="mood", channels=("x", "y"), kind="series")
    recipe = recipe_for(data, 300, ["model.layers=1", "model.units=7", "training.learning_rate=0.01"], seed=3)
    assert (recipe.model.units, recipe.training.learning_rate, recipe.training.seed) == (7, 0.01, 3)
    write_recipe(recipe, tmp_path / "recipe.toml")
    assert read_own_recipe(tmp_path / "recipe.toml") == recipe


def test_few_examples_are_read_in_small_batches():
    sizes = [recipe_for(OwnFile(path="a.csv"), count).training.batch_size for count in (100, 5_000, 50_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize(("path", "name"), [("x/reviews.csv", "reviews"), ("é ü.csv", "u" and "own"), (".a.csv", "a")])
def test_the_run_has_a_name_that_is_a_path(path, name):
    assert recipe_for(OwnFile(path=path), 10).name == name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.unit=7", "unknown key model.unit. Did you mean units"),
        ("model.units=none", "model.units is 'none'"),
        ("model.units=8", r"model.units has no effect: .* Set model.layers=1 too"),
        ("model.mask_padding=false", "would depend on the rows beside it"),
        ("units", "write it as table.key=value"),
        ("data.tokeniser=bpe", "Did you mean tokenizer"),
    ],
)
def test_a_wrong_change_is_named(change, message):
    with pytest.raises(UserError, match=message):
        recipe_for(OwnFile(path="a.csv"), 10, [change])


@pytest.mark.parametrize("change", ["model.bigrams=1024", "model.embedding=8", "model.token_dropout=0.1"])
def test_a_change_of_what_only_texts_have_is_refused_for_series(change):
    recipe_for(OwnFile(path="a.csv"), 10, [change])
    with pytest.raises(UserError, match=rf"^{change.partition('=')[0]} has no effect: this model reads series"):
        recipe_for(OwnFile(path="a.csv", kind="series"), 10, [change])

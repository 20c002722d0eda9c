"""Ranges and lists of settings: what they mean, and one clear line for each that makes no sense."""

import tomllib

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.recipes.file import load_recipe
from unspool.runs.search.ranges import as_toml, changes_of, corners, parse_ranges, typed


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("imdb-lstm", ["training.clip_norm=1"])


def read(recipe, *texts):
    return typed(parse_ranges(texts), recipe)


@pytest.mark.parametrize(
    ("text", "low", "high", "log", "whole"),
    [
        ("model.units=16..256:log", 16, 256, True, True),
        ("model.units=16..256", 16, 256, False, True),
        ("training.learning_rate=1e-4..1e-2:log", 1e-4, 1e-2, True, False),
        ("training.learning_rate=.001..1", 0.001, 1.0, False, False),
        ("model.input_dropout=0..0.5", 0.0, 0.5, False, False),
        ("training.clip_norm=1..5", 1.0, 5.0, False, False),
        ("data.maxlen=32..128", 32, 128, False, True),
    ],
)
def test_a_range_is_whole_where_its_setting_is(recipe, text, low, high, log, whole):
    (one,) = read(recipe, text)
    assert (one.low, one.high, one.log, one.whole, one.choices) == (low, high, log, whole, ())
    assert isinstance(one.low, int if whole else float)


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("model.cell=lstm,gru", ("lstm", "gru")),
        ("model.units=16,32,64", (16, 32, 64)),
        ("model.mask_padding=true,false", (True, False)),
        ("training.learning_rate=1e-3, 0.01", (1e-3, 0.01)),
    ],
)
def test_a_list_has_its_values(recipe, text, choices):
    (one,) = read(recipe, text)
    assert one.choices == choices
    assert list(map(type, one.choices)) == list(map(type, choices))


def test_what_a_range_suggests_is_what_a_recipe_takes(recipe):
    optuna = pytest.importorskip("optuna")
    ranges = read(recipe, "model.units=4..9", "training.learning_rate=1e-4..1e-2:log", "model.cell=lstm,gru")
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    seen = set()
    for _ in range(40):
        trial = study.ask()
        made = load_recipe("imdb-lstm", changes_of({one.name: one.suggest(trial) for one in ranges}))
        assert 1e-4 <= made.training.learning_rate <= 1e-2
        seen.add((made.model.units, made.model.cell))
    assert {units for units, _ in seen} == {4, 5, 6, 7, 8, 9}
    assert {cell for _, cell in seen} == {"lstm", "gru"}
    # Evenly on a logarithmic scale: as many below a thousandth as above.
    below = sum(trial.params["training.learning_rate"] < 1e-3 for trial in study.trials)
    assert 12 <= below <= 28


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model.units", "write it as table.key=values"),
        ("units=1..2", "write it as table.key=values"),
        ("model.units=", "a value is missing"),
        ("model.units=1,,2", "a value is missing"),
        ("model.units=16..", "'' is not a number"),
        ("model.units=..16", "'' is not a number"),
        ("model.units=a..b", "'a' is not a number"),
        ("model.units=1..inf", "'inf' is not a number"),
        ("model.units=5..5", "this range is empty"),
        ("model.units=9..5", "this range is empty"),
        ("model.units=0..5:log", "must begin above 0"),
        ("model.units=1..5:lin", "'lin' is no scale"),
        ("model.cell=lstm", "one value is nothing to search"),
        ("model.units=3,3", "a value comes twice"),
        ("model.cell=1..2", "model.cell is not a number"),
        ("training.seed=1..5", "it would select luck"),
        ("training.label_smoothing=0..0.2", "changes the validation loss itself"),
        ("evaluation.resamples=100..200", "settings of data, model and training"),
        ("data.dataset=imdb,sentences", "which examples there are"),
        ("model.shape=seq2vec,tagger", "the settings of one model"),
    ],
)
def test_what_makes_no_sense_is_one_line(recipe, text, said):
    with pytest.raises(UserError, match=f"^--over .*{said}") as caught:
        read(recipe, text)
    assert "\n" not in str(caught.value)


def test_losses_of_images_of_other_sizes_are_not_compared():
    with pytest.raises(UserError, match=r"^--over model\.factor=2,4: it changes the validation loss itself"):
        read(load_recipe("digits-superres"), "model.factor=2,4")


def test_a_setting_comes_once(recipe):
    with pytest.raises(UserError, match=r"model\.units comes twice"):
        read(recipe, "model.units=1..2", "model.units=4..8")


def test_without_a_range_there_is_nothing_to_search():
    with pytest.raises(UserError, match="at least one setting to vary"):
        parse_ranges([])


def test_a_model_that_is_chosen_otherwise_is_not_searched():
    recipe = load_recipe("imdb-lstm")
    from dataclasses import replace

    from unspool.descriptions.choice import ModelChoice

    with pytest.raises(UserError, match="a search trains networks"):
        read(replace(recipe, model=ModelChoice(candidates=("nb-words",))), "training.learning_rate=1e-4..1e-2")


def test_corners_try_each_end_with_the_ends_of_the_others():
    found = list(corners(parse_ranges(["a.b=1..2", "c.d=x,y,z"])))
    assert [one.name for one, _ in found] == ["a.b", "a.b", "c.d", "c.d", "c.d"]
    assert found[0][1] == [{"a.b": 1, "c.d": "x"}, {"a.b": 1, "c.d": "z"}]


def test_values_are_written_as_toml():
    assert [as_toml(one) for one in (3, 1e-5, True, "gru")] == ["3", "1e-05", "true", "gru"]
    lists = ([np.int64(3), 4], np.array([0.5, 1]), (True, False), ["a", 'b"c', np.str_("d")], np.bool_(True))
    read = [tomllib.loads(f"value = {as_toml(one)}")["value"] for one in lists]
    assert read == [[3, 4], [0.5, 1.0], [True, False], ["a", 'b"c', "d"], True]

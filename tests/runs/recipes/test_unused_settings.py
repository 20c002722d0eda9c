"""Settings without effect are refused, each by its name, wherever they are set; recipes of folders still load."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.file import chosen_settings, load_recipe, recipe_names
from unspool.runs.recipes.recipe import FileSettings, TrainingSettings
from unspool.runs.recipes.unused_settings import refuse_unused_settings
from unspool.runs.records.folder import partial_of
from unspool.runs.records.unfinished import Begun, note_beginning
from unspool.runs.resume import resume
from unspool.runs.run import run, train
from unspool.tasks import Binary, Captions

EARLIER = Path(__file__).parents[1] / "earlier"
OF_A_FILE = '[data]\npath = "reviews.csv"\n[model]\nlayers = 1\n'
CHOICE = '[data]\npath = "reviews.csv"\n[model]\nshape = "choice"\ncandidates = ["nb-words"]\n'
PUBLISHED = '[published]\nsource = "a book"\nauc = 0.9\nbalanced_accuracy = 0.8\n'


def refused(name_or_path, settings=()):
    """What is said of a recipe, whose data need not be there."""
    recipe = load_recipe(name_or_path, settings)
    with pytest.raises(UserError) as caught:
        run(recipe, Path("nowhere") / "run", chosen=chosen_settings(name_or_path, settings))
    return str(caught.value)


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("protocol", ["honest", "chapter"])
def test_the_recipes_of_the_package_have_no_idle_setting(name, protocol):
    changes = [f"evaluation.protocol={protocol}", "training.seed=3", "evaluation.resamples=100"]
    refuse_unused_settings(load_recipe(name, changes), chosen_settings(name, changes))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (
            "digits-lstm-ae",
            "training.class_weight=balanced",
            "training.class_weight has no effect: an autoencoder has no classes to weight. Leave it out.",
        ),
        (
            "capitals-lstm",
            "training.class_weight=balanced",
            "training.class_weight has no effect: a tagger has no classes to weight. Leave it out.",
        ),
        (
            "digits-lstm-ae",
            "model.encoder.token_dropout=0.5",
            "model.encoder.token_dropout has no effect: this model reads series, which have no tokens. Leave it out.",
        ),
    ],
)
def test_a_change_of_a_recipe_that_has_no_effect_is_refused(name, change, message):
    assert refused(name, [change]) == message


def test_the_chapters_protocol_sets_nothing_aside():
    changes = ["evaluation.protocol=chapter", "evaluation.validation_fraction=0.2"]
    assert refused("imdb-rnn", changes) == (
        "evaluation.validation_fraction has no effect: under the protocol chapter the test set stops the training. "
        "Leave it out."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            OF_A_FILE + "[evaluation]\nvalidation_fraction = 0.2\n",
            "evaluation.validation_fraction has no effect: it is for named datasets. Set data.validation_fraction.",
        ),
        (OF_A_FILE + '[evaluation]\nprotocol = "chapter"\n', "evaluation.protocol is 'chapter', which is for"),
        (
            CHOICE + "[training]\nepochs = 3\n",
            "training.epochs has no effect: no model here is trained in epochs. ",
        ),
    ],
)
def test_a_recipe_of_a_file_is_refused_before_the_file_is_read(tmp_path, content, message):
    path = tmp_path / "own.toml"
    path.write_text(f'name = "own"\n{content}')
    assert refused(path).startswith(message)


@pytest.mark.parametrize(
    ("content", "data"),
    [
        ('[model]\nshape = "autoencoder"\n[model.encoder]\n[model.decoder]\n', "digits"),
        ('[model]\nshape = "tagger"\n', "capitals"),
    ],
)
def test_published_figures_are_for_two_labels(tmp_path, content, data):
    path = tmp_path / "own.toml"
    path.write_text(f'name = "own"\n[data]\ndataset = "{data}"\n{content}{PUBLISHED}')
    assert "published.auc has no effect: only AUC and balanced accuracy" in refused(path)


def test_what_only_the_file_can_tell_is_refused_once_it_is_read(tmp_path):
    x = np.random.RandomState(0).normal(size=(60, 4, 1))
    np.savez(tmp_path / "a.npz", x=x, y=x.sum(axis=(1, 2)))
    path = tmp_path / "own.toml"
    path.write_text(
        f'name = "own"\n[data]\npath = "{tmp_path / "a.npz"}"\nkind = "series"\n[model]\n'
        '[training]\nclass_weight = "balanced"\n'
    )
    with pytest.raises(UserError, match=r"^training\.class_weight has no effect: regression.* has no classes to weigh"):
        run(load_recipe(path), tmp_path / "out", chosen=chosen_settings(path))
    assert not (tmp_path / "out").exists()
    assert not partial_of(tmp_path / "out").exists()


def test_captions_are_not_written_in_both_directions():
    change = ["training.bidirectional_epochs=2"]
    recipe = load_recipe("moving-digits-captions", change)
    message = r"^training\.bidirectional_epochs has no effect: the sources of captions .* are not texts"
    with pytest.raises(UserError, match=message):
        refuse_unused_settings(recipe, chosen_settings("moving-digits-captions", change), Captions(()))


def test_the_budget_of_a_comparison_is_that_of_its_network(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'name = "own"\n[data]\npath = "a.conll"\nkind = "tokens"\ntask = "tagging"\n[model]\nshape = "choice"\n'
        'candidates = ["window-regression", "network"]\n[training]\nbudget = 60\n'
    )
    assert "training.budget has no effect: a comparison has model.budget" in refused(path)


def test_train_refuses_the_same(reviews, tmp_path):
    for change in ("evaluation.validation_fraction=0.1", "evaluation.protocol=chapter"):
        with pytest.raises(UserError, match=change.partition("=")[0].replace(".", r"\.")):
            train(FileSettings(path=str(reviews)), tmp_path / "out", changes=[change])
    with pytest.raises(UserError, match=r"training\.epochs has no effect"):
        train(FileSettings(path=str(reviews)), tmp_path / "out", changes=["training.epochs=3"], model="nb-words")


@pytest.mark.parametrize(("name", "value"), [("tokenizer", "bpe"), ("size", 50), ("length", 20)])
def test_candidates_read_in_their_own_ways(name, value):
    data = FileSettings(path="reviews.csv", **{name: value})
    with pytest.raises(UserError, match=rf"--{name} has no effect: .* add --model network"):
        recipe_for(data, Binary(("neg", "pos")), 100)
    assert recipe_for(data, Binary(("neg", "pos")), 100, model="network").data == data


def test_settings_that_suit_the_file_do_not_count_as_chosen_when_its_run_is_resumed(reviews, tmp_path):
    asked = FileSettings(path=str(reviews), text="review", label="sentiment")
    recipe = recipe_for(asked, Binary(("neg", "pos")), 100, ["training.decay=linear"], model="network")
    assert recipe.training.plateau_patience != TrainingSettings().plateau_patience
    partial_of(tmp_path / "out").mkdir()
    note_beginning(partial_of(tmp_path / "out"), recipe, Begun.now(recipe, "unspool train", None, "of another file"))
    assert chosen_settings(partial_of(tmp_path / "out") / "recipe.toml") == frozenset()
    with pytest.raises(UserError, match="has changed since it was trained on"):
        resume(tmp_path / "out")


@pytest.mark.parametrize("name", ["own-series", "own-text", "autoencoder", "classifier"])
def test_recipes_of_earlier_folders_load_and_nothing_in_them_is_refused(name, tmp_path):
    shutil.copytree(EARLIER / name, tmp_path / name)
    path = tmp_path / name / "recipe.toml"
    path.write_text(
        path.read_text().replace("validation_fraction = 0.1\nresamples", "validation_fraction = 0.3\nresamples")
    )
    recipe = load_recipe(path)
    assert recipe.evaluation.validation_fraction == 0.3
    assert chosen_settings(path) == frozenset()
    refuse_unused_settings(recipe, chosen_settings(path))
    assert chosen_settings(path, ["training.epochs=3"]) == {"training.epochs"}


def test_a_default_is_nobodys_choice(tmp_path):
    recipe = load_recipe("digits-lstm-ae")
    weighed = replace(recipe, training=replace(recipe.training, class_weight="balanced"))
    refuse_unused_settings(weighed, ())
    with pytest.raises(UserError, match="class_weight"):
        refuse_unused_settings(weighed, ["training.class_weight"])

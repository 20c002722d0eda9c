"""From a file to the folder of a model."""

import pytest

from unspool.errors import UserError
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.folder import partial_of
from unspool.runs.run import train

from .conftest import SMALL_FILE
from .reviews import write_reviews
from .test_run import OF_ANY

OF_A_FILE = {"inspection.txt", "parts.csv", "test_predictions.csv"}

QUICK = [*SMALL_FILE, "training.epochs=1", "model.bigrams=0"]


def test_a_file_becomes_a_folder_with_all_that_is_needed(trained, reviews):
    folder, result, told = trained
    assert {path.name for path in folder.iterdir()} == OF_ANY | OF_A_FILE | {"tokenizer.json"}
    assert not partial_of(folder).exists()
    assert "rows that can be used" in told[0]
    assert any(line.startswith("model: no recurrence") for line in told)
    assert result.test.examples == 20
    assert result.test["auc"].value > 0.9
    assert result.data.label_names == ("neg", "pos")
    recipe = load_recipe(folder / "recipe.toml")
    assert (recipe.data.text, recipe.data.label, recipe.data.path) == ("review", "sentiment", str(reviews))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("text,label\n", "has no rows"),
        ("text,label\n" + "a film,pos\n" * 5, "Nothing can be learned from one label"),
        ("text,label\n" + "a,pos\nb,neg\n" * 9 + ",pos\n", "row 19"),
        ("text,label\na,pos\nb,neg\n", "too few"),
        (
            "text,label\n" + "".join(f"name{n},{'pn'[n % 2]}\n" for n in range(60)),
            "every word of the training texts occurs only once.*--tokenizer bpe",
        ),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing(content, message, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        train(FileSettings(path=str(path)), tmp_path / "out", model="network")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("reconstruction", "an autoencoder reads series or images, not texts"),
        ("captions", r"captions describe series of frames.*, not texts.*--source, --target;"),
    ],
)
def test_what_reads_series_does_not_read_texts(task, message, reviews, tmp_path):
    with pytest.raises(UserError, match=message):
        train(FileSettings(path=str(reviews), task=task), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_seed_that_is_set_is_the_parts_own(reviews, tmp_path):
    one = train(FileSettings(path=str(reviews)), tmp_path / "one", changes=[*QUICK, "training.seed=3"])
    other = train(FileSettings(path=str(reviews)), tmp_path / "other", changes=QUICK, seed=3)
    assert one.data.digest == other.data.digest
    assert one.history == other.history


@pytest.mark.soak
def test_balanced_classes_move_the_training_and_what_is_judged(tmp_path):
    path = write_reviews(tmp_path / "reviews.csv", rows=200)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[1::2], *lines[2:61:2]]))  # 100 of one label, 30 of the other
    plain = train(FileSettings(path=str(path)), tmp_path / "plain", changes=QUICK)
    balanced = train(FileSettings(path=str(path)), tmp_path / "b", changes=[*QUICK, "training.class_weight=balanced"])
    assert (plain.verdict.measure, balanced.verdict.measure) == ("accuracy", "balanced_accuracy")
    assert plain.history["loss"] != balanced.history["loss"]
    assert plain.data.digest == balanced.data.digest


def test_a_folder_that_was_begun_is_not_overwritten(reviews, tmp_path):
    partial = partial_of(tmp_path / "model")
    partial.mkdir()
    (partial / "recipe.toml").write_text("")
    with pytest.raises(UserError, match=r"is not finished\. To continue: unspool resume"):
        train(FileSettings(path=str(reviews)), tmp_path / "model")

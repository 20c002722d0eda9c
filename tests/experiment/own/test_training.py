import json
import shutil
import zipfile

import keras
import numpy as np
import pytest

from unspool.errors import UserError
from unspool.experiment.folder import partial_of
from unspool.experiment.own.description import described
from unspool.experiment.own.model import OwnModel, load_own_model
from unspool.experiment.own.recipe import OwnFile
from unspool.experiment.own.training import train_file
from unspool.experiment.record import read_result
from unspool.experiment.replay import Parting, Replay, replay
from unspool.experiment.resume import resume

from .conftest import SMALL, interrupted_in_the_third_epoch

ONE_EPOCH = [*SMALL, "training.epochs=1"]


def test_a_file_becomes_a_folder_with_all_that_is_needed(trained, reviews):
    folder, result, told = trained
    names = {path.name for path in folder.iterdir()}
    assert names >= {"model.keras", "tokenizer.json", "labels.json", "reader.json", "decision.json", "recipe.toml"}
    assert names >= {"metrics.json", "report.html", "inspection.txt", "environment.json"}
    assert not partial_of(folder).exists()
    assert "rows that can be used" in told[0]
    assert any(line.startswith("model: no recurrence") for line in told)
    assert result.test.examples == 20
    assert result.test.auc.value > 0.9
    assert result.data.label_names == ("neg", "pos")
    assert read_result(folder).verdict == result.verdict


def test_what_is_loaded_answers_as_what_was_trained(trained, own_model):
    folder, result, _ = trained
    assert isinstance(own_model, OwnModel)
    assert own_model.threshold == result.test.threshold
    texts = ["a fine film", "a dull film", "", "unheard of"]
    again = load_own_model(folder)
    np.testing.assert_array_equal(
        own_model.answers(own_model.reader.read(texts)), again.answers(again.reader.read(texts))
    )


def test_a_prediction_does_not_change_with_its_company(own_model):
    texts = ["a fine film", "a dull film " * 6, "lovely"]
    together = own_model.answers(own_model.reader.read(texts))
    alone = [own_model.answers(own_model.reader.read([text]))[0] for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_folder_says_how_it_was_made(trained):
    words = described(trained[0])
    assert "one of two labels (neg, pos)" in words
    assert "column review: the last" in words
    assert trained[1].verdict.words in words
    assert "rows that can be used" in words


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
            "no word stands twice .*--tokenizer bpe",
        ),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing(content, message, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        train_file(OwnFile(path=str(path)), tmp_path / "out")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["model.keras", "tokenizer.json", "labels.json", "reader.json", "recipe.toml"])
@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_a_damaged_model_is_refused_by_name(name, damage, trained, tmp_path):
    for path in trained[0].iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    if damage == "missing":
        (tmp_path / name).unlink()
    else:
        content = (trained[0] / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match=name):
        load_own_model(tmp_path)


def test_a_models_file_that_names_code_is_refused(trained, tmp_path):
    for path in trained[0].iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with (
        zipfile.ZipFile(trained[0] / "model.keras") as whole,
        zipfile.ZipFile(tmp_path / "model.keras", "w") as hostile,
    ):
        for name in whole.namelist():
            content = b'{"module": "os", "class_name": "system"}' if name == "config.json" else whole.read(name)
            hostile.writestr(name, content)
    with pytest.raises(UserError, match=r"names os\.system, which is no layer"):
        load_own_model(tmp_path)


def test_another_models_numbers_are_refused(trained, tmp_path):
    for path in trained[0].iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    other.save(tmp_path / "model.keras")
    with pytest.raises(UserError, match=r"the description beside it describes [\d,]+ weights, but it stores 8"):
        load_own_model(tmp_path)


@pytest.fixture
def unfinished(reviews, tmp_path, monkeypatch):
    """Where a model would be whose training was interrupted in its third epoch, and the copy of the file beside it."""
    path = shutil.copy(reviews, tmp_path / "reviews.csv")
    said = []
    with interrupted_in_the_third_epoch(monkeypatch):
        train_file(OwnFile(path=str(path)), tmp_path / "model", changes=SMALL, command="as typed", say=said.append)
    assert said[-1] == f"what was trained is kept. To go on: unspool resume {tmp_path / 'model'}"
    return tmp_path / "model", path


def test_an_interrupted_training_goes_on_to_the_same_end(unfinished, trained):
    folder, _ = unfinished
    assert not folder.exists()
    result = resume(folder)
    assert result.history == trained[1].history
    assert result.command == "as typed"
    assert result.data.digest == trained[1].data.digest
    for name in ("digests.json", "history.csv", "decision.json", "tokenizer.json", "labels.json"):
        assert (folder / name).read_bytes() == (trained[0] / name).read_bytes(), name
    with np.load(folder / "predictions.npz") as ours, np.load(trained[0] / "predictions.npz") as theirs:
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert {path.name for path in folder.iterdir()} == {path.name for path in trained[0].iterdir()}
    assert not partial_of(folder).exists()


@pytest.mark.parametrize(("old", "new"), [("pos", "neg"), ("film", "movie")])
def test_a_file_that_has_changed_is_not_gone_on_with(old, new, unfinished):
    folder, path = unfinished
    whole = path.read_text()
    path.write_text(new.join(whole.rsplit(old, 1)))
    with pytest.raises(UserError, match=r"reviews\.csv is not what it was when .*model was begun"):
        resume(folder)
    path.write_text(whole)
    assert resume(folder).epochs == 6


def test_another_recipe_is_not_gone_on_with(unfinished):
    folder, path = unfinished
    with pytest.raises(UserError, match=r"is not finished\. To go on: unspool resume"):
        train_file(OwnFile(path=str(path)), folder, changes=SMALL)
    recipe = partial_of(folder) / "recipe.toml"
    recipe.write_text(recipe.read_text().replace("batch_size = 16", "batch_size = 20"))
    with pytest.raises(UserError, match="batch_size: 16 there, 20 here"):
        resume(folder)


def test_a_trained_model_is_replayed(trained, tmp_path):
    assert replay(trained[0]) == Replay(epochs=6, arrays=4, parting=None)
    copy = shutil.copytree(trained[0], tmp_path / "copy")
    digests = json.loads((copy / "digests.json").read_text())
    digests["epochs"][1][3] = "0" * 16
    (copy / "digests.json").write_text(json.dumps(digests))
    assert replay(copy).parting == Parting(2, digests["arrays"][3])


def test_a_seed_that_is_set_is_the_parts_own(reviews, tmp_path):
    one = train_file(OwnFile(path=str(reviews)), tmp_path / "one", changes=[*ONE_EPOCH, "training.seed=3"])
    other = train_file(OwnFile(path=str(reviews)), tmp_path / "other", changes=ONE_EPOCH, seed=3)
    assert one.data.digest == other.data.digest
    assert one.history == other.history

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


def test_a_file_becomes_a_folder_with_all_that_is_needed(trained, reviews):
    folder, result, told = trained
    names = {path.name for path in folder.iterdir()}
    assert names >= {"model.keras", "tokenizer.json", "labels.json", "reader.json", "decision.json", "recipe.toml"}
    assert names >= {"metrics.json", "report.html", "inspection.txt", "environment.json"}
    assert not partial_of(folder).exists()
    assert "rows that can be used" in told[0]
    assert any(line.startswith("model: lstm") for line in told)
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
    with pytest.raises(UserError, match="cannot be read as a model"):
        load_own_model(tmp_path)

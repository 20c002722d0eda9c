"""A model's folder gives the model that was trained, or is refused by the name of what is wrong in it."""

import json
import shutil
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pytest

import unspool
from unspool.candidates import RawModel
from unspool.errors import UserError
from unspool.readers import RawTextReader
from unspool.runs.model import TrainedModel, load_trained, read_trained, reader_of
from unspool.runs.records.seen import Seen, fingerprints
from unspool.tasks import Binary, Multiclass, Multilabel


def test_what_is_loaded_answers_as_what_was_trained(trained, model_of_reviews):
    folder, result, _ = trained
    assert model_of_reviews.threshold == result.test.threshold
    texts = ["a fine film", "a dull film", "", "unheard of"]
    again = load_trained(folder)
    np.testing.assert_array_equal(
        model_of_reviews.outputs(model_of_reviews.reader.read(texts)), again.outputs(again.reader.read(texts))
    )


def test_a_prediction_does_not_change_with_its_company(model_of_reviews):
    texts = ["a fine film", "a dull film " * 6, "lovely"]
    together = model_of_reviews.outputs(model_of_reviews.reader.read(texts))
    alone = [model_of_reviews.outputs(model_of_reviews.reader.read([text]))[0] for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def answering(task, threshold=None):
    return TrainedModel(None, None, task, threshold, None)


def test_a_binary_answer_is_read_at_its_threshold():
    labels, probabilities = answering(Binary(("neg", "pos")), 0.3).decide(np.array([0.3, 0.2, 0.4]))
    assert labels == ["pos", "neg", "pos"]
    assert probabilities == pytest.approx([0.3, 0.8, 0.4])


def test_of_several_classes_the_most_probable_is_taken():
    outputs = np.array([[0.2, 0.5, 0.3], [0.1, 0.2, 0.7]])
    assert answering(Multiclass(("a", "b", "c"))).decide(outputs) == (["b", "c"], [0.5, 0.7])


def test_several_labels_at_once_each_have_a_probability():
    labels, probabilities = answering(Multilabel(("a", "b")), 0.5).decide(np.array([[0.6, 0.5], [0.1, 0.2]]))
    assert labels == [("a", "b"), ()]
    assert probabilities == [{"a": 0.6, "b": 0.5}, {"a": 0.1, "b": 0.2}]


FILES = ["model.keras", "tokenizer.json", "labels.json", "reader.json", "decision.json", "recipe.toml"]


@pytest.fixture
def copy(trained, tmp_path):
    """A copy of the files that make up the model."""
    (tmp_path / "model").mkdir()
    for name in FILES:
        shutil.copy(trained[0] / name, tmp_path / "model" / name)
    return tmp_path / "model"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_a_damaged_model_is_refused_by_name(name, damage, copy):
    if damage == "missing":
        (copy / name).unlink()
    else:
        content = (copy / name).read_bytes()
        (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match=name):
        load_trained(copy)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("decision.json", '"threshold": 0.', '"threshold": 0.1'),
        ("labels.json", '"neg"', '"nag"'),
        ("tokenizer.json", '"film"', '"fiml"'),
        ("recipe.toml", "resamples = 100", "resamples = 101"),
    ],
)
def test_a_changed_file_that_can_still_be_loaded_is_refused(name, old, new, trained, tmp_path):
    folder = shutil.copytree(trained[0], tmp_path / "model")
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    read_trained(folder)
    with pytest.raises(UserError, match=f"{name} is not as training wrote it: golden.json holds another SHA-256"):
        load_trained(folder)
    (folder / "golden.json").unlink()
    load_trained(folder)


def test_fingerprints_of_another_model_are_refused(trained, tmp_path):
    folder = shutil.copytree(trained[0], tmp_path / "model")
    Seen.of(fingerprints(["a fine film"]), fingerprints([])).save(folder)
    with pytest.raises(UserError, match=r"seen\.npz is not as training wrote it: .* Remove seen\.npz to go without"):
        load_trained(folder)
    (folder / "seen.npz").unlink()  # a missing file is reported where it is needed
    load_trained(folder)


@pytest.mark.parametrize("threshold", ['"high"', "[]", "NaN", "1e999", "true"])
def test_an_altered_threshold_is_refused(threshold, copy):
    content = json.loads((copy / "decision.json").read_text())
    text = (copy / "decision.json").read_text().replace(json.dumps(content["threshold"]), threshold)
    assert threshold in text
    (copy / "decision.json").write_text(text)
    with pytest.raises(UserError, match=r"decision\.json"):
        load_trained(copy)


def test_a_models_file_that_names_code_is_refused(trained, copy):
    with (
        zipfile.ZipFile(trained[0] / "model.keras") as whole,
        zipfile.ZipFile(copy / "model.keras", "w") as hostile,
    ):
        for name in whole.namelist():
            content = b'{"module": "os", "class_name": "system"}' if name == "config.json" else whole.read(name)
            hostile.writestr(name, content)
    with pytest.raises(UserError, match=r"names os\.system, which is not a layer"):
        load_trained(copy)


def test_another_models_numbers_are_refused(copy):
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    other.save(copy / "model.keras")
    with pytest.raises(UserError, match=r"the description beside it describes [\d,]+ weights, but it stores 8"):
        load_trained(copy)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["finished", "finished_autoencoder"])
def test_a_run_of_a_named_dataset_keeps_how_it_reads(kind, request):
    folder, result = request.getfixturevalue(kind)
    model = load_trained(folder)
    assert model.task.names == result.data.label_names
    assert model.threshold == result.test.threshold
    assert reader_of(model, folder) == model.reader


def test_a_model_without_a_reader_is_told(model_of_reviews, tmp_path):
    with pytest.raises(UserError, match="made by an earlier version of unspool, which did not keep how"):
        reader_of(replace(model_of_reviews, reader=None), tmp_path)


def test_what_is_no_models_folder_is_told(tmp_path):
    with pytest.raises(UserError, match="There is no folder"):
        load_trained(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"holds no trained model: there is no recipe\.toml in it"):
        load_trained(tmp_path)


@pytest.mark.parametrize(("answers", "reason"), [((3, 2), "it is a model of other labels"), (None, "do not belong")])
def test_a_model_whose_files_are_of_two_models_is_told(answers, reason):
    class Fitted:
        def outputs(self, texts):
            if answers is None:
                raise IndexError("index 7 is out of bounds")
            return np.zeros(answers)

    model = TrainedModel(None, RawTextReader(), Binary(("a", "b")), 0.5, RawModel("text", "x", "binary", Fitted()))
    with pytest.raises(UserError, match=reason):
        model.outputs(RawTextReader().read(["a", "b", "c"]))


def test_no_texts_have_no_predictions(trained):
    model = unspool.load(trained[0])
    assert model.predict([]) == []
    assert model.probabilities([]).shape == (0, 2)
    assert model.explain([]) == []

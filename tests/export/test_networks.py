"""Recurrent networks, with the weights that they begin with: the runtime answers as the trainer does."""

import json
import zipfile

import keras
import numpy as np
import pytest

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.data.tokenizers.word_tokenizer import WordTokenizer
from unspool.descriptions.networks import Autoencoder, Seq2Vec, Vec2Seq
from unspool.errors import UserError
from unspool.export import export_model
from unspool.layers import FlattenSteps
from unspool.readers import ImageReader, SeriesReader, TextReader, TokenReader, VocabularyReader
from unspool.tasks import Binary, Multiclass, Reconstruction, Regression
from unspool.training.autoencoder import halves

unspool_runtime = pytest.importorskip("unspool_runtime")
WORDS = ("a", "fine", "film", "dull", "été", "我", "don't")
IDS = Ragged.from_sequences([[1, 4, 5, 6], [1, 4, 7, 2, 6], [1], [1, 8, 9, 10] * 4])
BINARY, THREE = Binary(("no", "yes")), Multiclass(("a", "b", "c"))
PADDED = np.array([[0, 0, 1, 4, 5], [1, 4, 7, 2, 6], [0, 0, 0, 0, 1]], np.int32)
series = np.random.default_rng(0).normal(size=(4, 7, 2)).astype(np.float32)
series[1, 5:] = series[2, 1:] = np.nan

CASES = {
    "pooled bigrams": (
        Seq2Vec(cell="lstm", units=4, bidirectional=True, embedding=3, pooling="mean_max", bigrams=30),
        TextReader(WordTokenizer(WORDS), 16),
        BINARY,
        IDS,
    ),
    "embeddings alone": (
        Seq2Vec(layers=0, embedding=3, pooling="mean_max", batch_normalization=False),
        TextReader(WordTokenizer(WORDS), 16),
        THREE,
        IDS,
    ),
    "the chapter's": (
        Seq2Vec(cell="rnn", units=4, embedding=3, mask_padding=False),
        VocabularyReader(Vocabulary(WORDS), 9, 5, 5),
        BINARY,
        PADDED,
    ),
    "token ids": (
        Seq2Vec(cell="gru", units=4, embedding=3, layers=2),
        TokenReader(np.array([3, 70, 900]), 9),
        Regression(mean=3.0, scale=2.0),
        Ragged.from_sequences([[4, 5, 6], [2], [6, 6, 2]]),
    ),
    "series": (
        Seq2Vec(cell="gru", units=4, bidirectional=True, pooling="mean_max"),
        SeriesReader(("x", "y"), 7, (1.0, -2.0), (2.0, 0.5)),
        THREE,
        series,
    ),
    "flattened series": (
        Seq2Vec(layers=0, pooling="flatten"),
        SeriesReader(("x", "y"), 7, (1.0, -2.0), (2.0, 0.5)),
        THREE,
        series,
    ),
}


def stirred(network):
    """Statistics of batch normalization, and means of steps, that are not those it begins with."""
    draw = np.random.default_rng(1)
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization | FlattenSteps):
            layer.set_weights([np.abs(draw.normal(1, 0.3, size=one.shape)) for one in layer.get_weights()])
    return network


def some_slow(cases, quick):
    """The cases, of which all but a few are left to `make soak`: each compiles a network."""
    return [case if case in quick else pytest.param(case, marks=pytest.mark.slow) for case in cases]


@pytest.mark.parametrize("case", some_slow(CASES, ("pooled bigrams", "flattened series")))
def test_a_network_answers_alike(folder_of, tmp_path, monkeypatch, case):
    description, reader, task, inputs = CASES[case]
    keras.utils.set_random_seed(3)
    network = stirred(task.build(description, reader.inputs))
    folder = folder_of(network, reader, task, inputs, description, 0.5 if task is BINARY else None)
    found = export_model(folder, tmp_path / "m.unspool")
    assert found.agree == found.count
    assert found.largest < 2e-6
    monkeypatch.setenv("UNSPOOL_KERNELS", "reference")
    check = unspool_runtime.Model.load(found.out).check()
    assert check.passed
    assert check.largest < 2e-6


AUTOENCODERS = {
    "images": (
        Autoencoder(
            encoder=Seq2Vec(units=4, bidirectional=True, mask_padding=False, outputs=3),
            decoder=Vec2Seq(units=4, bidirectional=True),
        ),
        ImageReader(5, 4),
        Reconstruction(),
        np.random.default_rng(0).random((3, 5, 4)).astype(np.float32),
    ),
    "series of different lengths": (
        Autoencoder(encoder=Seq2Vec(cell="gru", units=4, outputs=2), decoder=Vec2Seq(units=4, output="gaussian")),
        SeriesReader(("x", "y"), 7, (1.0, -2.0), (2.0, 0.5)),
        Reconstruction(likelihood="gaussian"),
        series,
    ),
    "of numbers of different size": (
        Reconstruction(likelihood="gaussian").principal_components(16),
        SeriesReader(("x", "y"), 200, (0.0, -2.0), (1e5, 0.5)),
        Reconstruction(likelihood="gaussian"),
        np.random.default_rng(0).normal(size=(24, 200, 2)).astype(np.float32),
    ),
    "linear": (
        Reconstruction(likelihood="gaussian").principal_components(3),
        SeriesReader(("x", "y"), 7, (1.0, -2.0), (2.0, 0.5)),
        Reconstruction(likelihood="gaussian"),
        series,
    ),
}

QUICK = ("series of different lengths", "of numbers of different size", "linear")


@pytest.mark.parametrize("case", some_slow(AUTOENCODERS, QUICK))
def test_an_autoencoder_encodes_and_decodes_alike(folder_of, tmp_path, monkeypatch, case):
    description, reader, task, inputs = AUTOENCODERS[case]
    keras.utils.set_random_seed(3)
    network = stirred(task.build(description, reader.inputs))
    found = export_model(folder_of(network, reader, task, inputs, description), tmp_path / "m.unspool")
    assert found.agree == found.count == len(inputs)
    monkeypatch.setenv("UNSPOOL_KERNELS", "reference")
    model = unspool_runtime.Model.load(found.out)
    assert model.check().passed
    vectors = np.resize(np.array([0.1, 0.9, 0.4], np.float32), (1, halves(network).latent))
    scale, mean = (np.array(getattr(reader, name, one)) for name, one in (("scale", 1.0), ("mean", 0.0)))
    np.testing.assert_allclose((model.decode(vectors) - mean) / scale, halves(network).decode(vectors), atol=2e-6)
    with pytest.raises(unspool_runtime.InputError, match=r"an array \(N, "):
        model.decode(np.zeros((1, 17)))


@pytest.mark.parametrize("case", ["linear", "of numbers of different size"])
def test_a_page_reconstructs_as_the_runtime_does(folder_of, tmp_path, javascript, case):
    description, reader, task, inputs = AUTOENCODERS[case]
    network = stirred(task.build(description, reader.inputs))
    out = export_model(folder_of(network, reader, task, inputs, description), tmp_path / "m.unspool").out
    model, examples = unspool_runtime.Model.load(out), [np.ones((7, 2)), np.arange(6.0).reshape(3, 2)]
    check, found = javascript(out, examples, "[...model.outputs(one), ...model.decode(model.encode(one))]")
    assert check["passed"], check
    vectors = model.encode(examples)
    np.testing.assert_allclose([one[0] for one in found], model.predict(examples), rtol=1e-5)
    decoded = np.array([one[1:] for one in found]).reshape(2, -1, 2)
    np.testing.assert_allclose(decoded / reader.scale, model.decode(vectors) / reader.scale, atol=1e-5)


@pytest.mark.parametrize(("case", "version"), [("flattened series", 4), ("embeddings alone", 1)])
def test_a_file_of_a_network_that_flattens_has_a_version_of_its_own(folder_of, tmp_path, case, version):
    description, reader, task, inputs = CASES[case]
    folder = folder_of(task.build(description, reader.inputs), reader, task, inputs, description)
    with zipfile.ZipFile(export_model(folder, tmp_path / "m.unspool").out) as archive:
        assert json.loads(archive.read("model.json"))["version"] == version


def test_a_network_that_reads_padding_as_words_is_refused(folder_of, tmp_path):
    description, reader = Seq2Vec(units=4, embedding=3, mask_padding=False), TextReader(WordTokenizer(WORDS), 16)
    folder = folder_of(BINARY.build(description, reader.inputs), reader, BINARY, IDS, description, 0.5)
    with pytest.raises(UserError, match="reads padding as if it were words"):
        export_model(folder, tmp_path / "m.unspool")

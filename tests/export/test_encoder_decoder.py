"""Recurrent translators, written and read back: the same answers with the same scores as in training."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from unspool.cli import main
from unspool.descriptions.inputs import Tokens
from unspool.descriptions.networks import EncoderDecoder
from unspool.errors import UserError
from unspool.export import export_onnx
from unspool.export.packing import pack
from unspool.export.translation import encoder_decoder_node
from unspool.models import encoder_decoder
from unspool.runs.model import load_trained
from unspool.tasks import Translation

from .test_networks import some_slow
from .test_translation import assert_searches_agree, greedy

unspool_runtime = pytest.importorskip("unspool_runtime")
pytest.importorskip("tokenizers")

from unspool_runtime import native  # noqa: E402
from unspool_runtime.node import Node  # noqa: E402
from unspool_runtime.translation.encoder_decoder import EncoderDecoder as Runtime  # noqa: E402
from unspool_runtime.translation.encoder_decoder_weights import EncoderDecoderWeights as Weights  # noqa: E402

SOURCES = ["a man and a woman", "the dog runs, don't they?", "two men 12 été", "a dog"] * 3
TARGETS = ["ein mann und eine frau", "der hund läuft", "zwei männer 12", "ein hund"] * 3
KINDS = {
    "additive": EncoderDecoder(units=10, width=7),
    "dot, fed": EncoderDecoder(units=10, width=7, attention="dot", input_feeding=True),
    "two layers of lstm, additive, fed": EncoderDecoder(
        units=9, width=11, layers=2, cell="lstm", input_feeding=True, shared=True
    ),
    "three layers, dot, a head": EncoderDecoder(units=6, width=8, layers=3, attention="dot", tied=False),
    "lstm, whole vectors": EncoderDecoder(units=32, width=16, cell="lstm", shared=True, tied=False),
}


def enlarged(network):
    """With decided opinions: it ends some answers, and does not only repeat what it has just written."""
    rng = np.random.default_rng(0)
    for variable in network.trainable_variables:
        variable.assign(rng.normal(size=variable.shape) * (2 if "embeddings" in variable.path else 0.7))
    return network


@pytest.fixture(params=["native", "reference"])
def kernels(request, monkeypatch):
    monkeypatch.delenv(native.VARIABLE, raising=False)
    if request.param == "reference":
        monkeypatch.setenv(native.VARIABLE, "reference")
    elif native.library() is None:
        pytest.skip(native.explain())


@pytest.fixture(scope="module")
def fitted():
    return Translation.fitted(SOURCES, TARGETS, size=300, lowercase=True, beam=3)


def runtime_of(network):
    plain, arrays = pack(encoder_decoder_node(network), "model")
    return Runtime(Weights.read(Node(plain, arrays)))


@pytest.mark.parametrize(
    "kind", some_slow(KINDS, ("additive", "two layers of lstm, additive, fed", "three layers, dot, a head"))
)
def test_hypotheses_and_scores_are_the_trainers(kernels, kind):
    network = enlarged(encoder_decoder(KINDS[kind], Tokens(60), Tokens(50)))
    assert_searches_agree(network, runtime_of(network))


@pytest.mark.parametrize("weights", ["float32", "int8"])
def test_a_translator_is_exported_and_translates_as_it_did(folder_of, fitted, tmp_path, capsys, weights):
    reader, task = fitted
    keras.utils.set_random_seed(0)
    config = EncoderDecoder(units=24, width=20)
    network = enlarged(task.build(config, reader.inputs))
    folder, out = folder_of(network, reader, task, reader.read(SOURCES[:4]), config), tmp_path / "m.unspool"
    assert main(["export", str(folder), "--out", str(out), "--weights", weights]) == 0
    told, found = capsys.readouterr().out, unspool_runtime.Model.load(out)
    assert found.check().passed
    if weights == "int8":
        assert " of 11 golden answers differ\n" in told
        return
    assert told.startswith("11 of 11 golden answers agree, largest difference ")
    trained = load_trained(folder)
    texts = [*SOURCES[:4], "EIN Mann!", "?!", "我们 👍"]
    best = trained.task.translate(trained.network, trained.reader.read(texts)).best
    expected = [text.strip() for text in trained.task.decode(best)]
    assert found.predict(texts) == expected
    assert len({*expected}) > 2


@pytest.mark.parametrize("kind", some_slow(KINDS, ("dot, fed", "two layers of lstm, additive, fed")))
def test_its_graphs_translate_as_it_did(folder_of, fitted, tmp_path, kind):
    onnxruntime = pytest.importorskip("onnxruntime")
    reader, task = fitted
    keras.utils.set_random_seed(0)
    network = enlarged(task.build(KINDS[kind], reader.inputs))
    folder = folder_of(network, reader, task, reader.read(SOURCES[:4]), KINDS[kind])
    found = export_onnx(folder, tmp_path / "m.onnx")
    assert (found.count, found.largest < 1e-5) == (11, True)
    encoder, decoder = (onnxruntime.InferenceSession(str(one)) for one in (found.out, found.decoder))
    sources = reader.read(SOURCES[:4])
    said = [greedy(encoder, decoder, ids.tolist(), task.maximum) for ids in sources]
    assert said == replace(task, beam=1).translate(network, sources).best.tolist()
    assert any(said)


def test_golden_examples_are_translated_once_to_check_its_graphs(folder_of, fitted, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    reader, task = fitted
    config = EncoderDecoder(units=4, width=4)
    folder = folder_of(enlarged(task.build(config, reader.inputs)), reader, task, reader.read(SOURCES[:2]), config)
    translate, calls = type(task).translate, []
    monkeypatch.setattr(type(task), "translate", lambda *those: calls.append(those) or translate(*those))
    export_onnx(folder, tmp_path / "m.onnx")
    assert len(calls) == 1


def test_graphs_that_answer_otherwise_leave_no_file(folder_of, fitted, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    from unspool.export import onnx_encoder_decoder

    right = onnx_encoder_decoder.dense
    monkeypatch.setattr(onnx_encoder_decoder, "dense", lambda *those: those[0].add("Neg", right(*those)))
    reader, task = fitted
    config = EncoderDecoder(units=4, width=4)
    folder = folder_of(enlarged(task.build(config, reader.inputs)), reader, task, reader.read(SOURCES[:2]), config)
    with pytest.raises(UserError, match="No file was written"):
        export_onnx(folder, tmp_path / "m.onnx")
    assert not list(tmp_path.glob("*.onnx*"))

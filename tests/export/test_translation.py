"""Translators, written and read back: the same tokens from any text, and the same translations with the same scores."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.cli import main
from unspool.data.ragged import Ragged as Sequences
from unspool.descriptions.inputs import Tokens
from unspool.descriptions.networks import Transformer
from unspool.errors import UserError
from unspool.export import export_model, export_onnx
from unspool.export.byte_pairs import classes_of_characters
from unspool.export.packing import pack
from unspool.export.readers import reader_node
from unspool.export.translation import transformer_node
from unspool.models import transformer
from unspool.models.search import Beam
from unspool.readers import PairReader
from unspool.runs.model import load_trained
from unspool.tasks import Translation
from unspool.training.decoding import decode

unspool_runtime = pytest.importorskip("unspool_runtime")
pytest.importorskip("tokenizers")

from unspool_runtime import native  # noqa: E402
from unspool_runtime.byte_pairs import BytePairs  # noqa: E402
from unspool_runtime.node import Node  # noqa: E402
from unspool_runtime.ragged import Ragged  # noqa: E402
from unspool_runtime.translation.searching import Search  # noqa: E402
from unspool_runtime.translation.transformer import Transformer as Runtime  # noqa: E402
from unspool_runtime.translation.transformer_weights import TransformerWeights as Weights  # noqa: E402

SOURCES = ["a man and a woman", "the dog runs, don't they?", "two men 12 été", "a dog"] * 3
TARGETS = ["ein mann und eine frau", "der hund läuft", "zwei männer 12", "ein hund"] * 3
SMALL = Transformer(layers=2, width=20, heads=2, feed_forward=24)
EDGES = {"start": 1, "end": 2, "maximum": 37}


def enlarged(network):
    """With decided opinions: it ends some answers, and does not only repeat what it has just written."""
    rng = np.random.default_rng(0)
    for layer in (network.decoder_norm, network.encoder_norm):
        layer.gamma.assign(rng.normal(size=layer.gamma.shape))
    network.target_embedding.embeddings.assign(2.5 * np.asarray(network.target_embedding.embeddings))
    return network


@pytest.fixture(scope="module")
def fitted():
    return Translation.fitted(SOURCES, TARGETS, size=300, lowercase=True, beam=3)


@pytest.fixture
def folder(folder_of, fitted):
    keras.utils.set_random_seed(0)
    reader, task = fitted
    network = enlarged(task.build(SMALL, reader.inputs))
    return folder_of(network, reader, task, reader.read(SOURCES[:4]), SMALL)


def tokens_of(reader):
    node = reader_node(reader)
    arrays = {name: value for name, value in node.items() if isinstance(value, np.ndarray)}
    return BytePairs(Node(node | {name: {"array": name} for name in arrays}, arrays))


def runtime_of(network):
    plain, arrays = pack(transformer_node(network), "model")
    return Runtime(Weights.read(Node(plain, arrays)))


def assert_searches_agree(network, runtime):
    """The same hypotheses and scores, by greedy search and with beams."""
    rng = np.random.default_rng(1)
    given = [rng.integers(3, 60, size).tolist() for size in (1, 17, 5, 30)]
    for beam, penalty, returned in ((1, 0.0, 1), (2, 1.0, 1), (5, 0.6, 3)):
        how = Beam(size=beam, length_penalty=penalty, returned=returned) if beam > 1 else None
        theirs = decode(network, Sequences.from_sequences(given), how, **EDGES)
        ours = runtime.answer(Ragged.of(given), Search(**EDGES, beam=beam, length_penalty=penalty, returned=returned))
        assert [one.ids for row in ours for one in row] == theirs.tokens.tolist()
        assert [[one.ended for one in row] for row in ours] == theirs.ended.tolist()
        assert len({tuple(one.ids) for row in ours for one in row}) > 1
        for name, expected in (("score", theirs.scores), ("log_probability", theirs.log_probabilities)):
            np.testing.assert_allclose(
                [[getattr(one, name) for one in row] for row in ours], expected, rtol=1e-4, atol=1e-4
            )


CHARACTERS = st.one_of(
    st.characters(exclude_categories=("Cs",)),
    st.sampled_from(" \t\n'!1a²٣éI我か\u00a0\u2003\x85\u200d👍😀"),
    st.sampled_from("'stremvld "),
)


@settings(max_examples=300, deadline=None)
@given(text=st.text(CHARACTERS))
def test_a_text_has_the_ids_of_training(fitted, text):
    reader, tokens = fitted[0], tokens_of(fitted[0])
    assert [1, *tokens.encode(text.strip(), reader.length - 1)] == reader.read([text])[0].tolist()


@settings(max_examples=200, deadline=None)
@given(ids=st.lists(st.integers(3, 299)))
def test_ids_have_the_text_of_training(fitted, ids):
    reader = fitted[0]
    ids = [one for one in ids if one < reader.tokenizer.size]
    assert tokens_of(reader).decode(ids) == reader.tokenizer.decode(ids)


def test_every_character_has_the_class_by_which_the_tokenizer_cuts():
    from tokenizers.pre_tokenizers import ByteLevel

    cut, found = ByteLevel(add_prefix_space=False), classes_of_characters()
    rng = np.random.default_rng(0)
    for code in [*range(0x800), *rng.integers(0x800, 0x110000, 4000).tolist()]:
        if 0xD800 <= code < 0xE000:
            continue
        number = int(found["classes"][found["starts"].searchsorted(code, "right") - 1])
        together = [len(cut.pre_tokenize_str(neighbour + chr(code))) == 1 for neighbour in ("a", "1", "!")]
        assert together == [number == 1, number == 2, number == 0], hex(code)


@pytest.fixture(
    scope="module", params=[{}, {"positions": "rotary", "shared": False, "tied": False}], ids=["sinusoidal", "rotary"]
)
def network(request):
    keras.utils.set_random_seed(3)
    config = Transformer(layers=2, width=20, heads=2, feed_forward=24, **request.param)
    return enlarged(transformer(config, Tokens(60), Tokens(50)))


@pytest.mark.parametrize("kernels", ["native", "reference"])
def test_hypotheses_and_scores_are_the_trainers(monkeypatch, kernels, network):
    monkeypatch.setenv(native.VARIABLE, "reference")
    if kernels == "native":
        monkeypatch.delenv(native.VARIABLE)
    if kernels == "native" and native.library() is None:
        pytest.skip(native.explain())
    assert_searches_agree(network, runtime_of(network))


def test_a_translator_is_exported_and_translates_as_it_did(folder, fitted, tmp_path, capsys):
    out = tmp_path / "m.unspool"
    assert main(["export", str(folder), "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith("11 of 11 golden answers agree, largest difference ")
    trained, found = load_trained(folder), unspool_runtime.Model.load(out)
    texts = [*SOURCES[:4], "EIN Mann!", "?!", "我们 👍"]
    expected = trained.decide(trained.outputs(trained.reader.read(texts)))[0]
    assert found.predict(texts) == expected
    assert len({*expected}) > 2


def test_the_same_translator_gives_the_same_bytes(folder, tmp_path):
    first, second = (export_model(folder, tmp_path / f"{name}.unspool") for name in "ab")
    assert first.sha256 == second.sha256


def test_rounded_weights_say_how_many_translations_change(folder, tmp_path, capsys):
    out = tmp_path / "m.unspool"
    assert main(["export", str(folder), "--out", str(out), "--weights", "int8"]) == 0
    told = capsys.readouterr().out
    assert "rounded to int8: " in told
    assert " of 11 golden answers differ\n" in told
    assert unspool_runtime.Model.load(out).check().passed


def greedy(encoder, decoder, ids, maximum):
    """The answer to one source by the two graphs, as docs/portable.md searches for it."""
    feed = {"tokens": np.array([ids], np.int64), "lengths": np.array([len(ids)], np.int32)}
    given = dict(zip([one.name for one in encoder.get_outputs()], encoder.run(None, feed), strict=True))
    memory = {name: one for name, one in given.items() if name.startswith("memory_")}
    kept = {name: one for name, one in given.items() if name not in memory}
    if not kept:
        kept = {name.removeprefix("memory_"): one[:, :0] for name, one in memory.items()}
    memory["lengths"] = feed["lengths"]
    read, found = 1, []
    for _ in range(maximum):
        said = decoder.run(None, {"tokens": np.array([read], np.int64)} | memory | kept)
        said = dict(zip([one.name for one in decoder.get_outputs()], said, strict=True))
        kept = {name.removeprefix("next_"): value for name, value in said.items() if name != "log_probabilities"}
        read = int(said["log_probabilities"][0, 1:].argmax()) + 1
        if read == 2:
            break
        found.append(read)
    return found


@pytest.mark.parametrize(
    "changes", [{}, {"positions": "rotary", "shared": False, "tied": False}], ids=["sinusoidal", "rotary with a head"]
)
def test_two_graphs_translate(folder_of, fitted, tmp_path, changes):
    onnxruntime = pytest.importorskip("onnxruntime")
    keras.utils.set_random_seed(0)
    reader, task = fitted[0], fitted[1].searching(1)
    config = replace(SMALL, **changes)
    network = enlarged(task.build(config, reader.inputs))
    folder = folder_of(network, reader, task, reader.read(SOURCES[:4]), config)
    found = export_onnx(folder, tmp_path / "m.onnx")
    assert found.largest < 5e-6
    assert sorted(path.name for path in tmp_path.glob("*.onnx*")) == ["m.decoder.onnx", "m.encoder.onnx"]
    assert str(found).splitlines()[0].endswith("kB in two files")
    encoder, decoder = (onnxruntime.InferenceSession(str(one)) for one in (found.out, found.decoder))
    model = unspool_runtime.Model.load(export_model(folder, tmp_path / "m.unspool").out)
    said = [
        reader.tokenizer.decode(greedy(encoder, decoder, reader.read([text])[0].tolist(), task.maximum)).strip()
        for text in SOURCES[:4]
    ]
    assert said == model.predict(SOURCES[:4])
    feed = unspool_runtime.OnnxInputs(encoder)([f" {text}\n" for text in SOURCES[:4]])
    wanted = [reader.read([text])[0].tolist() for text in SOURCES[:4]]
    read = [row[:length].tolist() for row, length in zip(feed["tokens"], feed["lengths"], strict=True)]
    assert read == wanted


def test_graphs_that_differ_leave_no_file(folder, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    from unspool.export import onnx_translation

    monkeypatch.setattr(onnx_translation, "NORM", 1e-3)
    with pytest.raises(UserError, match="No file was written"):
        export_onnx(folder, tmp_path / "m.onnx")
    assert not list(tmp_path.glob("*.onnx*"))


def test_a_folder_with_the_name_of_the_second_graph_is_refused_before_the_first_is_written(folder, tmp_path):
    pytest.importorskip("onnxruntime")
    (tmp_path / "m.decoder.onnx").mkdir()
    with pytest.raises(UserError, match=r"m\.decoder\.onnx is a folder, but one of the two files needs this name"):
        export_onnx(folder, tmp_path / "m.onnx")
    assert not (tmp_path / "m.encoder.onnx").exists()


def test_a_reader_of_too_long_texts_is_refused(fitted):
    with pytest.raises(UserError, match="reads 5,000 tokens of a text, and a portable model reads 4,096 at most"):
        reader_node(PairReader(fitted[0].tokenizer, 5000))

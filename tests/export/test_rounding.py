"""Portable models whose weights are rounded."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.texts import ConvolutionTexts, LinearTexts, NGrams, VectorTexts
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.cli import main
from unspool.data.texts.side_columns import SideColumns, TextRow
from unspool.errors import UserError
from unspool.export import Smaller, comparison, export_model, export_page, rounding
from unspool.export.comparison import Change, Reduction
from unspool.export.rounding import rounded
from unspool.models.autoencoder import Autoencoder
from unspool.models.seq2vec import Seq2Vec
from unspool.models.vec2seq import Vec2Seq
from unspool.readers import ImageReader, RawExamples, RawTextReader
from unspool.tasks import Binary, Reconstruction, Regression

unspool_runtime = pytest.importorskip("unspool_runtime")

TEXTS = [
    text
    for number in range(12)
    for text in (f"a fine film, no. {number}!", "a dull film", f"fine acting; {'fine ' * number} plot", "dull, dull")
]
NEW = ["a fine new film", "dull", "?!", "fine fine dull!! <br /> a film", "film plot no. 7"]
PARTS = (
    LinearTexts("linear", 1.0, (NGrams("words", 1, 3),), c=1.0, calibrated=False),
    ConvolutionTexts("cnn", 1.0, widths=(1, 2), filters=16, epochs=2),
    VectorTexts("vectors", 1.0, width=16, least=1, epochs=2),
)
BINARY = Binary(("no", "yes"))
LABELS = (np.arange(len(TEXTS)) + (np.arange(len(TEXTS)) % 5 == 0)) % 2  # some are wrong: no answer is certain


@pytest.fixture
def folder(folder_of, monkeypatch):
    monkeypatch.setattr(rounding, "LEAST_NUMBERS", 64)  # so that the small model has matrices that are rounded
    fitted = FittedBlendTexts("blend", "binary", [one.fit(TEXTS, LABELS, "binary") for one in PARTS], np.full(3, 0.1))
    raw = RawModel("text", "blend", "binary", fitted)
    return folder_of(raw, RawTextReader(), BINARY, RawExamples(TEXTS), threshold=0.5)


@pytest.mark.parametrize(
    ("shape", "scales"), [((8, 3, 16), 24), ((40, 17), 40), ((70, 1), 2), ((66,), 2), ((64, 2), 2)]
)
def test_int8_is_off_by_half_a_step_at_most(monkeypatch, shape, scales):
    monkeypatch.setattr(rounding, "LEAST_NUMBERS", 1)
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    array.reshape(-1)[: array.size // scales] = 0
    kept = rounded(array, "int8", "x")
    assert kept["x.scales"].shape == (scales,)
    found = unspool_runtime.rounded.joined(kept)["x"].whole
    share = -(-array.size // scales)
    rows = np.pad(array.reshape(-1), (0, share * scales - array.size)).reshape(scales, share)
    half_a_step = np.repeat(np.abs(rows).max(axis=1) / 254, share)[: array.size].reshape(shape)
    assert (np.abs(found - array) <= half_a_step * 1.0001).all()
    assert np.abs(found - array).max() > 1e-4


def test_small_matrices_and_what_no_half_holds_stay_as_they_are():
    small, large = np.ones((8, 16), np.float32), np.full((64, 64), 1e6, np.float32)
    assert rounded(small, "int8", "x")["x"] is small
    assert rounded(large, "float16", "x")["x"] is large


@pytest.mark.parametrize(("weights", "off"), [("int8", 0.05), ("float16", 0.002)])
def test_a_rounded_model_answers_almost_alike(folder, tmp_path, weights, off):
    plain = export_model(folder, tmp_path / "plain.unspool")
    found = export_model(folder, tmp_path / "rounded.unspool", Smaller(weights))
    assert found.size < plain.size
    assert (found.agree, found.count) == (39, 39)
    assert found.reduction.plain_size == plain.size
    before, after = (unspool_runtime.Model.load(one.out) for one in (plain, found))
    assert (before.description["version"], after.description["version"]) == (1, 2)
    difference = np.abs(before.outputs(NEW) - after.outputs(NEW)).max()
    assert 1e-7 < difference < off


def test_the_golden_answers_are_those_of_the_rounded_model(folder, tmp_path, monkeypatch):
    found = export_model(folder, tmp_path / "m.unspool", Smaller("int8"))
    assert found.reduction.golden.largest > 1e-7
    for kernels in ("native", "reference"):
        monkeypatch.setenv("UNSPOOL_KERNELS", kernels)
        check = unspool_runtime.Model.load(found.out).check()
        assert check.passed
        assert check.largest < 2e-6
    told = unspool_runtime.Model.load(found.out).description["reduced"]
    assert told == {"weights": "int8", "kept": 1.0, "golden": vars(found.reduction.golden), "test": None}


@pytest.mark.parametrize("weights", ["int8", "float16"])
def test_a_page_answers_as_the_runtime_does(folder, tmp_path, javascript, weights):
    exported = export_model(folder, tmp_path / "m.unspool", Smaller(weights))
    check, found = javascript(exported.out, NEW)
    assert (check["agree"], check["count"]) == (39, 39)
    np.testing.assert_allclose(found, unspool_runtime.Model.load(exported.out).outputs(NEW), atol=2e-6)


def test_the_page_says_how_its_weights_were_rounded(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("unspool.export.portable.held_examples", lambda model, folder: NEW)
    page = export_page(folder, tmp_path / "m.html", "int8").out.read_text()
    assert "The model in this page is rounded to int8: " in page
    assert "of 5 test answers" in page


def test_the_command_compares_golden_and_test_answers(folder, tmp_path, capsys, monkeypatch):
    out = str(tmp_path / "m.unspool")
    assert main(["export", str(folder), "--out", out, "--weights", "int8"]) == 0
    said = capsys.readouterr().out
    assert "39 of 39 golden answers of the whole model agree" in said
    assert re.search(
        r"rounded to int8: \d of 39 golden answers have another label\na probability changes by 0\.0", said
    )
    assert "test answers were not compared: " in said
    monkeypatch.setattr("unspool.export.portable.held_examples", lambda model, folder: NEW)
    assert main(["export", str(folder), "--out", out, "--weights", "int8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["reduction"]
    assert (found["weights"], found["test"]["count"], found["reason"]) == ("int8", 5, "")


def test_a_changed_label_is_counted():
    class Answering:
        labels = ("no", "yes")

        def __init__(self, *outputs):
            self._outputs = np.array(outputs)[:, None]

        def outputs(self, examples):
            return self._outputs

        def decide(self, outputs):
            return [self.labels[int(one >= 0.5)] for one in outputs[:, 0]]

    found = comparison.change(Answering(0.1, 0.6, 0.49), Answering(0.2, 0.4, 0.5), ["", "", ""])
    assert (found.count, found.changed) == (3, 2)
    assert found.largest == pytest.approx(0.2)


def test_numbers_have_no_labels(folder_of, tmp_path, monkeypatch):
    monkeypatch.setattr(rounding, "LEAST_NUMBERS", 64)
    fitted = PARTS[1].fit(TEXTS, np.arange(len(TEXTS)) / 7.0, "regression")
    raw = RawModel("text", "cnn", "regression", fitted)
    folder = folder_of(raw, RawTextReader(), Regression(), RawExamples(TEXTS))
    said = str(export_model(folder, tmp_path / "m.unspool", Smaller("int8")).reduction)
    assert said.startswith("rounded to int8: 39 golden answers were compared\na number changes by 0.0")
    assert "have another label" not in said


AUTOENCODERS = {
    "recurrent": Autoencoder(
        encoder=Seq2Vec(units=4, bidirectional=True, mask_padding=False, outputs=3),
        decoder=Vec2Seq(units=4, bidirectional=True),
    ),
    "linear": Autoencoder(
        encoder=Seq2Vec(layers=0, pooling="flatten", outputs=4, mask_padding=False), decoder=Vec2Seq(layers=0)
    ),
}


@pytest.mark.parametrize("kind", AUTOENCODERS)
def test_an_autoencoder_is_rounded(folder_of, tmp_path, monkeypatch, kind):
    monkeypatch.setattr(rounding, "LEAST_NUMBERS", 64)
    description = AUTOENCODERS[kind]
    images = np.random.default_rng(0).random((3, 5, 4)).astype(np.float32)
    task, reader = Reconstruction(), ImageReader(5, 4)
    folder = folder_of(task.build(description, reader.inputs), reader, task, images, description)
    found = export_model(folder, tmp_path / "m.unspool", Smaller("int8"))
    assert 1e-7 < found.reduction.golden.largest < 0.01
    monkeypatch.setenv("UNSPOOL_KERNELS", "reference")
    check = unspool_runtime.Model.load(found.out).check()
    assert check.passed
    assert check.largest < 2e-6


def test_an_onnx_graph_keeps_float32(folder, tmp_path, capsys):
    assert main(["export", str(folder), "--onnx", str(tmp_path / "m.onnx"), "--weights", "int8"]) == 1
    assert "--weights and --max-size go with --out and --html" in capsys.readouterr().err


def test_the_first_test_examples_of_a_run_are_compared(monkeypatch):
    prepared = SimpleNamespace(digest="a", test=SimpleNamespace(raw=lambda: iter(NEW)))
    monkeypatch.setattr(comparison, "read_result", lambda folder: SimpleNamespace(data=SimpleNamespace(digest="a")))
    monkeypatch.setattr(comparison, "prepare_again", lambda *given: prepared)
    monkeypatch.setattr(comparison, "MOST_EXAMPLES", 3)
    model = SimpleNamespace(recipe=None, reader=RawTextReader())
    assert comparison.held_examples(model, None) == NEW[:3]
    rows = [TextRow(text, (1.0,)) for text in NEW]
    prepared.test.raw = lambda: iter(rows)
    model = SimpleNamespace(
        recipe=SimpleNamespace(data=SimpleNamespace(text="review")), reader=RawTextReader(SideColumns(("price",)))
    )
    assert comparison.held_examples(model, None) == [{"review": text, "price": 1.0} for text in NEW[:3]]
    prepared.digest = "b"
    with pytest.raises(UserError, match="The data has changed since the run: a, now b"):
        comparison.held_examples(model, None)
    prepared.digest, prepared.test.raw = "a", lambda: ()
    with pytest.raises(UserError, match="no raw test examples"):
        comparison.held_examples(model, None)


def test_without_test_examples_the_reason_is_said(folder, tmp_path):
    found = Reduction("int8", 1.0, 1, Change(1, 0, 0.0), None, "The data has changed.")
    assert str(found).endswith("test answers were not compared: The data has changed.")
    with pytest.raises(UserError, match="saved without test examples, so there are no scores"):
        comparison.held_examples(None, folder)

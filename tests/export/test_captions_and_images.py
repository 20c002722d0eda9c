"""Models that caption series or enlarge images: the runtime answers as the trainer does."""

import json
from dataclasses import replace
from io import BytesIO

import keras
import numpy as np
import pytest

from unspool.data.ragged import Ragged
from unspool.descriptions.networks import EncoderDecoder, Upscaler
from unspool.evaluation.baselines.enlarging import bicubic
from unspool.evaluation.measures.super_resolution import MEASURES, as_grey, shrunk
from unspool.export import Smaller, export_model, export_onnx, export_page
from unspool.readers import ImageReader, StepReader
from unspool.runs.model import load_trained
from unspool.tasks import Captions, SuperResolution

from .test_encoder_decoder import enlarged

unspool_runtime = pytest.importorskip("unspool_runtime")
pytest.importorskip("tokenizers")

DRAW = np.random.default_rng(0)
FRAMES = [DRAW.normal(size=(steps, 3)).astype(np.float32) for steps in (4, 1, 9, 30)]
NETWORKS = {
    "gru, additive": EncoderDecoder(units=10, width=7),
    "lstm, dot, fed, a head": EncoderDecoder(
        cell="lstm", units=8, width=9, attention="dot", input_feeding=True, tied=False
    ),
}


@pytest.fixture
def captions(folder_of):
    def saved(config, rows=0):
        reader = StepReader(("x", "y", "z"), (1.0, -2.0, 0.0), (2.0, 0.5, 1.0))
        task = replace(Captions.learn(["a dog runs", "a cat sleeps", "two dogs run", "été"]), rows=rows)
        keras.utils.set_random_seed(0)
        network = enlarged(task.build(config, reader.inputs))
        return folder_of(network, reader, task, Ragged.from_arrays(FRAMES), config)

    return saved


@pytest.mark.parametrize("kind", NETWORKS)
def test_captions_are_those_of_the_trainer(captions, tmp_path, monkeypatch, javascript, kind):
    folder = captions(NETWORKS[kind])
    found = export_model(folder, tmp_path / "m.unspool")
    assert found.agree == found.count == len(FRAMES)
    trained = load_trained(folder)
    given = [*(3 * one for one in FRAMES), FRAMES[0] * [np.nan, 1, 1], FRAMES[0][::-1]]
    read = trained.reader.read_series(given)
    theirs = trained.task.translate(trained.network, read)
    expected = [text.strip() for text in trained.task.decode(theirs.best)]
    assert len({*expected}) > 2
    for kernels in ("native", "reference"):
        monkeypatch.setenv("UNSPOOL_KERNELS", kernels)
        model = unspool_runtime.Model.load(found.out)
        assert (model.reads, model.task) == ("series", "translation")
        assert model.predict(given) == expected
        assert [model.predict([one])[0] for one in given] == expected
        assert {len(one) for one in model.translate(given, count=3)} <= {2, 3}  # two may be one text, split differently
        np.testing.assert_allclose(model.outputs(given)[:, 0], theirs.scores[:, 0], rtol=1e-4)
    check, said = javascript(found.out, given, "model.translator.translate(one, 5, 3).map(({ text }) => text)")
    assert check["passed"], check
    assert said == [[one.text for one in row] for row in model.translate(given, count=3, beam=5)]


def test_captions_of_a_smaller_model_are_counted(captions, tmp_path):
    found = export_model(captions(NETWORKS["gru, additive"]), tmp_path / "m.unspool", Smaller("int8"))
    assert "of 4 golden answers differ\n" in str(found.reduction)


@pytest.mark.parametrize("kind", NETWORKS)
def test_graphs_caption_series(captions, tmp_path, kind):
    pytest.importorskip("onnxruntime")
    found = export_onnx(captions(NETWORKS[kind]), tmp_path / "m.onnx")
    assert (found.count, found.largest < 1e-5) == (len(FRAMES), True)
    assert [path.name for path in sorted(tmp_path.glob("*.onnx*"))] == ["m.decoder.onnx", "m.encoder.onnx"]


@pytest.fixture
def page(captions, tmp_path, chromium):
    """A page of a model that writes captions, opened, and the model."""

    def opened(rows, **surroundings):
        folder = captions(NETWORKS["gru, additive"], rows)
        found = export_page(folder, tmp_path / "m.html")
        chromium.open_model(found.out, **surroundings)
        assert chromium.text("check").startswith("Checked in this browser: 4 of 4 golden examples agree")
        return chromium, unspool_runtime.Model.load(export_model(folder, tmp_path / "m.unspool").out)

    yield opened
    assert len(chromium.requests()) == 1
    assert chromium.complaints() == []


SHOWN = "document.getElementById('answer').textContent"
BARS = "[...document.querySelectorAll('#strip i')].map((one) => parseFloat(one.style.getPropertyValue('--share')))"


def test_a_series_has_a_caption_whose_words_look_at_steps(page):
    browser, model = page(0, width=390, dark=True)
    browser.value("document.getElementById('series').select()")
    series = np.array([[1, 2, 3], [4, 5, 6], [-3, 0, 2]])
    browser.type("x,y,z\n" + "\n".join(",".join(map(str, row)) for row in series))
    wanted = model.predict([series])[0]
    browser.wait(f"{SHOWN} === {json.dumps(wanted or '(nothing)')} && document.querySelector('#words button') !== null")
    bars = browser.value(BARS)
    assert len(bars) == 3
    assert max(bars) == 100
    said = browser.text("looked")
    assert f"looks most at step {1 + int(np.argmax(bars))} (" in said
    browser.value("document.querySelector('#words button').focus()")
    browser.press("End")
    browser.wait(f"document.getElementById('looked').textContent !== {json.dumps(said)}")
    assert browser.value("document.documentElement.scrollWidth") == 390
    browser.value("document.getElementById('series').select()")
    browser.type("1,2")
    browser.wait("document.getElementById('wrong').textContent.startsWith('Step 1 (1, 2) has 2 values')")


def test_pieces_become_words(node):
    words = node("print(wordsOf(given));", ["a", " sev", "en", " moves", ",", " th", "\ufffd", "en", " ", "."])
    assert [one["text"] for one in words] == ["a", "seven", "moves", ",", "th\ufffden", "."]
    assert [(one["start"], one["end"]) for one in words] == [(0, 1), (1, 3), (3, 4), (4, 5), (5, 8), (9, 10)]


def test_a_film_plays_and_is_dropped_as_a_file(page):
    browser, model = page(3)
    assert browser.value("[document.getElementById('film').width, document.getElementById('film').height]") == [1, 3]
    browser.value("document.getElementById('another').click()")
    now = "[...document.querySelectorAll('#strip li')].findIndex((one) => one.classList.contains('now'))"
    browser.wait(f"{now} === 2")
    browser.value("document.getElementById('play').click()")
    assert browser.text("play") == "Play"
    film = DRAW.normal(size=(6, 3, 1))
    content = BytesIO()
    np.save(content, film)
    give = """
      const data = new DataTransfer(), input = document.getElementById('file');
      data.items.add(new File([Uint8Array.from({})], 'film.npy'));
      input.files = data.files;
      input.dispatchEvent(new Event('change'));
    """
    browser.value("{" + give.replace("{}", str(list(content.getvalue()))) + "}")
    browser.wait("document.querySelectorAll('#strip li').length === 6")
    wanted = model.predict([film.reshape(6, 3)])[0]
    browser.wait(f"{SHOWN} === {json.dumps(wanted or '(nothing)')} && document.getElementById('looked').textContent")
    browser.value("{" + give.replace("{}", "[1, 2]") + "}")
    browser.wait("document.getElementById('wrong').textContent === 'film.npy: not a NumPy .npy file.'")


@pytest.mark.parametrize(
    "config",
    [
        Upscaler(cell="gru", units=4, factor=3, bidirectional=False),
        Upscaler(cell="lstm", units=4, layers=2, batch_normalization=True),
    ],
    ids=["one way, three times", "both ways, two layers"],
)
def test_larger_images_are_those_of_the_trainer(folder_of, tmp_path, monkeypatch, javascript, config):
    reader, task = ImageReader(4, 5), SuperResolution(rows=4 * config.factor, factor=config.factor)
    images = DRAW.random((6, 4, 5)).astype(np.float32)
    network = task.build(config, reader.inputs)
    for variable in network.weights:
        variable.assign(DRAW.uniform(0.1, 0.5, size=variable.shape))
    folder = folder_of(network, reader, task, images, config)
    found = export_model(folder, tmp_path / "m.unspool")
    assert found.agree == found.count == 6
    wanted = task.drawn(network, images)
    assert wanted.shape == (6, 4 * config.factor, 5 * config.factor)
    for kernels in ("native", "reference"):
        monkeypatch.setenv("UNSPOOL_KERNELS", kernels)
        model = unspool_runtime.Model.load(found.out)
        np.testing.assert_allclose(model.outputs(images), wanted.reshape(6, -1), atol=2e-6)
        grey = np.array(model.predict(list(images)))
        assert grey.shape == wanted.shape
        assert np.abs(grey.reshape(6, -1) - as_grey(wanted)).max() <= 1
        assert model.predict([]) == []
    check, found = javascript(found.out, images, "[...model.upscaler.interpolated(one.values)]")
    assert check["passed"], check
    assert check["largest"] < 2e-6
    np.testing.assert_allclose(found, bicubic(images, config.factor).reshape(6, -1), atol=1e-5)
    pytest.importorskip("onnxruntime")
    graph = export_onnx(folder, tmp_path / "m.onnx")
    assert (graph.count, graph.largest < 2e-6) == (6, True)
    (output,) = pytest.importorskip("onnx").load(graph.out).graph.output
    assert [one.dim_value for one in output.type.tensor_type.shape.dim[1:]] == [*wanted.shape[1:]]


def test_an_image_is_drawn(folder_of, tmp_path, chromium):
    reader, task = ImageReader(5, 4), SuperResolution(rows=10, factor=2)
    config, images = Upscaler(units=3), DRAW.random((2, 5, 4)).astype(np.float32)
    network = task.build(config, reader.inputs)
    found = export_page(folder_of(network, reader, task, images, config), tmp_path / "m.html")
    chromium.open_model(found.out, width=390, dark=True)
    assert chromium.text("check").startswith("Checked in this browser: 2 of 2 golden examples agree")
    assert chromium.text("whose") == "Example 1 of 2"
    assert chromium.value("document.getElementById('whole').hidden")
    chromium.value("document.getElementById('another').click()")
    assert chromium.text("whose") == "Example 2 of 2"
    drawn = "document.getElementById('enlarged').toDataURL()"
    before = chromium.value(drawn)
    chromium.value("document.getElementById('pad').scrollIntoView()")
    box = "(({ left, top, width, height }) => [left, top, width, height])(document.getElementById('pad')"
    left, top, width, height = chromium.value(f"{box}.getBoundingClientRect())")
    chromium.drag(
        [(left + across * width, top + down * height) for across, down in ((0.2, 0.3), (0.8, 0.3), (0.4, 0.9))]
    )
    chromium.wait("document.getElementById('whose').textContent === 'Drawn by you'")
    assert chromium.value(drawn) != before
    # A canvas keeps grey values in the transparency of its pixels.
    seen = (
        "['original', 'small', 'bicubic'].map((id) => { const canvas = document.getElementById(id);"
        " return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
        ".filter((_, i) => i % 4 === 3); })"
    )
    original, small, interpolated = (np.array(one) / 255 for one in chromium.value(seen))
    original = original.reshape(1, 10, 8)
    assert 0.05 < original.mean() < 0.5
    np.testing.assert_allclose(small, shrunk(original, 2).ravel(), atol=0.01)
    np.testing.assert_allclose(interpolated, np.clip(bicubic(small.reshape(1, 5, 4), 2).ravel(), 0, 1), atol=0.02)
    said = MEASURES["psnr"].value(as_grey(original), 255 * interpolated.reshape(1, -1), 0.5)
    assert abs(float(chromium.text("bicubic-off").removesuffix(" dB")) - said) < 0.3
    assert chromium.value("document.documentElement.scrollWidth") == 390
    assert len(chromium.requests()) == 1
    assert chromium.complaints() == []

"""A page with a model inside, opened from disk by a real browser."""

import json
import zipfile

import keras
import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.features.plain import Statistics
from unspool.candidates.series import Encoded
from unspool.candidates.texts import LinearTexts, NGrams
from unspool.data.texts.side_columns import SideColumns, TextRow
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.descriptions.networks import Autoencoder, Seq2Vec, Vec2Seq
from unspool.export import export_page
from unspool.export.page.writing import page_of
from unspool.export.portable import DESCRIPTION, GOLDEN, WEIGHTS, export_model
from unspool.readers import ImageReader, RawExamples, RawSeriesReader, RawTextReader, SeriesReader, VocabularyReader
from unspool.tasks import Binary, Multiclass, Reconstruction

unspool_runtime = pytest.importorskip("unspool_runtime")
HOSTILE = "</script><script>alert(1)</script>"
TEXTS = ["a fine film", "a dull film", "fine acting", "dull acting"] * 3


@pytest.fixture
def opened(chromium, folder_of, tmp_path):
    """Exports a model to a page, opens it, and makes sure that it agrees, asks for nothing and complains of nothing."""

    def open_page(*model, **surroundings):
        found = export_page(folder_of(*model), tmp_path / "m.html")
        chromium.open_model(found.out, **surroundings)
        said = chromium.text("check")
        assert said.startswith(f"Checked in this browser: {found.count} of {found.count} golden examples agree"), said
        assert chromium.requests() == [found.out.as_uri()]
        assert chromium.complaints() == []
        return chromium

    return open_page


def linear(labels=("dull", "fine")):
    fitted = LinearTexts("linear", 1.0, (NGrams("words", 1, 2),), c=1.0, calibrated=False)
    fitted = fitted.fit(TEXTS, [1, 0] * 6, "binary")
    raw = RawModel("text", "linear", "binary", fitted)
    return raw, RawTextReader(), Binary(labels), RawExamples(TEXTS), None, 0.5


def test_the_weights_of_words_move_as_one_types(opened):
    page = opened(*linear(("dull", HOSTILE)))
    page.value("document.getElementById('text').select()")
    page.type("A fine")
    page.wait("document.getElementById('words').textContent.startsWith('A fine')")
    assert page.text("answer") == HOSTILE
    assert page.value("document.scripts.length") == 6
    before = page.value("document.querySelector('#words .for').title")
    page.type(" dull")
    page.wait("document.querySelector('#words .against')?.firstChild.data === 'dull'")
    assert page.value("document.querySelector('#words .for').title") != before
    exact = page.text("how")
    assert exact.startswith("Exact: ")


def test_columns_beside_a_text_are_fields(opened):
    side = SideColumns(("price",), (HOSTILE,))
    rows = [TextRow(text, (float(number), "ab"[number % 2])) for number, text in enumerate(TEXTS)]
    fitted = LinearTexts("linear", 1.0, (NGrams("words", 1, 2),), c=1.0, calibrated=False)
    raw = RawModel("text", "linear", "binary", fitted.fit(rows, [1, 0] * 6, "binary"))
    page = opened(raw, RawTextReader(side), Binary(("dull", "fine")), RawExamples(rows), None, 0.5, width=390)
    assert page.value("[...document.querySelectorAll('#cells bdi')].map((one) => one.textContent)") == [
        "price",
        HOSTILE,
    ]
    assert page.value("[...document.querySelectorAll('#cells option')].map((one) => one.value)") == ["a", "b"]
    assert page.text("how").startswith("Exact: ")
    adds = "document.querySelector('#cells .number').textContent"
    assert page.value(adds)
    bar, before = "document.querySelector('#bars .number').textContent", page.value(adds)
    share = page.value(bar)
    page.value("document.getElementById('cell-0').select()")
    page.type("x")
    page.wait("document.getElementById('wrong').textContent === 'price: “x” is not a number.'")
    page.value("document.getElementById('cell-0').select()")
    page.type("-40")
    page.wait(f"{bar} !== {json.dumps(share)} && document.getElementById('wrong').textContent === ''")
    assert page.value(adds) != before
    page.value("document.getElementById('cell-0').select()")
    page.type(" ")
    page.wait(f"{adds} === '+0.00'")
    assert page.value("document.documentElement.scrollWidth") == 390


def test_a_recurrent_model_shows_its_states(opened):
    config = Seq2Vec(cell="rnn", units=4, embedding=3, mask_padding=False)
    reader, task = VocabularyReader(Vocabulary(("a", "fine", "film", "dull")), 9, 5, 5), Binary(("no", "yes"))
    inputs = np.array([[0, 0, 1, 4, 5], [1, 4, 7, 2, 6], [0, 0, 0, 0, 1]], np.int32)
    page = opened(task.build(config, reader.inputs), reader, task, inputs, config, 0.5, width=390, dark=True)
    page.value("document.getElementById('text').select()")
    page.type("a dull FILM, unseen")
    page.wait("document.getElementById('steps').children.length === 4")
    steps = page.value("[...document.getElementById('steps').children].map((one) => one.textContent)")
    assert steps == ["(start)", "a", "dull", "film"]
    assert page.value("[document.getElementById('states').width, document.getElementById('states').height]") == [4, 4]
    assert page.value("document.documentElement.scrollWidth") == 390


def test_an_autoencoder_decodes_what_the_pointer_is_on(opened, tmp_path):
    config = Autoencoder(
        encoder=Seq2Vec(units=4, bidirectional=True, mask_padding=False, outputs=3),
        decoder=Vec2Seq(units=4, bidirectional=True),
    )
    images, task = np.random.default_rng(0).random((6, 5, 4)).astype(np.float32), Reconstruction()
    reader = ImageReader(5, 4)
    keras.utils.set_random_seed(3)
    network = task.build(config, reader.inputs)
    network.set_weights([5 * one for one in network.get_weights()])  # places on the map differ for the eye
    page = opened(network, reader, task, images, config)
    picture, where = "document.getElementById('decoded').toDataURL()", page.text("where")
    page.value("document.getElementById('map').focus()")
    page.press("ArrowLeft")
    page.wait(f"document.getElementById('where').textContent !== {json.dumps(where)}")
    where, before = page.text("where"), page.value(picture)
    page.value("document.getElementById('map').scrollIntoView()")
    page.point(
        *page.value("(({ left, top }) => [left + 5, top + 5])(document.getElementById('map').getBoundingClientRect())")
    )
    page.wait(f"document.getElementById('where').textContent !== {json.dumps(where)}")
    assert page.value(picture) != before


def test_an_autoencoder_of_series_draws_what_it_decodes(opened):
    config = Autoencoder(encoder=Seq2Vec(cell="gru", units=4, outputs=2), decoder=Vec2Seq(units=4, output="gaussian"))
    reader, task = SeriesReader(("x", "y"), 7, (1.0, -2.0), (2.0, 0.5)), Reconstruction(likelihood="gaussian")
    keras.utils.set_random_seed(3)
    page = opened(task.build(config, reader.inputs), reader, task, np.ones((3, 7, 2), np.float32), config)
    picture = page.value("document.getElementById('decoded').toDataURL()")
    page.value("document.getElementById('map').focus()")
    page.press("ArrowLeft")
    page.wait(f"document.getElementById('decoded').toDataURL() !== {json.dumps(picture)}")


def test_a_series_is_pasted(opened):
    draw = np.random.default_rng(0)
    series = [(draw.normal(number % 2, 1, size=(9, 2))).astype(np.float32) for number in range(12)]
    model = Encoded("p", 1, (Statistics(),)).fit(series, np.arange(12) % 2, "multiclass", 0)
    task, reader = Multiclass(("low", "high")), RawSeriesReader(("x", "7"), (0.5, -0.5))
    page = opened(RawModel("series", "small", "multiclass", model), reader, task, RawExamples(series))
    page.value("document.getElementById('series').select()")
    page.type("x,7\n9,9\n8,\n9,9.5")
    page.wait("document.getElementById('answer').textContent === 'high'")
    page.type(",1")
    assert (
        page.wait("document.getElementById('wrong').textContent")
        == "Step 3 (9, 9.5, 1) has 3 values; this model reads 2."
    )


def test_each_channel_is_drawn_on_a_scale_of_its_own(opened):
    series = [np.full((9, 2), number % 2, np.float32) for number in range(12)]
    model = Encoded("p", 1, (Statistics(),)).fit(series, np.arange(12) % 2, "multiclass", 0)
    task, reader = Multiclass(("low", "high")), RawSeriesReader(("x", "pressure"), (0.5, -0.5))
    page = opened(RawModel("series", "small", "multiclass", model), reader, task, RawExamples(series))
    above = "(({ width, height }) => [0, 0, width, height / 2])(document.getElementById('curves'))"
    pen = "document.getElementById('curves').getContext('2d')"
    seen = f"{pen}.getImageData(...{above}).data"

    def drawn(series):
        page.wait(f"{seen}.some(Boolean)")
        page.value(f"{pen}.clearRect(0, 0, 10_000, 10_000)")
        page.value("document.getElementById('series').select()")
        page.type(series)
        page.wait(f"{seen}.some(Boolean)")
        return page.value(f"{seen}.join()")

    assert drawn("x,pressure\n0,1\n1,2\n0,1") == drawn("x,pressure\n0,1000\n1,2000\n0,1")
    assert drawn("x,pressure\n0,1\n1,2\n0,1") != drawn("x,pressure\n0,1\n1,2\n1,1")


def test_a_model_that_answers_otherwise_is_called_out(chromium, folder_of, tmp_path):
    found = export_model(folder_of(*linear()), tmp_path / "m.unspool")
    with zipfile.ZipFile(found.out) as archive:
        members = {name: archive.read(name) for name in (DESCRIPTION, WEIGHTS, GOLDEN)}
    description = json.loads(members[DESCRIPTION])
    labels = description["golden"]["labels"]
    labels[0] = "dull" if labels[0] == "fine" else "fine"
    (tmp_path / "m.html").write_text(page_of(members | {DESCRIPTION: json.dumps(description).encode()}))
    chromium.open_model(tmp_path / "m.html")
    assert chromium.text("check").startswith("Check failed: 18 of 19 golden examples agree")
    assert chromium.text("loud").startswith("Do not trust this page")
    assert not chromium.value("document.getElementById('loud').hidden")

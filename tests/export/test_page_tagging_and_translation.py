"""The page's program tags and translates as the runtime does; pages of taggers and translators in a real browser."""

import importlib.util
import json
from functools import cache, partial
from pathlib import Path

import keras
import numpy as np
import pytest

import unspool
from unspool.candidates import RawModel
from unspool.candidates.series import STEP_CANDIDATES
from unspool.candidates.tagged import Tagged
from unspool.candidates.texts.words import WORD_CANDIDATES
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import EncoderDecoder, Seq2Vec, Tagger, Transformer
from unspool.export import export_model, export_page
from unspool.readers import RawExamples, RawSeriesReader, RawWordReader, StepReader, TextReader, WordReader
from unspool.tasks import Binary, Tagging, Translation
from unspool.training.word_blend import WordBlend

from .conftest import write_model
from .test_networks import stirred
from .test_translation import SOURCES, TARGETS, enlarged

unspool_runtime = pytest.importorskip("unspool_runtime")
pytest.importorskip("tokenizers")
_spec = importlib.util.spec_from_file_location(
    "small_served_models", Path(__file__).parents[1] / "serving" / "models.py"
)
models = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(models)

WORDS = ("a", "fine", "film", "été", "i̇", "don't", "<x>", "<Xx>", "…e", "…ne", "f…", "fi…")
CAPITALS = Tagging(("lower", "Capital", "lower.", "Capital."))
SERIES = [np.random.default_rng(steps).normal(size=(steps, 2)).astype(np.float32) for steps in (3, 1, 9, 70)]
HARD = ["?!", "EIN Mann!", "我们 👍", "a\u00a0b\u2003 c\x85", "ΟΔΟΣ İ ǅ", "x" * 50, "1²٣ don't'll 'sx"]


def tagger(folder_of, kind):
    keras.utils.set_random_seed(3)
    if kind == "words":
        description, reader = Tagger(cell="lstm", units=4, embedding=3), WordReader(WORDS)
        inputs = reader.read([["a", "fine", "film"], ["?"], ["Fine", "film", "x"] * 30])
    elif kind == "stacked words":
        description = Tagger(cell="gru", units=4, embedding=3, layers=2, batch_normalization=True)
        reader = WordReader((*WORDS, ".", "…m"))
        inputs = reader.read([["a", "fine", "film"], ["?"], ["fine", "film", "x"] * 3])
    else:
        description, reader = (
            Tagger(cell="rnn", units=4, bidirectional=False),
            StepReader(("x", "y"), (1.0, -2.0), (2.0, 0.5)),
        )
        inputs = Ragged.from_arrays(SERIES)
    network = stirred(CAPITALS.build(description, reader.inputs))
    return folder_of(network, reader, CAPITALS, inputs, description)


def simple_tagger(folder_of, name):
    candidate = next(one for one in STEP_CANDIDATES if one.name == name)
    tags = np.random.default_rng(0).integers(0, 4, sum(map(len, SERIES)))
    fitted = candidate.fit(Tagged(SERIES, tags), 4, candidate.settings[0])
    model, reader = RawModel("series", name, "tagging", fitted), RawSeriesReader(("x", "y"), (1.0, -2.0))
    return folder_of(model, reader, CAPITALS, RawExamples(SERIES), ModelChoice(candidates=(name,)))


def window_words(folder_of, blended):
    texts = [("a", "fine", "Film", "."), ("?",), ("Fine", "film", "x") * 8, ("İ", "don't", "EIN", "ein")]
    tags = np.random.default_rng(0).integers(0, 4, sum(map(len, texts)))
    fitted = WORD_CANDIDATES[0].fit(Tagged(texts, tags), 4, 1.0)
    model = RawModel("text", "window-regression", "tagging", fitted)
    if blended:
        keras.utils.set_random_seed(3)
        config, reader = Tagger(units=4, embedding=3, outputs=4), WordReader(WORDS)
        model = RawModel(
            "text",
            "blend-network",
            "tagging",
            WordBlend(fitted, reader, config, stirred(CAPITALS.build(config, reader.inputs))),
        )
    return folder_of(model, RawWordReader(), CAPITALS, RawExamples(texts), ModelChoice(candidates=(model.name,)))


def translator(folder_of, beam):
    reader, task = Translation.fitted(SOURCES, TARGETS, size=300, lowercase=True, beam=beam)
    config = Transformer(layers=2, width=20, heads=2, feed_forward=24)
    keras.utils.set_random_seed(0)
    network = enlarged(task.build(config, reader.inputs))
    return folder_of(network, reader, task, reader.read(SOURCES[:4]), config)


def recurrent_translator(folder_of, config):
    reader, task = Translation.fitted(SOURCES, TARGETS, size=300, lowercase=True, beam=3)
    keras.utils.set_random_seed(0)
    network, rng = task.build(config, reader.inputs), np.random.default_rng(0)
    for variable in network.trainable_variables:
        variable.assign(rng.normal(size=variable.shape) * (2 if "embeddings" in variable.path else 0.7))
    return folder_of(network, reader, task, reader.read(SOURCES[:4]), config)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Gives the folder that one of the above makes; it is made once, as all tests only read it."""

    @cache
    def folder(make, *arguments):
        return make(partial(write_model, tmp_path_factory.mktemp("models") / "model"), *arguments)

    return folder


@pytest.mark.parametrize(
    "kind", ["words", "stacked words", "window words", "blend words", "series", "window-regression", "window-forest"]
)
def test_tags_are_those_of_the_runtime(made, tmp_path, javascript, kind):
    if kind in ("window words", "blend words"):
        folder = made(window_words, kind == "blend words")
    else:
        folder = made(simple_tagger, kind) if kind.startswith("window") else made(tagger, kind)
    kind = "words" if kind.endswith("words") else "series"
    out = export_model(folder, tmp_path / "m.unspool").out
    model = unspool_runtime.Model.load(out)
    empty_end = np.concatenate([SERIES[0], np.full((4, 2), np.nan, np.float32)])
    examples = [*SERIES, empty_end] if kind == "series" else [["A", "fine", "FILM", "zzz", "İ"], ["don't"]]
    check, found = javascript(out, examples if kind == "series" else [], "model.outputs(one)")
    assert check["passed"], check
    assert check["largest"] < 2e-6
    for one, said in zip(examples, found, strict=kind == "series"):
        np.testing.assert_allclose(said, model.probabilities([one]).ravel(), atol=2e-6)
    if kind == "series":  # each step has its tag, those at the end without a number, too
        assert model.predict([empty_end]) == [list(one) for one in unspool.load(folder).predict([empty_end])]
        assert len(model.predict([empty_end])[0]) == len(empty_end)


TRANSLATORS = {
    "greedy": {"beam": 1},
    "beam": {"seed": 4},
    "rotary with a head": {"beam": 5, "positions": "rotary", "shared": False, "tied": False, "seed": 2},
    "one head": {"positions": "rotary", "heads": 1, "layers": 1, "seed": 3},
}


@pytest.mark.parametrize("kind", TRANSLATORS)
def test_translations_are_those_of_the_runtime(tmp_path, javascript, kind):
    changes = dict(TRANSLATORS[kind])
    beam = changes.pop("beam", 3)
    tree = models.small.translator(**changes)
    tree["task"]["beam"] = beam
    path = models.write(tmp_path / "m.unspool", models.TOLD | tree)
    model, texts = unspool_runtime.Model.load(path), [*SOURCES[:4], *HARD]
    expected = model.translate(texts, count=30, beam=40)  # so many that some texts are found in several splits
    assert {one.ended for row in expected for one in row} == {True, False}
    check, found = javascript(path, texts, "model.translator.translate(one, 40, 30)")
    assert check["passed"], check
    for row, wanted in zip(found, expected, strict=True):
        assert [one["text"] for one in row] == [one.text for one in wanted]
        assert [one["ended"] for one in row] == [one.ended for one in wanted]
        np.testing.assert_allclose([one["score"] for one in row], [one.score for one in wanted], rtol=2e-5)


@pytest.mark.parametrize("beam", [None, 3])
def test_translations_are_those_of_the_trainer(made, tmp_path, javascript, beam):
    check, _ = javascript(export_model(made(translator, beam), tmp_path / "m.unspool").out)
    assert check["passed"], check


RECURRENT = {
    "additive": EncoderDecoder(units=10, width=7),
    "dot, fed": EncoderDecoder(units=10, width=7, attention="dot", input_feeding=True),
    "two layers of lstm, fed": EncoderDecoder(
        units=9, width=11, layers=2, cell="lstm", input_feeding=True, shared=True
    ),
    "three layers, dot, a head": EncoderDecoder(units=6, width=8, layers=3, attention="dot", tied=False),
}


@pytest.mark.parametrize("kind", RECURRENT)
def test_recurrent_translators_are_those_of_the_runtime(made, tmp_path, javascript, kind):
    out = export_model(made(recurrent_translator, RECURRENT[kind]), tmp_path / "m.unspool").out
    model, texts = unspool_runtime.Model.load(out), [*SOURCES[:4], *HARD]
    check, found = javascript(out, texts, "model.translator.translate(one, 5, 3)")
    assert check["passed"], check
    for row, wanted in zip(found, model.translate(texts, count=3, beam=5), strict=True):
        assert [one["text"] for one in row] == [one.text for one in wanted]
        np.testing.assert_allclose([one["score"] for one in row], [one.score for one in wanted], rtol=5e-5)
    _, (looks,) = javascript(
        out, ["a man"], "model.translator.attention(model.translator.ids(one), [1, 5, 7, 2]).map((all) => [...all[0]])"
    )
    np.testing.assert_allclose(np.sum(looks, axis=1), 1, atol=1e-6)


def test_a_network_of_pieces_of_words_answers(folder_of, tmp_path, javascript):
    reader, task = TextReader(BytePairTokenizer.fit(SOURCES, size=300), length=12), Binary(("no", "yes"))
    config = Seq2Vec(units=4, embedding=3, bidirectional=True)
    keras.utils.set_random_seed(3)
    network = stirred(task.build(config, reader.inputs))
    folder = folder_of(network, reader, task, reader.read(SOURCES[:4]), config, 0.5)
    out = export_model(folder, tmp_path / "m.unspool").out
    check, found = javascript(out, HARD)
    assert check["passed"], check
    np.testing.assert_allclose(found, unspool_runtime.Model.load(out).outputs(HARD), atol=2e-6)
    assert export_page(folder, tmp_path / "m.html").count == check["count"]


def test_the_page_reads_texts_as_training_does(made, tmp_path, javascript):
    folder = made(translator, None)
    out = export_model(folder, tmp_path / "m.unspool").out
    tokens = unspool_runtime.Model.load(out)._engine._tokens
    rng = np.random.default_rng(0)
    marks = [*list(" \t\n'!1a²٣éI我か\xa0\u2003\x85\u200d👍😀ΣςAΑ"), "'s", "'ll", "the dog", "mann"]
    texts = [*HARD, *("".join(rng.choice(marks, rng.integers(1, 12))) for _ in range(300))]
    _, found = javascript(
        out, texts, "[model.translator.ids(one), model.translator.tokens.decode(model.translator.ids(one))]"
    )
    for text, (ids, back) in zip(texts, found, strict=True):
        expected = tokens.encode(text.strip(), 4000)[: len(ids) - 1]
        assert ids[1:] == expected, ascii(text)
        assert back == tokens.decode(expected), ascii(text)


def test_what_is_looked_at_sums_to_one(made, tmp_path, javascript):
    out = export_model(made(translator, None), tmp_path / "m.unspool").out
    looks = "model.translator.attention(model.translator.ids(one), [1, 5, 7, 2])"
    expression = f"{looks}.map((token) => token.map((row) => [...row]))"
    _, (found,) = javascript(out, ["a man and"], expression)
    looks = np.array(found)
    ids = unspool_runtime.Model.load(out)._engine._ids(["a man and"])[0]
    assert looks.shape == (3, 2, len(ids))  # tokens, layers, source
    np.testing.assert_allclose(looks.sum(axis=2), 1, atol=1e-6)
    assert np.ptp(looks) > 0.05


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("words", "A fine, fine film. (été)", ["A", "fine", "fine", "film", "été"]),
        ("words", " don't — 'a' 3.5\n", ["don't", "a", "3.5"]),
        ("stacked words", "A fine, film. .", ["A", "fine", ",", "film", ".", "."]),
        ("words", "", []),
    ],
)
def test_a_typed_text_is_split_into_words(made, tmp_path, javascript, kind, text, words):
    out = export_model(made(tagger, kind), tmp_path / "m.unspool").out
    _, (found,) = javascript(out, [text], "model.reader.split(one).map(({ start, end }) => one.slice(start, end))")
    assert found == words


@pytest.fixture
def opened(chromium, tmp_path):
    """Opens a page, and makes sure that it agrees, asks for nothing and complains of nothing."""

    def open_page(folder, **surroundings):
        found = export_page(folder, tmp_path / "m.html")
        chromium.open_model(found.out, **surroundings)
        said = chromium.text("check")
        assert said.startswith(f"Checked in this browser: {found.count} of {found.count} golden examples agree"), said
        return chromium

    yield open_page
    assert len(chromium.requests()) == 1
    assert chromium.complaints() == []


def typed(page, text):
    page.value("document.getElementById('text').select()")
    page.type(text)


def test_words_are_tagged_as_one_types(opened, made, tmp_path):
    folder = made(tagger, "words")
    page = opened(folder)
    typed(page, "A fine film, <b>été")
    page.wait("document.getElementById('tags').children.length === 4")
    model = unspool_runtime.Model.load(export_model(folder, tmp_path / "m.unspool").out)
    words = ["A", "fine", "film", "b>été"]
    tags = model.predict([words])[0]
    shown = page.value("[...document.querySelectorAll('#tags button')].map((one) => one.innerText.split(/\\s+/))")
    assert shown == [[word, tag] for word, tag in zip(words, tags, strict=True)]
    restored = " ".join(
        (word.capitalize() if tag.startswith("C") else word.lower()) + "." * tag.endswith(".")
        for word, tag in zip(words, tags, strict=True)
    )
    assert page.text("sentence") == restored
    page.value("document.querySelector('#tags button').focus()")
    page.press("ArrowRight")
    assert page.text("word") == "fine"
    assert page.text("answer") == tags[1]
    bars = page.value("[...document.querySelectorAll('#bars .number')].map((one) => one.textContent)")
    assert bars == [f"{100 * one:.1f}%" for one in model.probabilities([words])[0, 1]]
    page.press("End")
    assert page.text("word") == "b>été"
    assert page.value("[...document.querySelectorAll('#tags button')].map((one) => one.tabIndex)") == [-1, -1, -1, 0]
    typed(page, " ")
    page.wait("document.getElementById('tags').children.length === 0")


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1000, False)])
def test_nothing_is_wider_than_the_screen(opened, made, width, dark):
    page = opened(made(translator, 3), width=width, dark=dark)
    page.wait("document.querySelectorAll('#attention tbody tr').length")
    assert page.value("document.documentElement.scrollWidth") <= width


def test_a_band_of_tags_below_a_series(opened, made):
    page = opened(made(tagger, "series"), width=390, dark=True)
    page.value("document.getElementById('series').select()")
    page.type("x,y\n9,9\n8,\n9,9.5")
    page.wait("document.getElementById('word').textContent.includes('step')")
    total = "[...document.querySelectorAll('#tags button')].reduce((all, one) => all + Number(one.style.flexGrow), 0)"
    page.wait(f"{total} === 3")
    page.type(",1")
    page.wait("document.getElementById('wrong').textContent.startsWith('Step 3')")
    assert page.value("document.documentElement.scrollWidth") == 390


def test_a_text_is_translated_as_one_types(opened, made, tmp_path):
    folder = made(translator, 3)
    page = opened(folder)
    typed(page, "Two men, a DOG")
    model = unspool_runtime.Model.load(export_model(folder, tmp_path / "m.unspool").out)
    expected = model.predict(["Two men, a DOG"])[0]
    page.wait(f"document.getElementById('answer').textContent === {(expected or '(nothing)')!r}")
    five = [one.text or "(nothing)" for one in model.translate(["Two men, a DOG"], count=5, beam=5)[0]]
    said = "[...document.querySelectorAll('.translation > bdi')].map((one) => one.textContent)"
    page.wait(f"JSON.stringify({said}) === {json.dumps(json.dumps(five, ensure_ascii=False, separators=(',', ':')))}")
    heads = page.value("[...document.querySelectorAll('#attention thead bdi')].map((one) => one.textContent)")
    assert heads[0] == "(start)"
    assert "".join(heads[1:]).replace("·", "").replace("(end)", "") == "twomen,adog"
    before = page.text("looked")
    page.value("document.querySelector('#attention tbody button').focus()")
    page.press("ArrowDown")
    assert page.text("looked") != before
    shade = "document.querySelector('#attention tbody td').style.getPropertyValue('--share')"
    average = page.value(shade)
    page.value(
        "const layer = document.getElementById('layer'); layer.value = '1'; layer.dispatchEvent(new Event('change'));"
    )
    assert page.value(shade) != average
    page.value("document.querySelectorAll('.translation')[2].click()")
    assert page.value("[...document.querySelectorAll('.translation')].map((one) => one.ariaPressed)") == [
        "true" if place == 2 else "false" for place in range(len(five))
    ]


def test_a_recurrent_translator_shows_its_only_attention(opened, made):
    page = opened(made(recurrent_translator, RECURRENT["two layers of lstm, fed"]))
    page.wait("document.querySelectorAll('#attention tbody tr').length")
    assert page.value("document.getElementById('layers').hidden")
    assert page.text("looked").startswith("“")


def test_a_word_that_is_too_long_is_refused_in_words(opened, made):
    page = opened(made(translator, None))
    typed(page, "a" * 5000)
    page.wait("document.getElementById('wrong').textContent.startsWith('A word has 5000 bytes')")


def test_a_large_page_says_how_it_gets_smaller(made, tmp_path, monkeypatch):
    from unspool.export.page import writing

    folder = made(translator, None)
    monkeypatch.setattr(writing, "LARGE_BYTES", 1000)
    assert str(export_page(folder, tmp_path / "m.html")).endswith("--weights int8 makes it about a quarter as large")
    assert "rounded to int8" in str(export_page(folder, tmp_path / "m.html", "int8"))

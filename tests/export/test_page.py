"""A page with a model inside, as a file."""

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import unspool.export.page
from unspool.candidates import RawModel
from unspool.candidates.texts import LinearTexts, NGrams
from unspool.cli import main
from unspool.data.ragged import Ragged
from unspool.descriptions.networks import Seq2Vec
from unspool.errors import UserError
from unspool.export import export_page
from unspool.export.page import writing
from unspool.export.page.scores import outcome_of, reduction_in_words, shown_scores
from unspool.export.page.script import CORE, KERNELS, VIEWS, joined, program
from unspool.export.portable import DESCRIPTION, GOLDEN, WEIGHTS, _record
from unspool.readers import RawExamples, RawTextReader, TokenReader
from unspool.runs.records.folder import METRICS
from unspool.tasks import Binary

pytest.importorskip("unspool_runtime")
HOSTILE = "</script><script>alert(1)</script>"
TEXTS = ["a fine film", "a dull film", "fine acting", f"dull {HOSTILE}"] * 3
RECORD = {
    "recipe": "small",
    "protocol": "honest",
    "test": {"examples": 1234, "accuracy": 0.9, "accuracy_ci": [0.85, 0.94]},
    "verdict": {"words": f"Yes. {HOSTILE}", "beats_baseline": True, "difference_ci": [0.1, 0.2]},
}


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the content of scripts by id."""

    def __init__(self, source):
        super().__init__()
        self.elements, self.scripts, self._script = [], {}, None
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._script = dict(attributes).get("id", "program") if tag == "script" else None

    def handle_endtag(self, tag):
        self._script = None

    def handle_data(self, data):
        if self._script:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data


@pytest.fixture
def saved(folder_of):
    def of(**columns):
        fitted = LinearTexts("linear", 1.0, (NGrams("words", 1, 2),), c=1.0, calibrated=False).fit(
            TEXTS, [1, 0] * 6, "binary"
        )
        raw, task = RawModel("text", "linear", "binary", fitted), Binary(("dull", HOSTILE))
        folder = folder_of(raw, RawTextReader(), task, RawExamples(TEXTS), threshold=0.5, **columns)
        (folder / METRICS).write_text(json.dumps(RECORD))
        return folder

    return of


@pytest.fixture
def folder(saved):
    return saved()


@pytest.fixture
def page(folder, tmp_path):
    return export_page(folder, tmp_path / "m.html").out.read_text()


def test_a_page_lets_nothing_in_but_its_own_program(page):
    found = Elements(page)
    policy = next(one["content"] for name, one in found.elements if one.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(found.scripts["program"].encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{digest}' 'wasm-unsafe-eval'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not [one for _, one in found.elements if {"src", "href", "srcset", "action"} & one.keys()]
    assert not re.search(r"\b(fetch|import|XMLHttpRequest|WebSocket|sendBeacon|innerHTML)\b *\(?", joined(CORE + VIEWS))


def test_what_the_model_says_cannot_act(page):
    assert HOSTILE not in page
    found = Elements(page)
    assert [name for name, _ in found.elements].count("script") == 6
    assert "Yes. &lt;/script&gt;" in page


def test_the_model_lies_in_the_page_as_it_is(page):
    blocks = Elements(page).scripts
    assert {*blocks} == {DESCRIPTION, WEIGHTS, GOLDEN, KERNELS, "page.json", "program"}
    raw = {name: gzip.decompress(base64.b64decode(blocks[name])) for name in (DESCRIPTION, WEIGHTS, GOLDEN, KERNELS)}
    assert raw[KERNELS].startswith(b"\0asm")
    description = json.loads(raw[DESCRIPTION])
    assert description["task"]["labels"] == ["dull", HOSTILE]
    assert description["files"] == {name: hashlib.sha256(raw[name]).hexdigest() for name in (WEIGHTS, GOLDEN)}


def test_without_the_kernels_there_is_no_page(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(unspool.export.page, "__path__", [str(tmp_path)])
    with pytest.raises(UserError, match="pip install ziglang"):
        export_page(folder, tmp_path / "m.html")
    assert not (tmp_path / "m.html").exists()


def test_title_verdict_and_scores_stand_on_top(page):
    assert re.search(r"<h1[^>]*>A small model</h1>", page)
    assert 'class="verdict better"' in page
    assert "<dt>accuracy</dt><dd>90.0%<small>85.0% to 94.0%</small>" in page
    assert "On the 1,234 test examples" in page


def test_columns_that_make_up_the_text_are_named(saved, tmp_path):
    page = export_page(saved(text="title, <b>"), tmp_path / "m.html").out.read_text()
    assert '<label for="text">A text: title | &lt;b&gt;</label>' in page


def test_every_label_names_its_field(page):
    found = Elements(page)
    ids = {one["id"] for _, one in found.elements if "id" in one}
    assert {one["for"] for name, one in found.elements if name == "label"} <= ids
    assert all("aria-label" in one for name, one in found.elements if name == "canvas")


def test_the_same_model_gives_the_same_page(folder, tmp_path):
    first, second = (export_page(folder, tmp_path / f"{name}.html") for name in "ab")
    assert first.sha256 == second.sha256
    assert first.size == first.out.stat().st_size


def test_the_command_says_how_large_the_page_is(folder, tmp_path, capsys):
    assert main(["export", str(folder), "--html", str(tmp_path / "m.html")]) == 0
    assert re.match(r"a page of \d\d\d? kB, which answers 19 golden examples again", capsys.readouterr().out)


def test_a_model_of_token_ids_is_refused_by_name(folder_of, tmp_path, capsys):
    config, reader = Seq2Vec(layers=0, embedding=2, pooling="mean_max"), TokenReader(np.array([3, 70]), 9)
    task, ids = Binary(("no", "yes")), Ragged.from_sequences([[4, 5], [2]])
    folder = folder_of(task.build(config, reader.inputs), reader, task, ids, config, 0.5)
    assert main(["export", str(folder), "--html", str(tmp_path / "m.html")]) == 1
    assert "no page for a model that reads ids" in capsys.readouterr().err
    assert not (tmp_path / "m.html").exists()


LATER = {"model", "main", "readers"}
"""Modules that name classes of others, of which they make the one that a model needs."""


@pytest.mark.parametrize(
    "shows", ["texts", "latent", "series", "tags", "steps", "translation", "captions", "forecasts", "images"]
)
def test_a_page_has_every_function_that_its_program_calls(shows):
    missing, held = set(), program(shows)
    for name in CORE + VIEWS:
        if joined((name,)) not in held:
            missing |= {*re.findall(r"^(?:async )?function\*? (\w+)", joined((name,)), re.MULTILINE)}
    for name in CORE + VIEWS:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", joined((name,)), flags=re.DOTALL)
        if name not in LATER and joined((name,)) in held:
            own = {*re.findall(r"^  \*?(\w+)\(", code, re.MULTILINE)}
            called = {*re.findall(r"(?<![.\w])(\w+)\(", code)} - own
            assert not called & missing, name


_TEXT_VIEW = """
class Element {
  constructor() { Object.assign(this, { children: [], style: { setProperty() {} } }); }
  append(...more) { this.children.push(...more); }
  replaceChildren(...all) { this.children = all; }
  setAttribute(name, value) { this[name] = value; }
}
const places = { words: new Element(), strongest: new Element() };
const createElement = () => new Element();
globalThis.document = { createElement, createDocumentFragment: createElement, getElementById: (id) => places[id] };
const units = given.weights.map((_, i) => ({ start: 2 * i, end: 2 * i + 1 })), view = Object.create(TextView.prototype);
view.model = { answers: { scale: given.scale } };
view.show("w ".repeat(units.length), units, given.weights);
const words = places.words.children[0].children.filter((one) => one instanceof Element);
print([words.length, words[0].className, words[0].title]);
"""


@pytest.mark.parametrize(
    ("weights", "scale", "shown"),
    [
        ([0.5, -1.0], 1, ["for", "+0.50"]),
        ([-1.23e-4, 1e-6], 2e-4, ["against", "−0.000123"]),
        ([1.0] * 140_000, 1, ["for", "+1.00"]),
    ],
)
def test_the_weights_of_words_are_shown_whatever_their_size_and_number(node, weights, scale, shown):
    """Among others of more words than one call takes arguments."""
    assert node(joined(("dom", "text_view")) + _TEXT_VIEW, {"weights": weights, "scale": scale}) == [
        len(weights),
        *shown,
    ]


def test_an_error_in_a_text_is_shown_without_cells_beside_it(page):
    (wrong,) = [attributes for _, attributes in Elements(page).elements if attributes.get("id") == "wrong"]
    assert "hidden" not in wrong


_ONE_NUMBER = """
const rows = [[0.25], [0.75]], plane = new Plane(rows, given.bounded), view = Object.create(LatentView.prototype);
Object.assign(view, { rows, plane });
print([plane.ranges, view.shares(plane.place(rows[0])), view.placeOf(1, 1), plane.vector(view.placeOf(0.5, 0))]);
"""


@pytest.mark.parametrize("bounded", [False, True])
def test_a_latent_vector_of_one_number_grows_from_left_to_right(node, bounded):
    program = joined(("dom", "latent_space", "latent_view")) + _ONE_NUMBER
    ranges, shares, corner, middle = node(program, {"bounded": bounded})
    assert ranges[1] == [-0.5, 0.5]
    assert shares[1] == 0.5
    assert corner == [ranges[0][1], 0]
    assert middle == pytest.approx([0.5])


def test_what_a_smaller_model_changed_is_told_as_labels_texts_or_numbers():
    change = {"count": 5000, "changed": 7, "largest": 0.004}
    reduced = {"weights": "int8", "kept": 1.0, "golden": change, "test": change}
    assert reduction_in_words(reduced, "multiclass").endswith(
        ": 7 of 5,000 test answers have another label than before."
    )
    assert reduction_in_words(reduced, "translation").endswith(
        ": for 7 of 5,000 test examples it writes another text than before."
    )
    assert reduction_in_words(reduced, "regression").endswith(", no number changes by more than 0.004.")


@pytest.mark.parametrize(("reads", "kind"), [("ids", "network"), ("histories", "forecaster")])
def test_a_model_that_the_program_does_not_know_is_refused(reads, kind):
    with pytest.raises(UserError, match="There is no page for a model"):
        writing.shown_as({"reader": {"kind": reads}, "model": {"kind": kind}})


def test_a_page_that_no_phone_opens_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "MOST_BYTES", 50_000)
    with pytest.raises(UserError, match="would make a page of"):
        export_page(folder, tmp_path / "m.html")
    assert not (tmp_path / "m.html").exists()


@pytest.mark.parametrize(("out", "message"), [("m.unspool", "ends in .html"), ("no/m.html", "there is no folder")])
def test_a_place_that_cannot_be_written_is_refused_first(tmp_path, out, message):
    with pytest.raises(UserError, match=message):
        export_page(tmp_path, tmp_path / out)


def test_the_score_that_the_verdict_rests_on_comes_first():
    """BLEU is 0 for pairs of single words."""
    test = {"examples": 9, "bleu": 0.0, "chrf": 61.0, "exact_match": 0.5}
    assert [one.value for one in shown_scores("translation", test)] == ["0.0", "61.0", "50.0%"]
    assert [one.value for one in shown_scores("translation", test, "exact_match")] == ["50.0%", "0.0", "61.0"]


@pytest.mark.parametrize("infinite", [float("inf"), "Infinity"])
def test_an_infinite_score_is_exported_and_shown(tmp_path, infinite):
    test = {"examples": 2, "psnr": infinite, "psnr_ci": [31.5, infinite]}
    verdict = {"beats_baseline": False, "difference_ci": [-0.5, infinite]}
    (tmp_path / METRICS).write_text(json.dumps({"test": test, "verdict": verdict}))
    found = json.loads(json.dumps(_record(tmp_path), allow_nan=False))
    (score,) = shown_scores("super_resolution", found["test"])
    assert (score.value, score.interval) == ("infinite", "31.50 dB to infinite")
    assert outcome_of(found["verdict"]) == "open"

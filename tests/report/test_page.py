"""The page: what stands in it and in which order, that it asks nothing of anyone, and that no text in it can act."""

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.result import Baseline, LayerSummary, Predictions, PublishedFigures
from unspool.evaluation.scores import binary_scores
from unspool.report.classification_figures import DRAWINGS
from unspool.report.page import write_report

_EMPTY = {"meta", "br"}


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and whether every element is closed in turn."""

    def __init__(self, source):
        super().__init__()
        self.elements, self.text, self.styles, self._open = [], "", "", []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] == "style":
            self.styles += data
        else:
            self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def _source(result, folder):
    return write_report(result, folder).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def source(result, tmp_path_factory):
    return _source(result, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


def _plain(text):
    return " ".join(text.split())


def test_it_is_a_page_of_its_time(source, page):
    assert source.startswith("<!doctype html>\n<html lang=")
    assert page.all("meta")[0] == {"charset": "utf-8"}
    assert source.index("charset") < 200
    assert page.all("title")
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert "prefers-color-scheme: dark" in page.styles
    assert "@media print" in page.styles


def test_its_policy_allows_nothing_from_outside(page):
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    ]


def test_it_refers_to_nothing_outside_itself(source, page):
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a"} & {
        tag for tag, _ in page.elements
    }
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = []
    for _, attributes in page.elements:
        for key, value in attributes.items():
            assert not key.startswith("on")
            if key in ("href", "xlink:href", "src", "action", "srcset", "data", "background"):
                assert value.startswith("#")
                targets.append(value[1:])
            targets += re.findall(r"url\(#([^)]*)\)", value or "")
            assert "url(" not in re.sub(r"url\(#[^)]*\)", "", value or "")
    assert targets
    assert set(targets) <= set(ids)
    assert "url(" not in page.styles
    assert "@import" not in page.styles
    assert "http" not in source.replace("https://ai.stanford.edu/~amaas/data/sentiment/", "").replace("http-equiv", "")


def test_every_figure_is_in_the_page_and_told_in_words(result, page):
    figures = page.all("svg")
    assert [figure["class"] for figure in figures] == [
        f"figure-{name}" for name in ("accuracy", "loss", "roc", "confusion-matrix", "reliability", "probabilities")
    ]
    assert len(figures) == len(DRAWINGS) == len(page.all("figcaption"))
    for figure in figures:
        assert figure["role"] == "img"
        assert len(figure["aria-label"]) > 30
    assert page.text.count("How to read it:") == len(DRAWINGS)


def test_every_figure_lies_beside_it_as_a_file(result, tmp_path):
    write_report(result, tmp_path)
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"{drawing.name}.{kind}" for drawing in DRAWINGS for kind in ("svg", "png")}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "report.html"]  # nothing left over
    for name in names:
        content = (tmp_path / "figures" / name).read_bytes()
        assert content.startswith(b"<?xml" if name.endswith("svg") else b"\x89PNG")
        assert len(content) > 3000


def test_the_verdict_comes_first_and_the_rest_in_the_order_of_reading(result, page):
    text = _plain(page.text)
    order = [
        result.title,
        result.verdict.words,
        result.description,
        "How good it is",
        "How it was measured",
        "The data",
        "The model",
        "Training",
        "Its predictions on the test set",
        "Beside simple models",
        "To get this again",
        result.command,
    ]
    body = text[text.index("Recipe imdb-lstm") :]
    places = [body.index(words) for words in order]
    assert places == sorted(places)


def test_scores_stand_with_their_intervals(result, page):
    text = _plain(page.text)
    for scores in (result.test, result.validation):
        assert f"{scores.auc.value:.3f}{scores.auc.interval.low:.3f} to {scores.auc.interval.high:.3f}" in text
        accuracy = scores.balanced_accuracy
        assert (
            f"{100 * accuracy.value:.1f}%{100 * accuracy.interval.low:.1f} to {100 * accuracy.interval.high:.1f}%"
            in text
        )
    assert "0.93" in text
    assert "85.44%" in text
    assert "Published: the chapter, table 3, measured the chapter’s way" in text


def test_data_model_and_environment_are_told(result, page):
    text = _plain(page.text)
    for words in (
        *("Large Movie Review Dataset", "for research", "sha256:3f1b8b0c", "11,250", "22,501"),
        *('A "fine" film.<br />See it!', "labelled “positive”", "<pad> × 5", "9 tokens"),
        *("(None, 128, 64)", "640,000", "652,577", "652,513", "Embedding"),
        *("4 epochs; the weights of epoch 2 were kept", "2 min 13 s", "lowered before epochs 3 and 4"),
        *("a linear model", "17 s", "Keras", "3.15.1", "Some CPU @ 2.80GHz"),
    ):
        assert words in text


def test_the_honest_protocol_is_told(page):
    assert "The honest way." in _plain(page.text)
    assert "optimistic: the test set" not in _plain(page.text)


def test_the_chapters_protocol_is_called_optimistic_beside_the_verdict_and_explained(result, tmp_path):
    page = Page(_source(replace(result, protocol="chapter", validation=result.test), tmp_path))
    text = _plain(page.text)
    assert text.index("These figures are optimistic") < text.index("How good it is")
    assert "it decided when training stopped and which epoch’s weights were kept" in text
    assert "every figure here is optimistic" in text
    assert "The honest way" not in text
    assert f"validation{result.validation.examples}" not in text
    assert "on the test set" in page.text


def test_without_published_figures_there_is_no_column_for_them(result, tmp_path):
    assert "ublished" not in Page(_source(replace(result, published=None), tmp_path)).text


HOSTILE = (
    """</style></title></svg><script>alert(1)</script><img src=x onerror=alert(2)> " ' onload=alert(3) """
    """{{ 7 * 7 }} $x^2$ \\ & javascript:\u202e\u2066\x00\x1b\ud800"""
)


def _hostile(result):
    baseline = result.baselines[1]
    bad = lambda old: f"{old}{HOSTILE}"  # noqa: E731
    return replace(
        result,
        **{name: bad(getattr(result, name)) for name in ("recipe", "title", "description", "command")},
        data=replace(
            result.data,
            **{
                name: bad(getattr(result.data, name))
                for name in ("name", "title", "source", "licence", "digest", "example_text", "example_label")
            },
            label_names=(HOSTILE, f"b{HOSTILE}"),
            counts={f"training{HOSTILE}": (1, 2)},
            example_words=(*result.data.example_words[:-1], HOSTILE),
        ),
        layers=(LayerSummary(HOSTILE, HOSTILE, (None, 2), 3),),
        baselines=(replace(baseline, name=HOSTILE, title=HOSTILE),),
        verdict=replace(result.verdict, baseline=HOSTILE, words=HOSTILE),
        published=PublishedFigures(HOSTILE, 0.9, 0.8),
        environment={HOSTILE: HOSTILE},
    )


def test_hostile_text_is_shown_and_does_nothing(result, page, tmp_path):
    source = _source(_hostile(result), tmp_path)
    hostile = Page(source)
    assert {tag for tag, _ in hostile.elements} == {tag for tag, _ in page.elements}
    assert {key for _, attributes in hostile.elements for key in attributes} == {
        key for _, attributes in page.elements for key in attributes
    }
    assert len(hostile.all("svg")) == len(hostile.all("style")) + 5 == 6
    assert hostile.text.count("<script>alert(1)</script>") > 15  # as text, in every place
    assert "{{ 7 * 7 }}" in hostile.text
    assert "$x^2$" in hostile.text
    assert "⟨U+202E⟩⟨U+2066⟩⟨U+0000⟩⟨U+001B⟩⟨U+D800⟩" in hostile.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]", source)
    for svg in (tmp_path / "figures").glob("*.svg"):
        assert b"<script" not in svg.read_bytes()
        assert b"<img" not in svg.read_bytes()


def test_the_same_result_gives_the_same_bytes(result, source, tmp_path):
    elsewhere = {"lines.linewidth": 9, "font.size": 20, "svg.hashsalt": None, "axes.labelpad": 20}
    with matplotlib.rc_context(elsewhere):
        again = _source(result, tmp_path / "again")
        assert {key: matplotlib.rcParams[key] for key in elsewhere} == elsewhere
    assert again == source
    write_report(result, tmp_path / "twice")
    for path in sorted((tmp_path / "again").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "twice" / path.relative_to(tmp_path / "again")).read_bytes()


def test_a_report_is_written_over_an_older_one(result, source, tmp_path):
    (tmp_path / "report.html").write_text("old")
    assert _source(result, tmp_path) == source


def test_a_folder_that_cannot_be_made_is_told(result, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"report cannot be written to .*file"):
        write_report(result, tmp_path / "file")


def _perfect():
    labels = np.array([0, 1] * 6)
    predictions = Predictions(labels, labels * 0.9 + 0.05)
    return predictions, binary_scores(predictions, 0.5, resamples=50)


def test_a_perfect_model_is_not_called_certain(result, tmp_path):
    predictions, scores = _perfect()
    baselines = (Baseline("same", "the same", scores, predictions.probabilities, 1.0),)
    page = Page(_source(replace(result, test_predictions=predictions, test=scores, baselines=baselines), tmp_path))
    assert "It is not certainty." in _plain(page.text)


def test_an_ordinary_model_needs_no_such_words(page):
    assert "not certainty" not in _plain(page.text)


@pytest.mark.parametrize(
    "changes",
    [
        {"history": {"loss": [0.5], "val_loss": [0.6]}, "epochs": 1, "best_epoch": 1},
        {"history": {"loss": [0.5, 0.4]}, "epochs": 2, "best_epoch": 2},
        {"history": {}, "epochs": 0, "best_epoch": 0},
        {"history": {"loss": [0.5, np.nan], "val_loss": [np.nan, np.inf]}, "epochs": 2, "best_epoch": 1},
        {"history": {"loss": [1 / n for n in range(1, 301)], "val_loss": [0.5] * 300}, "epochs": 300, "best_epoch": 9},
        {"baselines": ()},
    ],
)
def test_odd_runs_have_a_report_too(result, changes, tmp_path):
    assert len(Page(_source(replace(result, **changes), tmp_path)).all("svg")) == len(DRAWINGS)


def test_labels_in_any_script_are_drawn(result, tmp_path):
    data = replace(result.data, label_names=("否定的", "إيجابي جدا"))
    page = Page(_source(replace(result, data=data), tmp_path))
    assert page.text.count("否定的") > 4
    assert page.text.count("إيجابي جدا") > 4


def test_a_long_example_is_cut_and_says_so(result, tmp_path):
    data = replace(
        result.data, example_text="word " * 100_000, example_ids=(*range(5000),), example_words=("w",) * 5000
    )
    source = _source(replace(result, data=data), tmp_path)
    assert len(source) < 300_000
    assert "…</blockquote>" in source
    assert "and 4700 more" in source


def test_neither_keras_nor_jax_nor_pyplot_is_imported():
    code = (
        "import sys, unspool.report.page, unspool.evaluation.comparison, unspool.evaluation.baselines\n"
        "print({'keras', 'jax', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

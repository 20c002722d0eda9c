"""Pages of every kind: that none asks anything of anyone, and that no text in it can act."""

import re
from dataclasses import replace

import matplotlib
import pytest

from programs import imported_by
from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.evaluation.certificate import Check
from unspool.evaluation.pictures import Projection
from unspool.evaluation.result import LayerSummary
from unspool.report.figures import FIGURES
from unspool.report.page import write_report
from unspool.tasks import task_of

KINDS = ("binary_result", "multiclass_result", "multilabel_result", "regression_result", "reconstruction_result")


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def any_result(request, kind):
    return request.getfixturevalue(kind)


@pytest.fixture(scope="module")
def pages():
    """Those written so far: pytest makes a fixture with parameters again after other parameters."""
    return {}


@pytest.fixture
def page(kind, any_result, pages, page_of, tmp_path_factory):
    if kind not in pages:
        pages[kind] = page_of(any_result, tmp_path_factory.mktemp("report"))
    return pages[kind]


def test_it_is_a_page_of_its_time(page):
    source = page.source
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


def test_it_refers_to_nothing_outside_itself(any_result, page):
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
                if value.startswith("data:image/png;base64,"):
                    continue
                assert value.startswith("#")
                targets.append(value[1:])
            targets += re.findall(r"url\(#([^)]*)\)", value or "")
            assert "url(" not in re.sub(r"url\(#[^)]*\)", "", value or "")
    assert targets
    assert set(targets) <= set(ids)
    assert "url(" not in page.styles
    assert "@import" not in page.styles
    assert "http" not in page.source.replace(any_result.data.source, "").replace("http-equiv", "")


@pytest.fixture(scope="module")
def drawings(any_result):
    return [FIGURES[name] for name in task_of(any_result).figures if FIGURES[name].applies(any_result)]


def test_every_figure_is_in_the_page_and_told_in_words(drawings, page):
    figures = page.all("svg")
    assert {figure["class"] for figure in figures} == {f"figure-{drawing.name}" for drawing in drawings}
    assert len(figures) == len(drawings) == len(page.all("figcaption"))
    for figure in figures:
        assert figure["role"] == "img"
        assert len(figure["aria-label"]) > 30
    assert page.text.count("How to read it:") == len(drawings)


def test_every_figure_lies_beside_it_as_a_file(page, drawings):
    names = {path.name for path in (page.folder / "figures").iterdir()}
    assert names == {f"{drawing.name}.{ending}" for drawing in drawings for ending in ("svg", "png")}
    assert sorted(path.name for path in page.folder.iterdir()) == ["figures", "report.html"]  # nothing left over
    for name in names:
        content = (page.folder / "figures" / name).read_bytes()
        assert content.startswith(b"<?xml" if name.endswith("svg") else b"\x89PNG")
        assert len(content) > 2000


@pytest.mark.undrawn
def test_columns_that_are_read_and_that_are_left_out_are_named(binary_result, tmp_path):
    columns = {"text": ("title", "body"), "numbers": ("price",), "label": ("stars",)}
    many = tuple(f"c{number}" for number in range(1_022))
    data = replace(binary_result.data, columns=columns, ignored=many)
    content = write_report(replace(binary_result, data=data), tmp_path).read_text()
    assert "<dt>columns read</dt><dd>text: title, body; numbers: price; label: stars</dd>" in content
    assert "<dt>columns left out</dt><dd>c0, c1, " in content
    assert "c19 and 1,002 more</dd>" in content


@pytest.mark.undrawn
def test_a_run_whose_columns_are_not_known_names_none(binary_result, tmp_path):
    assert not binary_result.data.columns
    content = write_report(binary_result, tmp_path).read_text()
    assert "columns read" not in content
    assert "columns left out" not in content


HOSTILE = (
    """</style></title></svg><script>alert(1)</script><img src=x onerror=alert(2)> " ' onload=alert(3) """
    """{{ 7 * 7 }} $x^2$ \\ & javascript:\u202e\u2066\x00\x1b\ud800"""
)


def _hostile(result):
    """Text that would act, in every place where a run of either kind has text of its own."""
    bad = lambda old: f"{old}{HOSTILE}"  # noqa: E731
    return replace(
        result,
        **{name: bad(getattr(result, name)) for name in ("recipe", "title", "description", "command")},
        data=replace(
            result.data,
            **{name: bad(getattr(result.data, name)) for name in ("name", "title", "source", "licence", "digest")},
            label_names=tuple(f"{place}{HOSTILE}" for place in range(len(result.data.label_names))),
            columns={HOSTILE: (HOSTILE,)},
            ignored=(HOSTILE,),
            **{
                name: {bad(part): count for part, count in getattr(result.data, name).items()}
                for name in ("counts", "examples")
            },
        ),
        layers=(LayerSummary(HOSTILE, HOSTILE, (None, 2), 3),),
        baselines=tuple(replace(baseline, name=HOSTILE, title=HOSTILE) for baseline in result.baselines),
        verdict=replace(result.verdict, baseline=HOSTILE, words=HOSTILE),
        environment={HOSTILE: HOSTILE},
        candidates=tuple(replace(one, name=HOSTILE, title=HOSTILE, note=HOSTILE) for one in result.candidates),
    )


def _hostile_text(result):
    hostile = _hostile(result)
    words = (*hostile.data.example.words[:-1], HOSTILE)
    data = replace(hostile.data, example=replace(hostile.data.example, text=HOSTILE, label=HOSTILE, words=words))
    return replace(hostile, data=data, published=PublishedFigures(HOSTILE, 0.9, 0.8))


def _hostile_series(result):
    hostile = _hostile(result)
    example = replace(hostile.data.example, label=HOSTILE, channels=(HOSTILE, f"y{HOSTILE}"))
    return replace(hostile, data=replace(hostile.data, example=example))


def _hostile_projection(result):
    pictures = replace(result.pictures, projection=Projection(result.pictures.latent_vectors, HOSTILE))
    return replace(_hostile(result), pictures=pictures)


@pytest.mark.parametrize(
    ("kind", "hostile"),
    [
        ("binary_result", _hostile_text),
        ("reconstruction_result", _hostile_projection),
        ("multiclass_result", _hostile_series),
        ("multilabel_result", _hostile_series),
        ("regression_result", _hostile_series),
    ],
    indirect=["kind"],
)
def test_hostile_text_is_shown_and_does_nothing(any_result, page, hostile, page_of, tmp_path):
    shown = page_of(hostile(any_result), tmp_path)
    assert {tag for tag, _ in shown.elements} == {tag for tag, _ in page.elements}
    assert {key for _, attributes in shown.elements for key in attributes} == {
        key for _, attributes in page.elements for key in attributes
    }
    assert len(shown.all("svg")) == len(page.all("svg"))
    assert len(shown.all("style")) == 1
    assert shown.text.count("<script>alert(1)</script>") > 15  # as text, in every place
    assert "{{ 7 * 7 }}" in shown.text
    assert "$x^2$" in shown.text
    assert "⟨U+202E⟩⟨U+2066⟩⟨U+0000⟩⟨U+001B⟩⟨U+D800⟩" in shown.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]", shown.source)
    for svg in (tmp_path / "figures").glob("*.svg"):
        assert b"<script" not in svg.read_bytes()
        assert b"<img" not in svg.read_bytes()


def test_the_same_result_gives_the_same_bytes_over_an_older_report_and_by_other_settings(any_result, page, tmp_path):
    (tmp_path / "report.html").write_text("old")
    elsewhere = {"lines.linewidth": 9, "font.size": 20, "svg.hashsalt": None, "axes.labelpad": 20}
    with matplotlib.rc_context(elsewhere):
        write_report(any_result, tmp_path)
        assert {key: matplotlib.rcParams[key] for key in elsewhere} == elsewhere
    for path in sorted(page.folder.rglob("*.*")):
        assert path.read_bytes() == (tmp_path / path.relative_to(page.folder)).read_bytes(), path.name


def test_a_folder_that_cannot_be_made_is_told(binary_result, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        UserError, match=r"file/figures cannot be written \(Not a directory\)\. Choose another place\.$"
    ):
        write_report(binary_result, tmp_path / "file")


def test_evaluation_imports_no_keras():
    code = "import unspool.evaluation.comparison, unspool.evaluation.baselines.simple_models"
    assert not imported_by(code, "keras", "jax")


@pytest.mark.undrawn
def test_a_page_says_whether_predictions_are_consistent(binary_result, reconstruction_result, page_of, tmp_path):
    assert "Yes. 32 examples of the test set were kept" in page_of(binary_result, tmp_path / "yes").plain
    assert "Not checked yet. unspool check, with" in page_of(reconstruction_result, tmp_path / "open").plain
    broken = replace(binary_result.certificate, checks=(Check("bucket", HOSTILE, 1e-5, 0.3, False, HOSTILE),))
    told = page_of(replace(binary_result, certificate=broken), tmp_path / "no")
    assert "No, by check 'bucket': with" in told.plain
    assert "by up to 0.3, where 1e-05 is allowed. Do not use this model." in told.plain
    assert "script" not in {tag for tag, _ in told.elements}


@pytest.mark.undrawn
def test_a_certificate_from_where_there_is_no_native_code_names_no_instructions(binary_result, page_of, tmp_path):
    plain = replace(binary_result.certificate, environment={"kernels": "plain"})
    assert "with avx512 instructions" in page_of(binary_result, tmp_path / "native").plain
    assert "instructions" not in page_of(replace(binary_result, certificate=plain), tmp_path / "plain").plain


def test_only_networks_are_said_to_read_standardised_channels(multiclass_result, tmp_path):
    assert "standardised channels" in write_report(multiclass_result, tmp_path).read_text()
    chosen = replace(multiclass_result, epochs=0, history={})
    assert "standardised channels" not in write_report(chosen, tmp_path).read_text()


@pytest.mark.undrawn
def test_a_report_over_an_older_one_leaves_no_figure_of_it_and_touches_nothing_else(
    multiclass_result, regression_result, tmp_path
):
    def names():
        return {path.name for path in (tmp_path / "figures").iterdir()}

    write_report(regression_result, tmp_path)
    alone = names()
    write_report(multiclass_result, tmp_path)
    assert names() - alone == {"confusion-matrix.svg", "confusion-matrix.png"}
    assert alone - names() == {f"{name}.{kind}" for name in ("predicted-and-true", "errors") for kind in ("svg", "png")}
    for name in ("my-notes.svg", "labels.txt"):
        (tmp_path / "figures" / name).write_text("a person's own")
    write_report(regression_result, tmp_path)
    assert names() == alone | {"my-notes.svg", "labels.txt"}

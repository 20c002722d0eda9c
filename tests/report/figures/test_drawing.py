"""A figure's way into the page: colours, ids, letters."""

import os
import re
import signal
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import BboxBase

from unspool.report.figures.drawing import draw, inline
from unspool.report.figures.theme import BROWN, GREY, INK, LINE, MODEL, MUTED, OTHER, PAGE_COLOURS, PAPER, PURPLE, RED


def _figure():
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    for place, colour in enumerate((INK, MUTED, LINE, MODEL, OTHER, PURPLE, GREY, BROWN, RED)):
        axes.plot([0, 1], [place, place], "o-", color=colour, markeredgecolor=PAPER)
    axes.set_xlabel("a < b & $c")
    return figure


@pytest.fixture(scope="module")
def svg():
    return draw(_figure)[0]


def test_the_file_has_our_colours_and_the_page_its_own(svg):
    page = inline(svg, "some", "what it shows")
    for ours, of_the_page in PAGE_COLOURS.items():
        assert ours in svg.decode()
        assert ours not in page
        assert of_the_page in page
    assert "#" not in page.replace("#some-", "")  # no colour besides these


@pytest.mark.parametrize("name", ["model", "other", "purple", "grey", "brown", "red", "muted"])
def test_colours_are_legible_on_a_dark_page(name):
    """At least 4.5 to 1, as WCAG 2 asks for text. The third model of a comparison had 2.6."""
    style = files("unspool.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    dark = dict(re.findall(r"--(\w+): (#\w{6});", style.partition("(prefers-color-scheme: dark)")[2].partition("}")[0]))
    for ground in ("paper", "raised"):
        assert _contrast(dark[name], dark[ground]) >= 4.5


def _contrast(colour, ground):
    darker, lighter = sorted(map(_luminance, (colour, ground)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour):
    """Of sRGB, as WCAG 2 defines it."""
    shares = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in to_rgb(colour)]
    return 0.2126 * shares[0] + 0.7152 * shares[1] + 0.0722 * shares[2]


def test_two_figures_in_one_page_share_no_id(svg):
    ids = []
    for name in ("one", "other"):
        root = ElementTree.fromstring(inline(svg, name, "what it shows"))
        own = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        references = [
            value.split("#")[1].rstrip(")")
            for element in root.iter()
            for key, value in element.attrib.items()
            if key == "href" or value.startswith("url(#")
        ]
        assert references
        assert set(references) <= set(own)
        ids += own
    assert len(ids) == len(set(ids))


def test_letters_stay_letters_in_the_type_of_the_page(svg):
    root = ElementTree.fromstring(inline(svg, "some", "what it shows"))
    (label,) = [element for element in root.iter("text") if "$" in (element.text or "")]
    assert label.text == "a < b & $c"
    assert "var(--sans)" in label.attrib["style"]
    assert "DejaVu" not in ElementTree.tostring(root, encoding="unicode")


def test_what_it_shows_is_told_and_nothing_else_is_taken_along(svg):
    page = inline(svg, "some", '"quoted" & <so on>')
    root = ElementTree.fromstring(page)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == '"quoted" & <so on>'
    assert root.attrib["viewBox"] == "0 0 216 144"
    for foreign in ("<?xml", "<!DOCTYPE", "xmlns", "<style", "<metadata", "http"):
        assert foreign not in page


def test_no_date_and_no_version_is_written(svg):
    png = draw(_figure)[1]
    assert b"<dc:date>" not in svg
    assert b"Matplotlib" not in svg
    assert b"Software" not in png
    assert draw(_figure) == (svg, png)


def test_a_label_as_long_as_the_figure_is_wide_is_drawn_without_a_warning():
    def figure():
        found = Figure(figsize=(3, 2), layout="constrained")
        found.subplots().set_yticks([0, 1], ["a label" * 30] * 2)
        return found

    assert b"a labela label" in draw(figure)[0]


def test_ctrl_c_within_a_figure_is_not_lost_in_matplotlib(monkeypatch):
    """Its compiled parts ask a box for its numbers, and take any exception for a box of the wrong shape."""
    as_array = BboxBase.__array__

    def interrupted(box, *given, **named):
        monkeypatch.setattr(BboxBase, "__array__", as_array)
        os.kill(os.getpid(), signal.SIGINT)
        return as_array(box, *given, **named)

    monkeypatch.setattr(BboxBase, "__array__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        draw(_figure)
    assert BboxBase.__array__ is as_array

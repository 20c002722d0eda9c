"""A figure as SVG and PNG, always the same bytes; and the SVG as a part of a page."""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from xml.etree import ElementTree

from markupsafe import Markup
from matplotlib import style
from matplotlib.figure import Figure

from unspool.interruption import put_off
from unspool.report.figures.theme import PAGE_COLOURS, SETTINGS

_NO_METADATA = {
    "svg": dict.fromkeys(("Creator", "Date", "Format", "Type")),
    "png": dict.fromkeys(("Software",)),
}
_NAMESPACE = re.compile(r"\{[^}]*\}")


@contextmanager
def _our_settings() -> Iterator[None]:
    """Draw by our settings alone within the block, whatever a user's matplotlib settings are."""
    with style.context(["default", SETTINGS]), warnings.catch_warnings():
        # A label in a script that the font lacks: it is whole in the SVG, where the reader's own fonts draw it.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        # Labels as long as the figure is wide: its parts then overlap.
        warnings.filterwarnings("ignore", "constrained_layout not applied", UserWarning)
        yield


def draw(make: Callable[[], Figure]) -> tuple[bytes, bytes]:
    """Draw a figure by our settings.

    Args:
        make: builds it; called once, with the settings in force.

    Returns:
        Its SVG and its PNG.
    """
    with put_off(), _our_settings():
        figure = make()
        svg = _saved(figure, "svg")
        figure.set_layout_engine("none")  # the layout of the SVG suits the PNG; finding it takes as long as drawing
        return svg, _saved(figure, "png")


def draw_svg(make: Callable[[], Figure]) -> bytes:
    """The same as an SVG alone, for a page without files for its figures."""
    with put_off(), _our_settings():
        return _saved(make(), "svg")


def _saved(figure: Figure, kind: str) -> bytes:
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=160, metadata=_NO_METADATA[kind])
    return content.getvalue()


def inline(svg: bytes, name: str, description: str) -> Markup:
    """Turn an SVG of `draw` into a part of an HTML page.

    Its colours become the page's, its letters are set in the page's type, its ids start with `name` so that several
    figures can stand in one page, and whoever does not see it is told what it shows.

    Args:
        svg: as `draw` gives it.
        name: unique in the page, fit to be an id.
        description: one or two sentences.
    """
    root = ElementTree.fromstring(svg)
    for element in list(root.iter()):
        element.tag = _NAMESPACE.sub("", element.tag)
        element.attrib = {_NAMESPACE.sub("", key): value for key, value in element.attrib.items()}
        _rename_ids(element, name)
        if "style" in element.attrib:
            element.set("style", _in_page_colours(element.attrib["style"]))
        for child in [child for child in element if _NAMESPACE.sub("", child.tag) == "style"]:
            element.remove(child)  # would hold for the whole page; the page has the same for figures
        element.tail = None
        if element.tag != "text":
            element.text = None
    root.attrib = {
        "class": f"figure-{name}",
        "role": "img",
        "aria-label": description,
        "viewBox": root.attrib["viewBox"],
        "width": root.attrib["width"],
        "height": root.attrib["height"],
    }
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def _rename_ids(element: ElementTree.Element, name: str) -> None:
    for key, value in element.attrib.items():
        if key == "id":
            element.set(key, f"{name}-{value}")
        elif key == "href":
            element.set(key, value.replace("#", f"#{name}-", 1))
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{name}-"))


def _in_page_colours(declarations: str) -> str:
    for ours, of_the_page in PAGE_COLOURS.items():
        declarations = declarations.replace(ours, of_the_page)
    return declarations.replace("'DejaVu Sans'", "var(--sans)")

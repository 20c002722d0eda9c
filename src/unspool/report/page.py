"""A Result in, one page out: `report.html`, which needs nothing else, and its figures as files beside it."""

from functools import partial
from pathlib import Path

import jinja2
from markupsafe import Markup

from unspool.errors import UserError
from unspool.evaluation.result import Result
from unspool.files import write_aside
from unspool.report import content, wording
from unspool.report.drawing import draw, inline
from unspool.report.figures import DRAWINGS


def write_report(result: Result, folder: Path) -> Path:
    """Writes a run's report.

    The same result gives the same bytes. Each file is written aside and then takes its place, the page last, so that
    a page never stands beside half a figure.

    Args:
        result: of a finished run.
        folder: gets `report.html` and `figures/*.svg` and `*.png`; created where it is missing.

    Returns:
        The path of `report.html`.

    Raises:
        UserError: the folder cannot be written.
    """
    figures = {}
    try:
        (folder / "figures").mkdir(parents=True, exist_ok=True)
        for drawing in DRAWINGS:
            svg, png = draw(partial(drawing.draw, result))
            write_aside(folder / "figures" / f"{drawing.name}.svg", svg)
            write_aside(folder / "figures" / f"{drawing.name}.png", png)
            figures[drawing.name] = inline(svg, drawing.name, wording.visible(drawing.describe(result)))
        path = folder / "report.html"
        write_aside(path, report_html(result, figures).encode())
    except (OSError, UserError) as error:
        raise UserError(f"the report cannot be written to {folder}: {error}") from error
    return path


def report_html(result: Result, figures: dict[str, Markup]) -> str:
    """Renders the page.

    Args:
        result: of a finished run.
        figures: for each name in `DRAWINGS` its inline SVG.
    """
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            result=result,
            figures=figures,
            is_chapter=result.protocol == "chapter",
            content=content,
        )
    )


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("unspool.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (wording.count, wording.duration, wording.shortened):
        environment.filters[function.__name__] = function
    return environment


def _seen(value: object) -> object:
    """Everything that a template puts out passes here: text that is not our own markup is made visible."""
    return wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

"""A result in, one page out: `report.html`, which needs nothing else, and its figures as files beside it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
from markupsafe import Markup

from unspool.errors import UserError
from unspool.evaluation.reconstruction_result import ReconstructionResult
from unspool.evaluation.result import Result
from unspool.evaluation.task_result import TaskResult
from unspool.files import write_aside
from unspool.report import (
    classification_content,
    classification_figures,
    content,
    example,
    reconstruction_content,
    reconstruction_figures,
    task_content,
    task_figures,
    wording,
)
from unspool.report.drawing import draw, inline
from unspool.report.figure_parts import Drawing


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the page of one kind of run is made from."""

    template: str
    content: ModuleType
    drawings: tuple[Drawing[Any], ...]


_KINDS = {
    Result: _Kind("classification/report.html.j2", classification_content, classification_figures.DRAWINGS),
    ReconstructionResult: _Kind(
        "reconstruction/report.html.j2", reconstruction_content, reconstruction_figures.DRAWINGS
    ),
    TaskResult: _Kind("task/report.html.j2", task_content, task_figures.DRAWINGS),
}


AnyResult = Result | TaskResult | ReconstructionResult

_ENDINGS = (".svg", ".png")


def write_report(result: AnyResult, folder: Path) -> Path:
    """Writes a run's report.

    The same result gives the same bytes. Each file is written aside and then takes its place, the page last, so that
    a page never stands beside half a figure. What an earlier report drew and this one does not is removed; whatever
    else lies there stays.

    Args:
        result: of a finished run.
        folder: gets `report.html` and `figures/*.svg` and `*.png`; created where it is missing.

    Returns:
        The path of `report.html`.

    Raises:
        UserError: the folder cannot be written.
    """
    kind = _KINDS[type(result)]
    figures = {}
    try:
        (folder / "figures").mkdir(parents=True, exist_ok=True)
        for drawing in kind.drawings:
            if not drawing.applies(result):
                continue
            images = draw(partial(drawing.draw, result))
            for ending, image in zip(_ENDINGS, images, strict=True):
                write_aside(folder / "figures" / (drawing.name + ending), image)
            figures[drawing.name] = inline(images[0], drawing.name, wording.visible(drawing.describe(result)))
        path = folder / "report.html"
        write_aside(path, _report_html(result, figures, kind).encode())
        _remove_figures(folder / "figures", figures.keys())
    except (OSError, UserError) as error:
        raise UserError(f"the report cannot be written to {folder}: {error}") from error
    return path


def _remove_figures(folder: Path, kept: Collection[str]) -> None:
    """Removes the figures of any report but those kept."""
    ours = {drawing.name for kind in _KINDS.values() for drawing in kind.drawings}
    for name in ours.difference(kept):
        for ending in _ENDINGS:
            (folder / (name + ending)).unlink(missing_ok=True)


def _report_html(result: AnyResult, figures: dict[str, Markup], kind: _Kind) -> str:
    """Renders the page, with the inline SVG of each figure by its name."""
    return (
        _templates()
        .get_template(kind.template)
        .render(
            result=result,
            figures=figures,
            is_chapter=result.protocol == "chapter",
            content=kind.content,
            example=example,
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
    filters = (wording.count, wording.duration, wording.shortened)
    for function in (*filters, content.outcome, content.rate_drops, content.check_rows):
        environment.filters[function.__name__] = function
    return environment


def _seen(value: object) -> object:
    """Everything that a template puts out passes here: text that is not our own markup is made visible."""
    return wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

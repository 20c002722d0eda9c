"""A result in, one page out: `report.html`, which needs nothing else, and its figures as files beside it."""

from collections.abc import Collection
from functools import partial
from pathlib import Path

from markupsafe import Markup

from unspool.atomic_writes import write_aside
from unspool.evaluation.result import Result
from unspool.files import make_folder, unwritable
from unspool.report import content, example, wording
from unspool.report.figures import FIGURES
from unspool.report.figures.drawing import draw, inline
from unspool.report.rendering import rendered
from unspool.report.terms import terms_of
from unspool.tasks import Task, task_of

_ENDINGS = (".svg", ".png")
_EARLIER = ("accuracy", "losses")
"""Figures that earlier versions drew."""


def write_report(result: Result, folder: Path) -> Path:
    """Write a run's report.

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
    task, figures = task_of(result), {}
    try:
        make_folder(folder / "figures")
        for drawing in (FIGURES[name] for name in task.figures):
            if not drawing.applies(result):
                continue
            images = draw(partial(drawing.draw, result))
            for ending, image in zip(_ENDINGS, images, strict=True):
                write_aside(folder / "figures" / (drawing.name + ending), image)
            figures[drawing.name] = inline(images[0], drawing.name, wording.visible(drawing.describe(result)))
        path = folder / "report.html"
        write_aside(path, _report_html(result, figures, task).encode())
        _remove_figures(folder / "figures", figures.keys())
    except OSError as error:
        raise unwritable(folder, error) from error
    return path


def _remove_figures(folder: Path, kept: Collection[str]) -> None:
    """Remove the figures of earlier reports, except those kept."""
    for name in {*FIGURES, *_EARLIER}.difference(kept):
        for ending in _ENDINGS:
            (folder / (name + ending)).unlink(missing_ok=True)


def _report_html(result: Result, figures: dict[str, Markup], task: Task) -> str:
    """Render the page, with the inline SVG of each figure by its name."""
    return rendered(
        "report.html.j2",
        result=result,
        figures=figures,
        is_chapter=result.protocol == "chapter",
        content=content,
        sections=task.sections,
        terms=terms_of(result),
        task=task,
        example=example,
    )

"""A search in, one page out: `search.html`, which needs nothing else."""

from dataclasses import dataclass
from pathlib import Path

from unspool.atomic_writes import write_aside
from unspool.evaluation.searched import Searched, SearchedTrial
from unspool.report import wording
from unspool.report.content import Cell, cell_of
from unspool.report.figures.drawing import draw_svg, inline
from unspool.report.figures.trials import drawings, ranked_settings
from unspool.report.rendering import rendered
from unspool.tasks import task_of

PAGE = "search.html"
_BEST = 10
"""Trials in the table of the best."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One line of a table of trials; a cell for each setting."""

    number: int
    values: tuple[str, ...]
    loss: str
    end: str
    parameters: int
    seconds: float
    won: bool


def write_search_page(found: Searched, folder: Path) -> Path:
    """Write the page of a search. The same search gives the same bytes.

    Args:
        found: with one trial at least.
        folder: gets `search.html`; must be there.

    Returns:
        The path of the page.

    Raises:
        UserError: the folder cannot be written.
    """
    figures, slices = {}, []
    for drawing in drawings(found):
        svg = inline(draw_svg(drawing.draw), drawing.name, wording.visible(drawing.description))
        if drawing.setting:
            slices.append((drawing.title, svg))
        else:
            figures[drawing.name] = svg
    rows = [_row(one, found) for one in found.trials]
    ranked = [rows[one.number] for one in found.finished]
    html = rendered(
        "search.html.j2",
        title=f"{found.name}: a search for settings",
        search=found,
        settings=ranked_settings(found),
        figures=figures,
        slices=slices,
        best=ranked[:_BEST],
        rows=rows,
        score=_score(found),
    )
    path = folder / PAGE
    write_aside(path, html.encode())
    return path


def _score(found: Searched) -> tuple[str, Cell] | None:
    """The winner's score on the test set that its verdict rests on."""
    if found.result is None:
        return None
    measure = task_of(found.result).measures[found.result.verdict.measure]
    return measure.title, cell_of(measure.say, found.result.test.get(found.result.verdict.measure))


def _row(one: SearchedTrial, found: Searched) -> TrialRow:
    values = tuple(wording.setting_value(one.settings.get(setting.name, "")) for setting in ranked_settings(found))
    epochs = len(one.losses)
    end = f"epoch {one.best_epoch} of {epochs}" if one.state == "finished" else one.state
    if one.state not in ("finished", "impossible"):
        end += f" after {epochs} epoch{'s' * (epochs != 1)}"
    if one.reason:
        end += f": {one.reason}"
    loss = one.loss if one.loss is not None else one.losses[-1] if one.losses else None
    said = "" if loss is None else f"{loss:.4f}"
    return TrialRow(one.number, values, said, end, one.parameters, one.seconds, one.number == found.winner)

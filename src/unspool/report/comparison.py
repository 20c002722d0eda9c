"""A comparison in, a record and a page out: `comparison.json`, and `compare.html`, which needs nothing else."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from markupsafe import Markup

from unspool.atomic_writes import writing_aside
from unspool.evaluation.compared import Comparison
from unspool.evaluation.contenders import OtherModel
from unspool.evaluation.measures.measure import Measure
from unspool.interruption import put_off
from unspool.report import wording
from unspool.report.content import Cell, cell_of
from unspool.report.figures.contenders import COMPARISON_FIGURES, Comparing, Runs
from unspool.report.figures.drawing import draw_svg, inline
from unspool.report.rendering import rendered
from unspool.strict_json import as_lossless_json
from unspool.tasks import task_of

RECORD, PAGE = "comparison.json", "compare.html"


@dataclass(frozen=True, slots=True)
class ContenderRow:
    """One line of the table of scores: a cell for each measure."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One line of the table of differences: a pair, a measure, and what sets the first apart from the second."""

    first: str
    second: str
    measure: str
    difference: Cell
    evidence: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the table of runs; epochs are empty where a model has none."""

    name: str
    seed: int
    score: str
    parameters: int
    epochs: str
    seconds: float


def write_comparison(
    comparison: Comparison, runs: Runs, folder: Path, others: Mapping[str, OtherModel] | None = None
) -> Path:
    """Write the record and the page of a comparison, both or neither, even on a full disk or at Ctrl-C.

    The same comparison of the same runs gives the same bytes.

    Args:
        comparison: of finished runs.
        runs: for each contender of the comparison that is a recipe or a run, by its name, the result of each seed.
        folder: gets `comparison.json` and `compare.html`; must be there.
        others: the other contenders, by name.

    Returns:
        The path of the page.

    Raises:
        UserError: the folder cannot be written.
    """
    record = as_lossless_json(asdict(comparison), indent=2) + "\n"
    page = _page(comparison, runs, others or {})
    path = folder / PAGE
    with put_off(), writing_aside(folder / RECORD) as first, writing_aside(path) as second:
        for handle, content in ((first, record), (second, page)):
            handle.write(content.encode())
            handle.flush()
            os.fsync(handle.fileno())  # now: at the end, the second is renamed before the first is synced
    return path


def _page(comparison: Comparison, runs: Runs, others: Mapping[str, OtherModel]) -> str:
    first = next(iter(next(iter(runs.values())).values()))
    measures = task_of(first).measures
    headline = next(iter(comparison.recipes[0].scores))
    comparing = Comparing(comparison, runs, headline, measures[headline], others)
    figures = {}
    for drawing in COMPARISON_FIGURES:
        if drawing.applies(comparing):
            image = draw_svg(partial(drawing.draw, comparing))
            figures[drawing.name] = inline(image, drawing.name, wording.visible(drawing.describe(comparing)))
    shown = {name: measures[name] for name in comparison.recipes[0].scores}
    return _html(comparing, shown, figures, first.data.title)


def _html(comparing: Comparing, measures: dict[str, Measure], figures: dict[str, Markup], data: str) -> str:
    comparison, names = comparing.comparison, comparing.names
    return rendered(
        "comparison.html.j2",
        title=f"{', '.join(names[:-1])} and {names[-1]} compared",
        data=data,
        comparison=comparison,
        seeds=comparison.recipes[0].seeds if len(next(iter(comparing.runs.values()))) > 1 else (),
        differences=comparing.headline_differences,
        measure=comparing.measure,
        titles=[measure.title for measure in measures.values()],
        contenders=[
            ContenderRow(one.recipe, tuple(cell_of(measures[name].say, score) for name, score in one.scores.items()))
            for one in comparison.recipes
        ],
        rows=list(_difference_rows(comparison, measures)),
        runs=list(_run_rows(comparing)),
        others={name: one.source for name, one in comparing.others.items()},
        untrained=[name for name, by_seed in comparing.runs.items() if not any(r.epochs for r in by_seed.values())],
        is_chapter=any(result.protocol == "chapter" for one in comparing.runs.values() for result in one.values()),
        figures=figures,
    )


def _difference_rows(comparison: Comparison, measures: dict[str, Measure]) -> Iterator[DifferenceRow]:
    for one in comparison.differences:
        measure = measures[one.score]
        value, _, interval = measure.say_difference(one.value, one.interval, comparison.pair_level).partition(" (")
        has_width = one.interval.low < one.interval.high
        difference = Cell(value, interval.partition("interval ")[2].removesuffix(")") if has_width else "")
        yield DifferenceRow(one.first, one.second, measure.title, difference, one.evidence)


def _run_rows(comparing: Comparing) -> Iterator[RunRow]:
    for name, by_seed in comparing.runs.items():
        for result in by_seed.values():
            score = result.test.get(comparing.headline)
            yield RunRow(
                name,
                result.seed,
                comparing.measure.say(score.value) if score else "",
                result.parameters.total,
                f"{result.epochs}, kept {result.best_epoch}" if result.epochs else "",
                result.training_seconds or result.seconds,
            )

"""Every figure of a report, by the name that a task calls it by."""

from unspool.evaluation.result import Result
from unspool.report.figures import binary, common, enlarged, films, forecasts, pictures, predictions, translations
from unspool.report.figures.parts import Drawing

FIGURES: dict[str, Drawing[Result]] = {
    drawing.name: drawing
    for module in (common, binary, predictions, pictures, translations, forecasts, enlarged, films)
    for drawing in module.DRAWINGS
}

__all__ = ["FIGURES", "Drawing"]

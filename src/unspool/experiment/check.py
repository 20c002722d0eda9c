"""`unspool check`: the certificate of any model's folder, kept in it and shown in its report."""

from collections.abc import Callable
from pathlib import Path

from unspool.evaluation.certificate import Certificate
from unspool.experiment import classification
from unspool.experiment.answering import Answering
from unspool.experiment.autoencoder import DECODER, ENCODER, load_autoencoder
from unspool.experiment.certificate import certificate_of, write_certificate
from unspool.experiment.folder import MODEL, RECIPE, check_run
from unspool.experiment.own.model import is_own_model, load_own_model
from unspool.experiment.recipe import ClassificationRecipe
from unspool.experiment.recipe_file import load_recipe
from unspool.experiment.record import read_result
from unspool.models.loading import load_model
from unspool.report.page import write_report


def check(folder: Path) -> Certificate:
    """Check that a model answers alike however it is asked; write certificate.json, and its report anew.

    What is checked of the file alone, that it gives again what was trained, is checked best in a process that has not
    trained the model.

    Args:
        folder: of a finished run, or one that `unspool train` wrote.

    Returns:
        What was found, whether it passes or not.

    Raises:
        UserError: it is no such folder, it has no golden inputs, or a file in it is damaged.
    """
    check_run(folder)
    certificate = certificate_of(folder, *_model_in(folder))
    write_certificate(certificate, folder)
    write_report(read_result(folder), folder)
    return certificate


def _model_in(folder: Path) -> tuple[list[str], Callable[[], Answering]]:
    """The names of the model's files, and what reads it."""
    if is_own_model(folder):
        return [MODEL], lambda: load_own_model(folder).answering
    recipe = load_recipe(folder / RECIPE)
    if isinstance(recipe, ClassificationRecipe):
        return [MODEL], lambda: classification.answering(recipe, load_model(folder / MODEL))
    return [ENCODER, DECODER], lambda: load_autoencoder(folder).answering

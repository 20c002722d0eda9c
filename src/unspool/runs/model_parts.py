"""What stands around a network in a model's folder: how it was made, reads and answers. Reading that needs no Keras."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from unspool.data.definitions import altered, read_definition, write_definition
from unspool.descriptions.inputs import Series, Steps, Tokens, WordForms
from unspool.descriptions.networks import Autoencoder
from unspool.errors import UserError
from unspool.files import DAMAGE, read_bounded, reason_of
from unspool.readers import (
    READER,
    ForecastReader,
    RawSeriesReader,
    RawTextReader,
    RawWordReader,
    Reader,
    load_reader,
)
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings, Recipe, TextSettings
from unspool.runs.records.folder import METRICS, RECIPE, check_model
from unspool.runs.records.folder_links import refuse_links
from unspool.tasks import Binary, Reconstruction, Task, load_task
from unspool.tasks.base import FILE as LABELS

DECISION, INSPECTION = "decision.json", "inspection.txt"
_WHAT = "decision rule"

NetworkInputs: TypeAlias = Tokens | WordForms | Series | Steps


@dataclass(frozen=True)
class ModelParts:
    """A trained model without what it has learned.

    Attributes:
        recipe: how it was made.
        reader: turns raw examples into its inputs; None of a named dataset's run by an earlier version.
        task: turns its outputs into answers.
        threshold: a probability at or above it is a yes; None where the task needs none.
        inputs: what its network is built for; None where it is no network.
    """

    recipe: Recipe
    reader: Reader | None
    task: Task
    threshold: float | None
    inputs: NetworkInputs | None


def load_parts(folder: Path) -> ModelParts:
    """Read what stands around the network in a model's folder.

    Raises:
        UserError: it is no such folder, or a file in it is missing, cut short or altered.
    """
    check_model(folder)
    refuse_links(folder)
    recipe = load_recipe(folder / RECIPE)
    if not (folder / READER).is_file():
        if isinstance(recipe.data, FileSettings):  # whose reader was always kept
            raise UserError(f"There is no file {folder / READER}. Train the model again, or get another copy.")
        return _read_earlier(folder, recipe)
    reader, task = load_reader(folder), load_task(folder / LABELS)
    inputs = (
        None if isinstance(reader, RawTextReader | RawSeriesReader | RawWordReader | ForecastReader) else reader.inputs
    )
    return ModelParts(recipe, reader, task, _threshold(folder / DECISION), inputs)


def write_decision(threshold: float | None, path: Path) -> None:
    """Write from which probability on an answer is a yes."""
    write_definition(path, _WHAT, {"threshold": threshold})


def _read_earlier(folder: Path, recipe: Recipe) -> ModelParts:
    """A run of a named dataset by an earlier version, which kept neither reader nor labels."""
    try:
        metrics = json.loads(read_bounded(folder / METRICS))
        data = metrics["data"]
        if isinstance(recipe.model, Autoencoder):
            task = Reconstruction(tuple(data["label_names"]), likelihood=recipe.model.decoder.output)
            return ModelParts(recipe, None, task, None, Series(length=data["length"], features=data["features"]))
        assert isinstance(recipe.data, TextSettings)
        inputs = Tokens(size=recipe.data.num_words, length=recipe.data.maxlen)
        threshold = float(metrics["test"]["threshold"])
        return ModelParts(recipe, None, Binary(tuple(map(str, data["label_names"]))), threshold, inputs)
    except (*DAMAGE, AssertionError) as error:
        raise UserError(
            f"{folder / METRICS} is damaged: {type(error).__name__}: {reason_of(error)}. Train the model again."
        ) from error


def _threshold(path: Path) -> float | None:
    content = read_definition(path, _WHAT)
    try:
        if content["threshold"] is None:
            return None
        if type(content["threshold"]) not in (int, float):
            raise ValueError("the threshold is not a number")
        threshold = float(content["threshold"])
        if not np.isfinite(threshold):
            raise ValueError("the threshold is not a finite number")
        return threshold
    except DAMAGE as error:
        raise altered(path, _WHAT, error) from error

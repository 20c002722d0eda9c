"""A model of one's own, as its folder keeps it: all that is needed to use it on another file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.definitions import altered, read_definition, write_definition
from unspool.data.labels import LabelCodec
from unspool.errors import UserError
from unspool.experiment import folder as run_folder
from unspool.experiment.answering import Answering, masked_or_read
from unspool.experiment.certificate import certificate_of, refuse_broken
from unspool.experiment.links import refuse_links
from unspool.experiment.own.network import answers, built, decisions
from unspool.experiment.own.reading import READER, Inputs, Reader, load_reader
from unspool.experiment.own.recipe import OwnRecipe, for_task, read_own_recipe
from unspool.experiment.recipe_file import write_recipe
from unspool.models.loading import load_weights

LABELS, DECISION, INSPECTION = "labels.json", "decision.json", "inspection.txt"
_WHAT = "decision rule"


@dataclass(frozen=True, eq=False)
class OwnModel:
    """A trained model with everything that stands between a file and its answers.

    Attributes:
        recipe: how it was made.
        reader: turns texts or series into its inputs.
        codec: turns its answers into labels.
        threshold: a probability at or above it is a yes (binary, and each of several labels).
        network: the Keras model.
    """

    recipe: OwnRecipe
    reader: Reader
    codec: LabelCodec
    threshold: float
    network: keras.Model = field(repr=False)

    @property
    def answering(self) -> Answering:
        """The same as its checks see it."""
        return Answering((self.network,), masked_or_read(self.recipe.model.mask_padding))

    def answers(self, inputs: Inputs) -> NDArray[np.float64]:
        """What the model says of N inputs; see `network.answers`."""
        return answers(self.network, inputs, self.codec)

    def decisions(self, found: NDArray[np.float64]) -> tuple[list[Any], list[Any]]:
        """The labels that answers mean, and how probable they are; see `network.decisions`."""
        return decisions(found, self.codec, self.threshold)

    def save(self, folder: Path) -> None:
        """Write model.keras, recipe.toml, labels.json, decision.json, reader.json and perhaps tokenizer.json."""
        bare = keras.models.clone_model(self.network)  # Keras writes the optimizer's arrays too, twice the model's
        bare.set_weights(self.network.get_weights())
        bare.save(folder / run_folder.MODEL)
        write_recipe(self.recipe, folder / run_folder.RECIPE)
        self.reader.save(folder)
        self.codec.save(folder / LABELS)
        write_definition(folder / DECISION, _WHAT, {"threshold": self.threshold})


def is_own_model(folder: Path) -> bool:
    """Whether a folder holds a model that `train` made."""
    return (folder / READER).is_file()


def load_own_model(folder: Path, *, check: bool = False) -> OwnModel:
    """Read a model's folder.

    The network is built from its description, and model.keras gives nothing but numbers for it: whatever else a file
    from a stranger holds is never looked at.

    Args:
        folder: that `train` wrote.
        check: whether to make sure first that the model answers its golden inputs as it did where it was trained, and
            alike however it is asked (see `certificate`); takes seconds.

    Raises:
        UserError: it is no such folder, a file in it is missing, cut short or altered, or a check is not passed.
    """
    model = _read(folder)
    if check:
        refuse_broken(folder, certificate_of(folder, [run_folder.MODEL], lambda: _read(folder).answering))
    return model


def _read(folder: Path) -> OwnModel:
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}. Give the folder that unspool train wrote.")
    if not is_own_model(folder):
        raise UserError(f"{folder} holds no model of unspool train: there is no {READER} in it.")
    refuse_links(folder)
    recipe = read_own_recipe(folder / run_folder.RECIPE)
    reader, codec = load_reader(folder), LabelCodec.load(folder / LABELS)
    network = load_weights(lambda: built(for_task(recipe.model, codec), reader), folder / run_folder.MODEL)
    return OwnModel(recipe, reader, codec, _threshold(folder / DECISION), network)


def _threshold(path: Path) -> float:
    content = read_definition(path, _WHAT)
    try:
        threshold = float(content["threshold"])
        if not np.isfinite(threshold):
            raise ValueError("the threshold is no finite number")
        return threshold
    except (KeyError, TypeError, ValueError) as error:
        raise altered(path, _WHAT, error) from error

"""A trained model with its reader and its task, as stored in a run's folder."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import RawModel, candidate_names, load_raw_model
from unspool.candidates.registry import WORD_BLEND
from unspool.candidates.transformation import Transformation
from unspool.data.definitions import altered, read_definition, write_definition
from unspool.descriptions.networks import DECODER, ENCODER, Autoencoder, Seq2Vec, Tagger, Upscaler
from unspool.errors import UserError
from unspool.files import DAMAGE, reason_of
from unspool.readers import READER, TOKENIZER, Inputs, RawExamples, Reader
from unspool.runs.checking.certificate import certificate_of, refuse_broken
from unspool.runs.checking.checkable import Checkable, RawCheckable, TranslationCheckable, masked_or_read
from unspool.runs.checking.golden_labels import refuse_changed
from unspool.runs.model_parts import DECISION, load_parts, write_decision
from unspool.runs.recipes.file import write_recipe
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.records import folder as run_folder
from unspool.runs.records.seen import SEEN
from unspool.tasks import Regression, Task, Translation
from unspool.tasks.base import FILE as LABELS
from unspool.tasks.base import WHAT as _LABELS
from unspool.tasks.finite import finite
from unspool.tasks.written_texts import ScoredText, WrittenText, best_texts, drawn_texts, refuse_count, scored_texts

if TYPE_CHECKING:
    import keras

    from unspool.models.search import Sampling
    from unspool.training.autoencoder import TrainedAutoencoder

_CHOSEN = "chosen model"
_LEARNED = (
    run_folder.MODEL,
    ENCODER,
    DECODER,
    "model.safetensors",
    "model.json",
    "text-model.safetensors",
    "text-model.json",
    "forecaster.safetensors",
    "forecaster.json",
    "joint-ngrams.safetensors",
)
_READ_AND_ANSWERED = (run_folder.RECIPE, READER, TOKENIZER, LABELS, DECISION, run_folder.CHOSEN)
MODEL_FILES = (*_LEARNED, *_READ_AND_ANSWERED)
"""The names of all files that predictions may depend on."""


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained model with its reader and its task.

    Attributes:
        recipe: that it was made by.
        reader: turns raw examples into inputs; None for a named dataset's run by an earlier version.
        task: turns outputs into answers.
        threshold: probabilities at or above it count as yes; None if the task has none.
        network: the Keras model, or a candidate of raw examples.
    """

    recipe: Recipe
    reader: Reader | None
    task: Task
    threshold: float | None
    network: "keras.Model | RawModel" = field(repr=False)

    @property
    def checkable(self) -> Checkable | RawCheckable | TranslationCheckable:
        """The part of it that `check` needs."""
        model = self.recipe.model
        if isinstance(self.network, RawModel):
            kernels = self.network.name == WORD_BLEND  # it holds a Keras model
            return RawCheckable(
                self.network, by_step=self.task.by_step, unit=min(1.0, self.task.unit), has_kernels=kernels
            )
        if isinstance(self.task, Translation):
            return TranslationCheckable(self.network, self.task)
        assert isinstance(model, Seq2Vec | Autoencoder | Tagger | Upscaler)
        padding = (
            "none"
            if isinstance(model, Autoencoder | Upscaler) or getattr(model, "pooling", "") == "flatten"
            else masked_or_read(getattr(model, "mask_padding", True))
        )
        return Checkable(self.task.networks(self.network), padding, self.task.by_step)

    @property
    def autoencoder(self) -> "TrainedAutoencoder":
        """Encoder and decoder of an autoencoder."""
        from unspool.training.autoencoder import halves

        return halves(self.network)

    def outputs(self, inputs: Inputs) -> NDArray[np.float64]:
        """The outputs of the model for N inputs, see `Predictions`.

        Raises:
            UserError: its files do not belong together, it was made for other labels than its task has, or an answer is
                NaN or infinite.
        """
        if isinstance(self.network, RawModel):
            assert isinstance(inputs, RawExamples)
            try:
                with np.errstate(all="ignore"):
                    found = self.network.outputs(inputs.items)
            except DAMAGE as error:
                raise UserError(
                    f"The model cannot answer: its files do not belong together ({reason_of(error)}). Train it again, "
                    "or get another copy."
                ) from error
            wanted: tuple[int, ...] = (len(inputs), *self.task.shape_of_outputs)
            if self.task.by_step:
                wanted = (len(inputs), max(1, int(inputs.lengths.max(initial=1))), self.task.outputs)
            if found.shape != wanted:
                raise UserError(
                    f"The model's answers have the shape {found.shape}, not {wanted}: it is a model of other labels."
                )
            return finite(found)
        return finite(self.task.predict(self.network, inputs))

    def decide(self, outputs: NDArray[np.float64]) -> tuple[list[Any], list[Any]]:
        """The labels for outputs, and their probabilities."""
        return self.task.decide(outputs, self.threshold)

    def searching(self, beam: int | None, length_penalty: float | None = None) -> "TrainedModel":
        """The same model with another beam search; None leaves a setting as it is.

        Raises:
            UserError: it does not translate, or a value is out of bounds.
        """
        return replace(self, task=self.task.searching(beam, length_penalty))

    def translate(
        self, inputs: Inputs, count: int = 1, beam: int | None = None, length_penalty: float | None = None
    ) -> list[list[WrittenText]]:
        """The `count` best texts of each of N inputs, see `best_texts`.

        Args:
            inputs: as the model reads them.
            count: from 1 to 100.
            beam: the width of the search, at least `count`; None takes the model's own, or `count` if that is larger.
            length_penalty: of the search; None takes the model's own.

        Raises:
            UserError: the model writes no texts, a number is out of bounds, or an answer is NaN.
        """
        self.refuse_without_texts()
        refuse_count(count, beam)
        task, network = self._writing
        return best_texts(task.searching(beam, length_penalty), network, inputs, count)

    def sample(self, inputs: Inputs, how: "Sampling", count: int = 1, first: int = 0) -> list[list[WrittenText]]:
        """Sample `count` texts for each of N inputs, see `drawn_texts`.

        Raises:
            UserError: the model writes no texts, the count is out of bounds, or an answer is NaN.
        """
        self.refuse_without_texts()
        refuse_count(count)
        return drawn_texts(*self._writing, inputs, how, count, first)

    def score_pairs(self, inputs: Inputs, texts: Sequence[str]) -> list[ScoredText]:
        """The probability of a given text for each of N inputs, see `scored_texts`.

        Raises:
            UserError: the model writes no texts, there are not N texts, one is not a text, or an answer is NaN.
        """
        self.refuse_without_texts()
        if len(texts) != len(inputs):
            raise UserError(f"There are {len(inputs):,} sources and {len(texts):,} targets. Give one target for each.")
        return scored_texts(*self._writing, inputs, [*texts])

    def refuse_without_texts(self) -> None:
        """Refuse a model that does not write texts.

        Raises:
            UserError: its task is not translation, pronunciation, summary or captions.
        """
        if not isinstance(self.task, Translation):
            raise UserError(
                "Several answers, sampled answers and scores of existing texts are for models that write texts; the "
                f"task of this one is {self.task.name}. Use predict."
            )

    @property
    def _writing(self) -> tuple[Translation, Any]:
        """What searches for texts, and the network that writes them."""
        assert isinstance(self.task, Translation), "others were refused"
        return self.task, self.network

    def save(self, folder: Path) -> None:
        """Write model.keras, recipe.toml, labels.json, decision.json, reader.json and perhaps tokenizer.json.

        Of an autoencoder also encoder.keras and decoder.keras, each a model of its own.
        """
        assert self.reader is not None
        if isinstance(self.network, RawModel):
            self.network.save(folder)
            write_definition(folder / run_folder.CHOSEN, _CHOSEN, self.network.described)
        else:
            from unspool.models.saving import save_model

            save_model(self.network, folder / run_folder.MODEL)
        if isinstance(self.recipe.model, Autoencoder):
            self.autoencoder.save(folder)
        write_recipe(self.recipe, folder / run_folder.RECIPE)
        self.reader.save(folder)
        self.task.save(folder / LABELS)
        write_decision(self.threshold, folder / DECISION)


def load_trained(folder: Path, *, check: bool = False) -> TrainedModel:
    """Load a model from its folder.

    The network is built from its description, and only its weights are read from model.keras; nothing else in that file
    is used, as it may come from a stranger.

    Args:
        folder: written by `run`, `train` or an estimator's `save`.
        check: whether to check first that the model's predictions are consistent (see `certificate`), which takes
            seconds.

    Raises:
        UserError: it is not such a folder, a file in it is missing, truncated or altered, or the check fails.
    """
    model = read_trained(folder)
    if check:
        refuse_broken(folder, certificate_of(folder, certified_files(folder), lambda: read_trained(folder)))
    else:
        refuse_changed(folder)
    return model


def reader_of(model: TrainedModel, folder: Path) -> Reader:
    """The model's reader.

    Raises:
        UserError: it has none.
    """
    if model.reader is None:
        raise UserError(
            f"{folder} was made by an earlier version of unspool, which did not keep how the model reads raw examples. "
            "Train it again."
        )
    return model.reader


def read_trained(folder: Path) -> TrainedModel:
    """Load a model from its folder, even if its files have changed since training; see `load_trained`."""
    parts = load_parts(folder)
    task, inputs = parts.task, parts.inputs
    network: keras.Model | RawModel
    if inputs is None:
        network = _raw_model(folder, task)
    else:
        from unspool.models.loading import load_weights

        network = load_weights(lambda: task.build(parts.recipe.model, inputs), folder / run_folder.MODEL)
    return TrainedModel(parts.recipe, parts.reader, task, parts.threshold, network)


def _raw_model(folder: Path, task: Task) -> RawModel:
    content = read_definition(folder / run_folder.CHOSEN, _CHOSEN)
    if content.get("kind") not in ("text", "series", "forecast"):
        raise altered(folder / run_folder.CHOSEN, _CHOSEN, ValueError(f"there is no kind {content.get('kind')!r}"))
    # Earlier versions did not write the task, and had no such models for multilabel series, or tags.
    newer = task.name == "tagging" or (content["kind"], task.name) == ("series", "multilabel")
    unknown = None if newer else task.name
    if not candidate_names(content["kind"], task.name) or content.get("task", unknown) != task.name:
        raise altered(
            folder / LABELS,
            _LABELS,
            ValueError(f"its task is {task.name}, which the model in {run_folder.CHOSEN} does not do"),
        )
    if content["kind"] == "forecast" or task.by_step:
        from unspool.training import forecaster, word_blend  # noqa: F401  to read models that contain networks

    return load_raw_model(
        content["kind"], str(content.get("name")), task.name, folder, _transformation(content, folder)
    )


def _transformation(content: dict[str, Any], folder: Path) -> Transformation | None:
    """What the model's targets were transformed by; earlier versions did not transform them."""
    if "transformation" not in content:
        return None
    try:
        if content.get("task") != Regression.name:
            raise ValueError("only numbers are transformed")
        given = content["transformation"]
        return Transformation(given["kind"], *(float(given[name]) for name in ("least", "greatest", "factor")))
    except DAMAGE as error:
        raise altered(folder / run_folder.CHOSEN, _CHOSEN, error) from error


def certified_files(folder: Path) -> list[str]:
    """The names of the files in a folder that predictions depend on."""
    return [name for name in MODEL_FILES if (folder / name).is_file()]


def files_to_digest(folder: Path) -> list[str]:
    """The names of the files whose digests golden.json keeps: `certified_files` and, if there are any, fingerprints."""
    return [*certified_files(folder), *([SEEN] if (folder / SEEN).is_file() else [])]

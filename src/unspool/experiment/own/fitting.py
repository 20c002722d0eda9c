"""A person's file, read, prepared, and a model fitted to it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import keras

from unspool.data.inspection import TextInspection
from unspool.data.inspection_text import describe
from unspool.data.series.examples import SeriesExamples
from unspool.data.word_tokenizer import WordTokenizer
from unspool.errors import UserError
from unspool.experiment.chronicle import Chronicle
from unspool.experiment.fitting import Job, Trained, adam, train
from unspool.experiment.own.examples import Examples, Inspection, as_found, inspected, read_file
from unspool.experiment.own.judging import threshold_of
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.network import built, compiled
from unspool.experiment.own.preparation import (
    Prepared,
    fit_series_reader,
    prepare_series,
    prepare_texts,
    weights_of_classes,
)
from unspool.experiment.own.reading import Reader, TextReader
from unspool.experiment.own.recipe import OwnFile, OwnRecipe, for_task
from unspool.experiment.own.summary import digest
from unspool.models.seq2vec import Seq2Vec

Show = Callable[[str], None]
"""Takes a text for the person to read."""


@dataclass(frozen=True, eq=False)
class Ready:
    """All that is needed to train and to judge.

    Attributes:
        recipe: with every setting resolved.
        examples: what the file holds.
        inspection: of them.
        seen: the same in words.
        reader: how the model reads.
        prepared: the examples, read so.
    """

    recipe: OwnRecipe
    examples: Examples = field(repr=False)
    inspection: Inspection = field(repr=False)
    seen: str = field(repr=False)
    reader: Reader
    prepared: Prepared = field(repr=False)

    @property
    def digest(self) -> str:
        """See `summary.digest`."""
        return digest(self.examples, self.prepared)

    def fitted(self, job: Job) -> tuple[OwnModel, Trained]:
        """Train the recipe's model, and pick its threshold."""
        return fitted(self.recipe, self.reader, self.examples, self.prepared, job)


def ready(
    data: OwnFile, seed: int, recipe: Callable[[OwnFile, int], OwnRecipe], chronicle: Chronicle, show: Show
) -> Ready:
    """Read a file and prepare it.

    Args:
        data: which file, and how it is read.
        seed: of the parts.
        recipe: takes the file with its columns named and the number of training examples.
        chronicle: notes how long it takes.
        show: gets what was seen in the file.

    Raises:
        UserError: the file cannot be used, or the recipe is wrong.
    """
    examples = read_file(data, seed)
    chronicle.note("reading the file")
    inspection = inspected(examples, data)
    chronicle.note("inspecting it")
    seen = describe(inspection)
    show(seen)
    resolved = recipe(as_found(data, examples), examples.counts()["training"])
    reader, prepared = prepared_for(resolved, examples, inspection)
    chronicle.note("preparing what is trained on")
    return Ready(resolved, examples, inspection, seen, reader, prepared)


def ready_again(recipe: OwnRecipe, chronicle: Chronicle, show: Show = lambda text: None) -> Ready:
    """Read and prepare the file of a recipe that was made from it before; see `ready`."""
    return ready(recipe.data, recipe.seed_of_parts, lambda data, count: recipe, chronicle, show)


def prepared_for(recipe: OwnRecipe, examples: Examples, inspection: Inspection) -> tuple[Reader, Prepared]:
    """Fix how the model reads, and read all examples so.

    Raises:
        UserError: there is no word to learn, or what `prepare_texts` and `prepare_series` raise.
    """
    if isinstance(examples, SeriesExamples):
        series_reader = fit_series_reader(examples, recipe.data.length)
        return series_reader, prepare_series(examples, series_reader)
    assert isinstance(inspection, TextInspection)
    if isinstance(inspection.tokenizer, WordTokenizer) and not inspection.tokenizer.vocabulary:
        raise UserError(
            f"{recipe.data.path}: no word stands twice in the training texts, so that none can be learned. "
            "Try --tokenizer bpe, which reads parts of words."
        )
    reader = TextReader(inspection.tokenizer, recipe.data.length or inspection.length)
    return reader, prepare_texts(examples, reader)


def choices(recipe: OwnRecipe, reader: Reader) -> list[str]:
    """Say what was chosen, and why."""
    model, training = recipe.model, recipe.training
    reads = (
        f"{reader.tokenizer.size:,} different tokens, the last {reader.length:,} of a text"
        if isinstance(reader, TextReader)
        else f"{len(reader.channels)} channels, the last {reader.length:,} steps of a series, standardised"
    )
    return [
        f"model: {network_in_words(model, of_text=isinstance(reader, TextReader))}; it reads {reads}; "
        "padding is masked",
        f"training: batches of {training.batch_size}, Adam at {training.learning_rate:g}, until the validation loss "
        f"has not fallen for {training.early_stopping_patience} epochs (--set changes any of this: see recipe.toml)",
    ]


def network_in_words(model: Seq2Vec, of_text: bool) -> str:
    """Say what stands between what a model reads and its answer.

    Example:
        >>> network_in_words(Seq2Vec(cell="gru"), of_text=True)
        'gru, 32 units in one direction, the last state'
    """
    pairs = of_text and model.bigrams > 0
    if model.layers == 0:
        what = "embeddings of the tokens" if of_text else "steps"
        return f"no recurrence, mean and maximum over the {what}{' and of pairs of neighbours' if pairs else ''}"
    direction = "both directions" if model.bidirectional else "one direction"
    pooled = "mean and maximum over all states" if model.pooling == "mean_max" else "the last state"
    return f"{model.cell}, {model.units} units in {direction}, {pooled}{' and pairs of neighbours' if pairs else ''}"


def fitted(
    recipe: OwnRecipe, reader: Reader, examples: Examples, prepared: Prepared, job: Job
) -> tuple[OwnModel, Trained]:
    """Train the recipe's model, and pick its threshold."""
    codec = examples.codec
    job.say(f"training on {len(prepared.training):,} examples, validating on {len(prepared.validation):,}")
    keras.utils.set_random_seed(recipe.training.seed)
    network = compiled(built(for_task(recipe.model, codec), reader), codec.task, adam(recipe.training))
    training: tuple[object, ...] = (prepared.training.inputs, prepared.training.targets)
    weights = weights_of_classes(codec, prepared.training.targets)
    if weights is not None:
        training += (weights,)
    validation = (prepared.validation.inputs, prepared.validation.targets)
    trained = train(network, training, validation, recipe.training, job)
    model = OwnModel(recipe, reader, codec, 0.5, trained.model)
    return replace(model, threshold=threshold_of(model, prepared.validation)), trained

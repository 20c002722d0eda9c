"""What is particular to a run that tells two labels apart: from texts to scores beside a linear model's."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data import registry
from unspool.data.datasets import TextDataset, TextSplit
from unspool.data.padding import pad
from unspool.data.splits import stratified_split
from unspool.data.tokens import tokenize
from unspool.errors import UserError
from unspool.evaluation.baselines import fit_baselines
from unspool.evaluation.curves import youden_threshold
from unspool.evaluation.result import Baseline, DataSummary, ExampleText, Predictions, Result
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.verdict import verdict
from unspool.experiment import folder
from unspool.experiment.answering import Answering, masked_or_read
from unspool.experiment.fitting import Job, Trained, adam, record, train
from unspool.experiment.golden import golden_of
from unspool.experiment.recipe import ClassificationRecipe, TextSettings
from unspool.models.inputs import Tokens
from unspool.models.seq2vec import seq2vec
from unspool.progress import spinner
from unspool.training import predict


@dataclass(frozen=True)
class Part:
    """Labelled texts, and the same as a model reads them.

    Attributes:
        split: the texts and labels.
        ids: (N, maxlen), whole numbers.
    """

    split: TextSplit
    ids: NDArray[np.int32]

    @property
    def labels(self) -> NDArray[np.int8]:
        """(N,) 0 or 1."""
        return self.split.labels

    @property
    def inputs_and_targets(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """What training takes."""
        return self.ids, self.labels.astype(np.float32)


@dataclass(frozen=True)
class Prepared:
    """The data of a run.

    Attributes:
        dataset: where it comes from.
        training: what weights are fitted to.
        validation: what stops training and picks the threshold; under the protocol "chapter", the test set.
        test: what is scored.
        inputs: what the model reads.
    """

    dataset: TextDataset
    training: Part
    validation: Part
    test: Part
    inputs: Tokens


def execute(recipe: ClassificationRecipe, job: Job) -> Result:
    """Train and judge a classifier; its model goes to the job's folder."""
    prepared = prepare(recipe, job.data_folder)
    trained = fitted(recipe, job, prepared)
    job.say(f"stopped after epoch {trained.epochs}, kept epoch {trained.best_epoch}; evaluating, with baselines")
    trained.model.save(job.out / folder.MODEL)
    golden_of(answering(recipe, trained.model), prepared.test.ids).save(job.out)
    return evaluate(recipe, job, prepared, trained)


def answering(recipe: ClassificationRecipe, model: keras.Model) -> Answering:
    """The recipe's model as its checks see it."""
    return Answering((model,), masked_or_read(recipe.model.mask_padding))


def fitted(recipe: ClassificationRecipe, job: Job, prepared: Prepared) -> Trained:
    """Train the recipe's model."""
    job.say(
        f"training {recipe.model.cell}, {recipe.model.units} units, on {len(prepared.training.labels):,} examples; "
        f"validating on {len(prepared.validation.labels):,}"
    )
    keras.utils.set_random_seed(recipe.training.seed)
    model = seq2vec(recipe.model, prepared.inputs)
    model.compile(adam(recipe.training), loss="binary_crossentropy", metrics=["accuracy"])
    training, validation = prepared.training.inputs_and_targets, prepared.validation.inputs_and_targets
    return train(model, training, validation, recipe.training, job)


def prepare(recipe: ClassificationRecipe, data_folder: Path | None = None) -> Prepared:
    """Load, encode and split the data of a recipe.

    Raises:
        UserError: the dataset cannot be had, or is not one that the recipe's model reads.
    """
    settings = recipe.data
    dataset = registry.load(settings.dataset, folder=data_folder)
    if not isinstance(dataset, TextDataset):
        raise UserError(f"recipe {recipe.name}: data.dataset is {settings.dataset!r}, but seq2vec recipes read text.")
    test = _encoded(dataset, dataset.test, settings)
    if recipe.evaluation.protocol == "chapter":
        training, validation = _encoded(dataset, dataset.train, settings), test
    else:
        kept, held_out = stratified_split(
            dataset.train.labels,
            recipe.evaluation.validation_fraction,
            recipe.training.seed,
            dataset.train.groups,
        )
        training = _encoded(dataset, dataset.train.take(kept), settings)
        validation = _encoded(dataset, dataset.train.take(held_out), settings)
    # As many ids as were asked for, though a small vocabulary may not use them all.
    return Prepared(dataset, training, validation, test, Tokens(size=settings.num_words, length=settings.maxlen))


def evaluate(recipe: ClassificationRecipe, job: Job, prepared: Prepared, trained: Trained) -> Result:
    """Score a trained model and its baselines on the test set."""
    resamples, batch_size = recipe.evaluation.resamples, recipe.training.batch_size
    test = _predictions(trained.model, prepared.test, batch_size)
    same = prepared.test is prepared.validation
    validation = test if same else _predictions(trained.model, prepared.validation, batch_size)
    threshold = youden_threshold(validation.labels, validation.probabilities)
    with spinner("fitting the baselines, unless they are in the cache"):
        baselines = _baselines(recipe, prepared)
    return Result(
        data=summarize(prepared),
        validation=binary_scores(validation, threshold, resamples=resamples),
        test=binary_scores(test, threshold, resamples=resamples),
        validation_predictions=validation,
        test_predictions=test,
        baselines=baselines,
        verdict=verdict(test, threshold, baselines, resamples=resamples),
        published=recipe.published,
        **record(recipe, job, trained),
    )


def summarize(prepared: Prepared) -> DataSummary:
    """What the report says of the data, with a training example shorter than most: one that a reader will read."""
    dataset, training = prepared.dataset, prepared.training
    lengths = np.array([len(text) for text in training.split.texts])
    example = int(np.argsort(lengths, kind="stable")[len(lengths) // 4])
    ids = training.ids[example]
    parts = {"training": training, "validation": prepared.validation, "test": prepared.test}
    return DataSummary(
        name=dataset.name,
        title=dataset.title,
        source=dataset.source,
        licence=dataset.licence,
        digest=dataset.digest,
        label_names=dataset.label_names,
        examples={name: len(part.labels) for name, part in parts.items()},
        counts={name: (int(np.sum(part.labels == 0)), int(np.sum(part.labels == 1))) for name, part in parts.items()},
        example=ExampleText(
            label=dataset.label_names[int(training.labels[example])],
            text=training.split.texts[example],
            ids=tuple(int(i) for i in ids),
            words=tuple(dataset.vocabulary.decode(ids)),
        ),
    )


def _encoded(dataset: TextDataset, split: TextSplit, settings: TextSettings) -> Part:
    ids = dataset.vocabulary.encode(split.ranks, num_words=settings.num_words, skip_top=settings.skip_top)
    return Part(split, pad(ids, settings.maxlen))


def _predictions(model: keras.Model, part: Part, batch_size: int) -> Predictions:
    probabilities = predict(model, part.ids, batch_size=batch_size)[:, 0].astype(np.float64)
    return Predictions(part.labels, probabilities, part.split.groups)


def _baselines(recipe: ClassificationRecipe, prepared: Prepared) -> tuple[Baseline, ...]:
    training, validation, test = (part.split for part in (prepared.training, prepared.validation, prepared.test))
    seed, fraction = recipe.training.seed, recipe.evaluation.validation_fraction
    split = "all" if recipe.evaluation.protocol == "chapter" else f"validation {fraction}, seed {seed}"
    return fit_baselines(
        training.texts,
        training.labels,
        validation.texts,
        validation.labels,
        test.texts,
        test.labels,
        tokenize=tokenize,
        groups=test.groups,
        cache_folder=files.cache_folder() / "baselines",
        key=f"{prepared.dataset.digest}, {split}",
        resamples=recipe.evaluation.resamples,
    )

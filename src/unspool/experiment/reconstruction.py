"""What is particular to a run of an autoencoder: from images to scores beside PCA's, and to pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from unspool import files
from unspool.data import registry
from unspool.data.datasets import ImageDataset, ImageSplit
from unspool.data.splits import stratified_split
from unspool.errors import UserError
from unspool.evaluation.latent import latent_scores
from unspool.evaluation.reconstruction import example_errors, scores_of_errors
from unspool.evaluation.reconstruction_baselines import fit_reconstruction_baselines
from unspool.evaluation.reconstruction_result import ReconstructionResult, SeriesSummary
from unspool.evaluation.verdict import reconstruction_verdict
from unspool.experiment import folder
from unspool.experiment.autoencoder import halves
from unspool.experiment.fitting import Job, Trained, adam, record, train
from unspool.experiment.golden import golden_of
from unspool.experiment.latent_space import LatentSpace, fit_latent_space
from unspool.experiment.pictures import pictures_of
from unspool.experiment.recipe import ReconstructionRecipe
from unspool.models.inputs import Series
from unspool.models.seq2seq import reconstruction_loss, seq2seq
from unspool.progress import spinner


@dataclass(frozen=True)
class Prepared:
    """The data of a run.

    Attributes:
        dataset: where it comes from.
        training: what weights are fitted to.
        validation: what stops training; under the protocol "chapter", the test set.
        test: what is scored.
    """

    dataset: ImageDataset
    training: ImageSplit
    validation: ImageSplit
    test: ImageSplit

    @property
    def inputs(self) -> Series:
        """What the model reads."""
        _, length, features = self.test.images.shape
        return Series(length=length, features=features)


def execute(recipe: ReconstructionRecipe, job: Job) -> ReconstructionResult:
    """Train and judge an autoencoder; its models and its latent space go to the job's folder."""
    prepared = prepare(recipe, job.data_folder)
    trained = fitted(recipe, job, prepared)
    job.say(f"stopped after epoch {trained.epochs}, kept epoch {trained.best_epoch}; evaluating, with baselines")
    trained.model.save(job.out / folder.MODEL)
    halves(trained.model).save(job.out)
    golden_of(halves(trained.model).answering, prepared.test.images).save(job.out)
    with spinner("scoring the test set, drawing the pictures, fitting the baselines"):
        vectors = halves(trained.model).encode(prepared.training.images)
        space = fit_latent_space(vectors, recipe.model.latent_range, recipe.training.seed)
        space.save(job.out)
        return evaluate(recipe, job, prepared, trained, vectors, space)


def fitted(recipe: ReconstructionRecipe, job: Job, prepared: Prepared) -> Trained:
    """Train the recipe's model."""
    job.say(
        f"training an autoencoder with {recipe.model.latent} latent dimensions on {len(prepared.training):,} examples; "
        f"validating on {len(prepared.validation):,}"
    )
    keras.utils.set_random_seed(recipe.training.seed)
    model = seq2seq(recipe.model, prepared.inputs)
    model.compile(adam(recipe.training), loss=reconstruction_loss(recipe.model))
    training, validation = prepared.training.images, prepared.validation.images
    return train(model, (training, training), (validation, validation), recipe.training, job)


def prepare(recipe: ReconstructionRecipe, data_folder: Path | None = None) -> Prepared:
    """Load and split the data of a recipe.

    Raises:
        UserError: the dataset cannot be had, or is not one that the recipe's model reads.
    """
    dataset = registry.load(recipe.data.dataset, folder=data_folder)
    if not isinstance(dataset, ImageDataset):
        raise UserError(
            f"recipe {recipe.name}: data.dataset is {recipe.data.dataset!r}, but seq2seq recipes read images."
        )
    if recipe.evaluation.protocol == "chapter":
        return Prepared(dataset, dataset.train, dataset.test, dataset.test)
    kept, held_out = stratified_split(dataset.train.labels, recipe.evaluation.validation_fraction, recipe.training.seed)
    return Prepared(dataset, dataset.train.take(kept), dataset.train.take(held_out), dataset.test)


def evaluate(
    recipe: ReconstructionRecipe,
    job: Job,
    prepared: Prepared,
    trained: Trained,
    training_vectors: Any,
    space: LatentSpace,
) -> ReconstructionResult:
    """Score a trained autoencoder and its baselines on the test set."""
    resamples, likelihood = recipe.evaluation.resamples, recipe.model.decoder.output
    autoencoder, training, test = halves(trained.model), prepared.training, prepared.test
    vectors = autoencoder.encode(test.images)
    reconstructions = autoencoder.decode(vectors)
    errors = example_errors(test.images, reconstructions, likelihood=likelihood)
    validation_errors = errors
    if prepared.validation is not test:
        images = prepared.validation.images
        validation_errors = example_errors(images, autoencoder.reconstruct(images), likelihood=likelihood)
    baselines = fit_reconstruction_baselines(
        training.images,
        test.images,
        dimensions=recipe.model.latent,
        train_labels=training.labels,
        test_labels=test.labels,
        likelihood=likelihood,
        cache_folder=files.cache_folder() / "baselines",
        resamples=resamples,
    )
    return ReconstructionResult(
        data=summarize(prepared),
        validation=scores_of_errors(validation_errors, resamples=resamples),
        test=scores_of_errors(errors, resamples=resamples),
        test_losses=errors.losses,
        latent=latent_scores(training_vectors, training.labels, vectors, test.labels, test.images, resamples=resamples),
        baselines=baselines,
        verdict=reconstruction_verdict(errors.losses, baselines, likelihood=likelihood, resamples=resamples),
        pictures=pictures_of(
            autoencoder, space, test.images, test.labels, vectors, reconstructions, recipe.training.seed
        ),
        **record(recipe, job, trained),
    )


def summarize(prepared: Prepared) -> SeriesSummary:
    """What the report says of the data."""
    dataset, inputs = prepared.dataset, prepared.inputs
    parts = {"training": prepared.training, "validation": prepared.validation, "test": prepared.test}
    return SeriesSummary(
        name=dataset.name,
        title=dataset.title,
        source=dataset.source,
        licence=dataset.licence,
        digest=dataset.digest,
        counts={name: len(part) for name, part in parts.items()},
        length=inputs.length,
        features=inputs.features,
        label_names=tuple(str(label) for label in range(int(dataset.train.labels.max()) + 1)),
    )

"""A small finished run of each kind, as a report gets it, and a page taken apart."""

from html.parser import HTMLParser

import numpy as np
import pytest

from unspool.evaluation.certificate import Certificate, Check
from unspool.evaluation.latent import latent_grid, latent_scores, project
from unspool.evaluation.reconstruction import example_errors, scores_of_errors
from unspool.evaluation.reconstruction_baselines import fit_reconstruction_baselines
from unspool.evaluation.reconstruction_result import LatentWalk, Pictures, ReconstructionResult, SeriesSummary
from unspool.evaluation.result import (
    Baseline,
    DataSummary,
    ExampleSeries,
    ExampleText,
    LayerSummary,
    ParameterCounts,
    Predictions,
    PublishedFigures,
    Result,
)
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.task_result import TaskBaseline, TaskPredictions, TaskResult
from unspool.evaluation.task_scores import task_scores
from unspool.evaluation.verdict import reconstruction_verdict, task_verdict, verdict
from unspool.report.page import write_report

_EMPTY = {"meta", "br"}


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and whether every element is closed in turn."""

    def __init__(self, source):
        super().__init__()
        self.source, self.elements, self.text, self.styles, self._open = source, [], "", "", []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] == "style":
            self.styles += data
        else:
            self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def plain(self):
        """Its text with white space made one."""
        return " ".join(self.text.split())


@pytest.fixture(scope="session")
def page_of():
    """Gives the page that is written for a result to a folder."""
    return lambda result, folder: Page(write_report(result, folder).read_text(encoding="utf-8"))


CERTIFICATE = Certificate(
    models={"model.keras": "3f1b8b0c"},
    examples=32,
    date="2026-11-24T12:00:00+00:00",
    environment={"instruction_set": "avx512"},
    checks=(
        Check("reload", "the model read from its file", 0.0, 0.0, True),
        Check("padding", "more steps of padding", 1e-5, 0.024, None, "it reads padding as if it were data"),
        Check("batch size", "batches of 5", 1e-5, 1.2e-7, True),
    ),
)


def _predictions(examples: int, skill: float, seed: int) -> Predictions:
    labels = np.tile([0, 1], examples // 2)
    logits = skill * (2 * labels - 1) + np.random.default_rng(seed).normal(size=examples)
    return Predictions(labels, 1 / (1 + np.exp(-logits)))


def _baseline(name: str, title: str, labels, probabilities) -> Baseline:
    scores = binary_scores(Predictions(labels, probabilities), 0.5, resamples=100)
    return Baseline(name, title, scores, probabilities, 17.2)


@pytest.fixture(scope="session")
def result() -> Result:
    validation, test = _predictions(120, 1.0, 1), _predictions(400, 1.0, 2)
    baselines = (
        _baseline("majority-class", "the majority class", test.labels, np.full(400, 0.5)),
        _baseline("linear", "a linear model", test.labels, _predictions(400, 1.6, 3).probabilities),
    )
    return Result(
        recipe="imdb-lstm",
        title="Film reviews: good or bad?",
        description="An LSTM reads the last 128 words.",
        protocol="honest",
        seed=7,
        command="unspool run imdb-lstm --seed 7",
        data=DataSummary(
            name="imdb",
            title="Large Movie Review Dataset",
            source="Maas et al. (2011), https://ai.stanford.edu/~amaas/data/sentiment/",
            licence="for research",
            digest="sha256:3f1b8b0c",
            label_names=("negative", "positive"),
            examples={"training": 22_501, "validation": 120, "test": 400},
            counts={"training": (11_250, 11_251), "validation": (60, 60), "test": (200, 200)},
            example=ExampleText(
                label="positive",
                text='A "fine" film.<br />See it!',
                ids=(0, 0, 0, 0, 0, 1, 14, 2, 37),
                words=("<pad>",) * 5 + ("<start>", "fine", "<unknown>", "see"),
            ),
        ),
        layers=(
            LayerSummary("embedding", "Embedding", (None, 128, 64), 640_000),
            LayerSummary("lstm", "LSTM", (None, 32), 12_416),
        ),
        parameters=ParameterCounts(652_577, 652_513, 64),
        history={
            "loss": [0.5, 0.3, 0.2, 0.15],
            "val_loss": [0.4, 0.33, 0.35, 0.4],
            "learning_rate": [0.001, 0.001, 0.0005, 0.00025],
        },
        epochs=4,
        best_epoch=2,
        seconds=133.4,
        validation=binary_scores(validation, 0.45, resamples=100),
        test=binary_scores(test, 0.45, resamples=100),
        validation_predictions=validation,
        test_predictions=test,
        baselines=baselines,
        verdict=verdict(test, 0.45, baselines, resamples=100),
        published=PublishedFigures("the chapter, table 3", 0.93, 0.8544),
        environment={"Keras": "3.15.1", "processor": "Some CPU @ 2.80GHz", "threads": "2"},
        certificate=CERTIFICATE,
    )


CLASSES = ("walking", "running", "standing", "sitting")


def make_task_result(task, classes=CLASSES, examples=120):
    """A run over series of two channels that is right in about three of four examples."""
    random = np.random.default_rng(0)
    many = len(classes)

    def predictions(skill):
        if task == "regression":
            targets = random.integers(1, 11, examples).astype(float)
            return TaskPredictions(targets, targets + random.normal(scale=3 / skill, size=examples))
        scores = random.normal(size=(examples, many))
        if task == "multilabel":
            targets = (random.random((examples, many)) < 0.3).astype(int)
            return TaskPredictions(targets, 1 / (1 + np.exp(2 - skill * (2 * targets - 0.5) - scores)))
        targets = random.integers(0, many, examples)
        shares = np.exp(scores + 1.5 * skill * np.eye(many)[targets])
        return TaskPredictions(targets, shares / shares.sum(axis=1, keepdims=True))

    threshold = 0.4 if task == "multilabel" else None
    validation, test = predictions(2.0), predictions(2.0)
    shift = 0.9 * test.outputs + 0.1 * test.outputs.mean(axis=0)
    baselines = tuple(
        TaskBaseline(
            name,
            title,
            task_scores(task, TaskPredictions(test.targets, outputs), threshold, resamples=50),
            outputs,
            1.7,
        )
        for name, title, outputs in (
            ("mean", "the mean of all", np.broadcast_to(test.outputs.mean(axis=0), test.outputs.shape)),
            ("linear", "a linear model", shift),
        )
    )
    names = () if task == "regression" else tuple(classes)
    steps = np.cumsum(random.normal(size=(30, 2)), axis=0)
    return TaskResult(
        recipe="motion",
        title="motion.npz: a model of its own",
        description="A model trained on motion.npz.",
        protocol="honest",
        seed=3,
        command="unspool train motion.npz",
        task=task,
        data=DataSummary(
            name="motion.npz",
            title="motion.npz: 360 series of 2 channels",
            source="motion.npz",
            licence="your own file",
            digest="5ba9e5",
            label_names=names,
            examples={"training": 1_234, "validation": 120, "test": 120},
            counts={part: tuple(range(10, 10 + len(names))) for part in ("training", "validation", "test")},
            example=ExampleSeries("walking", ("x", "y"), tuple(map(tuple, steps.tolist()))),
        ),
        layers=(LayerSummary("lstm", "LSTM", (None, 32), 12_416),),
        parameters=ParameterCounts(12_416, 12_416, 0),
        history={"loss": [1.2, 0.8, 0.6], "val_loss": [1.1, 0.9, 1.0], "learning_rate": [0.001, 0.001, 0.0005]},
        epochs=3,
        best_epoch=2,
        seconds=12.0,
        validation=task_scores(task, validation, threshold, resamples=50),
        test=task_scores(task, test, threshold, resamples=50),
        test_predictions=test,
        baselines=baselines,
        verdict=task_verdict(task, test, threshold, baselines, resamples=50),
        environment={"Keras": "3.15.1"},
    )


@pytest.fixture(scope="session")
def task_result_of():
    """Makes a run of a task, with as many classes as are named."""
    return make_task_result


@pytest.fixture(scope="session")
def multiclass_result() -> TaskResult:
    return make_task_result("multiclass")


@pytest.fixture(scope="session")
def multilabel_result() -> TaskResult:
    return make_task_result("multilabel")


@pytest.fixture(scope="session")
def regression_result() -> TaskResult:
    return make_task_result("regression")


LABELS = ("hook", "bar", "ring")


def _images(examples: int, seed: int):
    """Three kinds of image of 6 rows of 4 pixels, some ink on each pixel: a kind is a pattern and two shades of it."""
    random = np.random.default_rng(seed)
    labels = np.arange(examples) % 3
    patterns = np.random.default_rng(0).random((3, 2, 6, 4))
    shades = random.random((examples, 2, 1, 1))
    return (patterns[labels] * shades).mean(axis=1).astype(np.float32), labels


def make_reconstruction_result(dimensions=2, likelihood="bernoulli"):
    """A run of an autoencoder whose latent vector is a pattern's mean ink by column, and whose decoder spreads it."""
    (train, train_labels), (test, test_labels) = _images(90, 1), _images(60, 2)

    def encode(images):
        return images.mean(axis=1)[:, :dimensions]

    def decode(vectors):
        ink = np.resize(np.asarray(vectors, dtype=np.float32).T, (4, len(vectors))).T
        return np.clip(np.broadcast_to(ink[:, np.newaxis], (len(vectors), 6, 4)), 0, 1)

    def corner(value):
        return (float(value), float(value))

    vectors = encode(test)
    errors = example_errors(test, decode(vectors), likelihood=likelihood)
    baselines = fit_reconstruction_baselines(
        train,
        test,
        dimensions=dimensions,
        train_labels=train_labels,
        test_labels=test_labels,
        likelihood=likelihood,
        resamples=100,
    )
    averages = np.stack([test[test_labels == label].mean(axis=0) for label in range(3)])
    evenly = np.random.default_rng(4).random((10, dimensions))
    grid = latent_grid(corner(0), corner(1), rows=3, columns=5).reshape(15, 2)
    return ReconstructionResult(
        recipe="shapes-lstm-ae",
        title="Shapes through a narrow place",
        description="An LSTM sums up an image, another draws it anew.",
        protocol="honest",
        seed=7,
        command="unspool run shapes-lstm-ae --seed 7",
        data=SeriesSummary(
            name="shapes",
            title="Shapes drawn for a test",
            source="drawn by hand, https://example.org/shapes",
            licence="public domain",
            digest="sha256:5ba9e5",
            counts={"training": 81, "validation": 9, "test": 60},
            length=6,
            features=4,
            label_names=LABELS,
        ),
        layers=(LayerSummary("encoder", "Functional", (None, 2), 6_020),),
        parameters=ParameterCounts(10_950, 10_838, 112),
        history={"loss": [0.5, 0.3, 0.2], "val_loss": [0.4, 0.33, 0.35], "learning_rate": [0.001, 0.001, 0.0005]},
        epochs=3,
        best_epoch=2,
        seconds=61.0,
        validation=scores_of_errors(example_errors(train, decode(encode(train)), likelihood=likelihood), resamples=100),
        test=scores_of_errors(errors, resamples=100),
        test_losses=errors.losses,
        latent=latent_scores(encode(train), train_labels, vectors, test_labels, test, resamples=100),
        baselines=baselines,
        verdict=reconstruction_verdict(errors.losses, baselines, likelihood=likelihood, resamples=100),
        pictures=Pictures(
            originals=test[:3],
            reconstructions=decode(vectors[:3]),
            labels=np.arange(3),
            class_averages=averages,
            class_average_reconstructions=decode(encode(averages)),
            latent_vectors=vectors,
            latent_labels=test_labels,
            projection=project(vectors) if dimensions > 2 else None,
            walk=LatentWalk(decode(grid).reshape(3, 5, 6, 4), corner(0), corner(1)) if dimensions == 2 else None,
            interpolation=decode(np.linspace(vectors[0], vectors[2], 7)),
            interpolation_labels=(0, 2),
            generated_uniform=decode(evenly),
            generated_density=decode(vectors[:10]),
        ),
        environment={"Keras": "3.15.1", "threads": "2"},
    )


@pytest.fixture(scope="session")
def reconstruction_result() -> ReconstructionResult:
    return make_reconstruction_result()


@pytest.fixture(scope="session")
def other_reconstruction_results() -> dict[str, ReconstructionResult]:
    """Runs with more and with fewer latent dimensions, and of numbers that are not in [0, 1] by their nature."""
    return {
        "projected": make_reconstruction_result(dimensions=4),
        "one dimension": make_reconstruction_result(dimensions=1),
        "gaussian": make_reconstruction_result(likelihood="gaussian"),
    }

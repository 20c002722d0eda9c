"""A small finished run of each task, as a report gets it, and a page taken apart."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from unspool.descriptions.published import PublishedFigures
from unspool.evaluation.certificate import Certificate, Check
from unspool.evaluation.latent import latent_errors, latent_grid, project
from unspool.evaluation.measures.reconstruction import example_errors
from unspool.evaluation.pictures import LatentWalk, Pictures
from unspool.evaluation.result import (
    Baseline,
    Candidate,
    DataSummary,
    ExampleSeries,
    ExampleText,
    LayerSummary,
    ParameterCounts,
    Predictions,
    Result,
)
from unspool.evaluation.verdict import verdict
from unspool.report.page import write_report
from unspool.tasks import Binary, Multiclass, Multilabel, Reconstruction, Regression
from unspool.tasks.reconstruction import latent_details

_EMPTY = {"meta", "br"}


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and whether every element is closed in turn."""

    def __init__(self, source, folder):
        super().__init__()
        self.folder = folder
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
    return lambda result, folder: Page(write_report(result, folder).read_text(encoding="utf-8"), folder)


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


def judged(task, threshold, test, validation, baselines, resamples=100):
    """The fields of a result that scores make up.

    Args:
        task: what is predicted.
        threshold: of the model.
        test: its predictions.
        validation: the same.
        baselines: name, title, outputs and threshold of each.
        resamples: few, to be quick.
    """
    beside = tuple(
        Baseline(
            name,
            title,
            task.scores(Predictions(test.targets, outputs), cut, resamples=resamples),
            outputs,
            17.2,
        )
        for name, title, outputs, cut in baselines
    )
    return {
        "task": task.name,
        "validation": task.scores(validation, threshold, resamples=resamples),
        "test": task.scores(test, threshold, resamples=resamples),
        "test_predictions": test,
        "baselines": beside,
        "verdict": verdict(task.measures, test, threshold, beside, resamples=resamples),
    }


@pytest.fixture(scope="session")
def binary_result() -> Result:
    validation, test = _predictions(120, 1.0, 1), _predictions(400, 1.0, 2)
    simple = (
        ("majority-class", "the majority class", np.full(400, 0.5), 0.5),
        ("linear", "a linear model", _predictions(400, 1.6, 3).outputs, 0.5),
    )
    return Result(
        **judged(Binary(("negative", "positive")), 0.45, test, validation, simple),
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
        training_seconds=26.9,
        candidates=(
            Candidate("linear", "a linear model", 0.81, 1.2, False, loss=0.4),
            Candidate("lstm", "an LSTM", 0.845, 75.0, True, "its log loss is the lowest", 0.3121),
            Candidate("mix", "a blend", 0.85, 0.0, False, loss=0.32),
            Candidate("deep", "a deep LSTM", None, 0.0, False, "the time was up"),
        ),
        published=PublishedFigures("the chapter, table 3", 0.93, 0.8544),
        environment={"Keras": "3.15.1", "processor": "Some CPU @ 2.80GHz", "threads": "2"},
        certificate=CERTIFICATE,
    )


CLASSES = ("walking", "running", "standing", "sitting")


TASKS = {"multiclass": Multiclass, "multilabel": Multilabel, "regression": lambda names: Regression()}


def make_result(kind, classes=CLASSES, examples=120):
    """A run over series of two channels that is right in about three of four examples."""
    random = np.random.default_rng(0)
    many = len(classes)

    def predictions(skill):
        if kind == "regression":
            targets = random.integers(1, 11, examples).astype(float)
            return Predictions(targets, targets + random.normal(scale=3 / skill, size=examples))
        scores = random.normal(size=(examples, many))
        if kind == "multilabel":
            targets = (random.random((examples, many)) < 0.3).astype(int)
            return Predictions(targets, 1 / (1 + np.exp(2 - skill * (2 * targets - 0.5) - scores)))
        targets = random.integers(0, many, examples)
        shares = np.exp(scores + 1.5 * skill * np.eye(many)[targets])
        return Predictions(targets, shares / shares.sum(axis=1, keepdims=True))

    threshold = 0.4 if kind == "multilabel" else None
    validation, test = predictions(2.0), predictions(2.0)
    mean = test.outputs.mean(axis=0)
    simple = (
        ("mean", "the mean of all", np.broadcast_to(mean, test.outputs.shape), threshold),
        ("linear", "a linear model", 0.9 * test.outputs + 0.1 * mean, threshold),
    )
    names = () if kind == "regression" else tuple(classes)
    steps = np.cumsum(random.normal(size=(30, 2)), axis=0)
    return Result(
        **judged(TASKS[kind](names), threshold, test, validation, simple, resamples=50),
        recipe="motion",
        title="Model trained on motion.npz",
        description="A model trained on motion.npz.",
        protocol="honest",
        seed=3,
        command="unspool train motion.npz",
        data=DataSummary(
            name="motion.npz",
            title="motion.npz: 360 series of 2 channels",
            source="motion.npz",
            licence="your own file",
            digest="5ba9e5",
            label_names=names,
            examples={"training": 1_234, "validation": 120, "test": 120},
            counts={part: tuple(range(10, 10 + len(names))) for part in ("training", "validation", "test") if names},
            example=ExampleSeries("walking", ("x", "y"), tuple(map(tuple, steps.tolist()))),
        ),
        layers=(LayerSummary("lstm", "LSTM", (None, 32), 12_416),),
        parameters=ParameterCounts(12_416, 12_416, 0),
        history={"loss": [1.2, 0.8, 0.6], "val_loss": [1.1, 0.9, 1.0], "learning_rate": [0.001, 0.001, 0.0005]},
        epochs=3,
        best_epoch=2,
        seconds=12.0,
        environment={"Keras": "3.15.1"},
    )


@pytest.fixture(scope="session")
def result_of():
    """Makes a run of a task, with as many classes as are named."""
    return make_result


@pytest.fixture(scope="session")
def multiclass_result() -> Result:
    return make_result("multiclass")


@pytest.fixture(scope="session")
def multilabel_result() -> Result:
    return make_result("multilabel")


@pytest.fixture(scope="session")
def regression_result() -> Result:
    return make_result("regression")


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

    task = Reconstruction(LABELS, likelihood=likelihood)
    vectors = encode(test)
    predictions, validation = (
        Predictions(labels, example_errors(images, decode(encode(images)), likelihood=likelihood).columns)
        for images, labels in ((test, test_labels), (train, train_labels))
    )
    simple = task.simple_reconstructions((train, train_labels), (test, test_labels), dimensions, None)
    scored = judged(
        task, None, predictions, validation, [(one.name, one.title, one.errors.columns, None) for one in simple]
    )
    latent = latent_errors(encode(train), train_labels, vectors, test_labels, test)
    scored["test"] = replace(scored["test"], details=latent_details(latent, 100))
    averages = np.stack([test[test_labels == label].mean(axis=0) for label in range(3)])
    evenly = np.random.default_rng(4).random((10, dimensions))
    grid = latent_grid(corner(0), corner(1), rows=3, columns=5).reshape(15, 2)
    pictures = Pictures(
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
    )
    return Result(
        **scored,
        recipe="shapes-lstm-ae",
        title="Shapes through a narrow place",
        description="An LSTM sums up an image, another draws it again.",
        protocol="honest",
        seed=7,
        command="unspool run shapes-lstm-ae --seed 7",
        data=DataSummary(
            name="shapes",
            title="Shapes drawn for a test",
            source="drawn by hand, https://example.org/shapes",
            licence="public domain",
            digest="sha256:5ba9e5",
            label_names=LABELS,
            examples={"training": 81, "validation": 9, "test": 60},
            steps=(6, 4),
        ),
        layers=(LayerSummary("encoder", "Functional", (None, 2), 6_020),),
        parameters=ParameterCounts(10_950, 10_838, 112),
        history={"loss": [0.5, 0.3, 0.2], "val_loss": [0.4, 0.33, 0.35], "learning_rate": [0.001, 0.001, 0.0005]},
        epochs=3,
        best_epoch=2,
        seconds=61.0,
        pictures=pictures if likelihood == "bernoulli" else None,
        environment={"Keras": "3.15.1", "threads": "2"},
    )


@pytest.fixture(scope="session")
def reconstruction_result() -> Result:
    return make_reconstruction_result()


@pytest.fixture(scope="session")
def other_reconstruction_results() -> dict[str, Result]:
    """Runs with more and with fewer latent dimensions, and of numbers that are not in [0, 1] by their nature."""
    return {
        "projected": make_reconstruction_result(dimensions=4),
        "one dimension": make_reconstruction_result(dimensions=1),
        "gaussian": make_reconstruction_result(likelihood="gaussian"),
    }

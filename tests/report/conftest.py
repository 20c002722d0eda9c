"""A small finished run, as a report gets it."""

import numpy as np
import pytest

from unspool.evaluation.result import (
    Baseline,
    DataSummary,
    LayerSummary,
    ParameterCounts,
    Predictions,
    PublishedFigures,
    Result,
)
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.verdict import verdict


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
            counts={"training": (11_250, 11_251), "validation": (60, 60), "test": (200, 200)},
            example_text='A "fine" film.<br />See it!',
            example_ids=(0, 0, 0, 0, 0, 1, 14, 2, 37),
            example_words=("<pad>",) * 5 + ("<start>", "fine", "<unknown>", "see"),
            example_label="positive",
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
    )

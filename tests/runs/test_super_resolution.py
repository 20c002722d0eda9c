"""Images made larger, through training and what a folder answers."""

import json
from pathlib import Path

import numpy as np
import pytest

import unspool
from unspool.data.named.registry import load
from unspool.errors import UserError
from unspool.evaluation.measures.super_resolution import as_grey, shrunk
from unspool.runs.checking.check import check
from unspool.runs.model import load_trained, reader_of
from unspool.runs.predict_file import predict_file
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.record import read_result
from unspool.runs.replay import replay
from unspool.runs.run import run

SMALL = [
    "model.units=24",
    "training.epochs=12",
    "training.batch_size=32",
    "training.learning_rate=0.005",
    "evaluation.resamples=100",
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "digits"
    run(load_recipe("digits-superres", SMALL), folder)
    return folder


def test_it_is_judged_beside_interpolation_and_ridge_regression(finished: Path) -> None:
    result, test = read_result(finished), load("digits").test.images
    assert list(result.test.figures) == ["psnr", "mse"]
    assert [one.name for one in result.baselines] == ["bicubic", "ridge"]
    assert result.verdict.baseline == "ridge"
    assert (result.test_predictions.targets == as_grey(test)).all()
    assert result.test["psnr"].value > result.baselines[0].scores["psnr"].value
    assert (finished / "figures" / "enlarged.svg").is_file()
    assert "Enlarged images of the test set" in (finished / "report.html").read_text()


def test_it_enlarges_images(finished: Path) -> None:
    small = shrunk(load("digits").test.images[:3], 2)
    said = np.array(unspool.load(finished).predict(small))
    assert said.shape == (3, 8, 8)
    assert (said.reshape(3, -1) == read_result(finished).test_predictions.outputs[:3]).all()
    with pytest.raises(UserError, match="it has no probabilities"):
        unspool.load(finished).probabilities(small)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.full((2, 4, 4), 255, "uint8"), "numbers from 255 to 255, and this model reads grey values from 0 to 1"),
        (np.full((2, 4, 4), -0.5), "numbers from -0.5 to -0.5, and"),
        (np.zeros((2, 3, 4)), r"the shape \(3, 4\), and this model reads 4 rows of 4 pixels"),
        (np.zeros((2, 8, 4)), r"the shape \(8, 4\), and"),
        (np.where(np.eye(4) > 0, np.nan, 0)[None], "a pixel that is not a finite number"),
    ],
)
def test_images_that_it_cannot_read_are_refused(finished: Path, images: np.ndarray, message: str) -> None:
    with pytest.raises(UserError, match=message):
        unspool.load(finished).predict(images)


def test_no_images_become_no_images(finished: Path) -> None:
    assert unspool.load(finished).predict(np.zeros((0, 4, 4))) == []


def test_a_file_of_images_gets_larger_ones(finished: Path, tmp_path: Path) -> None:
    small = shrunk(load("digits").test.images[:3], 2)
    np.savez(tmp_path / "small.npz", x=small)
    model = load_trained(finished)
    predict_file(model, reader_of(model, finished), tmp_path / "small.npz", tmp_path / "large.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "large.jsonl").read_text().splitlines()]
    assert [row["prediction"] for row in rows] == unspool.load(finished).predict(small)


@pytest.mark.slow
def test_it_is_checked_and_replayed(finished: Path) -> None:
    certificate = check(finished)
    assert not certificate.broken
    assert replay(finished).parting is None


def test_a_factor_that_does_not_divide_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="8 rows of 8 pixels cannot be shrunk by 3"):
        run(load_recipe("digits-superres", [*SMALL, "model.factor=3"]), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_network_adds_to_repeated_pixels(finished: Path) -> None:
    network = load_trained(finished).network
    network.get_layer("head").set_weights([0 * weight for weight in network.get_layer("head").get_weights()])
    image = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    assert np.asarray(network(image)).tolist() == image.repeat(2, axis=1).repeat(2, axis=2).tolist()

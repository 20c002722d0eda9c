"""Training on prices: the logarithm is learned, and all that is told of the run is in the unit of the prices."""

import numpy as np
import pytest

import unspool
from unspool.data import write_table
from unspool.runs import baselines
from unspool.runs.checking.check import check
from unspool.runs.records.record import read_result
from unspool.runs.replay import replay

WORDS = ("tiny", "small", "plain", "fair", "large", "huge")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    draw = np.random.default_rng(0)
    rows = draw.integers(0, len(WORDS), (240, 4))
    prices = np.exp(rows.sum(axis=1) / 3 + draw.normal(0, 0.1, len(rows))).round(2)
    texts = [" ".join(WORDS[i] for i in row) for row in rows.tolist()]
    table = [{"text": text, "price": price} for text, price in zip(texts, prices.tolist(), strict=True)]
    folder = tmp_path_factory.mktemp("prices")
    write_table(table, folder / "prices.csv")
    how = {"model": "nb-words", "settings": {"evaluation.resamples": 100}, "verbose": False}
    found = unspool.train(folder / "prices.csv", label="price", out=folder / "run", **how)
    return found, folder / "run", table


def test_a_run_says_what_was_learned_and_why(run):
    found, path, _ = run
    assert found.result.transformed.startswith("The models learn the logarithm of price: simple models then predict")
    assert read_result(path).transformed == found.result.transformed
    assert "The models learn the logarithm of price" in (path / "report.html").read_text()
    assert read_result(path).compared_by == found.result.compared_by == "rmse"
    (candidate,) = found.result.candidates
    errors = found.result.validation.figures["rmse"].value
    assert candidate.score == pytest.approx(errors, rel=0.3)  # of three splits and of one
    assert found.result.test.figures["r2"].value > 0.8


def test_predictions_of_a_loaded_model_are_prices(run):
    found, path, table = run
    texts, prices = [row["text"] for row in table], np.array([row["price"] for row in table])
    loaded = unspool.load(path).predict(texts)
    assert loaded == found.predict(texts)
    assert np.sqrt(np.square(np.array(loaded) - prices).mean()) < 0.5 * prices.std()


def test_checks_pass_and_a_replay_is_equal(run):
    _, path, _ = run
    assert not check(path).broken
    assert replay(path).parting is None


def test_the_baselines_beside_a_network_say_that_they_learned_logarithms(run, tmp_path):
    """A network learns the numbers themselves; a model that is chosen learns the same targets as its baselines."""
    found, path, _ = run
    assert not any("logarithm" in one.title for one in found.result.baselines)
    how = {"settings": {"evaluation.resamples": 100, "training.epochs": 1}, "model": "network", "verbose": False}
    network = unspool.train(path.parent / "prices.csv", label="price", out=tmp_path / "run", **how)
    titles = {one.name: one.title for one in network.result.baselines}
    assert titles["nb-words"].endswith(", fitted to logarithms")
    assert "logarithm" not in titles["mean"]


def test_baselines_learn_the_targets_that_the_choice_transformed(run, tmp_path, monkeypatch):
    """With a seed other than that of the baselines, these are compared again."""
    _, path, _ = run
    monkeypatch.setattr(baselines, "transformed", lambda kind, examples: pytest.fail("the choice has done so"))
    how = {"model": "nb-words", "settings": {"evaluation.resamples": 100}, "verbose": False, "seed": 1}
    found = unspool.train(path.parent / "prices.csv", label="price", out=tmp_path / "run", **how)
    assert found.result.transformed

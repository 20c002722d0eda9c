"""The examples of scoring: Ray and Spark with two workers, and an MLflow model, give the answers of the model here."""

import importlib.util
import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import small
from unspool_runtime import Model

EXAMPLES = Path(__file__).parents[1] / "examples"
pytestmark = pytest.mark.filterwarnings("ignore")  # of those packages


def example(name):
    """An example as a module that workers can import, too."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def model(tmp_path):
    return Model.load(small.write(tmp_path, small.words_network()))


@pytest.fixture
def texts():
    draw = small.random(11)
    return [" ".join(draw.choice([*small.WORDS, "x"], size=draw.integers(30))) for _ in range(500)]


def assert_answered(model, texts, found):
    """Rows in any order: each has its text's label and probability."""
    outputs = model.outputs(texts)
    answers = zip(model.decide(outputs), model.probabilities_of(outputs).max(axis=1), strict=True)
    wanted = dict(zip(texts, answers, strict=True))
    assert len(found) == len(texts)
    assert {row["text"] for row in found} == {*texts}
    assert np.ptp([row["probability"] for row in found]) > 0.01
    assert [(row["label"], row["probability"]) for row in found] == [wanted[row["text"]] for row in found]


def test_ray_scores_with_two_workers(model, texts):
    ray = pytest.importorskip("ray", reason="Ray (`ray[data]`) is not installed")
    pytest.importorskip("pyarrow", reason="Ray Data needs pyarrow")
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": str(EXAMPLES)}},
    )
    try:
        ray.data.DataContext.get_current().wait_for_min_actors_s = 300  # so that no worker is late on a busy machine
        module = example("score_with_ray")
        given = ray.data.from_items([{"text": text} for text in texts], override_num_blocks=4)

        class Seen(module.Scorer):
            def __call__(self, batch):
                time.sleep(0.05)
                found = super().__call__(batch)
                return {**found, "worker": np.full(len(found["label"]), os.getpid())}

        scored = given.map_batches(
            Seen, fn_constructor_args=(model.path,), batch_size=20, compute=ray.data.ActorPoolStrategy(size=2)
        )
        pids = {row["worker"] for row in scored.take_all()}
        assert len(pids) == 2
        assert os.getpid() not in pids
        assert_answered(model, texts, module.score(given, model.path).take_all())
    finally:
        ray.shutdown()


def test_spark_scores_with_two_workers(model, texts, tmp_path, monkeypatch):
    pyspark = pytest.importorskip("pyspark", reason="Spark (`pyspark`) is not installed")
    for needed in ("pandas", "pyarrow"):
        pytest.importorskip(needed, reason=f"Spark's functions over batches need {needed}")
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, and there is none")
    module = example("score_with_spark")
    monkeypatch.setenv("PYTHONPATH", str(EXAMPLES))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        pyspark.sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", str(tmp_path))
        .config("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
        .getOrCreate()
    )
    try:
        given = session.createDataFrame([(text,) for text in texts], "text string").repartition(4)
        assert given.rdd.getNumPartitions() == 4
        assert_answered(model, texts, module.score(given, model.path).collect())
    finally:
        session.stop()


def test_an_mlflow_model_answers(model, texts, tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed")
    pandas = pytest.importorskip("pandas", reason="MLflow's pyfunc needs pandas")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "saved"
    code = str(EXAMPLES / "mlflow_model.py")
    mlflow.pyfunc.save_model(
        folder, python_model=code, artifacts={"model": model.path}, pip_requirements=["unspool-runtime"]
    )
    assert not [*folder.rglob("*.pkl")]
    loaded = mlflow.pyfunc.load_model(str(folder))
    for given in (texts, pandas.DataFrame({"text": texts})):
        found = loaded.predict(given)
        assert [*found.columns] == ["label", *model.labels]
        assert found["label"].tolist() == model.predict(texts)
        np.testing.assert_array_equal(found[[*model.labels]], model.probabilities(texts))

"""`python -m benchmarks run scoring MODEL TEXTS.parquet`: a table by one process, by Ray and by Spark."""

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine

USER_ERROR = 1
WORKERS, TURNS = 2, 3
EXAMPLES = Path(__file__).parents[1] / "runtime" / "examples"


def main(arguments: Sequence[str]) -> int:
    """Measure what is installed, and print texts a second."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks run scoring",
        description="Measures texts per second, from reading Parquet to the last answer: in this process, and by the "
        f"programs in runtime/examples with {WORKERS} workers on this machine. What is not installed is left out. The "
        "first turn includes starting the workers.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="a portable model of texts")
    parser.add_argument(
        "texts", type=Path, metavar="TEXTS", help="a Parquet file with a column `text` and several row groups"
    )
    options = parser.parse_args(arguments)
    for path in (options.model, options.texts):
        if not path.is_file():
            print(f"benchmarks: there is no file {path}", file=sys.stderr)
            return USER_ERROR
    if machine.load() > machine.BUSY:
        print(f"this machine is busy (load {machine.load()}): do not trust the timings", file=sys.stderr)
    sys.path.insert(0, str(EXAMPLES))
    os.environ["PYTHONPATH"] = str(EXAMPLES)  # of the workers
    for name, needed, start in (("one process", "pyarrow", _here), ("Ray", "ray", _ray), ("Spark", "pyspark", _spark)):
        if importlib.util.find_spec(needed) is None:
            print(f"{name} is left out: {needed} is not installed", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            score = start(str(options.model), str(options.texts), folder)
            for turn in range(1, TURNS + 1):
                begun = time.perf_counter()
                count = score()
                took = time.perf_counter() - begun
                print(
                    f"{name:<12} turn {turn}: {count:,} texts, {took:.1f} s, {count / took:,.0f} a second", flush=True
                )
    return 0


def _here(model: str, texts: str, folder: str) -> Callable[[], int]:
    import pyarrow.parquet

    from unspool_runtime import Model

    loaded = Model.load(model)
    return lambda: len(loaded.predict(pyarrow.parquet.read_table(texts)["text"].to_pylist()))


def _ray(model: str, texts: str, folder: str) -> Callable[[], int]:
    import ray
    import score_with_ray

    os.environ.setdefault("RAY_worker_niceness", "0")  # not 15: other programs would be served first
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().wait_for_min_actors_s = 300

    def score() -> int:
        given: Any = ray.data.read_parquet(texts).repartition(4 * WORKERS)
        return int(score_with_ray.score(given, model, WORKERS).materialize().count())

    return score


def _spark(model: str, texts: str, folder: str) -> Callable[[], int]:
    import score_with_spark
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "ui.enabled": "false",
        "driver.host": "127.0.0.1",
        "driver.bindAddress": "127.0.0.1",
        "local.dir": folder,
    }
    builder = SparkSession.builder.master(f"local[{WORKERS}]")
    for name, value in settings.items():
        builder = builder.config(f"spark.{name}", value)
    session = builder.config("spark.sql.files.maxPartitionBytes", "4m").getOrCreate()

    def score() -> int:
        out = str(Path(folder, "scored"))
        score_with_spark.score(session.read.parquet(texts), model).write.mode("overwrite").parquet(out)
        return int(session.read.parquet(out).count())

    return score

"""Score a table of texts with Ray Data: python score_with_ray.py MODEL.unspool TEXTS.parquet OUT [WORKERS]."""

import sys
from typing import Any

import numpy as np
import ray

from unspool_runtime import Model


class Scorer:
    """Adds the label and its probability to the column "text". Each worker loads the model once."""

    def __init__(self, path: str):
        self.model = Model.load(path)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, Any]:
        """The batch with two more columns."""
        outputs = self.model.outputs(batch["text"].tolist())
        probabilities = self.model.probabilities_of(outputs)
        return {**batch, "label": self.model.decide(outputs), "probability": probabilities.max(axis=1)}


def score(texts: ray.data.Dataset, model: str, workers: int = 2) -> ray.data.Dataset:
    """Score a data set with this many workers. `model` is a path that all of them can read."""
    pool = ray.data.ActorPoolStrategy(size=workers)
    # Half a core each: if the workers took all cores, Ray would have none left to read the files, and wait for ever.
    return texts.map_batches(Scorer, fn_constructor_args=(model,), batch_size=1024, compute=pool, num_cpus=0.5)


if __name__ == "__main__":
    given, out = ray.data.read_parquet(sys.argv[2]), sys.argv[3]
    score(given, sys.argv[1], int(sys.argv[4]) if len(sys.argv) > 4 else 2).write_parquet(out)

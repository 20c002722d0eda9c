"""MLflow: the server or folder that MLFLOW_TRACKING_URI names, as for any program that uses MLflow."""

import os
import time
from collections.abc import Mapping
from importlib import import_module

from unspool.runs.trackers.tracker import Beginning, Finished

EXPERIMENT = "unspool"
_AT_ONCE = 100
"""Parameters that MLflow takes in one call."""


class MLflow:
    """See `Tracker`. The client is used, not `mlflow.start_run`: a run that is active in the process is left alone."""

    def __init__(self, begun: Beginning) -> None:
        # A server that does not answer is given up after seconds, not after minutes of retries.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
        entities = import_module("mlflow.entities")
        self._metric, param = entities.Metric, entities.Param
        self._client = import_module("mlflow.tracking").MlflowClient()
        chosen = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        experiment = self._client.get_experiment_by_name(chosen)
        identity = experiment.experiment_id if experiment else self._client.create_experiment(chosen)
        tags = {} if begun.group is None else {"search": begun.group}
        self._run = self._client.create_run(identity, run_name=begun.name, tags=tags).info.run_id
        known = [param(key, str(value)) for key, value in begun.parameters.items() if str(value)]
        for start in range(0, len(known), _AT_ONCE):
            self._client.log_batch(self._run, params=known[start : start + _AT_ONCE])

    def epoch(self, number: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        self._log(values, number)

    def finish(self, finished: Finished) -> None:
        """See `Tracker`."""
        self._log(finished.scores, finished.epochs)
        for name, words in finished.words.items():
            self._client.set_tag(self._run, name, words)
        if finished.content is not None:
            self._client.log_artifacts(self._run, str(finished.content), "run")

    def close(self, failed: bool) -> None:
        """See `Tracker`."""
        self._client.set_terminated(self._run, "FAILED" if failed else "FINISHED")

    def _log(self, values: Mapping[str, float], step: int) -> None:
        now = int(time.time() * 1000)
        metrics = [self._metric(name, value, now, step) for name, value in values.items()]
        self._client.log_batch(self._run, metrics=metrics)

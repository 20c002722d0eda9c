"""Trackio: a local project by default, in TRACKIO_DIR."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from unspool.runs.trackers.tracker import Finished, Parameters

PROJECT = "unspool"


class Trackio:
    """See `Tracker`."""

    def __init__(self, out: Path, name: str, parameters: Parameters) -> None:
        self._name, self._trackio = name, import_module("trackio")
        self._trackio.init(PROJECT, name, config=dict(parameters), embed=False, auto_log_gpu=False, auto_log_cpu=False)

    def epoch(self, number: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        self._trackio.log(dict(values), step=number)

    def finish(self, finished: Finished) -> None:
        """See `Tracker`."""
        self._trackio.log({**finished.scores, "verdict": finished.verdict}, step=finished.epochs)
        self._trackio.log_artifact(finished.content, name=self._name, type="model")

    def close(self, failed: bool) -> None:
        """See `Tracker`."""
        self._trackio.finish()

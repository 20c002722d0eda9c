"""Trackio: a local project by default, in TRACKIO_DIR."""

from collections.abc import Mapping
from importlib import import_module

from unspool.runs.trackers.tracker import Beginning, Finished

PROJECT = "unspool"


class Trackio:
    """See `Tracker`."""

    def __init__(self, begun: Beginning) -> None:
        self._name, self._trackio = begun.name, import_module("trackio")
        quiet = {"embed": False, "auto_log_gpu": False, "auto_log_cpu": False}
        self._trackio.init(PROJECT, begun.name, begun.group, config=dict(begun.parameters), **quiet)

    def epoch(self, number: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        self._trackio.log(dict(values), step=number)

    def finish(self, finished: Finished) -> None:
        """See `Tracker`."""
        self._trackio.log({**finished.scores, **finished.words}, step=finished.epochs)
        if finished.content is not None:
            self._trackio.log_artifact(finished.content, name=self._name, type="model")

    def close(self, failed: bool) -> None:
        """See `Tracker`."""
        self._trackio.finish()

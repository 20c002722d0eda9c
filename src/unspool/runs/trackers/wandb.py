"""Weights & Biases; offline where WANDB_MODE says so, or nobody is logged in."""

import os
from collections.abc import Mapping
from importlib import import_module

from unspool.runs.trackers.tracker import Beginning, Finished

PROJECT = "unspool"


class WandB:
    """See `Tracker`."""

    def __init__(self, begun: Beginning) -> None:
        wandb = import_module("wandb")
        known = os.environ.get("WANDB_MODE") or wandb.api.api_key
        self._name, self._artifact = begun.name, wandb.Artifact
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            name=begun.name,
            group=begun.group,
            config=dict(begun.parameters),
            dir=str(begun.beside),
            mode=None if known else "offline",  # otherwise it would ask, and a training would wait for the answer
            reinit="create_new",
            settings=wandb.Settings(init_timeout=30, silent=True, console="off", x_disable_stats=True),
        )

    def epoch(self, number: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        self._run.log(dict(values), step=number)

    def finish(self, finished: Finished) -> None:
        """See `Tracker`."""
        self._run.summary.update({**finished.scores, **finished.words})
        if finished.content is not None:
            artifact = self._artifact(self._name, type="model")
            artifact.add_dir(str(finished.content))
            self._run.log_artifact(artifact)

    def close(self, failed: bool) -> None:
        """See `Tracker`."""
        self._run.finish(exit_code=int(failed))

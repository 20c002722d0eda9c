"""TensorBoard, through tensorboardX: events in `tensorboard/NAME` beside the run's folder."""

from collections.abc import Mapping
from importlib import import_module

import matplotlib.image
import numpy as np

from unspool.runs.records.folder import MODEL, REPORT
from unspool.runs.trackers.tracker import Beginning, Finished, as_table, files_of


class TensorBoard:
    """See `Tracker`. TensorBoard keeps no files: the report is there as its figures and the path of the page."""

    def __init__(self, begun: Beginning) -> None:
        self._out, self._parameters = begun.out, begun.parameters
        # What an earlier run of this name has told, or this one before it was interrupted, is shown no more.
        self._writer = import_module("tensorboardX").SummaryWriter(
            str(begun.beside / "tensorboard" / begun.name), purge_step=0
        )
        self._writer.add_text("recipe", as_table(self._parameters), 0)
        self._writer.flush()

    def epoch(self, number: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, number)
        self._writer.flush()

    def finish(self, finished: Finished) -> None:
        """See `Tracker`."""
        for name, words in finished.words.items():
            self._writer.add_text(name, words, finished.epochs)
        if finished.content is not None:
            where = "\n".join(f"- {self._out.absolute() / name}" for name in (REPORT, MODEL))
            self._writer.add_text("report and model", where, finished.epochs)
            for path in files_of(finished.content, ".png"):
                image = np.asarray(matplotlib.image.imread(path))
                self._writer.add_image(f"report/{path.stem}", image, finished.epochs, dataformats="HWC")
        self._writer.flush()
        # The scores, too. Last, as these go to a file of their own, after which TensorBoard reads no more of the first.
        self._writer.add_hparams(dict(self._parameters), dict(finished.scores), name=".", global_step=finished.epochs)

    def close(self, failed: bool) -> None:
        """See `Tracker`."""
        self._writer.close()

"""Checkpoints of a training by several processes: the first writes and reads them, the others get what it has read."""

import keras

from unspool.training.checkpoint import Saves, put_back
from unspool.training.processes import Group
from unspool.training.serialization import from_bytes, to_bytes
from unspool.training.snapshot import Point


class SharedSaves(Saves):
    """What the loop tells, in each process of a group.

    Args:
        saves: of the first process; those of the others save nothing.
        model: this process's.
        group: of both.
    """

    def __init__(self, saves: Saves, model: keras.Model, group: Group) -> None:
        self._saves, self._model, self._group = saves, model, group

    def resume(self, hooks: keras.callbacks.CallbackList, examples: int, steps: int) -> Point | None:
        """Resume all processes from what process 0 has saved."""
        saved = self._saves.saved
        content = self._group.send(b"" if saved is None else to_bytes(saved))
        if self._group.index == 0:
            return self._saves.resume(hooks, examples, steps)
        return put_back(self._model, hooks, from_bytes(content)) if content else None

    def offer(self, point: Point, hooks: keras.callbacks.CallbackList, epoch_ended: bool = False) -> None:
        """Have the first process save where it is due; the others wait for it at the next program."""
        self._saves.offer(point, hooks, epoch_ended)

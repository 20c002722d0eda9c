"""The compiled training loop, with the arguments and the callbacks of Keras."""

from unspool.training.checkpoint import Checkpoint
from unspool.training.fit import fit
from unspool.training.inference import evaluate, predict

__all__ = ["Checkpoint", "evaluate", "fit", "predict"]

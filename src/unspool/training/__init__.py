"""The compiled training loop, with the arguments and the callbacks of Keras."""

from unspool.training.fit import fit
from unspool.training.inference import evaluate, predict

__all__ = ["evaluate", "fit", "predict"]

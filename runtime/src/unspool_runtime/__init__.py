"""Models that unspool exported, in use with NumPy and a small native library: no Keras, no JAX, no network.

from unspool_runtime import Model

model = Model.load("model.unspool")
model.predict(["a fine film"])
"""

from unspool_runtime.errors import InputError, ModelError
from unspool_runtime.golden import Check
from unspool_runtime.model import Model
from unspool_runtime.onnx_inputs import OnnxInputs
from unspool_runtime.stream import Stream
from unspool_runtime.translation import Translation

__version__ = "0.1.0"
__all__ = ["Check", "InputError", "Model", "ModelError", "OnnxInputs", "Stream", "Translation"]

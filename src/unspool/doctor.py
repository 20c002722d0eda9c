"""What unspool runs on here: versions, kernels, folders, and a check of the speed that takes two seconds."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from unspool import files
from unspool.data import storage
from unspool.runs.records.environment import describe

BATCH, LENGTH, WIDTH, UNITS = 100, 128, 64, 32
MATRIX = 1536


@dataclass(frozen=True)
class Speed:
    """How fast this machine is at what unspool does most, in GFLOP/s.

    Attributes:
        matrix_product: a large float32 matrix product, as near to the machine's peak as a library comes.
        lstm: forward and backward through unspool's LSTM at the size of the recipe imdb-lstm.
        keras_lstm: the same through Keras's own layer.
    """

    matrix_product: float
    lstm: float
    keras_lstm: float


def examine() -> dict[str, dict[str, str] | dict[str, float]]:
    """Everything that `unspool doctor` prints, by name."""
    data_folder = storage.data_folder()
    return {
        "environment": describe(),
        "folders": {"data": str(data_folder) if data_folder else "", "cache": str(files.cache_folder())},
        "gflops": asdict(measure()),
    }


def measure(seconds: float = 2.0) -> Speed:
    """Time the three for about `seconds` together, after a warm-up; each figure is the best of its repetitions."""
    import keras

    from unspool import layers

    matrix = np.random.default_rng(0).normal(size=(MATRIX, MATRIX)).astype(np.float32)
    # A step multiplies (B, D + H) by (D + H, 4H), backward costs two such products; a multiply-add counts as two.
    lstm_flops = 3 * 2 * BATCH * LENGTH * (WIDTH + UNITS) * 4 * UNITS
    share = seconds / 3
    return Speed(
        matrix_product=2 * MATRIX**3 / _best(_matrix_product(matrix), share) / 1e9,
        lstm=lstm_flops / _best(_gradient_of(layers.LSTM), share) / 1e9,
        keras_lstm=lstm_flops / _best(_gradient_of(keras.layers.LSTM), share) / 1e9,
    )


def _matrix_product(matrix: np.ndarray) -> Callable[[], object]:
    import jax

    on_device = jax.numpy.asarray(matrix)
    product = jax.jit(lambda a: a @ a)
    return lambda: product(on_device).block_until_ready()


def _gradient_of(layer_class: type) -> Callable[[], object]:
    import jax

    layer = layer_class(UNITS)
    x = jax.numpy.asarray(np.random.default_rng(0).normal(size=(BATCH, LENGTH, WIDTH)).astype(np.float32))
    layer.build(x.shape)
    weights = [variable.value for variable in layer.trainable_variables]

    def loss(weights: list[jax.Array], x: jax.Array) -> jax.Array:
        outputs, _ = layer.stateless_call(weights, [v.value for v in layer.non_trainable_variables], x)
        return jax.numpy.sum(outputs)

    gradient = jax.jit(jax.grad(loss, argnums=(0, 1)))
    return lambda: jax.block_until_ready(gradient(weights, x))  # type: ignore[no-untyped-call]


def _best(action: Callable[[], object], seconds: float) -> float:
    action()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - began)
    return best

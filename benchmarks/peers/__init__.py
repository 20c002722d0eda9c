"""The peers: one file each, with the same few functions, as far as the peer can do the work.

    start(threads)                            versions by name; called first
    train(spec, weights, x, y, shuffle)       a function that trains one epoch and returns its mean loss
    train_buckets(spec, weights, ids, lengths, y)
                                              the same for reviews (end to end in `ids`) in batches of near length
    train_padded(spec, weights, ids, lengths, y)
                                              the same, all padded to the spec's length
    predict(spec, weights, batch_size)        a function from ids (N, T) to probabilities (N,), both NumPy
    predict_one(spec, weights)                the same for one review, compiled as far as the peer compiles
    layer(spec, weights, x, cotangent)        a function that runs a layer forward and backward and returns the
                                              gradient of x; the gradients of the weights are computed too
    sgemm(a, b)                               a function that multiplies two matrices

`weights` are NumPy arrays in Keras's layouts, see `benchmarks.data`. A function returns when its numbers are computed.
"""

from dataclasses import dataclass, field
from importlib.util import find_spec

INSTALL = "pip install -e '.[bench]'"


@dataclass(frozen=True)
class Peer:
    """How a peer is started.

    Attributes:
        name: on the command line.
        module: in `benchmarks.peers`.
        summary: one line.
        needs: the packages that it imports.
        environment: variables of its process.
        threads: a fixed number, whatever the user asks for.
    """

    name: str
    module: str
    summary: str
    needs: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    threads: int | None = None

    @property
    def uses_jax(self) -> bool:
        return "jax" in self.needs

    def missing(self) -> list[str]:
        """The packages that are not installed."""
        return [package for package in self.needs if find_spec(package) is None]


_JAX = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
_KERAS = ("keras", "jax")
_ONNX = ("onnx", "onnxruntime")

PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "unspool",
            "unspool_fit",
            "unspool.fit and unspool.predict, with the kernels",
            ("unspool", *_KERAS),
            _JAX | {"UNSPOOL_KERNELS": "native"},
        ),
        Peer(
            "unspool-reference",
            "unspool_fit",
            "the same without the kernels: UNSPOOL_KERNELS=reference",
            ("unspool", *_KERAS),
            _JAX | {"UNSPOOL_KERNELS": "reference"},
        ),
        Peer("keras-jax", "keras_jax", "Keras on JAX: fit and predict", _KERAS, _JAX),
        Peer(
            "keras-tensorflow",
            "keras_tensorflow",
            "Keras on TensorFlow: fit and predict",
            ("keras", "tensorflow"),
            {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""},
        ),
        Peer("pytorch", "pytorch", "PyTorch: nn.LSTM, nn.GRU, nn.RNN, fused Adam", ("torch",)),
        Peer("jax", "jax_by_hand", "JAX by hand: one jitted lax.scan over an epoch's steps", ("jax",), _JAX),
        Peer("jax-hoisted", "jax_hoisted", "the same, all inputs projected before the time loop", ("jax",), _JAX),
        Peer("onnxruntime", "onnx_runtime", "ONNX Runtime: its LSTM, GRU, RNN operators", _ONNX),
        Peer("onnxruntime-1", "onnx_runtime", "the same on one thread", _ONNX, threads=1),
    )
}

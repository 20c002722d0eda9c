"""JAX as a careful author writes it by hand: one jitted program an epoch, `lax.scan` over its steps.

A time step's input is projected inside the time loop. The usual advice is to project all of them in one product before
it; `hoisted` does that, and `jax-hoisted` is the peer that asks for it. But XLA's programs for the CPU are slower with
it: the LSTM of imdb-lstm took twice as long alone. So the faster form is the one that unspool is held against first. An
input that is constant in time is projected once, and outputs that nobody reads are not kept. Adam and the losses are
written out. No library but JAX.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

from benchmarks.specs import Autoencoder, Layer, Model, Sentiment

RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7
MOMENTUM, NORM_EPSILON = 0.99, 1e-3


def start(threads: int) -> dict[str, str]:
    return {"jax": jax.__version__, "jaxlib": jax.lib.__version__}


def lstm_step(states: Any, p: Any, w: Any) -> Any:
    h, c = states
    i, f, g, o = jnp.split(p + h @ w["recurrent_kernel"], 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def gru_step(states: Any, p: Any, w: Any) -> Any:
    (h,) = states
    of_input, of_state = jnp.split(p, 3, axis=-1), jnp.split(h @ w["recurrent_kernel"] + w["bias"][1], 3, axis=-1)
    z = jax.nn.sigmoid(of_input[0] + of_state[0])
    r = jax.nn.sigmoid(of_input[1] + of_state[1])
    return (z * h + (1 - z) * jnp.tanh(of_input[2] + r * of_state[2]),)


def rnn_step(states: Any, p: Any, w: Any) -> Any:
    return (jnp.tanh(p + states[0] @ w["recurrent_kernel"]),)


STEPS = {"lstm": lstm_step, "gru": gru_step, "rnn": rnn_step}


def recurrent(
    cell: str,
    x: jax.Array,
    w: dict[str, jax.Array],
    *,
    length: int | None = None,
    reverse: bool = False,
    sequences: bool = False,
    hoisted: bool = False,
) -> jax.Array:
    """x (B, T, D), or (B, D) the same at each of `length` steps, to the last output (B, U) or all (T, B, U)."""
    step, bias = STEPS[cell], w["bias"][0] if cell == "gru" else w["bias"]

    def project(x: jax.Array) -> jax.Array:
        return x @ w["kernel"] + bias

    def body(states: Any, x_t: Any) -> Any:
        p = constant if x_t is None else x_t if hoisted else project(x_t)
        states = step(states, p, w)
        return states, states[0] if sequences else None

    constant, inputs = None, None
    if x.ndim == 2:
        constant = project(x)
    else:
        inputs = x.swapaxes(0, 1)
        inputs = project(inputs) if hoisted else inputs
    zeros = jnp.zeros((x.shape[0], w["recurrent_kernel"].shape[0]), x.dtype)
    states = (zeros, zeros) if cell == "lstm" else (zeros,)
    states, outputs = lax.scan(body, states, inputs, length=length, reverse=reverse)
    return outputs if sequences else states[0]


def dropout(x: jax.Array, rate: float, key: Any) -> jax.Array:
    if not rate or key is None:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def normalize(x: jax.Array, w: Any, statistics: Any, training: bool) -> tuple[jax.Array, Any]:
    """Batch normalization over all axes but the last; the new running statistics too."""
    mean, variance = statistics
    if training:
        axes = tuple(range(x.ndim - 1))
        new = (mean, variance) = x.mean(axes), x.var(axes)
        statistics = [MOMENTUM * s + (1 - MOMENTUM) * n for s, n in zip(statistics, new, strict=True)]
    return (x - mean) * lax.rsqrt(variance + NORM_EPSILON) * w["gamma"] + w["beta"], statistics


def sentiment(spec: Sentiment, w: Any, statistics: Any, ids: jax.Array, key: Any, hoisted: bool) -> Any:
    """Logits (B,) and the new statistics; `key` is None for inference."""
    key_1, key_2 = (None, None) if key is None else jax.random.split(key)
    x = dropout(w["embedding"]["table"][ids], spec.input_dropout, key_1)
    h = recurrent(spec.cell, x, w["cell"], hoisted=hoisted)
    if spec.batch_normalization:
        h, new = normalize(h, w["norm"], statistics["norm"], key is not None)
        statistics = {"norm": new}
    h = dropout(h, spec.output_dropout, key_2)
    return (h @ w["head"]["kernel"] + w["head"]["bias"])[:, 0], statistics


def autoencoder(spec: Autoencoder, w: Any, statistics: Any, x: jax.Array, key: Any, hoisted: bool) -> Any:
    """Logits (B, T, width) and the new statistics; `key` is None for inference."""
    keys = (None,) * 3 if key is None else jax.random.split(key, 3)
    x = dropout(x, spec.encoder_dropout, keys[0])
    directions = ("_forward", "_backward") if spec.bidirectional else ("_forward",)
    h = [recurrent("lstm", x, w[f"encoder{d}"], reverse=d == "_backward", hoisted=hoisted) for d in directions]
    h, encoder = normalize(jnp.concatenate(h, -1), w["encoder_norm"], statistics["encoder_norm"], key is not None)
    h = dropout(h, spec.encoder_dropout, keys[1])
    z = dropout(jax.nn.sigmoid(h @ w["latent"]["kernel"] + w["latent"]["bias"]), spec.decoder_dropout, keys[2])
    options = {"length": spec.length, "sequences": True}
    y = [recurrent("lstm", z, w[f"decoder{d}"], reverse=d == "_backward", **options) for d in directions]
    y, decoder = normalize(jnp.concatenate(y, -1), w["decoder_norm"], statistics["decoder_norm"], key is not None)
    logits = (y @ w["head"]["kernel"] + w["head"]["bias"]).swapaxes(0, 1)
    return logits, {"encoder_norm": encoder, "decoder_norm": decoder}


def apply(spec: Model, *arguments: Any) -> Any:
    return (sentiment if isinstance(spec, Sentiment) else autoencoder)(spec, *arguments)


def binary_crossentropy(logits: jax.Array, y: jax.Array) -> jax.Array:
    return jnp.mean(jnp.maximum(logits, 0) - logits * y + jnp.log1p(jnp.exp(-jnp.abs(logits))))


def adam(w: Any, gradient: Any, m: Any, v: Any, step: jax.Array) -> Any:
    rate = RATE * jnp.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
    m = jax.tree.map(lambda m, g: m + (1 - BETA_1) * (g - m), m, gradient)
    v = jax.tree.map(lambda v, g: v + (1 - BETA_2) * (g * g - v), v, gradient)
    return jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), w, m, v), m, v


def train(spec: Model, weights: Any, x: Any, y: Any, shuffle: bool, hoisted: bool = False) -> Callable[[], float]:
    trained, statistics = split(weights)
    zeros = jax.tree.map(jnp.zeros_like, trained)
    state = (trained, statistics, zeros, zeros, jnp.float32(0), jax.random.key(0))
    state = jax.tree.map(jnp.array, state)  # copies: the epoch's program takes over their memory

    def step(data: Any, state: Any, rows: jax.Array) -> Any:
        w, statistics, m, v, count, key = state
        key, drawn = jax.random.split(key)
        batch = [array[rows] for array in data]

        def loss(w: Any) -> Any:
            logits, new = apply(spec, w, statistics, batch[0], drawn, hoisted)
            return binary_crossentropy(logits, batch[1]), new

        (value, statistics), gradient = jax.value_and_grad(loss, has_aux=True)(w)
        w, m, v = adam(w, gradient, m, v, count + 1)
        return (w, statistics, m, v, count + 1, key), value * len(rows)

    return epochs(step, state, x, y, spec.batch_size, shuffle)


def epochs(step: Any, state: Any, x: Any, y: Any, batch_size: int, shuffle: bool) -> Callable[[], float]:
    """What trains an epoch by `step`, from the data, a state and the rows of a batch to a state and a sum of losses."""
    x, y = jnp.asarray(x), jnp.asarray(y)

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, data: Any, order: jax.Array) -> Any:
        whole = len(order) // batch_size * batch_size
        state, sums = lax.scan(partial(step, data), state, order[:whole].reshape(-1, batch_size))
        total = sums.sum()
        if whole < len(order):
            state, rest = step(data, state, order[whole:])
            total += rest
        return state, total / len(order)

    def run() -> float:
        nonlocal state
        order = np.random.permutation(len(x)) if shuffle else np.arange(len(x))
        state, loss = epoch(state, (x, y), order)
        return float(loss)

    return run


def predict(spec: Sentiment, weights: Any, batch_size: int, hoisted: bool = False) -> Callable[[Any], Any]:
    trained, statistics = jax.tree.map(jnp.asarray, split(weights))

    def batch(w: Any, ids: jax.Array) -> jax.Array:
        return jax.nn.sigmoid(apply(spec, w, statistics, ids, None, hoisted)[0])

    whole_batches = jax.jit(lambda w, ids: lax.map(partial(batch, w), ids))
    one_batch = jax.jit(batch)

    def run(ids: Any) -> Any:
        whole = len(ids) // batch_size * batch_size
        parts = []
        if whole:
            parts.append(whole_batches(trained, ids[:whole].reshape(-1, batch_size, ids.shape[1])).reshape(-1))
        if whole < len(ids):
            parts.append(one_batch(trained, ids[whole:]))
        return np.concatenate(parts)

    return run


def predict_one(spec: Sentiment, weights: Any, hoisted: bool = False) -> Callable[[Any], Any]:
    trained, statistics = jax.tree.map(jnp.asarray, split(weights))
    compiled = jax.jit(lambda w, ids: jax.nn.sigmoid(apply(spec, w, statistics, ids, None, hoisted)[0]))
    return lambda ids: np.asarray(compiled(trained, ids))


def layer(spec: Layer, weights: Any, x: Any, cotangent: Any, hoisted: bool = False) -> Callable[[], Any]:
    def loss(x: jax.Array, w: Any, cotangent: jax.Array) -> jax.Array:
        return jnp.sum(recurrent(spec.cell, x, w, hoisted=hoisted) * cotangent)

    gradient = jax.jit(jax.grad(loss, argnums=(0, 1)))
    arguments = jax.tree.map(jnp.asarray, (x, weights["cell"], cotangent))
    return lambda: jax.block_until_ready(gradient(*arguments))[0]


def sgemm(a: Any, b: Any) -> Callable[[], Any]:
    a, b, product = jnp.asarray(a), jnp.asarray(b), jax.jit(jnp.matmul)
    return lambda: jax.block_until_ready(product(a, b))


def split(weights: Any) -> tuple[Any, Any]:
    """What is trained, and the running statistics of the normalizations."""
    trained, statistics = {}, {}
    for name, arrays in weights.items():
        trained[name] = {key: array for key, array in arrays.items() if key not in ("mean", "variance")}
        if "mean" in arrays:
            statistics[name] = [arrays["mean"], arrays["variance"]]
    return trained, statistics

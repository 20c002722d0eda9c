"""Small models with random weights, written as `unspool export` writes them."""

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

WORDS = ("a", "fine", "film", "dull", "!", "don't", "été")
CHARACTERS = {
    # One class of letters and one of symbols are enough here; the trainer's tests read every script.
    "starts": np.array([0, 33, 39, 40, 48, 58, 65, 91, 97, 123, 192], np.int32),
    "classes": np.array([0, 3, 4, 3, 2, 3, 1, 3, 1, 3, 1], np.uint8),
    "properties": [0, 1, 2, 4, 4 | 1 << 12],
}


END = 3.0
"""By how much the end of an answer is likelier than another id."""


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def floats(draw: np.random.Generator, *shape: int) -> np.ndarray:
    return draw.normal(size=shape).astype(np.float32)


def strings(*texts: str) -> dict[str, Any]:
    return {"strings of": texts}


def binary(**parts: Any) -> dict[str, Any]:
    return {"task": {"kind": "binary", "labels": ["no", "yes"], "threshold": 0.5}, **parts}


def of_texts(model: dict[str, Any]) -> dict[str, Any]:
    return binary(reader={"kind": "texts"}, characters=dict(CHARACTERS), model=model)


def ngrams() -> dict[str, Any]:
    return {
        "of": "words",
        "shortest": 1,
        "longest": 2,
        "within_words": False,
        "alphabet": strings(*WORDS),
        "levels": [{"first": np.array([0, 1, 3], np.int32), "last": np.array([1, 2, 2], np.int32)}],
    }


def linear(weighting: str = "nb", seed: int = 0) -> dict[str, Any]:
    draw, width = random(seed), len(WORDS) + 3
    return {
        "kind": "linear texts",
        "weighting": weighting,
        "blocks": [ngrams() | {"weights": floats(draw, width, 1), "coefficients": floats(draw, width, 1)}],
        "constant": np.array([0.1]),
        "scale": np.array([[1.5], [0.2]]),
    }


def convolution(seed: int = 0) -> dict[str, Any]:
    draw = random(seed)
    member = {
        "widths": [1, 3],
        "vectors": floats(draw, len(WORDS), 4, 16),
        "bias": floats(draw, 2, 16),
        "head": floats(draw, 2, 16, 1) / 4,
        "head_bias": floats(draw, 1),
    }
    units = np.array([[0.0], [0.5]])
    return {
        "kind": "convolution texts",
        "of": "words",
        "alphabet": strings(*WORDS),
        "members": [member],
        "units": units,
    }


def vectors(seed: int = 0) -> dict[str, Any]:
    draw, grams = random(seed), len(WORDS) + 3
    return {
        "kind": "vector texts",
        "ngrams": ngrams(),
        "vectors": floats(draw, grams, 16),
        "keep": draw.uniform(0.3, 1, grams).astype(np.float32),
        "drawn": draw.integers(grams, size=50).astype(np.int32),
        "center": np.zeros(16),
        "spread": np.ones(16),
        "weights": draw.normal(size=(17, 1)),
        "units": np.array([[0.0], [1.0]]),
        "negatives": 5,
        "rate": 0.1,
        "last_rate": 0.003,
        "epochs": 3,
        "seed": 0,
    }


def columns() -> dict[str, Any]:
    """Of one column of numbers and one of categories: six features."""
    numbers = [{"mean": 1.0, "scale": 2.0, "knots": [-1.0, 0.0, 1.0]}]
    return {"numbers": numbers, "categories": [{"names": ["a", "b"]}]}


def of_rows(seed: int = 0) -> dict[str, Any]:
    """A model that reads columns beside a text."""
    draw = random(seed)
    weighed = linear() | {"columns": columns(), "column_coefficients": draw.normal(size=(6, 1))}
    trees = {
        "roots": np.array([0, 3], np.int32),
        "feature": np.array([0, -1, -1, 3, -1, -1], np.int32),
        "threshold": np.array([0.1, 0, 0, 0.5, 0, 0]),
        "left": np.array([1, 0, 0, 4, 0, 0], np.int32),
        "right": np.array([2, 0, 0, 5, 0, 0], np.int32),
        "values": draw.uniform(size=(6, 1)).astype(np.float32),
    }
    grown = trees | {"feature": np.array([1, -1, -1, len(WORDS) + 3 + 4, -1, -1], np.int32)}  # a word, and a category
    both = {
        "kind": "tree texts",
        "ngrams": ngrams(),
        "columns": columns(),
        "trees": grown,
        "link": "identity",
        "factor": 0.9,
    }
    parts = [
        weighed,
        {"kind": "column trees", "columns": columns(), "trees": trees, "link": "logit", "factor": 0.7},
        both,
    ]
    model = {"kind": "blend texts", "parts": [*parts, convolution()], "factors": np.array([0.5, 0.4, 0.6, 0.3])}
    reader = {"kind": "rows", "text": "review", "numeric": ["price"], "categorical": ["brand"]}
    return of_texts(model) | {"reader": reader}


def language_model(units: int = 6, seed: int = 0) -> dict[str, Any]:
    draw = random(seed)
    layer = recurrent(draw, "lstm", 3, units, False, "all")
    return {
        "kind": "language model texts",
        "of": "words",
        "alphabet": strings(*WORDS),
        "length": 40,
        "vectors": floats(draw, len(WORDS) + 2, 3),
        "forward": layer["forward"],
        "head": floats(draw, 3 * units + 1, 1),
        "units": np.array([[0.1], [0.8]]),
    }


def blend() -> dict[str, Any]:
    return {"kind": "blend texts", "parts": [linear(), convolution()], "factors": np.array([0.7, 0.4])}


def recurrent(draw: np.random.Generator, cell: str, width: int, units: int, both: bool, gives: str) -> dict[str, Any]:
    gates = {"rnn": 1, "lstm": 4}.get(cell, 3)
    shape = (2, gates * units) if cell == "gru after" else (gates * units,)

    def direction() -> dict[str, Any]:
        return {
            "kernel": floats(draw, width, gates * units),
            "recurrent": floats(draw, units, gates * units) / 3,
            "bias": floats(draw, *shape),
            "zero_masked": both,
        }

    layer = {"kind": "recurrent", "cell": cell, "activation": "tanh", "gives": gives, "forward": direction()}
    return layer | ({"backward": direction()} if both else {})


def dense(draw: np.random.Generator, width: int, outputs: int, activation: str = "sigmoid") -> dict[str, Any]:
    weights, bias = floats(draw, width, outputs), floats(draw, outputs)
    return {"kind": "dense", "weights": weights, "bias": bias, "activation": activation}


def words_network(cell: str = "lstm", both: bool = True, bigrams: bool = True, seed: int = 0) -> dict[str, Any]:
    draw = random(seed)
    width = 5 * (2 if both else 1)
    layers = [{"kind": "embedding", "vectors": floats(draw, len(WORDS) + 4, 3), "mask_zero": True}]
    if bigrams:
        layers.append({"kind": "bigrams", "vectors": floats(draw, 40, 2)})
    layers.append(recurrent(draw, cell, 3, 5, both, "all"))
    layers.append({"kind": "pooling", "with_bigrams": bigrams})
    width = 2 * width + (4 if bigrams else 0)
    layers.append({"kind": "normalization", "scale": floats(draw, width), "offset": floats(draw, width)})
    layers.append(dense(draw, width, 1))
    reader = {"kind": "words", "length": 100, "vocabulary": strings(*WORDS)}
    return binary(reader=reader, characters=dict(CHARACTERS), model={"kind": "network", "layers": layers})


def tagger(words: bool = True, seed: int = 0) -> dict[str, Any]:
    draw = random(seed)
    layers: list[dict[str, Any]] = [recurrent(draw, "gru after", 2, 5, True, "all"), dense(draw, 10, 3, "softmax")]
    reader: dict[str, Any] = {"kind": "standardized series", "mean": [1.0, 0.0], "scale": [2.0, 1.0]}
    if words:
        vectors = floats(draw, len(WORDS) + 4, 2)
        vectors[0] = 0
        layers.insert(0, {"kind": "forms", "vectors": vectors})
        reader = {"kind": "forms of words", "vocabulary": strings(*WORDS)}
    task = {"kind": "tagging", "labels": ["B", "I", "O"]}
    return {"task": task, "reader": reader, "model": {"kind": "network", "layers": layers}}


def series_network(cell: str = "lstm", both: bool = False, seed: int = 0, channels: int = 2) -> dict[str, Any]:
    draw = random(seed)
    layers = [recurrent(draw, cell, channels, 5, both, "last"), dense(draw, 10 if both else 5, 1)]
    reader = {
        "kind": "standardized series",
        "length": 20,
        "mean": [1.0, 0.0][:channels],
        "scale": [2.0, 1.0][:channels],
    }
    return binary(reader=reader, model={"kind": "network", "layers": layers})


def byte_pairs() -> dict[str, Any]:
    """A reader of bytes, of which "ab", "abc" and " a" are joined; lower case."""
    return {
        "kind": "byte pairs",
        "length": 40,
        "lowercase": True,
        "bytes": np.arange(3, 259).astype(np.int32),
        "merges": np.array([[100, 101, 259], [259, 102, 260], [35, 100, 261]], np.int32),
        "starts": np.array([0, 192, 0x660, 0x66A, 0x2000, 0x200B, 0x3041], np.int32),
        "classes": np.array([0, 1, 2, 0, 3, 0, 1], np.uint8),
    }


def pieces_network(seed: int = 0) -> dict[str, Any]:
    """A classifier of texts whose tokens are pieces of words."""
    draw = random(seed)
    layers = [
        {"kind": "embedding", "vectors": floats(draw, 262, 3), "mask_zero": True},
        recurrent(draw, "gru after", 3, 5, True, "last"),
        dense(draw, 10, 1),
    ]
    reader = byte_pairs() | {"kind": "byte pair texts", "lowercase": False}
    return binary(reader=reader, model={"kind": "network", "layers": layers})


def translator(
    width: int = 20,
    heads: int = 2,
    layers: int = 2,
    positions: str = "sinusoidal",
    shared: bool = True,
    tied: bool = True,
    seed: int = 0,
    size: int = 262,
) -> dict[str, Any]:
    """Random weights; it ends some of its answers, and has no id that follows itself for ever."""
    draw, hidden = random(seed), width + 4

    def dense(inputs: int, outputs: int) -> dict[str, Any]:
        return {"kernel": floats(draw, inputs, outputs) / np.float32(inputs**0.5), "bias": floats(draw, outputs) / 10}

    def norm() -> dict[str, Any]:
        return {"scale": 1 + floats(draw, width) / 10, "offset": floats(draw, width) / 10}

    def attention() -> dict[str, Any]:
        return {name: dense(width, width) for name in ("queries", "keys", "values", "result")}

    def block(reads_memory: bool) -> dict[str, Any]:
        own = {"attention_norm": norm(), "attention": attention()}
        other = {"memory_norm": norm(), "to_memory": attention()} if reads_memory else {}
        return own | other | {"dense_norm": norm(), "hidden": dense(width, hidden), "result": dense(hidden, width)}

    table = floats(draw, size, width) / np.float32(width**0.5)
    target = None if shared else floats(draw, size, width) / np.float32(width**0.5)
    head = dense(width, size)
    last = norm()  # signs, else the likeliest id of a tied model is the one that it has just read
    last["scale"] *= np.sign(floats(draw, width))
    written = head["kernel"].T if not tied else table if target is None else target
    written *= 2
    last["offset"] += END * written[2] / np.square(written[2]).sum()
    return {
        "task": {"kind": "translation", "start": 1, "end": 2, "maximum": 20, "beam": 3, "length_penalty": 1.0},
        "reader": byte_pairs(),
        "model": {
            "kind": "transformer",
            "heads": heads,
            "feed_forward": hidden,
            "positions": positions,
            "target_size": size,
            "source_embedding": table,
            "target_embedding": target,
            "head": None if tied else head,
            "encoder": [block(False) for _ in range(layers)],
            "decoder": [block(True) for _ in range(layers)],
            "encoder_norm": norm(),
            "decoder_norm": last,
        },
    }


def recurrent_translator(
    cell: str = "gru after",
    units: int = 9,
    width: int = 7,
    layers: int = 1,
    attention: str = "additive",
    input_feeding: bool = False,
    shared: bool = True,
    tied: bool = True,
    seed: int = 0,
    size: int = 262,
) -> dict[str, Any]:
    """Random weights; it ends some of its answers."""
    draw, gates = random(seed), 4 if cell == "lstm" else 3

    def dense(inputs: int, outputs: int) -> dict[str, Any]:
        return {"kernel": floats(draw, inputs, outputs) * np.float32(0.7), "bias": floats(draw, outputs) / 10}

    def direction(inputs: int) -> dict[str, Any]:
        return {
            "kernel": floats(draw, inputs, gates * units) / np.float32(inputs**0.5),
            "recurrent": 2 * floats(draw, units, gates * units) / np.float32(units**0.5),
            "bias": floats(draw, *((2, gates * units) if cell == "gru after" else (gates * units,))),
            "zero_masked": False,
        }

    def layer(number: int) -> dict[str, Any]:
        read = {name: direction(2 * units if number else width) for name in ("forward", "backward")}
        written = units if number else width * (2 if input_feeding else 1)
        states = 2 if cell == "lstm" else 1
        return {**read, "decoder": direction(written), "first": [dense(2 * units, units) for _ in range(states)]}

    head, found = dense(width, size), dense(3 * units, width)
    table = 2 * floats(draw, size, width)
    target = table if shared else 2 * floats(draw, size, width)
    written = target if tied else head["kernel"].T
    written[2] *= 2.5
    found["bias"] += np.sign(written[2])
    additive = attention == "additive"
    return translator() | {
        "model": {
            "kind": "encoder decoder",
            "cell": cell,
            "units": units,
            "attention": attention,
            "input_feeding": input_feeding,
            "target_size": size,
            "source_embedding": table,
            "target_embedding": None if shared else target,
            "head": None if tied else head,
            "layers": [layer(number) for number in range(layers)],
            "keys": floats(draw, 2 * units, units),
            "query": dense(units, units) if additive else None,
            "sum": floats(draw, units) if additive else None,
            "found": found,
        }
    }


def captions(units: int = 9, width: int = 7, **settings: Any) -> dict[str, Any]:
    """A model that writes a text for each series with two channels."""
    tree = recurrent_translator(units=units, width=width, shared=False, **settings)
    draw = random(5)
    frames = {"kernel": floats(draw, 2, width), "bias": floats(draw, width)}
    pieces = {name: value for name, value in byte_pairs().items() if name not in ("kind", "length")}
    reader = {"kind": "standardized series", "mean": [1.0, 0.0], "scale": [2.0, 1.0]}
    model = tree["model"] | {"source_embedding": None, "frames": frames}
    return tree | {"reader": reader, "pieces": pieces, "model": model}


def upscaler(factor: int = 2, seed: int = 0) -> dict[str, Any]:
    """Enlarges images of 3 rows of 2 pixels."""
    draw = random(seed)
    layers = [recurrent(draw, "gru after", 2, 4, True, "all"), dense(draw, 8, factor * factor * 2, "linear")]
    return {
        "task": {"kind": "super_resolution", "labels": [], "rows": 3 * factor},
        "reader": {"kind": "images", "length": 3, "features": 2},
        "model": {"kind": "upscaler", "factor": factor, "network": {"kind": "network", "layers": layers}},
    }


def lag_parts(seed: int = 0) -> list[dict[str, Any]]:
    """Every model over lags, of a horizon of 4 and a season of 3, with one covariate known until now and 5 ahead."""
    draw, units = random(seed), 4
    near, horizon, until_now, known = 6, 4, 1, 5
    lags = {"near": near, "week": 9, "log": False, "covariates": True}
    beside, own = 2 + 3 * until_now, 5 + 2 * known
    width, alone = near + beside + own, near + 2 + 5

    def linear(read: dict[str, Any], size: int) -> dict[str, Any]:
        weights = draw.normal(size=(horizon, size)) / size
        return {"kind": "lag linear", "lags": read, "weights": weights, "intercept": draw.normal(size=horizon)}

    def affine(inputs: int, outputs: int) -> dict[str, Any]:
        return {"kernel": floats(draw, inputs, outputs) / 3, "bias": floats(draw, outputs)}

    trees = {
        "roots": np.array([0, 3], np.int32),
        "feature": np.array([0, -1, -1, width, -1, -1], np.int32),
        "threshold": np.array([0.1, 0, 0, 1.5, 0, 0]),
        "left": np.array([1, 0, 0, 4, 0, 0], np.int32),
        "right": np.array([2, 0, 0, 5, 0, 0], np.int32),
        "values": floats(draw, 6, 1),
    }
    network = {
        "kind": "lag network",
        "lags": lags,
        "middle": draw.normal(size=beside + own),
        "spread": np.ones(beside + own),
        "encoder": recurrent(draw, "lstm", 1, units, False, "last")["forward"],
        "first": [affine(units + beside, units) for _ in range(2)],
        "decoder": recurrent(draw, "lstm", own, units, False, "all")["forward"],
        "hidden": affine(units, units),
        "head": affine(units + own, 1),
    }
    return [
        linear(lags, width),
        linear(lags | {"covariates": False, "log": True}, alone),
        {"kind": "lag trees", "lags": lags, "base": 0.3, "trees": trees},
        {"kind": "relative lag trees", "lags": lags, "base": 0.3, "trees": trees},
        network,
    ]


def forecaster(*parts: dict[str, Any]) -> dict[str, Any]:
    """Of daily values: a blend of the given parts, or of one of each kind."""
    simple = [{"kind": kind} for kind in ("last value", "last season", "drift")]
    used = list(parts) or [*simple, *lag_parts()]
    model = {"kind": "blend forecasts", "parts": used, "weights": np.full(len(used), 1 / len(used))}
    quantiles = {"low": np.array([-1.0, -2, -3, -4]), "high": np.array([1.0, 1, 1, 1]), "least": 0.0}
    return {
        "task": {"kind": "forecasting", "labels": [], "horizon": 4, "season": 3},
        "reader": {
            "kind": "histories",
            "columns": ["sold", "visits", "promo"],
            "until_now": 1,
            "calendar": {"step": 86400.0},
        },
        "model": {"kind": "forecaster", "point": model, **quantiles},
    }


def tensors(arrays: dict[str, np.ndarray]) -> bytes:
    """A safetensors file, written by hand."""
    kinds = {
        "float64": "F64",
        "float32": "F32",
        "int64": "I64",
        "int32": "I32",
        "uint8": "U8",
        "int8": "I8",
        "float16": "F16",
    }
    header, body = {}, b""
    for name, array in sorted(arrays.items(), key=lambda one: -one[1].itemsize):
        data = np.ascontiguousarray(array).tobytes()
        place = [len(body), len(body) + len(data)]
        header[name] = {"dtype": kinds[array.dtype.name], "shape": list(array.shape), "data_offsets": place}
        body += data
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + body


def packed(tree: Any, path: str, arrays: dict[str, np.ndarray]) -> Any:
    """The tree without its arrays, which go to `arrays`."""
    if isinstance(tree, np.ndarray):
        arrays[path] = tree
        return {"array": path}
    if isinstance(tree, dict) and "int8" in tree:
        arrays[f"{path}.int8"], arrays[f"{path}.scales"] = tree["int8"], tree["scales"]
        return {"array": path}
    if isinstance(tree, dict) and "strings of" in tree:
        raw = [one.encode() for one in tree["strings of"]]
        arrays[f"{path}.bytes"] = np.frombuffer(b"".join(raw), np.uint8)
        arrays[f"{path}.starts"] = np.cumsum([0, *map(len, raw)]).astype(np.int64)
        return {"strings": path}
    if isinstance(tree, dict):
        return {name: packed(value, f"{path}.{name}", arrays) for name, value in tree.items()}
    if isinstance(tree, list):
        return [packed(value, f"{path}.{place}", arrays) for place, value in enumerate(tree)]
    return tree


def members_of(tree: dict[str, Any], golden: dict[str, Any] | None = None) -> dict[str, bytes]:
    """The members of a model's file."""
    weights: dict[str, np.ndarray] = {}
    answers: dict[str, np.ndarray] = {}
    plain = {name: packed(value, name, weights) for name, value in tree.items()}
    told = packed(golden or golden_texts([""], np.zeros((1, 1)), ["no"]), "golden", answers)
    files = {"weights.safetensors": tensors(weights), "golden.safetensors": tensors(answers)}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    content = {"format": "unspool model", "version": 1, **plain, "golden": told, "files": digests}
    return {"model.json": json.dumps(content).encode()} | files


def golden_texts(texts: list[str], outputs: np.ndarray, labels: list[Any]) -> dict[str, Any]:
    raw = [text.encode() for text in texts]
    return {
        "examples": "texts",
        "tolerance": 1e-5,
        "labels": labels,
        "outputs": outputs,
        "texts": np.frombuffer(b"".join(raw), np.uint8),
        "offsets": np.cumsum([0, *map(len, raw)]).astype(np.int64),
    }


def archive(members: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name), data)
    return content.getvalue()


def write(folder: Path, tree: dict[str, Any], golden: dict[str, Any] | None = None) -> Path:
    path = folder / "model.unspool"
    path.write_bytes(archive(members_of(tree, golden)))
    return path


def series_features(kind: str, seed: int = 0) -> dict[str, Any]:
    """A linear model of features of series with two channels."""
    draw = random(seed)
    dilations = np.array([1, 3], np.int64)
    if kind == "convolutions":
        plans = [
            {
                "pools": 4,
                "dilations": dilations,
                "counts": np.array([2, 1], np.int64),
                "biases": floats(draw, 3, 84),
                "channels": draw.integers(2, size=(2, 84, 2)).astype(np.uint8),
            }
            for _ in range(2)
        ]
        size = 2 * 4 * 3 * 84 + 5
    else:
        plans = [{"dilations": dilations, "weights": floats(draw, 2, 8, 9, 4)} for _ in range(2)]
        size = 2 * 2 * 2 * 8 * 4
    scaling = {"centre": floats(draw, size), "factor": np.ones(size, np.float32), "sparse": False}
    head = {"kind": "linear", "weights": floats(draw, size, 2) / 50, "intercept": floats(draw, 2), "factor": 0.5}
    encoder = {"kind": kind, "scale": True, "plans": plans, "scaling": scaling}
    reader = {"kind": "series", "channels": ["x", "y"], "mean": [0.0, 0.0]}
    return binary(reader=reader, model={"kind": "encoded series", "encoders": [encoder], "head": head})


def recurrent_series(seed: int = 0) -> dict[str, Any]:
    """The mean of two networks of series with two channels."""
    draw = random(seed)

    def network() -> dict[str, Any]:
        pooling = {"kind": "pooling", "with_bigrams": False}
        layers = [recurrent(draw, "lstm", 2, 3, True, "all"), pooling, dense(draw, 12, 2, "linear")]
        return {"kind": "network", "layers": layers}

    scaling = {"mean": np.array([1.0, 0.0]), "spread": np.array([2.0, 1.0])}
    model = {"kind": "recurrent series", "networks": [network(), network()], "factor": 0.5, **scaling}
    return binary(reader={"kind": "series", "channels": ["x", "y"], "mean": [0.0, 0.0]}, model=model)


def ranked_layers(size: int, seed: int = 0) -> list[dict[str, Any]]:
    draw = random(seed)
    embedding = {"kind": "embedding", "vectors": floats(draw, size, 3), "mask_zero": False}
    return [embedding, recurrent(draw, "lstm", 3, 4, False, "last"), dense(draw, 4, 1)]


def linear_autoencoder(times: int = 6, width: int = 3) -> dict[str, Any]:
    """Of series with two channels, without a recurrent layer."""
    draw, tree = random(0), autoencoder(times)
    encoder = [{"kind": "flatten", "mean": floats(draw, times, 2)}, dense(draw, 2 * times, width, "linear")]
    decoder = [dense(draw, width, 2 * times, "linear"), {"kind": "unflatten", "times": times}]
    tree["model"] |= {
        name: {"kind": "network", "layers": one} for name, one in (("encoder", encoder), ("decoder", decoder))
    }
    return tree


def autoencoder(times: int = 6, seed: int = 0) -> dict[str, Any]:
    """Of series with two channels."""
    draw = random(seed)
    encoder = [recurrent(draw, "lstm", 2, 4, True, "last"), dense(draw, 8, 3, "tanh")]
    decoder = [{"kind": "repeat", "times": times}, recurrent(draw, "gru after", 3, 4, True, "all")]
    decoder.append(dense(draw, 8, 2, "linear"))
    halves = {name: {"kind": "network", "layers": one} for name, one in (("encoder", encoder), ("decoder", decoder))}
    return {
        "task": {"kind": "reconstruction", "labels": [], "likelihood": "gaussian"},
        "reader": {"kind": "standardized series", "length": times, "mean": [1.0, 0.0], "scale": [2.0, 1.0]},
        "model": {"kind": "autoencoder", "reads_padding": True, **halves},
    }

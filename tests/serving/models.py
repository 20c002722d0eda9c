"""Small portable models with golden answers of their own, as the runtime's tests make them."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from unspool_runtime import Model

_PATH = Path(__file__).parents[2] / "runtime" / "tests" / "small.py"
_spec = importlib.util.spec_from_file_location("small_models_of_the_runtime", _PATH)
assert _spec is not None
assert _spec.loader is not None
small = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small)

TEXTS = ["a fine film", "?!", "dull dull film!", "été"]
TOLD = {"title": "Films", "made_by": "unspool 0", "record": {}}


def texts(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.of_texts(small.linear(seed=seed))


def series(seed: int = 0, channels: int = 2) -> dict[str, Any]:
    return TOLD | small.series_network(seed=seed, channels=channels)


def words_tagger(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.tagger(seed=seed)


def steps_tagger(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.tagger(words=False, seed=seed)


def translator(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.translator(seed=seed)


ROWS = [{"review": "a fine film", "price": 2.0, "brand": "a"}, {"review": "?!", "price": None, "brand": "new"}]


def rows(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.of_rows(seed)


HISTORIES = [{"history": np.ones((9, 7), np.float32), "ahead": np.ones((4, 5), np.float32)}]


def forecaster(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.forecaster(*small.lag_parts(seed))


def captions(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.captions(seed=seed)


def upscaler(seed: int = 0) -> dict[str, Any]:
    return TOLD | small.upscaler(seed=seed)


def ids(seed: int = 0) -> dict[str, Any]:
    tree = TOLD | small.words_network(bigrams=False, seed=seed)
    del tree["characters"]
    return tree | {"reader": {"kind": "ids", "known": np.arange(len(small.WORDS)), "length": 100}}


def write(path: Path, tree: dict[str, Any]) -> Path:
    """Write a model whose golden answers are what the runtime says."""
    examples: list[Any] = ROWS if tree["reader"]["kind"] == "rows" else TEXTS
    if tree["reader"]["kind"] == "forms of words":
        examples = [["a", "fine", "film"], ["été"], ["?"]]
    elif tree["reader"]["kind"] == "ids":
        examples = [np.array([1, 2, 3]), np.array([99])]
    elif tree["reader"]["kind"] == "images":
        examples = [np.ones((3, 2), np.float32)]
    elif tree["reader"]["kind"] == "histories":
        examples = HISTORIES
    elif "series" in tree["reader"]["kind"]:
        width = len(tree["reader"].get("mean", (0, 0)))
        examples = [np.ones((3, width), np.float32), np.zeros((5, width), np.float32)]
    path.write_bytes(small.archive(small.members_of(tree)))
    model = Model.load(path)
    outputs = model.outputs(examples)
    labels = model.predict(examples)
    golden = small.golden_texts(TEXTS, outputs.reshape(len(outputs), -1), labels)
    if examples and isinstance(examples[0], list):
        golden |= {"examples": "words", "words": small.strings(*(word for one in examples for word in one))}
        golden |= {"offsets": np.cumsum([0, *map(len, examples)]).astype(np.int64)}
        del golden["texts"]
    elif examples is ROWS:
        golden |= {"examples": "rows", "rows": ROWS}
        del golden["texts"], golden["offsets"]
    elif examples is HISTORIES:
        golden |= {
            "examples": "histories",
            "values": np.ones((9, 7), np.float32),
            "ahead": np.ones((1, 4, 5), np.float32),
        }
        golden |= {"offsets": np.array([0, 9])}
        del golden["texts"]
    elif examples is not TEXTS:
        kind, values = ("ids", "ids") if examples[0].ndim == 1 else ("series", "values")
        golden = {name: golden[name] for name in ("tolerance", "labels", "outputs")} | {
            "examples": kind,
            values: np.concatenate(examples),
            "offsets": np.cumsum([0, *map(len, examples)]).astype(np.int64),
        }
    aside = path.with_suffix(".new")
    aside.write_bytes(small.archive(small.members_of(tree, golden)))
    aside.replace(path)
    return path

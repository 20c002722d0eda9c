"""Each value of a description in turn replaced by others: the model is refused by name, or it answers."""

import copy
import json

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model, ModelError

OTHERS = (None, -1, 0, 1 << 40, 1e300, "x", [], {}, [[]], {"array": "no"}, True)


def rounded_convolution():
    model = small.convolution()
    numbers = np.rint(model["members"][0]["vectors"] * 30).astype(np.int8)
    model["members"][0]["vectors"] = {"int8": numbers, "scales": np.full(28, 1 / 30, np.float32)}
    return model


SERIES = [[[1.0, 2.0]] * 12]
MODELS = {
    "blend": lambda: small.of_texts(
        {"kind": "blend texts", "parts": [small.blend(), small.vectors()], "factors": np.ones(2)}
    ),
    "language model": lambda: small.of_texts(small.language_model()),
    "forecasts": small.forecaster,
    "captions": lambda: small.captions(units=4, input_feeding=True),
    "images": small.upscaler,
    "rows": small.of_rows,
    "rounded": lambda: small.of_texts(rounded_convolution()),
    "words": small.words_network,
    "pieces of words": small.pieces_network,
    "series": small.series_network,
    "autoencoder": small.autoencoder,
    "linear autoencoder": small.linear_autoencoder,
    "tagged words": small.tagger,
    "tagged series": lambda: small.tagger(words=False),
    "convolutions": lambda: small.series_features("convolutions"),
    "translation": lambda: small.translator(width=4, layers=1),
    "recurrent translation": lambda: small.recurrent_translator(units=4, input_feeding=True, layers=2),
    "competing kernels": lambda: small.series_features("competing kernels"),
    "recurrent series": small.recurrent_series,
}


def places(tree, path=()):
    """The paths of all values but those of arrays' names."""
    for name, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield (*path, name)
        if isinstance(value, list) or (isinstance(value, dict) and not {"array", "strings"} & {*value}):
            yield from places(value, (*path, name))


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_is_refused_or_answers(tmp_path, kind):
    members = small.members_of(MODELS[kind]())
    whole = json.loads(members["model.json"])
    path = tmp_path / "model.unspool"
    refused = 0
    for number, place in enumerate(places(whole)):
        for other in (OTHERS[number % len(OTHERS)], OTHERS[(number * 7 + 3) % len(OTHERS)]):
            altered = copy.deepcopy(whole)
            holder = altered
            for name in place[:-1]:
                holder = holder[name]
            holder[place[-1]] = other
            path.write_bytes(small.archive(members | {"model.json": json.dumps(altered).encode()}))
            try:
                model = Model.load(path)
                row = {"review": "a fine film", "price": 2, "brand": "a"}
                known = {"history": [[1.0, 2.0, 0.0]] * 9, "ahead": [[1.0]] * 4, "start": "2026-03-01"}
                examples = (
                    [[[0.5, 1.0]] * 3]
                    if model.task == "super_resolution"
                    else {
                        "texts": ["a fine film"],
                        "rows": [row],
                        "words": [["a", "fine", "Film"]],
                        "histories": [known],
                    }.get(model.reads, SERIES)
                )
                model.outputs(examples)
                model.check()
            except (ModelError, InputError):
                refused += 1
    assert refused > 20

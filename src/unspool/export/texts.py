"""Models of whole texts as parts of a portable model."""

from collections.abc import Callable
from typing import Any

from unspool.candidates.model_files import unprefixed
from unspool.candidates.texts.language_models.frequent_words import LENGTH
from unspool.candidates.texts.vectors import inference_of
from unspool.export.columns import columns_node
from unspool.export.packing import Arrays, Matrix, Node, Strings, double, node_by, trees_node


def text_model_node(plain: dict[str, Any], arrays: Arrays) -> Node:
    """Describe a fitted model of texts.

    Args:
        plain: what its `state` gives, plain values and
        arrays: by name.

    Raises:
        UserError: it is of a kind that cannot be exported; names it.
    """
    makers: dict[str, Callable[[Node, Arrays], Node]] = {
        "linear": _linear,
        "convolution": _convolution,
        "vectors": _vectors,
        "trees": _trees,
        "column trees": _trees,  # the kind of older models with columns alone
        "language model": _language_model,
        "blend": _blend,
        "window words": _window_words,
    }
    return node_by(makers, "model of texts", plain["kind"], plain, arrays)


def _linear(plain: Node, arrays: Arrays) -> Node:
    blocks = [
        _ngrams(ngrams, unprefixed(arrays, f"reader_{i}_"))
        | {name: Matrix.of(arrays[f"{name}_{i}"]) for name in ("weights", "coefficients")}
        for i, ngrams in enumerate(plain["ngrams"])
    ]
    columns = {}
    if "side" in plain:
        columns = {"columns": columns_node(plain["side"]), "column_coefficients": double(arrays["side"])}
    return {
        "kind": "linear texts",
        "weighting": plain["weighting"],
        "blocks": blocks,
        **columns,
        "constant": double(arrays["constant"]),
        "scale": double(arrays["scale"]),
    }


def _ngrams(ngrams: Node, arrays: Arrays) -> Node:
    levels = [
        {"first": arrays[f"first_{size}"], "last": arrays[f"last_{size}"]} for size in range(2, ngrams["longest"] + 1)
    ]
    return {
        "of": ngrams["of"],
        "shortest": ngrams["shortest"],
        "longest": ngrams["longest"],
        "within_words": ngrams["within_words"],
        "alphabet": Strings.of(arrays, "alphabet"),
        "levels": levels,
    }


def _convolution(plain: Node, arrays: Arrays) -> Node:
    members = [
        {"widths": plain["widths"], "vectors": Matrix.of(arrays[f"vectors_{i}"])}
        | {name: arrays[f"{name}_{i}"] for name in ("bias", "head", "head_bias")}
        for i in range(plain["members"])
    ]
    return {
        "kind": "convolution texts",
        "of": plain["of"],
        "alphabet": Strings.of(arrays, "alphabet"),
        "members": members,
        "units": double(arrays["units"]),
    }


def _vectors(plain: Node, arrays: Arrays) -> Node:
    return {
        "kind": "vector texts",
        "ngrams": _ngrams(plain["ngrams"], unprefixed(arrays, "reader_")),
        **{name: Matrix.of(arrays[name]) for name in ("vectors", "keep")},
        "drawn": arrays["drawn"],
        **{name: double(arrays[name]) for name in ("center", "spread", "weights", "units")},
        **inference_of(plain),
    }


_LINKS = {"binary": "logit", "multilabel": "logit", "multiclass": "log", "regression": "identity"}


def _trees(plain: Node, arrays: Arrays) -> Node:
    read: Node = {}
    if "ngrams" in plain:
        read["ngrams"] = _ngrams(plain["ngrams"], unprefixed(arrays, "reader_"))
    if "side" in plain:
        read["columns"] = columns_node(plain["side"])
    return {
        "kind": "tree texts",
        **read,
        "trees": trees_node(arrays),
        "link": "identity" if plain.get("gives_scores") else _LINKS[plain["task"]],
        "factor": float(arrays["factor"][0]),
    }


def _language_model(plain: Node, arrays: Arrays) -> Node:
    forward = {name: Matrix.of(arrays[name]) for name in ("kernel", "recurrent")}
    return {
        "kind": "language model texts",
        "of": "words",
        "alphabet": Strings.of(arrays, "vocabulary"),
        "length": LENGTH,
        "vectors": Matrix.of(arrays["words"]),
        "forward": forward | {"bias": arrays["bias"], "zero_masked": False},
        "head": Matrix.of(arrays["projection"]),
        "units": double(arrays["units"]),
    }


def _blend(plain: Node, arrays: Arrays) -> Node:
    parts = [text_model_node(one, unprefixed(arrays, f"part_{i}_")) for i, one in enumerate(plain["parts"])]
    return {"kind": "blend texts", "parts": parts, "factors": double(arrays["factors"])}


def _window_words(_: Node, arrays: Arrays) -> Node:
    node: Node = {"features": Strings.of(arrays, "features"), "weights": Matrix.of(arrays["weights"])}
    return {"kind": "window words", **node, **{name: arrays[name] for name in ("transitions", "intercept")}}

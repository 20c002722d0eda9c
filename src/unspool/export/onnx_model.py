"""A trained model as an ONNX graph, for ONNX Runtime and other engines: see docs/portable.md."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.tokenizers.word_forms import FORMS
from unspool.errors import UserError
from unspool.export.golden import TOLERANCE, answered, tolerance_of
from unspool.export.models import Described, describe, task_node
from unspool.export.packing import Node, Strings
from unspool.export.translation import RANKED
from unspool.export.written import check_out, size_in_words, take_place, take_places, written_aside
from unspool.files import FOR_OUTPUT, linked, refuse_special
from unspool.runs.checking.golden_labels import load_golden_labels
from unspool.runs.model import TrainedModel, load_trained, reader_of
from unspool.runs.records.folder import given_folder

ENDING = ".onnx"
_METADATA = "unspool"
_MOST = 2**31 - 2**20
"""Bytes of a graph's constants: a file of ONNX is a message of protobuf, which ends at 2 GiB."""
_NETWORKS = ("network", "autoencoder", "upscaler")
_TEXTS = (
    "linear texts",
    "vector texts",
    "convolution texts",
    "language model texts",
    "tree texts",
    "blend texts",
)

_SERIES = ("encoded series", "neighbour series", "recurrent series", "blend series")
_ALONE = 4
"""Golden examples that are also given alone, without the padding that others bring."""
_INSTEAD = "Write it for unspool-runtime instead: --out FILE.unspool."
_OF_TAGS = (
    "Models that tag words or steps have no ONNX graph unless they are networks. Train the network alone "
    "(unspool train … --model network), or write this model for unspool-runtime: --out FILE.unspool."
)
_REFUSED = {
    "forecaster": "Models that forecast have no ONNX graph: lags, seasons and scales are estimated from each history "
    f"before a model computes. {_INSTEAD}",
    "steps series": _OF_TAGS,
    "window words": _OF_TAGS,
    "blend words": _OF_TAGS,
    RANKED: f"A model that ranks pronunciations by joint n-grams has no ONNX graph. {_INSTEAD}",
}

_ALIKE = {"vectors": (0, 1), "sequences": (0, 1)}
"""Axes of outputs along which differences are relative to the largest number, as `unspool-runtime` has it."""

Feeds = Callable[[slice], dict[str, NDArray[Any]]]
"""Which golden examples, to the inputs of a graph."""


@dataclass(frozen=True)
class ExportedGraph:
    """What was written.

    Attributes:
        out: the file.
        size: in bytes.
        sha256: of the file.
        count: golden examples.
        largest: difference between a number of ONNX Runtime and the trainer's, relative where it is larger than 1.
        decoder: the second file, of a model that translates: a step of its decoder.
        decoder_sha256: of that file.
    """

    out: Path
    size: int
    sha256: str
    count: int
    largest: float
    decoder: str = ""
    decoder_sha256: str = ""

    def __str__(self) -> str:
        """In words.

        Example:
            >>> print(ExportedGraph(Path("m.onnx"), 1_400_000, "", 32, 2e-7))
            ONNX Runtime gives all 32 golden answers, largest difference 2e-07; 1.4 MB
        """
        said = (
            f"ONNX Runtime gives all {self.count} golden answers, largest difference {self.largest:.1g}; "
            + size_in_words(self.size)
        )
        return f"{said} in two files\n{self.decoder}  sha256 {self.decoder_sha256}" if self.decoder else said


def export_onnx(folder: str | PathLike[str], out: str | PathLike[str]) -> ExportedGraph:
    """Write a model as an ONNX graph, and have ONNX Runtime answer the run's golden examples.

    The graph begins where the reader ends: after the tokenizer of texts. The graph's metadata entry "unspool" describes
    the reader, the labels and the decision in JSON.

    A model that translates becomes two graphs, NAME.encoder.onnx and NAME.decoder.onnx; the caller writes the search.

    Args:
        folder: that `run`, `train` or an estimator's `save` wrote.
        out: the file to write; one that is there is replaced, once the new one has passed.

    Raises:
        UserError: the model, or a part of it, has no graph (says which); the file cannot be written; onnx or
            onnxruntime is not installed; or ONNX Runtime answers otherwise: then no file is left.
    """
    _require_libraries()
    folder = given_folder(folder)
    out = check_out("--onnx", out, ENDING, "an ONNX model", folder)
    model = load_trained(folder)
    reader_of(model, folder)
    task = task_node(model)
    labels = load_golden_labels(folder)
    described = describe(model, folder, labels.texts if labels else [])
    kind = described.parts["model"]["kind"]
    if kind in ("transformer", "encoder decoder"):
        return _export_translator(out, model, described, task)
    makers: dict[str, Callable[[TrainedModel, Described, Node], tuple[Any, Node, Feeds]]] = {
        **dict.fromkeys(_NETWORKS, _network),
        **dict.fromkeys(_TEXTS, _texts),
        **dict.fromkeys(_SERIES, _series),
    }
    if kind not in makers:
        raise UserError(_REFUSED.get(kind, f"A model of the kind {kind!r} has no ONNX graph. {_INSTEAD}"))
    graph, metadata, feed = makers[kind](model, described, task)
    if graph.size > _MOST:
        raise UserError(
            f"This model has {graph.size / 1e9:.1f} GB of weights and n-grams, and an ONNX file holds at most 2 GB. "
            f"{_INSTEAD}"
        )
    content = graph.written(model.recipe.title, {_METADATA: json.dumps(metadata)})
    with written_aside(out) as aside:
        aside.write_bytes(content)
        outputs = answered(model, described.examples)
        largest = _largest_difference(aside, model, described.more() or {"outputs": outputs}, feed)
        _check(largest, tolerance_of(model, outputs))
        take_place(aside, out)
    digest = hashlib.sha256(content).hexdigest()
    return ExportedGraph(out, len(content), digest, len(described.examples.items), largest)


def _export_translator(out: Path, model: TrainedModel, described: Described, task: Node) -> ExportedGraph:
    """Write the two graphs of a model that translates: NAME.encoder.onnx and NAME.decoder.onnx."""
    from unspool.export import onnx_encoder_decoder, onnx_translation

    network, title = described.parts["model"], model.recipe.title
    metadata = {"task": _plain(task), "reader": _plain(described.reader)}
    makers = onnx_translation if network["kind"] == "transformer" else onnx_encoder_decoder
    graphs = [make(network, title, metadata) for make in (makers.encoder_graph, makers.decoder_graph)]
    outs = [linked(out.with_suffix(f".{part}{ENDING}")) for part in ("encoder", "decoder")]
    for one in outs:
        refuse_special(one, FOR_OUTPUT)
        if one.is_dir():
            raise UserError(f"{one} is a folder, but one of the two files needs this name. Choose another name.")
    with written_aside(outs[0]) as first, written_aside(outs[1]) as second:
        for aside, content in zip((first, second), graphs, strict=True):
            aside.write_bytes(content)
        largest = onnx_translation.largest_difference(first, second, model, described.examples.items)
        _check(largest, TOLERANCE)
        take_places((first, outs[0]), (second, outs[1]))
    digests = [hashlib.sha256(one).hexdigest() for one in graphs]
    count = len(described.examples.items)
    return ExportedGraph(outs[0], sum(map(len, graphs)), digests[0], count, largest, str(outs[1]), digests[1])


def _check(largest: float, tolerance: float) -> None:
    """Refuse a graph whose numbers differ.

    Raises:
        UserError: they do.
    """
    if not largest <= tolerance:
        raise UserError(
            f"ONNX Runtime does not answer as this model does: a number differs by {largest:.2g}, and "
            f"{tolerance:g} is allowed. No file was written. Please report this with the model's recipe."
        )


def _require_libraries() -> None:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # version 1.32 starts to report its use when imported
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed. It is needed to write and to check ONNX models: "
            "pip install 'unspool[onnx]' (in a checkout: pip install '.[onnx]')."
        ) from error


def _network(model: TrainedModel, described: Described, task: Node) -> tuple[Any, Node, Feeds]:
    """The graph of a network, with what its metadata hold and what it is fed."""
    from unspool.export.onnx_feeds import network_feed, sequences_of
    from unspool.export.onnx_graph import Graph, add_layers, add_upscaler, zero_behind

    graph, network, reader = Graph(), described.parts["model"], described.reader
    value = _inputs(graph, network, reader)
    if network["kind"] == "network":
        found = add_layers(graph, network, value)
        if task["kind"] == "regression":
            found = _scaled(graph, found, task["scale"], task["mean"])
        if task["kind"] == "tagging":
            graph.output(zero_behind(graph, found), "outputs", "batch", "time", "labels")
        else:
            graph.output(found, "outputs", "batch", "outputs")
    elif network["kind"] == "upscaler":
        factor = network["factor"]
        sides = factor * reader["length"], factor * reader["features"]
        graph.output(add_upscaler(graph, network, value), "outputs", "batch", *sides)
    else:
        vectors = add_layers(graph, network["encoder"], value)
        graph.output(vectors, "vectors", "batch", "latent")
        graph.lengths = ""  # the decoder makes all steps, as `TrainedAutoencoder.decode` does
        sequences = add_layers(graph, network["decoder"], vectors)
        if reader["kind"] == "standardized series":
            sequences = _scaled(graph, sequences, reader["scale"], reader["mean"])
        graph.output(sequences, "sequences", "batch", reader["length"], "channels")
    read, names = sequences_of(model, described), graph.inputs
    metadata = {"task": _plain(task), "reader": _plain(reader)}
    if "characters" in described.parts:
        metadata["characters"] = _plain(described.parts["characters"])
    return graph, metadata, lambda rows: network_feed(read[rows], names)


def _texts(model: TrainedModel, described: Described, task: Node) -> tuple[Any, Node, Feeds]:
    """The same of a model that reads texts itself."""
    from unspool.export.columns import texts_of
    from unspool.export.onnx_columns import ColumnInputs
    from unspool.export.onnx_feeds import text_feed
    from unspool.export.onnx_graph import Graph
    from unspool.export.onnx_texts import TokenInput, add_text_model

    reader: Any = model.reader
    graph, node, examples, side = Graph(), described.parts["model"], described.examples, reader.side
    inputs, beside, texts = TokenInput.of_model(node), None, examples.items
    told = described.reader | {"inputs": [asdict(one) for one in inputs]}
    if side:
        beside = ColumnInputs.of_model(node, len(side.numeric), len(side.categorical))
        told["names"] = beside.names
        texts = texts_of(examples.items, side, examples.text)
    found = add_text_model(graph, node, inputs, beside, task["kind"])
    graph.output(_transformed_back(graph, found, task), "outputs", "batch", "outputs")
    metadata = {"task": _plain(task), "reader": told, "characters": _plain(described.parts["characters"])}
    return graph, metadata, lambda rows: text_feed(texts[rows], inputs, beside)


def _series(model: TrainedModel, described: Described, task: Node) -> tuple[Any, Node, Feeds]:
    """The same of a model of whole series."""
    from onnx import TensorProto

    from unspool.export.onnx_feeds import network_feed, sequences_of
    from unspool.export.onnx_graph import Graph
    from unspool.export.onnx_series import add_series_model, refuse_other_series

    graph, node, read = Graph(), described.parts["model"], sequences_of(model, described)
    lengths = {len(one) for one in read}
    refuse_other_series(node, lengths)
    length, channels = read[0].shape
    told, alike = described.reader, len(lengths) == 1
    series = graph.input("series", TensorProto.FLOAT, "batch", length if alike else "time", channels)
    if alike:
        told = told | {"length": length}
    else:
        graph.lengths = graph.input("lengths", TensorProto.INT32, "batch")
    found = add_series_model(graph, node, series, (length, channels), task["kind"] == "binary")
    graph.output(_transformed_back(graph, found, task), "outputs", "batch", "outputs")
    return graph, {"task": _plain(task), "reader": _plain(told)}, lambda rows: network_feed(read[rows], graph.inputs)


def _transformed_back(graph: Any, found: str, task: Node) -> str:
    """Outputs as numbers in their own unit, where a model has learned their square roots or logarithms."""
    if "transformation" not in task:
        return found
    from onnx import TensorProto

    unit, number = task["transformation"], partial(graph.constant, kind=np.float64)
    wide = graph.add("Cast", found, to=TensorProto.DOUBLE)
    kept = graph.add("Min", graph.add("Max", wide, number(unit["least"])), number(unit["greatest"]))
    back = graph.add("Exp", kept) if unit["kind"] == "logarithm" else graph.add("Mul", kept, kept)
    return str(graph.add("Cast", graph.add("Mul", back, number(unit["factor"])), to=TensorProto.FLOAT))


def _inputs(graph: Any, network: Node, reader: Node) -> str:
    """Add the inputs, and what standardises them; return what the first layer reads."""
    from onnx import TensorProto

    from unspool.export.onnx_feeds import has_lengths
    from unspool.export.onnx_graph import standardised

    if has_lengths(network, reader):
        graph.lengths = graph.input("lengths", TensorProto.INT32, "batch")
    if reader["kind"] in ("images", "standardized series"):
        width = reader["features"] if reader["kind"] == "images" else len(reader["channels"])
        length = "time" if reader["kind"] == "standardized series" else reader["length"]
        graph.sequences = graph.input("series", TensorProto.FLOAT, "batch", length, width)
        if reader["kind"] != "standardized series":
            return str(graph.sequences)
        return standardised(graph, graph.sequences, reader["mean"], reader["scale"])
    of_token = [FORMS] if reader["kind"] == "forms of words" else []
    length = "time" if graph.lengths else reader["length"]
    graph.sequences = graph.input("tokens", TensorProto.INT64, "batch", length, *of_token)
    return str(graph.sequences)


def _scaled(graph: Any, value: str, scale: Any, mean: Any) -> str:
    return str(graph.add("Add", graph.add("Mul", value, graph.constant(scale)), graph.constant(mean)))


def _plain(node: Node) -> Node:
    """A description without arrays of its own, for JSON."""
    kinds: dict[type, Any] = {Strings: lambda one: list(one.values), np.ndarray: lambda one: one.tolist()}
    return {name: kinds.get(type(value), lambda one: one)(value) for name, value in node.items()}


def _largest_difference(path: Path, model: TrainedModel, wanted: Mapping[str, Any], feed: Feeds) -> float:
    """Between what ONNX Runtime gives for golden examples, one by one and all at once, and the trainer's answers.

    `wanted` has these for each output, (N, ...).
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    largest, names = 0.0, [one.name for one in session.get_outputs()]
    alone = range(min(_ALONE, len(wanted[names[0]])))
    for rows in (slice(None), *(slice(row, row + 1) for row in alone)):
        for name, found in zip(names, session.run(None, feed(rows)), strict=True):
            every = np.asarray(wanted[name], np.float64)
            sizes = np.broadcast_to(np.abs(every).max(axis=_ALIKE.get(name, ()), keepdims=True), every.shape)
            answers, sizes = every[rows], sizes[rows]
            if model.task.by_step:
                steps = found.shape[1]  # of the longest of these
                answers, sizes = answers[:, :steps], sizes[:, :steps]
            off = np.abs(found.reshape(answers.shape) - answers) / np.maximum(sizes, 1)
            largest = max(largest, float(np.nan_to_num(off, nan=np.inf).max(initial=0)))
    return largest

"""A trained model taken apart: its reader, what computes, and raw examples to check it by."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from unspool.candidates import RawModel
from unspool.candidates.texts import WordsModel
from unspool.descriptions.inputs import Tokens
from unspool.descriptions.networks import Autoencoder, EncoderDecoder, Seq2Vec, Tagger, Transformer, Upscaler
from unspool.errors import UserError
from unspool.export.byte_pairs import byte_pairs_node
from unspool.export.characters import characters_node
from unspool.export.columns import row_reader_node, text_column
from unspool.export.forecasts import forecaster_node, history_reader_node
from unspool.export.golden import RawInputs, histories_of, raw_items, raw_rows
from unspool.export.networks import seq2vec_node, tagger_node, upscaler_node, vec2seq_node
from unspool.export.packing import Node
from unspool.export.readers import MOST_STEPS, raw_examples, reader_node
from unspool.export.series import series_model_node
from unspool.export.texts import text_model_node
from unspool.export.translation import encoder_decoder_node, ranked_node, transformer_node
from unspool.models.encoder_decoder import EncoderDecoderModel
from unspool.models.transformer import TransformerModel
from unspool.readers import (
    ForecastReader,
    RawTextReader,
    RawWordReader,
    SeriesReader,
    TextReader,
    TokenReader,
    WordReader,
)
from unspool.runs.checking.golden import Golden, load_golden, refuse_foreign
from unspool.runs.model import TrainedModel
from unspool.tasks import Captions, Pronunciation, Task


@dataclass(frozen=True, eq=False)
class Described:
    """A model as a portable file describes it.

    Attributes:
        reader: turns raw examples into what the model takes.
        parts: what computes, by name.
        examples: raw ones.
        more: what golden examples hold besides outputs and labels.
    """

    reader: Node
    parts: Node = field(repr=False)
    examples: RawInputs = field(repr=False)
    more: Callable[[], Node] = field(default=dict, repr=False)


def task_node(model: TrainedModel) -> Node:
    """Describe a model's task: labels, and the rule that chooses among them; of numbers, their transformation."""
    task, network = model.task, model.network
    node = {"kind": task.name, "labels": list(task.names)} | task.portable(model.threshold)
    if isinstance(network, RawModel) and network.transformation is not None:
        node["transformation"] = network.transformation.state()
    return node


def describe(model: TrainedModel, folder: Path, texts: list[str]) -> Described:
    """Take a model apart.

    Args:
        model: trained.
        folder: of the model, which holds its golden examples.
        texts: the texts that these were, where they are known.

    Raises:
        UserError: a part of it cannot be exported (says which), or its golden examples are missing, damaged, or
            another model's.
    """
    golden = load_golden(folder)
    refuse_foreign(golden, model.checkable)
    if isinstance(model.network, RawModel):
        return _raw(model, model.network, golden)
    if isinstance(model.recipe.model, Autoencoder):
        return _autoencoder(model, model.recipe.model, golden)
    return _network(model, golden, texts)


def _raw(model: TrainedModel, network: RawModel, golden: Golden) -> Described:
    reader: Any = model.reader
    if isinstance(reader, RawTextReader):
        parts = {"model": text_model_node(*network.fitted.state()), "characters": characters_node()}
        if not reader.side:
            return Described({"kind": "texts"}, parts, raw_items(golden))
        text = text_column(getattr(model.recipe.data, "text", None), reader.side)
        return Described(row_reader_node(reader.side, text), parts, raw_rows(golden, reader.side, text))
    if isinstance(reader, RawWordReader):
        return Described({"kind": "raw words"}, {"model": _words_node(network.fitted)}, raw_items(golden))
    if isinstance(reader, ForecastReader):
        items: list[Any] = golden.inputs.items  # type: ignore[union-attr]
        node, examples = forecaster_node(network.fitted), RawInputs("histories", histories_of(items, reader.setup))
        return Described(history_reader_node(reader), {"model": node}, examples)
    examples = raw_items(golden)
    if model.task.by_step:
        examples = RawInputs("series", [one[-MOST_STEPS:] for one in examples.items])
    mean = None if reader.mean is None else list(reader.mean)
    described = {"kind": "series", "channels": list(reader.channels), "mean": mean}
    return Described(described, {"model": series_model_node(*network.fitted.state())}, examples)


def _words_node(fitted: Any) -> Node:
    if isinstance(fitted, WordsModel):
        return text_model_node(*fitted.state())
    parts = {"linear": text_model_node(*fitted.linear.state()), "reader": reader_node(fitted.reader)}
    return {"kind": "blend words", **parts, "network": tagger_node(fitted.config, fitted.network, True)}


def _network(model: TrainedModel, golden: Golden, texts: list[str]) -> Described:
    reader: Any = model.reader
    parts = {"model": _network_node(model, reader)}
    described = reader_node(reader)
    if isinstance(model.task, Captions):
        parts["pieces"] = {"lowercase": False} | byte_pairs_node(model.task.tokenizer)
    if described["kind"] == "words":
        parts["characters"] = characters_node()
    return Described(described, parts, raw_examples(reader, golden, texts))


def _network_node(model: TrainedModel, reader: Any) -> Node:
    config = model.recipe.model
    if isinstance(config, Transformer):
        return _ranked(model.task, transformer_node(cast(TransformerModel, model.network)))
    if isinstance(config, EncoderDecoder):
        return _ranked(model.task, encoder_decoder_node(cast(EncoderDecoderModel, model.network)))
    if isinstance(config, Upscaler):
        return upscaler_node(config, model.network)
    if isinstance(config, Tagger):
        return tagger_node(config, model.network, isinstance(reader, WordReader))
    if not isinstance(config, Seq2Vec):
        raise UserError(f"A model of the shape {config.shape!r} cannot be exported yet.")
    if isinstance(reader, TextReader | TokenReader) and not config.mask_padding:
        raise UserError(
            "This model cannot be exported: it reads padding as if it were words (model.mask_padding is false), so "
            "that its answers depend on how long the texts beside are. Train it with model.mask_padding=true."
        )
    return seq2vec_node(model.task.head(config), model.network, isinstance(reader.inputs, Tokens))


def _ranked(task: Task, network: Node) -> Node:
    """With what ranks its answers together with it, where there is something."""
    if not isinstance(task, Pronunciation) or task.ngrams is None:
        return network
    return ranked_node(network, task.ngrams, task.weight)


def _autoencoder(model: TrainedModel, config: Autoencoder, golden: Golden) -> Described:
    reader: Any = model.reader
    autoencoder = model.autoencoder
    encoder = seq2vec_node(config.encoder, autoencoder.encoder, False)
    decoder = vec2seq_node(config.decoder, autoencoder.decoder)
    reads_padding = autoencoder.reads_padding
    node = {"kind": "autoencoder", "encoder": encoder, "decoder": decoder, "reads_padding": reads_padding}
    examples = raw_examples(reader, golden, [])

    def more() -> Node:
        vectors = autoencoder.encode(reader.read_series(examples.items))
        sequences = autoencoder.decode(vectors)
        if isinstance(reader, SeriesReader):  # in the units of the data
            sequences = reader.original(sequences)
        return {"vectors": np.asarray(vectors, np.float32), "sequences": np.asarray(sequences, np.float32)}

    return Described(reader_node(reader), {"model": node}, examples, more)

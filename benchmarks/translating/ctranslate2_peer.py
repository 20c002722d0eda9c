"""A Transformer's weights as CTranslate2 takes them."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec

Search = Callable[[Sequence[Sequence[int]], int, int], list[list[int]]]
"""Sources as ids, the beam and the size of a batch to translations as ids, without the end."""

LONGEST = 512


def translator(network: Any, start: int, end: int, maximum: int, compute_type: str = "float32") -> Search:
    """CTranslate2 on one thread.

    Args:
        network: a `TransformerModel` with sinusoidal positions and the embedding as its last layer.
        start: the id that an answer begins with.
        end: the id that ends it.
        maximum: ids of an answer at most, its end among them.
        compute_type: "float32" or "int8".
    """
    with tempfile.TemporaryDirectory() as folder:
        spec = _spec(network, start, end)
        spec.validate()
        spec.optimize(quantization=None if compute_type == "float32" else compute_type)
        spec.save(folder)
        model = ctranslate2.Translator(folder, compute_type=compute_type, inter_threads=1, intra_threads=1)
    ids = {name: number for number, name in enumerate(_names(network.target_size, start, end))}
    names = _names(network.source_size, start, end)

    def search(sources: Sequence[Sequence[int]], beam: int, batch_size: int) -> list[list[int]]:
        found = model.translate_batch(
            [[names[number] for number in source] for source in sources],
            beam_size=beam,
            length_penalty=0,
            max_batch_size=batch_size,
            max_decoding_length=maximum,
            disable_unk=True,
        )
        return [[ids[name] for name in one.hypotheses[0]] for one in found]

    return search


def _names(size: int, start: int, end: int) -> list[str]:
    special = {0: "<unk>", start: "<s>", end: "</s>"}
    return [special.get(number, str(number)) for number in range(size)]


def _spec(network: Any, start: int, end: int) -> Any:
    config = network.config
    spec = TransformerSpec.from_config(config.layers, config.heads, pre_norm=True)
    spec.config.layer_norm_epsilon = network.encoder_norm.epsilon
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.register_source_vocabulary(_names(network.source_size, start, end))
    spec.register_target_vocabulary(_names(network.target_size, start, end))
    table = _array(network.target_embedding.embeddings)
    spec.encoder.embeddings[0].weight = table
    spec.decoder.embeddings.weight = table[: network.target_size].copy()
    spec.decoder.projection.weight = table[: network.target_size].copy()
    spec.decoder.projection.bias = np.zeros(network.target_size, np.float32)
    for side, blocks, norm in (
        (spec.encoder, network.encoder, network.encoder_norm),
        (spec.decoder, network.decoder, network.decoder_norm),
    ):
        side.position_encodings.encodings = _sinusoids(config.width)
        _set_norm(side.layer_norm, norm)
        for layer, block in zip(side.layer, blocks, strict=True):
            _set_block(layer, block)
    return spec


def _set_block(layer: Any, block: Any) -> None:
    own = block.attention
    _set_norm(layer.self_attention.layer_norm, block.norms[0])
    _set_linear(layer.self_attention.linear[0], own.queries, own.keys, own.values)
    _set_linear(layer.self_attention.linear[1], own.result)
    if hasattr(layer, "attention"):
        other = block.to_memory
        _set_norm(layer.attention.layer_norm, block.norms[1])
        _set_linear(layer.attention.linear[0], other.queries)
        _set_linear(layer.attention.linear[1], other.keys, other.values)
        _set_linear(layer.attention.linear[2], other.result)
    _set_norm(layer.ffn.layer_norm, block.norms[-1])
    _set_linear(layer.ffn.linear_0, block.hidden)
    _set_linear(layer.ffn.linear_1, block.result)


def _set_norm(spec: Any, norm: Any) -> None:
    spec.gamma, spec.beta = _array(norm.gamma), _array(norm.beta)


def _set_linear(spec: Any, *layers: Any) -> None:
    spec.weight = np.concatenate([_array(layer.kernel).T for layer in layers])
    spec.bias = np.concatenate([_array(layer.bias) for layer in layers])


def _array(variable: Any) -> Any:
    return np.array(variable, np.float32)  # a copy: the conversion to int8 alters arrays in place


def _sinusoids(width: int) -> Any:
    from unspool.layers.positions import sinusoids

    return np.array(sinusoids(np.arange(LONGEST), width), np.float32)

"""A Transformer's weights as plain arrays, under the names of native/transformer.h."""

from typing import Any

from unspool.models.layer_arrays import Arrays, array, dense
from unspool.models.transformer import TransformerModel


def arrays_of(model: TransformerModel) -> Arrays:
    """Take a model's weights out.

    Returns:
        `source_embedding` (S, D); `target_embedding` (V, D), or None where it is the source's; `head` with `kernel` and
        `bias`, or None where logits are products with the embedding; `encoder` and `decoder`, lists of blocks; and
        `encoder_norm` and `decoder_norm`, with `scale` and `offset`.

    Example:
        >>> from unspool.models import Tokens, Transformer, transformer
        >>> arrays = arrays_of(transformer(Transformer(layers=1, width=8, heads=2), Tokens(20), Tokens(30)))
        >>> arrays["decoder"][0]["to_memory"]["queries"]["kernel"].shape
        (8, 8)
    """
    shared = model.source_embedding is model.target_embedding
    return {
        "source_embedding": array(model.source_embedding.embeddings),
        "target_embedding": None if shared else array(model.target_embedding.embeddings),
        "head": None if model.head is None else dense(model.head),
        "encoder": [_block(block) for block in model.encoder],
        "decoder": [_block(block) for block in model.decoder],
        "encoder_norm": _norm(model.encoder_norm),
        "decoder_norm": _norm(model.decoder_norm),
    }


def _block(block: Any) -> Arrays:
    found = {
        "attention_norm": _norm(block.norms[0]),
        "attention": _attention(block.attention),
        "dense_norm": _norm(block.norms[-1]),
        "hidden": dense(block.hidden),
        "result": dense(block.result),
    }
    if hasattr(block, "to_memory"):
        found |= {"memory_norm": _norm(block.norms[1]), "to_memory": _attention(block.to_memory)}
    return found


def _attention(layer: Any) -> Arrays:
    return {name: dense(getattr(layer, name)) for name in ("queries", "keys", "values", "result")}


def _norm(layer: Any) -> Arrays:
    return {"scale": array(layer.gamma), "offset": array(layer.beta)}

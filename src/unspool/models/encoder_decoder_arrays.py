"""A recurrent encoder-decoder's weights as plain arrays, under the names of native/encoder_decoder.h."""

from typing import Any

from unspool.models.encoder_decoder import EncoderDecoderModel
from unspool.models.layer_arrays import Arrays, array, dense


def arrays_of(model: EncoderDecoderModel) -> Arrays:
    """Take a model's weights out.

    Returns:
        `source_embedding` (S, W), or of a model that reads series None and `frames` with `kernel` (F, W) and `bias`;
        `target_embedding` (V, W), or None where it is the source's; `head` with `kernel` and `bias`, or None where
        logits are products with the embedding; `layers`, each with `forward`, `backward`, `decoder` and `first`; of the
        attention `keys` (2 U, U), and `query` and `sum`, or None where it multiplies; and `found`.

    Example:
        >>> from unspool.models import EncoderDecoder, Tokens, encoder_decoder
        >>> arrays = arrays_of(encoder_decoder(EncoderDecoder(units=8, width=6), Tokens(20), Tokens(30)))
        >>> arrays["layers"][0]["decoder"]["kernel"].shape, arrays["keys"].shape
        ((6, 24), (16, 8))
    """
    shared = model.source_embedding is model.target_embedding
    attention, additive = model.attention, model.config.attention == "additive"
    layers = zip(model.encoder, model.decoder, model.first_states, strict=True)
    read: Arrays = {"source_embedding": None}
    if model.features:
        read["frames"] = dense(model.source_embedding)
    else:
        read["source_embedding"] = array(model.source_embedding.embeddings)
    return {
        **read,
        "target_embedding": None if shared else array(model.target_embedding.embeddings),
        "head": None if model.head is None else dense(model.head),
        "layers": [
            {
                "forward": _direction(encoder.forward_layer),
                "backward": _direction(encoder.backward_layer),
                "decoder": _direction(decoder),
                "first": [dense(one) for one in first],
            }
            for encoder, decoder, first in layers
        ],
        "keys": array(attention.keys.kernel),
        "query": dense(attention.query) if additive else None,
        "sum": array(attention.sum.kernel)[:, 0].copy() if additive else None,
        "found": dense(model.found),
    }


def cell_of(model: EncoderDecoderModel) -> str:
    """Which cell it has: "lstm", "gru after" or "gru before", which says where the reset gate stands."""
    if model.config.cell == "lstm":
        return "lstm"
    return "gru after" if model.decoder[0].cell.reset_after else "gru before"


def _direction(layer: Any) -> Arrays:
    cell = layer.cell
    return {"kernel": array(cell.kernel), "recurrent": array(cell.recurrent_kernel), "bias": array(cell.bias)}

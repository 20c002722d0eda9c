"""Networks that translate as parts of a portable model."""

from typing import Any

import numpy as np

from unspool.candidates.pronunciations.joint_ngrams import JointNgrams
from unspool.export.packing import Matrix, Node
from unspool.models import encoder_decoder_arrays, transformer_arrays
from unspool.models.encoder_decoder import EncoderDecoderModel
from unspool.models.transformer import TransformerModel

RANKED = "ranked by joint n-grams"


def transformer_node(network: TransformerModel) -> Node:
    """Describe what `transformer` built."""
    return {
        "kind": "transformer",
        "heads": network.config.heads,
        "feed_forward": network.config.feed_forward,
        "positions": network.config.positions,
        "target_size": network.target_size,
        **_marked(transformer_arrays.arrays_of(network)),
    }


def encoder_decoder_node(network: EncoderDecoderModel) -> Node:
    """Describe what `encoder_decoder` built."""
    arrays = encoder_decoder_arrays.arrays_of(network)
    for layer in arrays["layers"]:
        for name in ("forward", "backward", "decoder"):
            layer[name]["zero_masked"] = False
    return {
        "kind": "encoder decoder",
        "cell": encoder_decoder_arrays.cell_of(network),
        "units": network.config.units,
        "attention": network.config.attention,
        "input_feeding": network.config.input_feeding,
        "target_size": network.target_size,
        **_marked(arrays),
    }


def ranked_node(network: Node, ngrams: JointNgrams, weight: float) -> Node:
    """Describe a network whose best answers are ranked by joint n-grams, too.

    Args:
        network: as described above.
        ngrams: of letters and phonemes.
        weight: of them.
    """
    return {
        "kind": RANKED,
        "network": network,
        "weight": weight,
        "letters": ngrams.letters,
        "phonemes": ngrams.phonemes,
        "units": ngrams.units,
        "orders": [{"sizes": one.sizes, "units": one.units, "counts": one.counts} for one in ngrams.orders],
    }


def _marked(tree: Any) -> Any:
    """The same with matrices that may be rounded."""
    if isinstance(tree, dict):
        return {name: _marked(part) for name, part in tree.items()}
    if isinstance(tree, list):
        return [_marked(part) for part in tree]
    return Matrix.of(tree) if isinstance(tree, np.ndarray) and tree.ndim == 2 else tree

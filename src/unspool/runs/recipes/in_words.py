"""What a recipe reads and trains, in words."""

from unspool.data.kept_in_cache import shown_path
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Autoencoder, EncoderDecoder, Seq2Vec, Tagger, Transformer, Upscaler
from unspool.runs.recipes.recipe import FileSettings, Recipe


def source_of(recipe: Recipe) -> str:
    """What a recipe reads: the name of a dataset, or the path of a file."""
    return shown_path(recipe.data.path) if isinstance(recipe.data, FileSettings) else recipe.data.dataset


def network_in_words(recipe: Recipe, of_text: bool) -> str:
    """Say what stands between what a model reads and its answer."""
    model = recipe.model
    if isinstance(model, ModelChoice):
        return f"the best of {len(model.candidates)} models"
    if isinstance(model, Autoencoder) and model.linear:
        return f"the first {model.latent} principal components"
    if isinstance(model, Autoencoder):
        cell, units = model.encoder.cell, model.encoder.units
        return f"an autoencoder with a latent vector of {model.latent} numbers, {cell}, {units} units"
    if isinstance(model, Tagger):
        return f"{_layer(model)}, with an answer at every step"
    if isinstance(model, Upscaler):
        return f"{model.layers} x {_layer(model)}, drawing {model.factor} rows for each"
    if isinstance(model, Transformer):
        return f"a Transformer, {model.layers} layers of width {model.width} on each side, {model.heads} heads"
    if isinstance(model, EncoderDecoder):
        return f"{model.cell} encoder and decoder of {model.units} units, {model.attention} attention"
    pairs = of_text and model.bigrams > 0
    if model.layers == 0:
        what = "embeddings of the tokens" if of_text else "steps"
        return f"no recurrence, mean and maximum over the {what}{' and of pairs of neighbours' if pairs else ''}"
    pooled = "mean and maximum over all states" if model.pooling == "mean_max" else "the last state"
    return f"{_layer(model)}, {pooled}{' and pairs of neighbours' if pairs else ''}"


def _layer(model: Tagger | Upscaler | Seq2Vec) -> str:
    return f"{model.cell}, {model.units} units in {'both directions' if model.bidirectional else 'one direction'}"

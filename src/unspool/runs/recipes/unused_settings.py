"""Settings that would have no effect are refused before anything is trained."""

from collections.abc import Collection, Iterable

from unspool.candidates.registry import NETWORK, WORD_BLEND
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Autoencoder, EncoderDecoder, Seq2Vec, Tagger, Transformer, Upscaler
from unspool.errors import UserError
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.tasks import Reconstruction, Tagging, Task

_OF_RECURRENT_LAYERS = ("cell", "units", "bidirectional")
_OF_TEXTS = ("embedding", "token_dropout", "bigrams", "bigram_embedding")
_OF_CHOICES = ("training.seed", "training.class_weight")
"""Settings of training that matter where a model is chosen by cross-validation."""
_OF_PLATEAUS = ("training.plateau_patience", "training.plateau_factor")
_OF_TRANSLATION = (
    "training.batch_tokens",
    "training.label_smoothing",
    "training.bidirectional_epochs",
    "evaluation.beam",
    "evaluation.length_penalty",
)


def refuse_unused_settings(recipe: Recipe, chosen: Collection[str], task: Task | None = None) -> None:
    """Refuse settings that a recipe's data, model or task makes no use of.

    Args:
        recipe: with the settings.
        chosen: the names of those that were set, as in "training.epochs", and not left at their defaults.
        task: what is predicted, where that is known already.

    Raises:
        UserError: one has no effect; names it, and says why and what to do.
    """
    if isinstance(recipe.data, FileSettings) and recipe.evaluation.protocol != "honest":
        raise UserError(
            f"evaluation.protocol is {recipe.evaluation.protocol!r}, which is for the chapter's recipes: the test "
            "examples of a file are never used in training. Leave it out."
        )
    for name in sorted(chosen):
        reason = _why_unused(recipe, name, task)
        if reason:
            raise UserError(f"{name} has no effect: {reason}")


def _why_unused(recipe: Recipe, name: str, task: Task | None) -> str:
    """Why a setting has no effect, and what to do; nothing where it has one."""
    table, _, key = name.partition(".")
    if name == "evaluation.validation_fraction":
        if isinstance(recipe.data, FileSettings):
            return "it is for named datasets. Set data.validation_fraction."
        if recipe.evaluation.protocol == "chapter":
            return "under the protocol chapter the test set stops the training. Leave it out."
    if name == "training.class_weight" and recipe.training.class_weight == "balanced":
        title = _without_classes(recipe, task)
        return f"{title} has no classes to weight. Leave it out." if title else ""
    if table == "training" and name not in ("training.class_weight", "training.seed") and _is_linear(recipe):
        return "principal components are fitted in one go. Leave it out, or train a network (--model network)."
    if table == "training" and name not in _OF_CHOICES and not trains_network(recipe):
        return "no model here is trained in epochs. Leave it out, or train a network (--model network)."
    if name == "training.budget" and isinstance(recipe.model, ModelChoice):
        return "a comparison has model.budget, which includes the training of its network. Set that."
    if name in _OF_PLATEAUS and recipe.training.decay != "plateau":
        return f"the learning rate falls as training.decay = {recipe.training.decay!r} says. Leave it out."
    if name in _OF_TRANSLATION and not isinstance(recipe.model, EncoderDecoder | Transformer):
        return "it is for translation. Leave it out."
    if name == "training.bidirectional_epochs" and task is not None and not task.pipeline_of_texts:
        return f"the sources of {task.title} are not texts. Leave it out."
    if table == "published" and _never_published(recipe, task):
        return "only AUC and balanced accuracy of two labels can be compared with published figures. Leave it out."
    if table == "model" and isinstance(recipe.model, Autoencoder) and key.partition(".")[2] in _OF_TEXTS:
        return "this model reads series, which have no tokens. Leave it out."
    return ""


def _is_linear(recipe: Recipe) -> bool:
    return isinstance(recipe.model, Autoencoder) and recipe.model.linear


def trains_network(recipe: Recipe) -> bool:
    """Whether a network is trained in epochs, as the recipe's settings say: its model, or a candidate."""
    if not isinstance(recipe.model, ModelChoice):
        return True
    of_settings = isinstance(recipe.data, FileSettings) and recipe.data.task in (Tagging.name, Reconstruction.name)
    return of_settings and not {NETWORK, WORD_BLEND}.isdisjoint(recipe.model.candidates)


def _without_classes(recipe: Recipe, task: Task | None) -> str:
    """What a model without classes does, in words; nothing where there are classes, or may be."""
    if task is not None:
        return "" if task.chooses_among_labels else task.title
    return {Autoencoder: "an autoencoder", Tagger: "a tagger", Upscaler: "an upscaler"}.get(type(recipe.model), "")


def _never_published(recipe: Recipe, task: Task | None) -> bool:
    return isinstance(recipe.model, Autoencoder | Tagger | Upscaler) or not (task is None or task.published_measures)


def refuse_unused_of_model(recipe: Recipe, chosen: Iterable[str], kind: str) -> None:
    """Refuse settings of an encoder that would have no effect, see `refuse_unused`.

    Args:
        recipe: with the model.
        chosen: the names of the settings that somebody chose.
        kind: what it reads: "series", or what has tokens.
    """
    if isinstance(recipe.model, Seq2Vec):
        asked = [name.removeprefix("model.") for name in chosen if name.startswith("model.")]
        refuse_unused(asked, recipe.model.layers, kind, prefix="model.")


def refuse_unused(asked: Iterable[str], layers: int, kind: str, prefix: str = "") -> None:
    """Refuse settings of a model that would have no effect.

    Args:
        asked: names of those that a person has chosen.
        layers: recurrent layers of the model.
        kind: what it reads: "series", or what has tokens.
        prefix: stands before the names where the person writes them.

    Raises:
        UserError: one has none; says why.

    Example:
        >>> refuse_unused(["cell"], layers=1, kind="text")
    """
    for name in asked:
        if name in _OF_RECURRENT_LAYERS and layers == 0:
            raise UserError(
                f"{prefix}{name} has no effect: this model has no recurrent layer. Set {prefix}layers=1 too."
            )
        if name in _OF_TEXTS and kind == "series":
            raise UserError(
                f"{prefix}{name} has no effect: this model reads series, which have no tokens. Leave it out."
            )

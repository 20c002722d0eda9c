"""The candidates by name, and fitted models loaded from folders."""

from pathlib import Path
from typing import Any

from unspool.candidates import model_files
from unspool.candidates.texts import storage
from unspool.candidates.texts.blend import BlendTexts
from unspool.candidates.texts.candidate import STEM, FittedTexts, TextCandidate
from unspool.candidates.texts.convolution import CNN, CNN_CHARACTERS, FittedConvolutionTexts
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.candidates.texts.joint import NB_WORDS_AND_VECTORS
from unspool.candidates.texts.language_models.candidate import LANGUAGE_MODEL, FittedLanguageModelTexts
from unspool.candidates.texts.linear import (
    COLUMNS,
    COUNTS,
    NB_CHARACTERS,
    NB_WORDS,
    TFIDF,
    WORDS_AND_CHARACTERS,
    FittedLinearTexts,
)
from unspool.candidates.texts.trees import COLUMN_TREES, COUNT_TREES, FittedTreesTexts
from unspool.candidates.texts.vectors import VECTORS, FittedVectorTexts
from unspool.candidates.texts.words import WordsModel

BLEND = BlendTexts("blend", 25.0, (NB_WORDS, CNN, VECTORS, NB_WORDS_AND_VECTORS))
BLEND_WITH_LANGUAGE_MODEL = BlendTexts("blend-language-model", 225.0, (*BLEND.parts, LANGUAGE_MODEL))
_LINEAR = (WORDS_AND_CHARACTERS, TFIDF, NB_CHARACTERS)
BLEND_OF_LINEAR = BlendTexts("blend-linear", 6.5, _LINEAR)
BLEND_WITH_TREES = BlendTexts("blend-trees", 35.0, (*_LINEAR, COUNTS, COUNT_TREES))
BLEND_WITH_CHARACTERS = BlendTexts("blend-characters", 20.0, (*_LINEAR, CNN))
BLEND_WITH_CNN_CHARACTERS = BlendTexts("blend-cnn-characters", 45.0, (*_LINEAR, CNN, CNN_CHARACTERS))

_LISTED: tuple[TextCandidate, ...] = (
    COLUMNS,
    COLUMN_TREES,
    NB_WORDS,
    COUNTS,
    WORDS_AND_CHARACTERS,
    TFIDF,
    NB_CHARACTERS,
    BLEND_OF_LINEAR,
    VECTORS,
    NB_WORDS_AND_VECTORS,
    CNN,
    BLEND_WITH_CHARACTERS,
    BLEND,
    COUNT_TREES,
    BLEND_WITH_TREES,
    CNN_CHARACTERS,
    BLEND_WITH_CNN_CHARACTERS,
    LANGUAGE_MODEL,
    BLEND_WITH_LANGUAGE_MODEL,
)
CANDIDATES: dict[str, TextCandidate] = {one.name: one for one in _LISTED}
"""Every candidate, in the order of cost."""

KINDS: dict[str, Any] = {
    one.kind: one
    for one in (
        FittedLinearTexts,
        FittedConvolutionTexts,
        FittedVectorTexts,
        FittedTreesTexts,
        FittedLanguageModelTexts,
        WordsModel,
    )
} | {"column trees": FittedTreesTexts}  # the kind of older models with columns alone
"""The classes of fitted models by kind; `unspool.training` adds one that contains a network."""


def load(folder: Path) -> FittedTexts:
    """Load a saved model, which gives the same outputs, bit for bit.

    Raises:
        UserError: the folder has no model, or it is damaged.
    """
    return model_files.read(folder, STEM, "texts", from_state)


def from_state(plain: dict[str, Any], arrays: storage.Arrays) -> FittedTexts:
    """Make a model from its `state`.

    Raises:
        ValueError, KeyError, TypeError: it is not the state of a model.
    """
    if plain["kind"] != FittedBlendTexts.kind:
        model: FittedTexts = KINDS[plain["kind"]].from_state(plain, arrays)
        return model
    parts = [from_state(part, model_files.unprefixed(arrays, f"part_{i}_")) for i, part in enumerate(plain["parts"])]
    if len(arrays["factors"]) != len(parts):
        raise ValueError("a blend's factors do not fit its parts")
    return FittedBlendTexts(plain["name"], plain["task"], parts, arrays["factors"])

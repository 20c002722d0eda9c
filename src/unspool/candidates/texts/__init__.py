"""Models of whole texts: linear ones over n-grams, convolutions over words, blends, and the choice between them."""

from unspool.candidates.texts.blend import BlendTexts, parts_of
from unspool.candidates.texts.candidate import STEM, TextCandidate
from unspool.candidates.texts.choice import choose, compare
from unspool.candidates.texts.convolution import ConvolutionTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import splits
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts
from unspool.candidates.texts.linear import LinearTexts
from unspool.candidates.texts.ngram_features import NGrams
from unspool.candidates.texts.registry import CANDIDATES, KINDS, from_state, load
from unspool.candidates.texts.side import reads_side
from unspool.candidates.texts.unlabelled import reads_unlabelled
from unspool.candidates.texts.vectors import VectorTexts
from unspool.candidates.texts.words import WORD_CANDIDATES, WordsModel

__all__ = [
    "CANDIDATES",
    "KINDS",
    "STEM",
    "WORD_CANDIDATES",
    "BlendTexts",
    "ConvolutionTexts",
    "Corpus",
    "LanguageModelTexts",
    "LinearTexts",
    "NGrams",
    "TextCandidate",
    "VectorTexts",
    "WordsModel",
    "choose",
    "compare",
    "from_state",
    "load",
    "parts_of",
    "reads_side",
    "reads_unlabelled",
    "splits",
]

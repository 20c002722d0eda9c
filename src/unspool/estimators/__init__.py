"""Models of sequences as scikit-learn estimators."""

from unspool.estimators.automatic import AutoClassifier, AutoRegressor
from unspool.estimators.classifier import SequenceClassifier
from unspool.estimators.encoder import SequenceEncoder
from unspool.estimators.features import SeriesFeatures, TextVectors
from unspool.estimators.regressor import SequenceRegressor

__all__ = [
    "AutoClassifier",
    "AutoRegressor",
    "SequenceClassifier",
    "SequenceEncoder",
    "SequenceRegressor",
    "SeriesFeatures",
    "TextVectors",
]

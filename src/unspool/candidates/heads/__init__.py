"""Features and targets in; out a model that gives calibrated probabilities or numbers, and what it says held out."""

from unspool.candidates.heads.boosted import BoostedClassifier, BoostedRegressor
from unspool.candidates.heads.boosting import most_rows
from unspool.candidates.heads.calibration import Temperature, sigmoid, sigmoid_factor
from unspool.candidates.heads.linear import Linear
from unspool.candidates.heads.logistic import LogisticClassifier
from unspool.candidates.heads.ridge import RidgeClassifier, RidgeRegressor
from unspool.candidates.heads.streamed import fit_streamed
from unspool.candidates.heads.trees import TreesClassifier, TreesRegressor

__all__ = [
    "BoostedClassifier",
    "BoostedRegressor",
    "Linear",
    "LogisticClassifier",
    "RidgeClassifier",
    "RidgeRegressor",
    "Temperature",
    "TreesClassifier",
    "TreesRegressor",
    "fit_streamed",
    "most_rows",
    "sigmoid",
    "sigmoid_factor",
]

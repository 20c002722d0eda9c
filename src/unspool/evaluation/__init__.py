"""Labels and predictions in, scores with intervals out; baselines; comparison. Sees arrays, never a model."""

from unspool.evaluation.baselines.reconstruction import fit_reconstruction_baselines
from unspool.evaluation.compared import Comparison
from unspool.evaluation.comparison import compare_recipes
from unspool.evaluation.contenders import SeedRun
from unspool.evaluation.curves import roc_points, youden_threshold
from unspool.evaluation.measures.reconstruction import example_errors
from unspool.evaluation.result import Interval, Predictions, Result, Score, Scores, Verdict
from unspool.evaluation.scoring import score
from unspool.evaluation.verdict import verdict

__all__ = [
    "Comparison",
    "Interval",
    "Predictions",
    "Result",
    "Score",
    "Scores",
    "SeedRun",
    "Verdict",
    "compare_recipes",
    "example_errors",
    "fit_reconstruction_baselines",
    "roc_points",
    "score",
    "verdict",
    "youden_threshold",
]

"""How predicted numbers are judged, apart from their errors."""

import numpy as np

from unspool.evaluation.measures.measure import Outputs, Targets
from unspool.lazy_module import LazyModule

metrics = LazyModule("sklearn.metrics")
stats = LazyModule("scipy.stats")


def r2(targets: Targets, outputs: Outputs, _: float) -> float:
    """The coefficient of determination; NaN of equal numbers."""
    return float(metrics.r2_score(targets, outputs)) if np.ptp(targets) > 0 else float("nan")


def spearman(targets: Targets, outputs: Outputs, _: float) -> float:
    """Spearman's rank correlation; NaN of equal numbers."""
    if not (np.ptp(targets) > 0 and np.ptp(outputs) > 0):
        return float("nan")
    return float(stats.spearmanr(targets, outputs).statistic)

"""Who takes part: each turns a set and a seed into predictions for its test series."""

import warnings
from collections.abc import Callable

import numpy as np

from benchmarks.series.sets import Set

Predict = Callable[[Set, int], np.ndarray]


def unspool(known: Set, seed: int) -> np.ndarray:
    """The model that `unspool train` chooses."""
    from unspool.candidates import candidate_names, choose
    from unspool.candidates.examples import Examples
    from unspool.candidates.transformation_choice import transformed

    classes = None if known.task == "regression" else len(np.unique(known.train_y))
    examples, _ = transformed("series", Examples(known.train, known.train_y, known.task, classes))
    names = candidate_names("series", known.task)
    outputs = choose("series", examples, names, budget=300.0, seed=seed).model.outputs(known.test)
    if known.task == "binary":
        return (outputs > 0.5).astype(int)
    return outputs if known.task == "regression" else outputs.argmax(axis=1)


def _aeon(name: str, regression: str) -> Predict:
    def predict(known: Set, seed: int) -> np.ndarray:
        import importlib

        module, cls = (regression if known.task == "regression" else name).rsplit(".", 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = getattr(importlib.import_module(f"aeon.{module}"), cls)(random_state=seed)
            model.fit(stacked(known.train, known), known.train_y)
            return np.asarray(model.predict(stacked(known.test, known)))

    return predict


def dtw(known: Set, seed: int) -> np.ndarray:
    from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier
    from aeon.regression.distance_based import KNeighborsTimeSeriesRegressor

    kind = KNeighborsTimeSeriesRegressor if known.task == "regression" else KNeighborsTimeSeriesClassifier
    model = kind(n_neighbors=1, distance="dtw", distance_params={"window": 0.1})
    model.fit(stacked(known.train, known), known.train_y)
    return np.asarray(model.predict(stacked(known.test, known)))


def stacked(series: list[np.ndarray], known: Set) -> np.ndarray:
    """(N, C, T) as aeon has it; shorter series go on with their last value, as not all peers take different lengths.

    Missing numbers are filled in by linear interpolation.
    """
    series = [_filled(one) for one in series]
    length = max(len(one) for one in known.train + known.test)
    return np.stack([np.pad(one, ((0, length - len(one)), (0, 0)), mode="edge").T for one in series])


def _filled(one: np.ndarray) -> np.ndarray:
    filled, steps = one.copy(), np.arange(len(one))
    for channel in range(one.shape[1]):
        there = ~np.isnan(one[:, channel])
        if not there.all():
            filled[:, channel] = np.interp(steps, steps[there], one[there, channel]) if there.any() else 0.0
    return filled


MODELS: dict[str, Predict] = {
    "unspool": unspool,
    "MiniRocket": _aeon(
        "classification.convolution_based.MiniRocketClassifier", "regression.convolution_based.MiniRocketRegressor"
    ),
    "MultiRocket-Hydra": _aeon(
        "classification.convolution_based.MultiRocketHydraClassifier",
        "regression.convolution_based.MultiRocketHydraRegressor",
    ),
    "QUANT": _aeon("classification.interval_based.QUANTClassifier", "regression.interval_based.QUANTRegressor"),
    "1-NN DTW": dtw,
}

"""The models of series: features and a head, the nearest neighbour, recurrent networks, and blends."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from unspool_runtime.answers import Floats, softmax
from unspool_runtime.networks.batching import series_batches
from unspool_runtime.networks.network import Network
from unspool_runtime.node import Node
from unspool_runtime.series.encoders import read_encoder
from unspool_runtime.series.flat_series import FlatSeries, Floats32
from unspool_runtime.series.formulas import resampled, warped_distances
from unspool_runtime.series.heads import read_head

CHUNK_NUMBERS = 1 << 22
"""Features that are computed at once."""
LEAST = 1e-4
"""The probability that a part of a blend gives a class at least."""


class SeriesModel(Protocol):
    """What every model of series can do."""

    def outputs(self, series: FlatSeries) -> Floats:
        """(N, K) probabilities or numbers."""


def read_series_model(node: Node, channels: int, width: int) -> SeriesModel:
    """Read a model of series from a description.

    Args:
        node: its description.
        channels: C.
        width: K.

    Raises:
        ModelError: it is damaged, or of a kind that this version does not know.
    """
    makers: dict[str, Callable[[Node, int, int], SeriesModel]] = {
        "encoded series": EncodedSeries,
        "neighbour series": NeighbourSeries,
        "recurrent series": RecurrentSeries,
        "blend series": BlendSeries,
    }
    return makers[node.choice("kind", *makers)](node, channels, width)


class EncodedSeries:
    """Features side by side, and a head on them."""

    def __init__(self, node: Node, channels: int, width: int):
        self._encoders = [read_encoder(one, channels) for one in node.nodes("encoders")]
        self._head = read_head(node.node("head"), width)
        try:  # one series through all of it: whether the head fits the features
            self._width = self._features(FlatSeries(np.zeros((4, channels), np.float32), np.array([0, 4]))).shape[1]
            self._head(np.zeros((1, self._width), np.float32))
        except (ValueError, IndexError) as error:
            raise node.wrong(f"the head does not fit the features ({error})") from error

    def outputs(self, series: FlatSeries) -> Floats:
        """(N, K), so many series at once that memory does not grow with N."""
        rows = max(CHUNK_NUMBERS // max(self._width, 1), 1)
        starts = range(0, len(series), rows)
        parts = (series.part(start, min(start + rows, len(series))) for start in starts)
        return np.concatenate([self._head(self._features(part)) for part in parts])

    def _features(self, series: FlatSeries) -> Floats32:
        return np.concatenate([encoder(series) for encoder in self._encoders], axis=1)


class NeighbourSeries:
    """The prediction for the nearest training series, by Euclidean distance or dynamic time warping."""

    def __init__(self, node: Node, channels: int, width: int):
        self._kept = node.array("kept", np.float32, None, None, channels)
        self._values = node.array("values", np.float64, len(self._kept), width)
        window = node.number("window")
        if not self._kept.size or not 0 <= window <= 1:
            raise node.wrong("there is no series, or the window is no share of one")
        self._band = round(window * self._kept.shape[1])

    def outputs(self, series: FlatSeries) -> Floats:
        """(N, K)."""
        asked = resampled(series, self._kept.shape[1])
        nearest = [int(warped_distances(one[None], self._kept, self._band).argmin()) for one in asked]
        found: Floats = self._values[nearest]
        return found


class RecurrentSeries:
    """The mean output of several networks that read series with standardised channels."""

    def __init__(self, node: Node, channels: int, width: int):
        self._mean, self._spread = (node.array(name, np.float64, channels) for name in ("mean", "spread"))
        self._networks = [Network(one, channels) for one in node.nodes("networks")]
        self._factor = node.number("factor") if node.has("factor") else None
        fits = (one.width == width and not one.gives_sequences and not one.flattened for one in self._networks)
        if not self._networks or not all(fits):
            raise node.wrong("there is no network, or the outputs of one do not fit the task, or it flattens steps")
        if (self._spread <= 0).any():
            raise node.wrong("a channel has no spread")

    def outputs(self, series: FlatSeries) -> Floats:
        """(N, K)."""
        with np.errstate(over="ignore"):
            values = ((series.values - self._mean) / self._spread).astype(np.float32)
        scaled = FlatSeries(values, series.offsets)
        scores = np.zeros((len(series), self._networks[0].width))
        for rows, steps in series_batches([scaled[row] for row in range(len(series))], scaled.channels):
            scores[rows] = sum(one(steps).astype(np.float64) for one in self._networks) / len(self._networks)
        return scores if self._factor is None else softmax(self._factor * scores)


class BlendSeries:
    """The weighted mean of the parts' log-probabilities, or of their numbers."""

    def __init__(self, node: Node, channels: int, width: int):
        self._parts = [read_series_model(one, channels, width) for one in node.nodes("parts")]
        self._weights = node.array("weights", np.float64, len(self._parts))
        self._factor = node.number("factor") if node.has("factor") else None
        if not self._parts:
            raise node.wrong("there is no part")

    def outputs(self, series: FlatSeries) -> Floats:
        """(N, K)."""
        found = [part.outputs(series) for part in self._parts]
        if self._factor is not None:
            found = [np.log(np.maximum(one, LEAST)) for one in found]
        total = np.zeros_like(found[0])
        for one, weight in zip(found, self._weights, strict=True):
            total += weight * one
        return total if self._factor is None else softmax(self._factor * total)

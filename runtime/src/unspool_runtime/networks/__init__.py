"""Recurrent networks: embeddings, recurrent layers, pooling, heads."""

from unspool_runtime.networks.network import Batches, Network
from unspool_runtime.networks.program import Steps
from unspool_runtime.networks.reading import checked_network, computed

__all__ = ["Batches", "Network", "Steps", "checked_network", "computed"]

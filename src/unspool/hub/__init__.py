"""Runs on a model hub: sent whole, and taken from there only when they have been checked."""

from unspool.hub.pulling import Pulled, pull
from unspool.hub.pushing import Pushed, push

__all__ = ["Pulled", "Pushed", "pull", "push"]

"""Experiment trackers that a run may tell of itself: one small adapter each."""

from unspool.runs.trackers.tracking import TRACKERS, Tracking, refuse_missing, tracking

__all__ = ["TRACKERS", "Tracking", "refuse_missing", "tracking"]

"""The names that columns usually have."""

from collections.abc import Iterable, Sequence

TEXT_NAMES = ("text", "review", "sentence", "content", "message", "comment", "body", "document", "tweet", "description")
LABEL_NAMES = ("label", "labels", "class", "target", "sentiment", "category", "y", "rating", "score", "stars", "topic")
SPLIT_NAMES = ("split", "set", "partition", "subset")
GROUP_NAMES = (
    "patient",
    "subject",
    "person",
    "participant",
    "user",
    "speaker",
    "animal",
    "customer",
    "author",
    "device",
    "machine",
    "engine",
    "vehicle",
    "record",
    "recording",
    "session",
)
YEAR_NAMES = ("year", "jahr", "año", "année", "anno")


def usual(names: Iterable[str], usual_names: Sequence[str]) -> str | None:
    """Return the name that comes first in a list of usual ones, in whatever case, or None."""
    by_lower = {name.lower(): name for name in names}
    return next((by_lower[name] for name in usual_names if name in by_lower), None)

"""What a model reads: the part of its description that the data decides."""

from unspool.models.config import Count, description


@description(frozen=True)
class Tokens:
    """Token ids, (batch, length), whole numbers from 0 (padding) to `size` - 1."""

    size: Count
    length: Count


@description(frozen=True)
class Series:
    """Numbers, (batch, length, features)."""

    length: Count
    features: Count

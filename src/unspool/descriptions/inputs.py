"""What a model reads: the part of its description that the data decides."""

from unspool.descriptions.config import Count, description


@description(frozen=True)
class Tokens:
    """Token ids, (batch, length), whole numbers from 0 (padding) to `size` - 1; without a length, of any length."""

    size: Count
    length: Count | None = None


@description(frozen=True)
class Series:
    """Numbers, (batch, length, features)."""

    length: Count
    features: Count


@description(frozen=True)
class Steps:
    """Numbers, (batch, length, features), of any length."""

    features: Count

"""What a model reads: the part of its description that the data decides."""

from unspool.descriptions.config import Count, description


@description(frozen=True)
class Tokens:
    """Token ids, (batch, length), whole numbers from 0 (padding) to `size` - 1; without a length, of any length."""

    size: Count
    length: Count | None = None


@description(frozen=True)
class WordForms:
    """The ids of the forms of words, (batch, length, forms), whole numbers up to `size` - 1; 0 stands for no form."""

    size: Count
    forms: Count


@description(frozen=True)
class Series:
    """Numbers, (batch, length, features)."""

    length: Count
    features: Count


@description(frozen=True)
class Steps:
    """Numbers, (batch, length, features), of any length."""

    features: Count

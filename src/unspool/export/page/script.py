"""The page's program: modules of plain JavaScript, joined in the order in which they build on each other."""

from importlib import resources

CORE = (
    "bytes",
    "answers",
    "characters",
    "ngrams",
    "texts",
    "networks",
    "readers",
    "byte_pairs",
    "transformer",
    "encoder_decoder",
    "translator",
    "series_features",
    "series",
    "model",
)
"""What computes; it knows of no page, so that tests run it by itself."""
VIEWS = (
    "dom",
    "curves",
    "text_view",
    "heat_map",
    "latent_space",
    "latent_view",
    "series_view",
    "tags_view",
    "steps_view",
    "translation_view",
    "main",
)


def joined(names: tuple[str, ...]) -> str:
    """Some of the modules as one.

    Args:
        names: of the files, without their ending.

    Example:
        >>> joined(("answers",)).splitlines()[0]
        '// From scores or outputs to labels and probabilities.'
    """
    folder = resources.files("unspool.export.page")
    return "\n".join(folder.joinpath(f"{name}.js").read_text("utf-8") for name in names)

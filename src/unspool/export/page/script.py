"""The page's program: modules of plain JavaScript, joined in the order in which they build on each other."""

from importlib import resources

CORE = (
    "bytes",
    "answers",
    "characters",
    "trees",
    "columns",
    "ngrams",
    "texts",
    "networks",
    "readers",
    "byte_pairs",
    "transformer",
    "encoder_decoder",
    "joint_ngrams",
    "translator",
    "series_features",
    "series",
    "lags",
    "smoothing",
    "arima",
    "forecasts",
    "histories",
    "upscaler",
    "model",
)
"""What computes; it knows of no page, so that tests run it by itself."""
VIEWS = (
    "dom",
    "curves",
    "series_box",
    "cells_view",
    "text_view",
    "heat_map",
    "pictures",
    "latent_space",
    "latent_view",
    "series_view",
    "tags_view",
    "steps_view",
    "translation_view",
    "film_view",
    "caption_view",
    "fan",
    "forecast_view",
    "upscaling_view",
    "main",
)
_ONLY = {
    "trees": ("texts", "series", "forecasts"),
    "columns": ("texts",),
    "cells_view": ("texts",),
    "ngrams": ("texts",),
    "texts": ("texts",),
    "byte_pairs": ("texts", "translation", "captions"),
    "transformer": ("translation", "captions"),
    "encoder_decoder": ("translation", "captions"),
    "joint_ngrams": ("translation", "captions"),
    "translator": ("translation", "captions"),
    "series_features": ("series",),
    "series": ("series",),
    "lags": ("forecasts",),
    "smoothing": ("forecasts",),
    "arima": ("forecasts",),
    "forecasts": ("forecasts",),
    "histories": ("forecasts",),
    "curves": ("series", "steps", "latent", "captions"),
    "series_box": ("series", "steps", "captions"),
    "text_view": ("texts",),
    "heat_map": ("texts",),
    "latent_space": ("latent",),
    "latent_view": ("latent",),
    "series_view": ("series",),
    "tags_view": ("tags", "steps"),
    "steps_view": ("steps",),
    "translation_view": ("translation",),
    "fan": ("forecasts",),
    "forecast_view": ("forecasts",),
    "pictures": ("latent", "images", "captions"),
    "film_view": ("captions",),
    "caption_view": ("captions",),
    "upscaler": ("images",),
    "upscaling_view": ("images",),
}
"""Modules that pages of some models alone need: see `writing.shown_as`."""


def program(shows: str) -> str:
    """The program of a page: the modules that it needs.

    Args:
        shows: how the page shows its model.

    Example:
        >>> "class Transformer" in program("translation"), "class Transformer" in program("latent")
        (True, False)
    """
    return joined(tuple(name for name in CORE + VIEWS if shows in _ONLY.get(name, (shows,))))


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

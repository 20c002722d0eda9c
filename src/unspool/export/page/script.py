"""The page's program: the kernels as WebAssembly, and modules of JavaScript in the order in which they are used."""

import sys
from importlib import resources
from pathlib import Path

from unspool.errors import UserError

KERNELS = "kernels.wasm"
"""Compiled from native/ by the build. It lies beside this file or, in an editable installation, in another folder."""

CORE = (
    "bytes",
    "kernels",
    "answers",
    "characters",
    "trees",
    "missing",
    "columns",
    "ngrams",
    "texts",
    "networks",
    "readers",
    "word_model",
    "byte_pairs",
    "searched",
    "joint_ngrams",
    "translator",
    "series_features",
    "series",
    "step_models",
    "lags",
    "forecasts",
    "csv",
    "dates",
    "written",
    "series_csv",
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
    "trees": ("texts", "series", "steps", "forecasts"),
    "missing": ("texts", "forecasts", "series", "steps", "captions"),
    "columns": ("texts",),
    "cells_view": ("texts",),
    "ngrams": ("texts",),
    "texts": ("texts",),
    "byte_pairs": ("texts", "translation", "captions"),
    "searched": ("translation", "captions"),
    "joint_ngrams": ("translation", "captions"),
    "translator": ("translation", "captions"),
    "series_features": ("series", "steps"),
    "series": ("series", "steps"),
    "step_models": ("series", "steps"),
    "lags": ("forecasts",),
    "forecasts": ("forecasts",),
    "csv": ("forecasts", "series", "steps", "captions"),
    "dates": ("forecasts", "series", "steps", "captions"),
    "written": ("forecasts", "series", "steps", "captions"),
    "series_csv": ("series", "steps", "captions"),
    "histories": ("forecasts",),
    "curves": ("series", "steps", "latent", "captions"),
    "series_box": ("series", "steps", "captions"),
    "text_view": ("texts",),
    "heat_map": ("texts",),
    "latent_space": ("latent",),
    "latent_view": ("latent",),
    "series_view": ("series",),
    "word_model": ("tags",),
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

    Example:
        >>> "class Translator" in program("translation"), "class Translator" in program("latent")
        (True, False)
    """
    return joined(tuple(name for name in CORE + VIEWS if shows in _ONLY.get(name, (shows,))))


def joined(names: tuple[str, ...]) -> str:
    """Some of the modules as one.

    Example:
        >>> joined(("answers",)).splitlines()[0]
        '// From scores or outputs to labels and probabilities.'
    """
    folder = resources.files("unspool.export.page")
    return "\n".join(folder.joinpath(f"{name}.js").read_text("utf-8") for name in names)


def kernels() -> bytes:
    """The kernels as WebAssembly.

    Raises:
        UserError: unspool was built where there was no compiler for WebAssembly.
    """
    for folder in sys.modules[__package__ or ""].__path__:
        if (found := Path(folder) / KERNELS).is_file():
            return found.read_bytes()
    raise UserError(
        "This installation of unspool lacks the kernels for pages, as it was built without a compiler for WebAssembly. "
        "Install unspool from a wheel, or run pip install ziglang and install unspool again; --out does not need them."
    )

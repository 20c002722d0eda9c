"""Compiled programs, kept between processes, so that a second run's first step does not wait for the compiler."""

from importlib.metadata import version

import jax

from unspool import files
from unspool.errors import UserError

SHORTEST_SECONDS = 0.1
"""What compiles faster is not worth a file."""


def keep_compiled_programs() -> None:
    """Have JAX keep what it compiles in the cache folder, unless it has been told where to keep it, or cannot.

    JAX's own setting (`jax_compilation_cache_dir`, or the environment variable JAX_COMPILATION_CACHE_DIR) comes first;
    JAX_ENABLE_COMPILATION_CACHE=false keeps nothing. Another version of unspool has a folder of its own, as a compiled
    program calls kernels by name.
    """
    chosen = jax.config.values["jax_compilation_cache_dir"]
    if chosen is not None or not jax.config.values["jax_enable_compilation_cache"]:
        return
    folder = files.cache_folder() / "compiled" / version("unspool")
    try:
        files.make_folder(folder)
    except UserError:
        return  # the only loss is time
    jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", SHORTEST_SECONDS)  # type: ignore[no-untyped-call]

import os
import sys

import pytest

# Before anything imports Keras or matplotlib: the backend is read once, and no test may depend on a display.
os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(autouse=True, scope="session")
def cache_of_the_tests(tmp_path_factory):
    """No test reads what an earlier session cached, or leaves something behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNSPOOL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="module")
def programs_of_a_module():
    """What a module has compiled goes when it ends: all of them together hold gigabytes."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()

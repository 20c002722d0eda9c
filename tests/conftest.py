import os

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

import pytest

from unspool import kernels


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "reference_only: runs without native code too")


@pytest.fixture(autouse=True)
def _needs_native_code(request: pytest.FixtureRequest) -> None:
    """Without a compiler there is nothing to compare: say so, do not pass."""
    if request.node.get_closest_marker("reference_only") is None and kernels.status().path != "native":
        pytest.skip(f"no native kernels: {kernels.status().reason}")

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "reference_only: runs without native code too")


@pytest.fixture(autouse=True)
def _needs_native_code(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("reference_only") is None:
        request.getfixturevalue("native_kernels")

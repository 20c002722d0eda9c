import pytest

from unspool_runtime import native


@pytest.fixture(params=["native", "reference"])
def kernels(request, monkeypatch):
    """Native code, and NumPy alone."""
    monkeypatch.setenv(native.VARIABLE, "reference")
    if request.param == "native":
        monkeypatch.delenv(native.VARIABLE)
        if native.library() is None:
            pytest.skip(native.explain())
    return request.param

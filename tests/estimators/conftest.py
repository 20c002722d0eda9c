import jax
import pytest


@pytest.fixture(autouse=True, scope="package")
def quick_compiler():
    """Some hundred programs are compiled here, in processes of their own too, and each runs for a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
        jax.config.update("jax_disable_most_optimizations", True)
        yield
        jax.config.update("jax_disable_most_optimizations", False)

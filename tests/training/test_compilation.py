"""Tests that change JAX's settings run in child processes, as settings belong to a process."""

import jax
import pytest

from programs import output_of
from unspool.training.compilation import keep_compiled_programs

PROGRAM = """
import keras, numpy as np, jax, unspool
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
model.compile("adam", "mse")
unspool.fit(model, np.ones((8, 3)), np.ones((8, 2)), verbose=0)
print(jax.config.jax_compilation_cache_dir)
"""


def train_in_child(**environment):
    return output_of(PROGRAM, without="JAX_", **environment).strip()


@pytest.mark.whole
def test_programs_are_kept_and_found_again(tmp_path):
    folder = train_in_child(UNSPOOL_CACHE=str(tmp_path))
    assert folder.startswith(str(tmp_path / "compiled"))
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "compiled").rglob("jit_run*")}
    assert kept, "the training loop was not kept"
    train_in_child(UNSPOOL_CACHE=str(tmp_path))
    assert {path.name for path in (tmp_path / "compiled").rglob("jit_run*-cache")} == {
        name for name in kept if name.endswith("-cache")
    }, "the same program was compiled again"


def test_a_folder_of_the_users_comes_first():
    chosen = jax.config.jax_compilation_cache_dir  # by the tests, from outside of unspool
    keep_compiled_programs()
    assert chosen
    assert jax.config.jax_compilation_cache_dir == chosen


@pytest.mark.soak
@pytest.mark.parametrize(
    "environment", [{"JAX_ENABLE_COMPILATION_CACHE": "false"}, {"UNSPOOL_CACHE": "/dev/null/nowhere"}]
)
def test_nothing_is_kept_where_it_is_not_wanted_or_cannot_be(environment):
    assert train_in_child(**environment) == "None"

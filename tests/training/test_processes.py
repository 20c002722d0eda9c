"""Training by several processes: the losses of one, the bits of an uninterrupted one after a process was lost."""

import json
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from jax.sharding import Mesh

from programs import output_of
from unspool.errors import UserError
from unspool.runs.processes.launcher import launch
from unspool.training import processes

PROGRAM = Path(__file__).parent / "two_processes.py"
BOUND = 1e-5
"""Of losses and weights, relative to 1: numbers are added in another order, and Adam divides by small ones."""


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, None),
        ({"WORLD_SIZE": "2", "RANK": "1"}, ("host:29400", 2, 1)),
        ({"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3"}, ("host:29400", 4, 3)),
        ({"SLURM_NTASKS": "8", "SLURM_PROCID": "0"}, ("host:29400", 8, 0)),
        ({"SLURM_NTASKS": "8"}, None),
    ],
)
def test_a_launcher_is_recognised_by_its_variables(given, place, monkeypatch):
    for name in ("WORLD_SIZE", "RANK", "SLURM_NTASKS", "SLURM_PROCID", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (given | {"MASTER_ADDR": "host", "MASTER_PORT": "29400"}).items():
        monkeypatch.setenv(name, value)
    assert processes.from_environment() == place


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"MASTER_PORT": ""}, "Set MASTER_ADDR"),
        ({"MASTER_PORT": "x"}, "Set MASTER_ADDR"),
        ({"RANK": "one"}, "Set MASTER_ADDR"),
        ({"RANK": "2"}, "RANK=2 is not one of WORLD_SIZE=2 processes."),
    ],
)
def test_a_launcher_that_says_too_little_is_told(given, told, monkeypatch):
    for name, value in ({"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "h", "MASTER_PORT": "1"} | given).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=told):
        processes.from_environment()


def test_a_process_alone_shares_nothing():
    assert processes.size() == 1
    with processes.together():
        assert processes.sharing() is None


def test_processes_that_do_not_have_the_same_are_told(monkeypatch):
    group = processes.Group(0, Mesh(np.array(jax.devices()[:1]), (processes.AXIS,)))
    monkeypatch.setattr(processes.multihost_utils, "process_allgather", lambda digest: np.stack([digest] * 3))
    group.check_alike(b"data", "has other data.")
    others = lambda digest: np.stack([digest, digest, digest + 1])  # noqa: E731
    monkeypatch.setattr(processes.multihost_utils, "process_allgather", others)
    with pytest.raises(UserError, match=r"^Process 2 of this training has other data\.$"):
        group.check_alike(b"data", "has other data.")


@pytest.mark.parametrize(
    ("said", "kind"), [("Gloo all-reduce failed", processes.Lost), ("RESOURCE_EXHAUSTED", MemoryError)]
)
def test_what_jax_says_of_a_lost_process_is_told(said, kind):
    with pytest.raises(kind), processes.telling_of_the_lost():
        raise jax.errors.JaxRuntimeError(said)


SHARDED = """
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import Mesh
from unspool.kernels.attention import attend
from unspool.kernels.output_loss import LastLayer, output_loss
from unspool.kernels.recurrent import gru, lstm, sharded_over, simple_rnn
from unspool.kernels.residual import add_dropped
from unspool.kernels.word_maxima import trained_word_maxima, word_maxima

random = np.random.default_rng(0)
def drawn(*shape):
    return jnp.asarray(random.normal(size=shape), jnp.float32)
mesh = Mesh(np.array(jax.devices()), ("processes",))
mask = jnp.asarray(random.random((6, 5)) < 0.7)
cells = {
    lstm: (drawn(6, 5, 3), drawn(6, 4), drawn(6, 4), drawn(3, 16), drawn(4, 16), drawn(16)),
    gru: (drawn(6, 5, 3), drawn(6, 4), drawn(3, 12), drawn(4, 12), drawn(2, 12)),
    simple_rnn: (drawn(6, 5, 3), drawn(6, 4), drawn(3, 4), drawn(4, 4), drawn(4)),
}
for cell, arrays in cells.items():
    for mask_here, sequences in ((None, True), (mask, False)):
        def loss(*arrays):
            outputs, *_ = cell(*arrays, mask_here, return_sequences=sequences)
            return (outputs * jnp.cos(jnp.arange(outputs.size).reshape(outputs.shape))).sum(), outputs
        both = jax.value_and_grad(loss, argnums=tuple(range(len(arrays))), has_aux=True)
        def divided(*arrays):
            with sharded_over(mesh):
                return both(*arrays)
        alone = jax.jit(both)(*arrays)
        program = jax.jit(divided).lower(*arrays).compile()
        calls = [line for line in program.as_text().splitlines() if "custom-call" in line and "unspool_" in line]
        assert calls and not any("f32[6,4]" in line or "f32[6,5,3]" in line for line in calls), calls
        for one, other in zip(jax.tree.leaves(alone), jax.tree.leaves(program(*arrays)), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
with sharded_over(mesh):
    x, state = drawn(5, 4, 3), jnp.zeros((5, 4))
    weights = cells[lstm][3:]
    np.testing.assert_array_equal(lstm(x, state, state, *weights)[0].shape, (5, 4, 4))

tokens = jnp.asarray(random.integers(-1, 9, (6, 5)), jnp.int32)
vectors, bias = drawn(8, 3, 16), drawn(2, 16)
def dense(vectors, squares, bias):
    return (word_maxima(tokens, vectors, bias, (1, 2)) ** 2).sum()
def trained(vectors, squares, bias):
    return (trained_word_maxima(tokens, vectors, squares, bias, jnp.float32(0.1), (1, 2), 1e-7) ** 2).sum()
for loss in (dense, trained):
    both = jax.value_and_grad(loss, argnums=(0, 1, 2))
    def divided(*arrays):
        with sharded_over(mesh):
            return both(*arrays)
    arrays = vectors, jnp.ones_like(vectors), bias
    alone, together = (jax.tree.leaves(jax.jit(function)(*arrays)) for function in (both, divided))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)

def add(x, branch):
    y = add_dropped(x, branch, 0.4, jnp.array([1, 2], jnp.uint32))
    return (y ** 2).sum(), y
both = jax.value_and_grad(add, argnums=(0, 1), has_aux=True)
def divided(*arrays):
    with sharded_over(mesh):
        return both(*arrays)
arrays = drawn(6, 5, 16), drawn(6, 5, 16)
assert "f32[15,16]" in jax.jit(divided).lower(*arrays).compile().as_text()
alone, together = (jax.tree.leaves(jax.jit(function)(*arrays)) for function in (both, divided))
for one, other in zip(alone[1:], together[1:], strict=True):
    np.testing.assert_array_equal(one, other)

def attended(*arrays):
    found = attend(*arrays, np.tri(3, 4, dtype=bool))
    return (found ** 2).sum(), found
both = jax.value_and_grad(attended, argnums=(0, 1, 2), has_aux=True)
def divided(*arrays):
    with sharded_over(mesh):
        return both(*arrays)
arrays = drawn(6, 2, 3, 5), drawn(6, 2, 4, 5), drawn(6, 2, 4, 5)
assert "f32[3,3,10]" in jax.jit(divided).lower(*arrays).compile().as_text()
alone, together = (jax.tree.leaves(jax.jit(function)(*arrays)) for function in (both, divided))
for one, other in zip(alone[1:], together[1:], strict=True):
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)

ids, weights = jnp.asarray(random.integers(0, 7, 6), jnp.int32), jnp.asarray(random.random(6), jnp.float32)
both = jax.value_and_grad(lambda hidden, output: output_loss(hidden, output, ids, weights, 0.1), argnums=(0, 1))
def divided(*arrays):
    with sharded_over(mesh):
        return both(*arrays)
arrays = drawn(6, 16), LastLayer(drawn(7, 16), drawn(7))
assert "f32[3,16]" in jax.jit(divided).lower(*arrays).compile().as_text()
alone, together = (jax.tree.leaves(jax.jit(function)(*arrays)) for function in (both, divided))
for one, other in zip(alone, together, strict=True):
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
print("divided")
"""


@pytest.mark.whole
def test_each_process_runs_the_kernels_over_its_rows_alone():
    assert output_of(SHARDED) == "divided\n"


def ran(count, folder, monkeypatch, **variables):
    """What each process gave, and the exit code with what was complained of."""
    folder.mkdir(exist_ok=True)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    told = []
    code = launch(count, [sys.executable, str(PROGRAM), str(folder)], told.append)
    for name in variables:
        monkeypatch.delenv(name)
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))], code, told


@pytest.mark.slow
def test_two_processes_train_as_one_does(tmp_path, monkeypatch):
    (alone,), code, _ = ran(1, tmp_path / "one", monkeypatch)
    assert code == 0
    (first, second), code, told = ran(2, tmp_path / "two", monkeypatch)
    assert (code, told) == (0, [])
    assert first == second  # to the bit
    for name, one in alone.items():
        for what in ("losses", "weights"):
            np.testing.assert_allclose(first[name][what], one[what], rtol=0, atol=BOUND, err_msg=f"{name}, {what}")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kills by SIGKILL")
def test_a_lost_process_ends_the_others_with_a_line_and_training_goes_on_to_the_same_bits(tmp_path, monkeypatch, capfd):
    whole, code, _ = ran(2, tmp_path / "whole", monkeypatch, CHECKPOINT=tmp_path / "a")
    assert code == 0
    assert whole[0] == whole[1]
    capfd.readouterr()
    found, code, told = ran(2, tmp_path / "killed", monkeypatch, CHECKPOINT=tmp_path / "b", DIES=1)
    assert (found, code, told) == ([], 1, ["process 1 was killed by signal 9."])
    assert capfd.readouterr().err == ""  # nothing of JAX's, which may abort the process that is left
    found, code, _ = ran(2, tmp_path / "killed", monkeypatch, CHECKPOINT=tmp_path / "b")
    assert code == 0
    assert found == whole

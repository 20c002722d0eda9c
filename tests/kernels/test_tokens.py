"""Tokens and their embedding as a cell's input: the same as the tokens' vectors, whichever way it is computed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unspool import kernels
from unspool.kernels import foreign
from unspool.kernels import tokens as tokens_module
from unspool.kernels.recurrent import looped
from unspool.kernels.tokens import Embedded, projects_vocabulary

from . import cells

pytestmark = pytest.mark.slow

EVERY_OPERATION = pytest.mark.parametrize("op", cells.OPERATIONS.values(), ids=cells.OPERATIONS.keys())
# Batch, length, width, units, vocabulary: one of everything; few rows; odd sizes; a table of several tasks; weights
# beyond the second-level cache.
SHAPES = [(1, 2, 1, 1, 1), (3, 70, 7, 9, 150), (37, 5, 5, 33, 11), (100, 4, 64, 32, 300), (9, 2, 30, 270, 13)]


def arguments(op, batch, length, width, units, vocabulary, seed=0):
    """Tokens and an embedding, and the other arguments of the operation."""
    args = cells.arguments(op, batch, length, width, units, seed)
    rng = np.random.default_rng([seed, vocabulary])
    tokens = rng.integers(0, vocabulary, (batch, length)).astype(np.int32)
    embedding = rng.standard_normal((vocabulary, width)).astype(np.float32)
    return Embedded(jnp.asarray(tokens), jnp.asarray(embedding)), *args[1:]


# Rounds of a loop in which the vocabulary is never projected, and always.
WAYS = {"from the embedding": 0, "from a table": 1_000_000}
EITHER_WAY = pytest.mark.parametrize("rounds", WAYS.values(), ids=WAYS.keys())


def in_loop(function, rounds):
    """The function, traced as if in a loop of so many rounds."""

    def call(*args, **options):
        with looped(rounds):
            return function(*args, **options)

    return call


def calls(function, *args):
    """Which of these foreign calls, and JAX's own look-up, are in what is traced."""
    program = str(jax.make_jaxpr(function)(*args))
    return [name for name in ("unspool_project", "unspool_backward", "gather") if name in program]


@EVERY_OPERATION
@EITHER_WAY
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape_to_the_last_bit(op, shape, rounds):
    x, *others = arguments(op, *shape)
    run = in_loop(lambda x, *a: op.native(x, *a, **op.options), rounds)
    assert calls(run, x, *others) == (["unspool_project"] if rounds else [])
    for got, expected in zip(run(x, *others), op.native(x.vectors(), *others, **op.options), strict=True):
        np.testing.assert_array_equal(got, expected)


@EVERY_OPERATION
@EITHER_WAY
@pytest.mark.parametrize(("batch", "go_backwards"), [(2, True), (13, True), (13, False)])
def test_every_mask_and_option_to_the_last_bit(op, batch, go_backwards, rounds):
    x, *others = arguments(op, batch, 8, 3, 20, 17)
    for mask in cells.masks(batch, 8).values():
        for flag in (False, True):
            options = {"go_backwards": go_backwards, "return_sequences": not flag, "zero_output_for_mask": flag}
            got = in_loop(op.native, rounds)(x, *others, mask, **options, **op.options)
            for g, e in zip(got, op.native(x.vectors(), *others, mask, **options, **op.options), strict=True):
                np.testing.assert_array_equal(g, e)


@EVERY_OPERATION
@EITHER_WAY
def test_gradients_are_those_of_the_reference(op, rounds):
    (tokens, embedding), *others = arguments(op, 6, 5, 3, 9, 8)
    mask = cells.masks(6, 5)["any"]

    def gradient(function):
        def loss(embedding, *a):
            return sum((out**2).sum() for out in function(Embedded(tokens, embedding), *a, mask, **op.options))

        return jax.grad(loss, argnums=tuple(range(1 + len(others))))

    native = in_loop(op.native, rounds)
    assert calls(gradient(native), embedding, *others) == ["unspool_backward", "gather"]
    expected = cells.jit(gradient(op.reference))(embedding, *others)
    assert all(jnp.any(gradient) for gradient in expected)
    cells.assert_same(cells.jit(gradient(native))(embedding, *others), expected)


@EVERY_OPERATION
@EITHER_WAY
def test_every_instruction_set_and_number_of_threads(op, rounds):
    library = cells.library()
    before = library.instruction_set, library.thread_limit
    x, *others = arguments(op, 35, 4, 6, 37, 260)
    run = in_loop(lambda x, *a: op.native(x, *a, **op.options), rounds)
    reference = op.reference(x, *others, **op.options)
    try:
        for name in library.instruction_sets:
            library.choose(name)
            library.thread_limit = 1
            expected = run(x, *others)
            cells.assert_same(expected, reference)
            library.thread_limit = 4
            for got, one in zip(run(x, *others), expected, strict=True):
                np.testing.assert_array_equal(got, one)
    finally:
        library.choose(before[0])
        library.thread_limit = before[1]


@EVERY_OPERATION
@EITHER_WAY
def test_tokens_outside_the_vocabulary_are_what_jax_makes_of_them(op, rounds):
    (tokens, embedding), *others = arguments(op, 6, 3, 4, 5, 10)
    tokens = tokens.at[1, 0].set(-1).at[2, 1].set(10).at[3, 2].set(-11).at[4, 0].set(2**31 - 1)
    x = Embedded(tokens, embedding)
    got = in_loop(op.native, rounds)(x, *others, **op.options)
    for g, e in zip(got, op.reference(x, *others, **op.options), strict=True):
        np.testing.assert_array_equal(np.isnan(g), np.isnan(e))
        cells.assert_same((g[:2], g[5:]), (e[:2], e[5:]))
    assert np.isnan(np.asarray(got[1])).all(axis=1).tolist() == [False, False, True, True, True, False]


@EVERY_OPERATION
@pytest.mark.parametrize("shared", ["weights", "tokens", "nothing"])
def test_vmap(op, shared):
    sets = [arguments(op, 3, 4, 2, 5, 7, seed) for seed in range(3)]
    flat = [(x.tokens, x.embedding, *others) for x, *others in sets]
    rows = 2 + op.states
    axes = [0] * len(flat[0])
    if shared == "weights":
        axes[1] = None
        axes[rows:] = [None] * 3
    if shared == "tokens":
        axes[0] = None
    args = [jnp.stack(a) if axis == 0 else a[0] for a, axis in zip(zip(*flat, strict=True), axes, strict=True)]
    mask = jnp.stack([cells.masks(3, 4, seed)["any"] for seed in range(3)])

    def mapped(function):
        def each(mask, tokens, embedding, *a):
            return function(Embedded(tokens, embedding), *a, mask, **op.options)

        return jax.vmap(each, (0, *axes))

    expected = cells.jit(mapped(op.reference))(mask, *args)
    for rounds in WAYS.values():
        run = mapped(in_loop(op.native, rounds))
        assert ("unspool_project" in calls(run, mask, *args)) == bool(rounds)
        cells.assert_same(cells.jit(run)(mask, *args), expected)


@EVERY_OPERATION
def test_a_row_does_not_depend_on_the_way(op):
    """Few rows read the embedding and many the table, but a row's company may not show in its bits."""
    x, *others = arguments(op, 40, 7, 5, 21, 60)
    states, weights = others[: op.states], others[op.states :]
    assert projects_vocabulary(x, 21 * op.gates)
    whole = op.native(x, *others, **op.options)
    for some in (slice(0, 1), slice(3, 6)):
        part = Embedded(x.tokens[some], x.embedding)
        assert not projects_vocabulary(part, 21 * op.gates)
        got = op.native(part, *(s[some] for s in states), *weights, **op.options)
        for one, all_ in zip(got, whole, strict=True):
            np.testing.assert_array_equal(one, all_[some])


def test_when_the_vocabulary_is_projected(monkeypatch):
    def x(places, vocabulary):
        return Embedded(jnp.zeros((1, places), jnp.int32), jnp.zeros((vocabulary, 4)))

    assert projects_vocabulary(x(100, 100), columns=8)
    assert not projects_vocabulary(x(99, 100), columns=8)
    with looped(2):
        assert projects_vocabulary(x(50, 100), columns=8)
    assert not projects_vocabulary(x(50, 100), columns=8)
    assert not projects_vocabulary(x(0, 0), columns=8)
    monkeypatch.setattr(tokens_module, "LARGEST_TABLE", 799)
    assert not projects_vocabulary(x(100, 100), columns=8)


def test_a_loop_projects_the_vocabulary_once():
    """What `looped` relies on: XLA moves the table, the same in each round, out of the loop."""
    op = cells.OPERATIONS["lstm"]
    (tokens, embedding), *others = arguments(op, 4, 6, 3, 5, 10)

    @jax.jit
    def loop(tokens, embedding, others, rounds):
        def body(i, total):
            return total + op.native(Embedded(tokens + i, embedding), *others)[1]

        return jax.lax.fori_loop(0, rounds, body, jnp.zeros((4, 5)))

    program = loop.lower(tokens, embedding, others, 3).compile().as_text()
    before, entry = program.split("\nENTRY ")
    assert '"unspool_project"' in entry
    assert '"unspool_project"' not in before
    assert '"unspool_forward"' in before


def test_without_native_code_the_reference_looks_up():
    op = cells.OPERATIONS["lstm"]
    x, *others = arguments(op, 4, 6, 3, 5, 10)
    with kernels.use("reference"):
        got = op.native(x, *others)
    for g, e in zip(got, op.reference(x.vectors(), *others), strict=True):
        np.testing.assert_array_equal(g, e)


@EITHER_WAY
def test_the_native_code_checks_shapes(rounds):
    op = cells.OPERATIONS["lstm"]
    (tokens, embedding), h0, c0, kernel, *rest = arguments(op, 4, 6, 3, 5, 10)
    call = foreign.Call(op.name, length=6)

    def forward(h0, kernel):
        x = foreign.project(op.name, embedding, kernel, rest[1]) if rounds else embedding
        given = None if rounds else kernel
        return jax.block_until_ready(foreign.forward(call, False, x, None, h0, c0, given, *rest, tokens=tokens))

    with pytest.raises(jax.errors.JaxRuntimeError, match="unspool: kernel has shape"):
        forward(h0, kernel[:2])
    with pytest.raises(jax.errors.JaxRuntimeError, match="unspool: h0 has shape"):
        forward(h0[:2], kernel)

"""The queue: what waits is computed together, one request's fault stays its own, and there is an end to waiting."""

import asyncio
import threading
from contextlib import asynccontextmanager

import numpy as np
import pytest

from unspool.serving.loaded import load_checked
from unspool.serving.metrics import Metrics
from unspool.serving.refusals import Full
from unspool.serving.work import AT_ONCE, Work
from unspool_runtime import InputError

from . import models


@pytest.fixture
def loaded(tmp_path):
    return load_checked(models.write(tmp_path / "model.unspool", models.texts()), "model")


@pytest.fixture
def computed(loaded, monkeypatch):
    """The sizes of what was computed together."""
    sizes, outputs = [], loaded.model._engine.outputs

    def counted(examples):
        sizes.append(len(examples))
        return outputs(examples)

    monkeypatch.setattr(loaded.model._engine, "outputs", counted)
    return sizes


@asynccontextmanager
async def running(most=512):
    """A queue at work, and what holds its thread back until it is set."""
    work, go = Work(most, Metrics()), threading.Event()
    task = asyncio.create_task(work.run())
    held = asyncio.create_task(work.call(lambda: go.wait(60), 1))
    while work.waiting or not held:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    yield work, go
    go.set()
    await asyncio.gather(held, return_exceptions=True)
    task.cancel()


def test_what_waits_is_computed_together_and_answered_as_alone(loaded, computed):
    requests = [["a fine film"], ["dull", "?!"], ["été !", "film", "a"]]

    async def together():
        async with running() as (work, go):
            asked = [asyncio.create_task(work.answers(loaded, one)) for one in requests]
            await asyncio.sleep(0)
            go.set()
            return await asyncio.gather(*asked)

    found = asyncio.run(together())
    assert computed == [6]
    for outputs, examples in zip(found, requests, strict=True):
        assert np.array_equal(outputs, loaded.model.outputs(examples))


def test_one_that_finds_the_thread_idle_does_not_wait_for_others(loaded, computed):
    async def one_after_the_other():
        async with running() as (work, go):
            go.set()
            for _ in range(3):
                await work.answers(loaded, ["a"])

    asyncio.run(one_after_the_other())
    assert computed == [1, 1, 1]


def test_a_poisonous_request_fails_alone(loaded):
    async def with_poison():
        async with running() as (work, go):
            asked = [asyncio.create_task(work.answers(loaded, one)) for one in (["a"], ["b", 7], ["c"])]
            await asyncio.sleep(0)
            go.set()
            return await asyncio.gather(*asked, return_exceptions=True)

    first, poison, last = asyncio.run(with_poison())
    assert np.array_equal(first, loaded.model.outputs(["a"]))
    assert isinstance(poison, InputError)
    assert str(poison).startswith("Example 1 (counted from 0)")
    assert np.array_equal(last, loaded.model.outputs(["c"]))


def test_beyond_the_queue_there_is_a_refusal(loaded):
    async def too_many():
        async with running(most=4) as (work, go):
            taken = asyncio.create_task(work.answers(loaded, ["a"] * 4))
            await asyncio.sleep(0)
            with pytest.raises(Full) as refused:
                await work.answers(loaded, ["a"])
            assert int(refused.value.headers["Retry-After"]) >= 1
            go.set()
            await taken
            await work.answers(loaded, ["a"])
            assert work.waiting == 0

    asyncio.run(too_many())


def test_at_the_end_all_who_wait_are_refused(loaded):
    async def ended():
        async with running() as (work, go):
            called = asyncio.create_task(work.call(lambda: 1, 1))
            waiting = asyncio.create_task(work.answers(loaded, ["a"]))
            await asyncio.sleep(0)
            work.refuse_all("The server is shutting down.")
            for one in (called, waiting):
                with pytest.raises(Full, match=r"shutting down\. Try again later\.") as refused:
                    await one
                assert refused.value.status == 503
            go.set()
            assert np.array_equal(await work.answers(loaded, ["a"]), loaded.model.outputs(["a"]))

    asyncio.run(ended())


def test_who_has_left_is_not_computed_for(loaded, computed):
    async def left():
        async with running() as (work, go):
            gone, stays = (asyncio.create_task(work.answers(loaded, [one])) for one in "ab")
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
            go.set()
            await stays
            assert work.waiting == 0

    asyncio.run(left())
    assert computed == [1]


def test_a_batch_has_a_bound(loaded, computed):
    async def many():
        async with running() as (work, go):
            asked = [asyncio.create_task(work.answers(loaded, ["a"] * 100)) for _ in range(5)]
            await asyncio.sleep(0)
            go.set()
            await asyncio.gather(*asked)

    asyncio.run(many())
    assert computed == [200, 200, 100]
    assert max(computed) <= AT_ONCE

"""Memory that is freed during training is kept until its end."""

import sys

import pytest

from programs import output_of
from unspool.training import kept_memory

# Each block is one that glibc would otherwise take from the system anew.
REUSED = """
import resource
import numpy as np
from unspool.training.kept_memory import keeping_freed_memory
from unspool.memory import memory

def faults_of(times):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        np.ones(1 << 24)  # 128 MiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = memory().now
with keeping_freed_memory():
    first, others = faults_of(1), faults_of(5)
    kept = memory().now - before
print(first > 0, others < first, kept > 100, memory().now - before < 20, faults_of(5) > 2 * others)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's settings")
def test_freed_memory_is_used_again_and_returned_at_the_end(monkeypatch):
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    assert output_of(REUSED) == "True True True True True\n"


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(kept_memory, "_glibc", lambda: None)
    with kept_memory.keeping_freed_memory():
        pass

import numpy as np
import pytest

from unspool import memory
from unspool.memory import Memory


def test_memory_grows_with_what_is_held():
    before = memory.memory()
    held = np.ones(8_000_000)  # 64 MB
    after = memory.memory()
    assert held.nbytes / 2e6 < after.now - before.now
    assert after.peak >= after.now


def test_the_peak_stays_when_memory_is_given_back():
    held = np.ones(16_000_000)
    peak = memory.memory().peak
    del held
    assert memory.memory().peak == pytest.approx(peak, rel=0.01)


def test_where_the_system_tells_only_the_peak_it_stands_for_both(monkeypatch, tmp_path):
    told = memory.memory()
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    found = memory.memory()
    assert found == Memory(found.peak, found.peak)
    assert found.peak == pytest.approx(told.peak, rel=0.2)

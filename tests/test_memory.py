import numpy as np
import pytest

from programs import output_of
from unspool import cgroups, memory
from unspool.memory import Memory

# A process of its own: one that has freed much is given that memory again, and holds no more than before.
GROWTH = """
import numpy as np
from unspool import memory
before = memory.memory()
held = np.ones(8_000_000)  # 64 MB
after = memory.memory()
assert after.peak >= after.now
print(after.now - before.now)
"""


def test_memory_grows_with_what_is_held():
    assert float(output_of(GROWTH)) == pytest.approx(64, rel=0.1)


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


def test_free_memory_is_what_linux_says(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroups, "free_memory", lambda: np.inf)
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:       4000 kB\nMemAvailable:   3000 kB\n")
    assert memory.free_memory() > 2**24
    monkeypatch.setattr(memory, "_OF_THE_MACHINE", told)
    assert memory.free_memory() == 3000 * 1024
    told.write_text("MemTotal:       4000 kB\n")
    assert memory.free_memory() == np.inf
    told.unlink()
    assert memory.free_memory() == np.inf


def test_free_memory_is_within_the_limit_of_a_container(monkeypatch):
    monkeypatch.setattr(cgroups, "free_memory", lambda: 5000.0)
    assert memory.free_memory() == 5000

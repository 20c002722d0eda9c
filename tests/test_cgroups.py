"""The limits of a container are found in both versions of control groups, and in groups within groups."""

import math

import pytest

from unspool import cgroups


@pytest.fixture
def write(monkeypatch, tmp_path):
    """Writes what the system would, with names of files relative to the root of the groups."""
    monkeypatch.setattr(cgroups, "_ROOT", tmp_path / "cgroup")
    monkeypatch.setattr(cgroups, "_OWN", tmp_path / "own")
    cgroups.processors.cache_clear()

    def written(own, files):
        (tmp_path / "own").write_text(own)
        for name, content in files.items():
            path = tmp_path / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    yield written
    cgroups.processors.cache_clear()


def test_version_2(write):
    write("0::/\n", {"memory.max": "1000\n", "memory.current": "700\n", "cpu.max": "150000 100000\n"})
    assert cgroups.free_memory() == 300
    assert cgroups.processors() == 1.5


def test_version_1(write):
    memory = {"memory/memory.limit_in_bytes": "1000\n", "memory/memory.usage_in_bytes": "700\n"}
    cpu = {"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}
    write("4:memory:/\n3:cpu,cpuacct:/\n", memory | cpu)
    assert cgroups.free_memory() == 300
    assert cgroups.processors() == 0.5


def test_without_limits(write):
    write("0::/\n", {"memory.max": "max\n", "memory.current": "700\n", "cpu.max": "max 100000\n"})
    assert (cgroups.free_memory(), cgroups.processors()) == (math.inf, math.inf)


def test_version_1_without_limits(write):
    write("3:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"})
    assert cgroups.processors() == math.inf


def test_the_smallest_limit_of_nested_groups_holds(write):
    around = {"pod/memory.max": "1000", "pod/memory.current": "900", "pod/cpu.max": "200000 100000"}
    own = {"memory.max": "500", "memory.current": "300", "cpu.max": "max 100000"}
    write("0::/pod/worker\n", around | {f"pod/worker/{name}": content for name, content in own.items()})
    assert cgroups.free_memory() == 100
    assert cgroups.processors() == 2


def test_a_container_may_see_its_own_group_as_the_root(write):
    write("4:memory:/docker/3f\n", {"memory/memory.limit_in_bytes": "1000", "memory/memory.usage_in_bytes": "1"})
    assert cgroups.free_memory() == 999


@pytest.mark.parametrize("total", ["", "total_"])
def test_what_is_kept_of_files_is_free(write, total):
    kept = f"anon 600\n{total}inactive_file 50\n{total}active_file 40\n"
    write("0::/\n", {"memory.max": "1000", "memory.current": "700", "memory.stat": kept})
    assert cgroups.free_memory() == 390


@pytest.mark.parametrize("own", ["", "0::/gone\n", "0::/../..\n", "1:pids:/\n", "no line of a group"])
def test_where_nothing_can_be_read_there_is_no_limit(write, own):
    write(own, {"memory.max": "?", "memory.current": "1", "cpu.max": ""})
    assert (cgroups.free_memory(), cgroups.processors()) == (math.inf, math.inf)

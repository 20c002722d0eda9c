"""How many threads XLA is told of, before anything imports it."""

import pytest

from programs import output_of

START = """
import os
os.sched_getaffinity = lambda process: set(range({cores}))
import unspool
print(os.environ.get("NPROC"))
"""


@pytest.mark.parametrize(
    ("cores", "asked", "told"),
    [
        (8, None, "None"),
        (1, None, "2"),
        (8, "3", "3"),
        (8, "1", "2"),
        (8, "99", "None"),
        (8, "0", "None"),
        (1, "4", "2"),
    ],
)
def test_no_more_than_asked_for_and_two_at_least(cores, asked, told):
    environment = {"OMP_NUM_THREADS": asked} if asked else {}
    assert output_of(START.format(cores=cores), without=("NPROC", "OMP_NUM_THREADS"), **environment).strip() == told


LIMITED = """
import pathlib
real = pathlib.Path.read_text
told = {{"/proc/self/cgroup": "0::/", "/sys/fs/cgroup/cpu.max": "250000 100000"}}
pathlib.Path.read_text = lambda path, **how: told[str(path)] if str(path) in told else real(path, **how)
"""


def test_the_limit_of_a_container_holds():
    assert output_of((LIMITED + START).format(cores=8), without=("NPROC", "OMP_NUM_THREADS")).strip() == "3"

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

import json
import math

import pytest

from unspool.cli.output import print_json


def test_numbers_that_are_not_finite_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"trials": [{"losses": (0.5, math.nan)}], "loss": math.inf, "text": "NaN"})
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {
        "trials": [{"losses": [0.5, None]}],
        "loss": None,
        "text": "NaN",
    }

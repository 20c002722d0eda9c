import pytest

from unspool.report.figures.forecasts import moment


@pytest.mark.parametrize(
    ("begins", "words"),
    [
        ("2024-04-29T00:00:00", "29 Apr 2024"),
        ("2024-04-29", "29 Apr 2024"),
        ("2024-12-01T06:30:00", "1 Dec 2024, 06:30"),
        ("2024-12-01T06:30:05", "1 Dec 2024, 06:30:05"),
        ("20240429", "20240429"),
        ("217", "217"),
        ("the third", "the third"),
    ],
)
def test_a_time_is_said_as_people_read_it(begins, words):
    assert moment(begins) == words

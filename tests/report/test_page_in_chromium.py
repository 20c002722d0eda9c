"""A report on a phone, in a real browser."""

import json

import pytest

from unspool.report.page import write_report

KINDS = ("binary_result", "multiclass_result", "multilabel_result", "regression_result", "reconstruction_result")
MEASURED = """
JSON.stringify([document.documentElement.scrollWidth,
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5
    && !one.closest(".scroll") && !one.closest("svg") && !one.closest(".hidden"))
    .map((one) => one.outerHTML.slice(0, 80)),
  [...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth).length])
"""


@pytest.mark.parametrize("kind", KINDS)
def test_wide_tables_scroll_on_a_phone_and_the_page_does_not(kind, request, chromium, tmp_path):
    page = write_report(request.getfixturevalue(kind), tmp_path)
    for width in (320, 390):
        chromium.open(page, width=width)
        wide, beyond, scrolling = json.loads(chromium.value(MEASURED))
        assert (wide, beyond) == (width, [])
        assert scrolling >= 2
    assert chromium.complaints() == []

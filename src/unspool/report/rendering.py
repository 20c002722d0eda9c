"""Templates in, HTML or Markdown out: what is not our own markup is escaped, and made visible where it would act."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from unspool.evaluation.wording import probability
from unspool.report import content, wording


def rendered(template: str, **values: Any) -> str:
    """Render a template of this package."""
    return _templates(True, _seen).get_template(template).render(**values)


def rendered_markdown(template: str, **values: Any) -> str:
    """The same for a template of Markdown: what is not our own markup stands on one line, as text that is only read."""
    return _templates(False, _read).get_template(template).render(**values)


@cache
def _templates(autoescape: bool, finalize: Callable[[object], object]) -> jinja2.Environment:
    """Compile each template once per process."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("unspool.report"),
        autoescape=autoescape,
        undefined=jinja2.StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (wording.count, wording.duration, wording.shortened, wording.listed)
    for function in (*filters, probability, content.outcome, content.rate_drops, content.check_rows):
        environment.filters[function.__name__] = function
    return environment


def _seen(value: object) -> object:
    """Everything that a template puts out passes here: text that is not our own markup is made visible."""
    return wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_ACTING = re.compile(r"[\\`*_{}\[\]<>#|&~$!]")
"""What begins markup in Markdown: it may be escaped by a backslash wherever it stands."""


def _read(value: object) -> object:
    """The same as `_seen` for Markdown."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _ACTING.sub(r"\\\g<0>", wording.visible(" ".join(value.split())))

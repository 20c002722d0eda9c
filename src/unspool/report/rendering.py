"""Templates in, HTML out: what is not our own markup is escaped, and made visible where it would act."""

from typing import Any

import jinja2
from markupsafe import Markup

from unspool.report import content, wording


def rendered(template: str, **values: Any) -> str:
    """Renders a template of this package.

    Args:
        template: its file name, as in "report.html.j2".
        values: what it names.
    """
    return _templates().get_template(template).render(**values)


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("unspool.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (wording.count, wording.duration, wording.shortened)
    for function in (*filters, content.outcome, content.rate_drops, content.check_rows):
        environment.filters[function.__name__] = function
    return environment


def _seen(value: object) -> object:
    """Everything that a template puts out passes here: text that is not our own markup is made visible."""
    return wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

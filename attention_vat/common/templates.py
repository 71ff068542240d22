"""Renders pages and configurations from templates."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
# All control characters except tab and line ends, lone surrogates, and noncharacters.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"
# The characters that Markdown interprets as markup, also in tables.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")


def printable(text: str) -> str:
    """Replaces the control characters of a text."""
    return CONTROL.sub(REPLACEMENT, text)


def markdown_text(text: Any) -> str:
    r"""
    Escapes a text so that Markdown shows it literally, on one line, also in a table.

    # Examples

        >>> markdown_text("a_b|<c>")
        'a\\_b\\|\\<c\\>'
    """
    return _MARKDOWN.sub(r"\\\1", printable(" ".join(str(text).split())))


def render(template: str, **values: Any) -> str:
    """
    Renders a template of this package. Control characters in values are replaced, and HTML templates escape values,
    unless they are `markupsafe.Markup`; Markdown templates can use the filter `md`.

    # Parameters

    template : `str`
        The path of the template below `attention_vat`.
    values : `Any`

    # Examples

        render("reports/templates/attention_page.html.jinja", title="<b>", sentences=[])
    """
    return str(_environment().get_template(template).render(**values))


@lru_cache(maxsize=None)
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    # jsonnet needs no HTML escapes: its strings are quoted as JSON.
    environment = Environment(
        loader=FileSystemLoader(str(PACKAGE)),
        autoescape=lambda name: name is not None and ".html" in name,
        finalize=lambda value: printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["md"] = markdown_text
    return environment

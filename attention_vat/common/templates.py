"""Pages and configurations from templates."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
# All control characters but tab and the ends of lines, halves of surrogate pairs, and what is no character at all.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"
# What Markdown takes for markup, in tables too.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")


def printable(text: str) -> str:
    """The text without control characters."""
    return CONTROL.sub(REPLACEMENT, text)


def markdown_text(text: Any) -> str:
    r"""
    A text that Markdown shows as it is, on one line, also in a table.

    # Examples

        >>> markdown_text("a_b|<c>")
        'a\\_b\\|\\<c\\>'
    """
    return _MARKDOWN.sub(r"\\\1", printable(" ".join(str(text).split())))


def render(template: str, **values: Any) -> str:
    """
    A template of this package with its values. What is put into HTML is escaped and has no control characters, unless
    it is `markupsafe.Markup`; templates of Markdown have the filter `md`.

    # Parameters

    template : `str`
        Below `attention_vat`.
    values : `Any`

    # Examples

        render("reports/templates/attention_page.html.jinja", title="<b>", sentences=[])
    """
    return str(_environment().get_template(template).render(**values))


@lru_cache(maxsize=None)
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    # jsonnet is no HTML: its strings are quoted as JSON, and nothing else is to be escaped.
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

"""Text that is safe and whole in HTML and SVG, whatever it contains."""

import html
import re

# All control characters but tab and the ends of lines, halves of surrogate pairs, and what is no character at all.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"

# An escape of JSON at a time, so that what follows an escaped backslash is not taken for one.
_ESCAPE_OR_CONTROL = re.compile(r"\\u[0-9a-f]{4}|\\.|" + CONTROL.pattern)
_HARMLESS = re.compile(r"\\(?!u00[01]|[bf])")


def escape(text: str) -> str:
    """As Python's `html.escape`, without control characters."""
    return html.escape(CONTROL.sub(REPLACEMENT, text))


def word(text: str) -> str:
    """A word that its neighbours leave alone: one written from right to left does not turn them around."""
    return f"<bdi>{escape(text)}</bdi>"


def printed(text: str) -> str:
    """JSON whose strings have no control characters."""

    def replaced(match: "re.Match[str]") -> str:
        return match[0] if _HARMLESS.match(match[0]) else REPLACEMENT

    return _ESCAPE_OR_CONTROL.sub(replaced, text)

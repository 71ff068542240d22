"""Formats values and errors for messages."""

from typing import Any, Optional


def one_line(error: Optional[BaseException]) -> str:
    """The message of an error on one line."""
    return " ".join(str(error).split())


def quoted(value: Any, longest: int = 100) -> str:
    """
    Returns the `repr` of a value, shortened so that a line of a megabyte does not fill the terminal.

    # Examples

        quoted("a" * 200)  # "'aaaa…aaa…"
    """
    # Only the start of a long text is used: `repr` of all of it takes time and memory.
    try:
        text = repr(value[: longest + 1] if isinstance(value, (str, bytes, list)) else value)
    except (RecursionError, ValueError):  # nested too deeply; an integer with thousands of digits
        text = f"a {type(value).__name__}"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shortened(text: Any, longest: int = 500) -> str:
    """Returns a name, shortened if it has more than `longest` characters."""
    text = str(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"

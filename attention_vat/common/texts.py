"""How errors quote what they are about."""

from typing import Any, Optional


def one_line(error: Optional[BaseException]) -> str:
    """The message of an error on one line."""
    return " ".join(str(error).split())


def quoted(value: Any, longest: int = 100) -> str:
    """
    A value as Python writes it, cut so that a line of a megabyte does not fill the terminal.

    # Examples

        quoted("a" * 200)  # "'aaaa…aaa…"
    """
    # Only the front of a text is looked at: `repr` of all of it takes time and memory.
    try:
        text = repr(value[: longest + 1] if isinstance(value, (str, bytes, list)) else value)
    except (RecursionError, ValueError):  # nested a thousand times; a number of thousands of digits
        text = f"a {type(value).__name__}"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shortened(text: Any, longest: int = 500) -> str:
    """A name as it is, unless it is absurdly long."""
    text = str(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"

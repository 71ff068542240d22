"""Converts docstrings in the style of AllenNLP to Markdown."""

import re
from typing import List

_HEADING = re.compile(r"^# (\w+)\s*$")
_ITEM = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (.*))?$")


def as_markdown(docstring: str) -> str:
    """
    Turns each section of a docstring, such as `# Parameters`, into a heading in bold and a list.

    # Parameters

    docstring : `str`
        Without its indentation.

    # Examples

    >>> print(as_markdown("A loss.\\n\\n# Parameters\\n\\nweight : `float`\\n    The weight λ."))
    A loss.
    <BLANKLINE>
    **Parameters**
    <BLANKLINE>
    - **`weight`** : `float`. The weight λ.
    """
    lines: List[str] = []
    section = ""
    for line in docstring.splitlines():
        heading, item = _HEADING.match(line), _ITEM.match(line)
        if heading:
            section = heading.group(1)
            lines.append(f"**{section}**")
        elif section in ("Parameters", "Returns") and item and not lines[-1].startswith("    "):
            if lines[-1].startswith("- "):
                lines[-1] = lines[-1].rstrip(".")
            names = ", ".join(f"`{name}`" for name in item.group(1).split(", "))
            lines.append(f"- **{names}**" + (f" : {item.group(2).rstrip('.')}." if item.group(2) else ""))
        elif section in ("Parameters", "Returns") and line.startswith("    ") and lines[-1].startswith("- "):
            lines[-1] += " " + line.strip()
        else:
            if line.strip() and not line.startswith(" ") and section in ("Parameters", "Returns"):
                section = "text"
            lines.append(line)
    return "\n".join(lines)

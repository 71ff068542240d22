"""Converts the docstrings of the package to Markdown for the API reference of the documentation site."""

import sys
from pathlib import Path
from typing import Any

from griffe import Extension, Object

sys.path.insert(0, str(Path(__file__).parent))
from docstring_markdown import as_markdown


class MarkdownDocstrings(Extension):
    """Applies `as_markdown` to each docstring."""

    def on_instance(self, *, obj: Object, **kwargs: Any) -> None:
        """Called by griffe for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)

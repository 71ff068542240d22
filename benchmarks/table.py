"""The output of the benchmarks: a line about the run, and a Markdown table."""

import platform
import sys
from typing import Any, Sequence

import torch

import attention_vat


def versions() -> str:
    """Versions and threads, for the line above a table."""
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"attention_vat {attention_vat.__version__}, torch {torch.__version__}, Python {python}, "
        f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads"
    )


def markdown(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table whose numbers are aligned to the right: strings are text, the rest numbers."""
    lines = ["| " + " | ".join(header) + " |"]
    lines.append("|" + "|".join("---" if isinstance(cell, str) else "---:" for cell in rows[0]) + "|")
    for row in rows:
        lines.append("| " + " | ".join(map(_text, row)) + " |")
    return "\n".join(lines)


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}" if abs(cell) < 100 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)

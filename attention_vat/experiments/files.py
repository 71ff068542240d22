"""Reads and writes JSON files in the directories of runs."""

import json
from pathlib import Path
from typing import Any, Dict, Optional

from attention_vat.common.plain_json import dumps
from attention_vat.common.whole_file import written_whole


def read_json(path: Path) -> Optional[Dict[str, Any]]:
    """Returns `None` if the file is missing or was truncated by a kill or a power failure."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path: Path, content: Any) -> None:
    """Writes a JSON file atomically."""
    with written_whole(path) as file:
        file.write(dumps(content, indent=2) + "\n")

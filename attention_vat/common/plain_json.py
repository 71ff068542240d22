"""Standard JSON, which every reader accepts."""

import json
import math
from typing import Any, Optional


def dumps(content: Any, indent: Optional[int] = None) -> str:
    """
    Returns a JSON text in which NaN and infinite numbers are `null`: Python writes `NaN` and `Infinity`, which are not
    valid JSON, and other programs reject the whole file.

    # Examples

        dumps({"loss": float("nan")})  # '{"loss": null}'
    """
    return json.dumps(_finite(content), indent=indent, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

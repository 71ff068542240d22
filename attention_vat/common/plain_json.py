"""JSON that every reader takes."""

import json
import math
from typing import Any, Optional


def dumps(content: Any, indent: Optional[int] = None) -> str:
    """
    A JSON text in which numbers that are not finite are `null`: `NaN` and `Infinity`, which Python writes, are no JSON,
    and other programs refuse the whole file.

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

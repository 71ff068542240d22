"""AllenNLP writes durations as `str(timedelta)`."""

import re
from typing import Optional


def seconds(duration: Optional[str]) -> float:
    """
    # Examples

        seconds("1 day, 2:03:04.5")  # 93784.5

    Nothing counts as 0.
    """
    if not duration:
        return 0.0
    match = re.fullmatch(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)", duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a duration")
    days, hours, minutes, rest = match.groups()
    return 86400 * int(days or 0) + 3600 * int(hours) + 60 * int(minutes) + float(rest)

"""What happens to files."""

from pathlib import Path
from typing import Callable, Dict

DAMAGES: Dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda content: b"",
    "cut": lambda content: content[: len(content) * 2 // 3],
    "garbage": lambda content: bytes(range(256)) * 4,
    "changed": lambda content: content[:200] + bytes(64) + content[264:],
    # The directory of a zip archive is at its end, and no CRC is of it.
    "changed at the end": lambda content: content[:-90] + bytes(byte ^ 1 for byte in content[-90:-60]) + content[-60:],
}


def damage(path: Path, how: str) -> None:
    """One of `DAMAGES`, or `"removed"`, to a file but not to its hard links."""
    content = path.read_bytes()
    path.unlink()
    if how != "removed":
        path.write_bytes(DAMAGES[how](content))

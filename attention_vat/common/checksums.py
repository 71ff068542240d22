"""Whether a file is still what was written."""

import hashlib
import zipfile
from os import PathLike
from typing import Union


def checksum(path: Union[str, PathLike]) -> str:
    """The SHA-256 of a file."""
    result = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            result.update(block)
    return result.hexdigest()


def is_whole_zip(path: Union[str, PathLike]) -> bool:
    """
    Whether a file is a zip archive, as those that `torch.save` writes, whose members all have the contents that their
    CRCs are of. Damage to a name is not noticed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:  # whatever a damaged directory makes zipfile stumble over
        return False

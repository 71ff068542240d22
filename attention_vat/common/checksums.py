"""Checks whether a file still has the contents that were written."""

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
    Whether a file is a zip archive, such as `torch.save` writes, and the contents of all its members match their CRCs.
    Damage to a name is not detected.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:  # zipfile fails in many ways on a damaged directory
        return False

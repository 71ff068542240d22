"""Hashes by which a finished run is known: of its configuration, the contents of its data, and the code."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from attention_vat.version import VERSION

PACKAGE = Path(__file__).parent.parent
# What a trained model depends on. Reports, commands and the making of data may change without training again.
TRAINING = ("common", "data", "models", "modules", "perturbations", "training")
WITHOUT = ("data/corpora/", "data/selection/")


def config_hash(config: Any) -> str:
    """
    Twelve hexadecimal digits for a configuration. A string that is the absolute path of a file stands for the
    contents of the file, so that the hash changes with the data and not with the place where the data lies.
    """
    return _digest(json.dumps(_with_contents(config), sort_keys=True))


@lru_cache(maxsize=None)
def code_version() -> str:
    """The version of this package and a hash of the source files that training depends on."""
    files = {
        path.relative_to(PACKAGE).as_posix(): path for folder in TRAINING for path in (PACKAGE / folder).rglob("*.py")
    }
    parts = [f"{name} {_contents_hash(str(files[name]))}" for name in sorted(files) if not name.startswith(WITHOUT)]
    return f"{VERSION}-{_digest(' '.join(parts))[:8]}"


def _with_contents(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_contents(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_contents(item) for item in value]
    if isinstance(value, str) and Path(value).is_absolute() and Path(value).is_file():
        return "file:" + _contents_hash(value)
    return value


def _contents_hash(path: str) -> str:
    status = Path(path).stat()
    return _file_hash(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=None)
def _file_hash(path: str, modified: int, size: int) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]

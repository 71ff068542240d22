"""Fingerprints of finished runs: hashes of the configuration, the contents of the data, and the code."""

import ast
import hashlib
import json
from functools import lru_cache
from os.path import isabs, isfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from attention_vat.version import VERSION

PACKAGE = Path(__file__).parent.parent
# Folders with classes that runs take by registered name. Other dependencies are found through their imports.
TRAINING = ("common", "data", "models", "modules", "nn", "regularizers", "training")
EVALUATION = ("interpret",)
# Code that makes data or looks at a single text does not affect a run, unless other code imports it.
WITHOUT = (
    "data/__init__.py",
    "data/corpora/",
    "data/selection/",
    "interpret/__init__.py",
    "interpret/explanation.py",
    "interpret/saliency/",
)


def config_hash(config: Any) -> str:
    """
    Hashes a configuration to twelve hexadecimal digits. A string that is the absolute path of a file stands for the
    contents of the file, so that the hash depends on the data and not on its location.
    """
    return _digest(json.dumps(_with_contents(config), sort_keys=True))


@lru_cache(maxsize=None)
def code_version() -> str:
    """Returns the version of this package and a hash of the source files that a trained model depends on."""
    return _version_of(source_files(TRAINING))


@lru_cache(maxsize=None)
def evaluation_version() -> str:
    """As `code_version`, for the source files that the numbers of a trained model depend on."""
    return _version_of(source_files(EVALUATION))


def source_files(folders: Sequence[str]) -> List[str]:
    """
    Returns the files in these folders of the package and all files of the package that they import, at module level or
    within a function. A name that an `__init__.py` re-exports is followed to the file that defines it, so that the
    other imports of that `__init__.py` do not count.
    """
    todo = [path for folder in folders for path in (PACKAGE / folder).rglob("*.py")]
    todo = [path for path in todo if not _name(path).startswith(WITHOUT)]
    found: Dict[str, Path] = {}
    while todo:
        path = todo.pop()
        if _name(path) not in found:
            found[_name(path)] = path
            todo += [file for imported in _imports(path) for file in _origin(*imported)]
    return sorted(found)


def _imports(path: Path) -> List[Tuple[str, Optional[str]]]:
    """Lists imported modules, each with the name imported from it, if any."""
    return _imports_of(path.read_bytes())


@lru_cache(maxsize=None)
def _imports_of(source: bytes) -> List[Tuple[str, Optional[str]]]:
    found: List[Tuple[str, Optional[str]]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return found


def _origin(module: str, name: Optional[str]) -> List[Path]:
    """Finds the file of the package that defines a module, or a name in it; empty for other packages."""
    top, *parts = module.split(".")
    if top != "attention_vat":
        return []
    place = PACKAGE.joinpath(*parts)
    if name is not None and ((place / name).is_dir() or (place / f"{name}.py").is_file()):
        return _origin(f"{module}.{name}", None)
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    if not file.is_file():
        return []
    handed_on = [other for other, taken in _imports(file) if name is not None and taken == name and place.is_dir()]
    return [origin for other in handed_on for origin in _origin(other, name)] or [file]


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _version_of(names: Sequence[str]) -> str:
    parts = [f"{name} {_contents_hash(str(PACKAGE / name))}" for name in names]
    return f"{VERSION}-{_digest(' '.join(parts))[:8]}"


def _with_contents(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_contents(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_contents(item) for item in value]
    if isinstance(value, str) and isabs(value) and isfile(value):
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

"""
Caches flat arrays on disk.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import Any, Dict, List, Optional

import allennlp
import numpy
import spacy
from allennlp.common import Params, util
from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import cached_path
from torch import distributed

from attention_vat.data.data_loaders.columns import Column
from attention_vat.data.data_loaders.flat_data import FlatData
from attention_vat.data.data_loaders.metadata import LineColumn
from attention_vat.data.data_loaders.sources import ExampleSource, InstanceSource
from attention_vat.version import VERSION

logger = logging.getLogger(__name__)

FORMAT = 2
INDEX = "index.json"
VALUES = "values.json"


class FlatCache:
    """
    One cache entry: a folder with the arrays of all columns, their values, and an index with the size and checksum of
    each file.  The folder is written under a temporary name and then renamed, so an entry is never incomplete.

    # Parameters

    directory : `str`
        The folder of the whole cache, created if it is missing.
    key : `Any`
        Everything that the contents depend on, as JSON values.

    Raises `ConfigurationError` if the directory cannot be written.
    """

    def __init__(self, directory: str, key: Any) -> None:
        self._directory = Path(directory)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self._directory).close()
        except OSError as error:
            raise ConfigurationError(f"cache_dir: {directory} cannot be written ({error.strerror})") from error
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        self._path = self._directory / f"flat-{digest[:32]}"

    @classmethod
    def of(cls, directory: str, source: InstanceSource, data: FlatData) -> Optional["FlatCache"]:
        """
        Returns the entry for a source, or `None` with a warning if it is unknown what its contents depend on.
        """
        reader = source.reader
        problem = None
        if not isinstance(source, ExampleSource):
            problem = f"it does not know what {type(reader).__name__} depends on"
        elif not all(isinstance(column, (Column, LineColumn)) for column in data.columns.values()):
            problem = 'metadata of compressed files is not cached; decompress the file or drop "metadata" from "fields"'
        else:
            try:
                parameters = json.dumps(reader.to_params().as_dict(quiet=True), default=_as_dict, sort_keys=True)
            except NotImplementedError:
                problem = "a tokenizer or token indexer of the reader does not implement to_params"
        if problem is not None:
            logger.warning("The data loader does not use cache_dir: %s.", problem)
            return None
        key = {
            "format": FORMAT,
            "versions": [VERSION, allennlp.__version__, spacy.__version__],
            "reader": parameters,
            "tokenizer": f"{type(reader._tokenizer).__module__}.{type(reader._tokenizer).__qualname__}",
            "columns": list(data.columns),
            "contents": _hash_of_file(str(cached_path(str(source.data_path)))),
            "share": [distributed.get_rank(), distributed.get_world_size()] if util.is_distributed() else [0, 1],
        }
        return cls(directory, key)

    def load(self, data: FlatData) -> Optional[FlatData]:
        """
        Returns the data with the cached arrays, which stay on disk until they are used, or `None` if there is no entry.
        """
        if not self._path.exists():
            return None
        try:
            return self._load(data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("The cached data %s is damaged and will be rebuilt (%s).", self._path, error)
            shutil.rmtree(self._path, ignore_errors=True)
            return None

    def _load(self, data: FlatData) -> FlatData:
        index = json.loads((self._path / INDEX).read_text(encoding="utf-8"))
        for name, expected in index["files"].items():
            if _size_and_checksum(self._path / name) != expected:
                raise ValueError(f"the size or checksum of {name} is wrong")
        values = json.loads((self._path / VALUES).read_text(encoding="utf-8"))
        for column, of_column, arrays in zip(data.columns.values(), values, index["arrays"]):
            mapped = {
                part: numpy.asarray(numpy.load(self._path / name, mmap_mode="r", allow_pickle=False))
                for part, name in arrays.items()
            }
            column.restore(of_column, **mapped)  # type: ignore[union-attr]
        data.size = index["size"]
        return data

    def save(self, data: FlatData) -> None:
        """Writes the entry atomically."""
        aside = Path(tempfile.mkdtemp(prefix=".flat-", dir=self._directory))
        try:
            self._write(data, aside)
            os.rename(aside, self._path)
        except OSError as error:
            # Another process may have written the same entry. Training continues even without one.
            if not self._path.exists():
                logger.warning("cache_dir: %s could not be written (%s).", self._path, error)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    @staticmethod
    def _write(data: FlatData, directory: Path) -> None:
        columns: List[Any] = list(data.columns.values())
        of_columns: List[Dict[str, str]] = []
        for number, column in enumerate(columns):
            names = {part: f"{number}.{part}.npy" for part in column.arrays()}
            for part, array in column.arrays().items():
                numpy.save(directory / names[part], array, allow_pickle=False)
            of_columns.append(names)
        (directory / VALUES).write_text(json.dumps([column.values for column in columns]), encoding="utf-8")
        files = {path.name: _size_and_checksum(path) for path in sorted(directory.iterdir())}
        index = {"size": data.size, "arrays": of_columns, "files": files}
        (directory / INDEX).write_text(json.dumps(index, indent=2), encoding="utf-8")


def _as_dict(params: Params) -> Any:
    return params.as_dict(quiet=True)


def _hash_of_file(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _size_and_checksum(path: Path) -> List[int]:
    checksum = 0
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            checksum = zlib.crc32(block, checksum)
        return [file.tell(), checksum]

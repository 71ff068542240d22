"""
Keeps the metadata of all instances, at no cost until it is accessed.
"""

import os
import pickle
from array import array
from typing import Any, Callable, Dict, List, Sequence, Union, overload

import numpy
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.data.fields import MetadataField

from attention_vat.common.lines import BYTE_ORDER_MARK, Line
from attention_vat.data.data_loaders.columns import NotFlat
from attention_vat.data.dataset_readers.json_lines import JsonLinesReader


class LazyMetadata(Sequence[Any]):
    """
    The metadata of a batch, read on first access.

    # Parameters

    rows : `numpy.ndarray`
        Numbers of instances.
    load : `Callable[[List[int]], List[Any]]`
        Returns their metadata.
    """

    def __init__(self, rows: numpy.ndarray, load: Callable[[List[int]], List[Any]]) -> None:
        self._rows = rows
        self._load = load
        self._items: List[Any] = []

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> List[Any]: ...

    def __getitem__(self, index: Union[int, slice]) -> Any:
        if not self._items:
            self._items = self._load(self._rows.tolist())
        return self._items[index]

    def __repr__(self) -> str:
        return f"<metadata of {len(self)} instances>"


class LineColumn:
    """
    Keeps the offset of each instance's line in an uncompressed file (8 bytes per instance) and reads its metadata from
    there.

    # Parameters

    reader : `JsonLinesReader`
    path : `str`
    """

    field_type = MetadataField

    def __init__(self, reader: JsonLinesReader, path: str) -> None:
        self._reader = reader
        self._path = path
        self._version = self._version_of_file()
        self.values: List[Any] = []
        self._starts = array("q")
        self.offsets = numpy.empty(0)

    def add(self, line: Line) -> None:
        """Remembers where the line of an instance begins."""
        self._starts.append(line.offset)

    def freeze(self) -> None:
        """Packs the offsets into an array."""
        self.restore([], numpy.frombuffer(self._starts, dtype=numpy.int64))

    def arrays(self) -> Dict[str, numpy.ndarray]:
        """Returns the offsets, for a cache."""
        return {"offsets": self.offsets}

    def restore(self, values: List[Any], offsets: numpy.ndarray) -> None:
        """Takes the offsets from a cache."""
        self.offsets = offsets

    def index_with(self, vocab: Vocabulary) -> None:
        """Does nothing: metadata is not indexed."""
        pass

    def batch(self, rows: numpy.ndarray) -> LazyMetadata:
        """Returns the metadata of some instances, which is read on first access."""
        return LazyMetadata(rows, self._load)

    def _load(self, rows: List[int]) -> List[Any]:
        if self._version_of_file() != self._version:
            raise ConfigurationError(f"{self._path}: has changed since it was read; start again")
        with open(self._path, "rb") as file:
            return [self._read(file, int(self.offsets[row])) for row in rows]

    def _read(self, file: Any, offset: int) -> Any:
        file.seek(offset)
        example = self._reader.parse(file.readline().decode("utf-8").lstrip(BYTE_ORDER_MARK))
        assert example is not None
        return self._reader.make_metadata(example)

    def _version_of_file(self) -> Any:
        status = os.stat(self._path)
        return status.st_size, status.st_mtime_ns


class PickledColumn:
    """
    Keeps metadata of any kind as concatenated pickles, which never leave the memory of the process.
    """

    field_type = MetadataField

    def __init__(self, name: str, field: MetadataField) -> None:
        self._name = name
        try:
            self._pickled(field.metadata)
        except ValueError as error:
            raise NotFlat(str(error)) from error
        self._data = bytearray()
        self._ends = array("q", [0])

    def values_of(self, field: MetadataField) -> Any:
        """Returns the metadata of an instance."""
        return field.metadata

    def add(self, metadata: Any) -> None:
        """Adds the metadata of an instance."""
        self._data += self._pickled(metadata)
        self._ends.append(len(self._data))

    def freeze(self) -> None:
        """Does nothing: the metadata is already packed into bytes."""
        pass

    def index_with(self, vocab: Vocabulary) -> None:
        """Does nothing: metadata is not indexed."""
        pass

    def batch(self, rows: numpy.ndarray) -> LazyMetadata:
        """Returns the metadata of some instances."""
        return LazyMetadata(rows, self._load)

    def _pickled(self, metadata: Any) -> bytes:
        try:
            return pickle.dumps(metadata, protocol=4)
        except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
            raise ValueError(f'"{self._name}" cannot be pickled ({error})') from error

    def _load(self, rows: List[int]) -> List[Any]:
        return [pickle.loads(self._data[self._ends[row] : self._ends[row + 1]]) for row in rows]

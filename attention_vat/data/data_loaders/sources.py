"""
Sources of instances for a data loader: any reader, or, faster, the readers of jsonl files.
"""

import io
from typing import Any, Dict, Iterator, List, Optional, Tuple, Type, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import cached_path, open_compressed
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.dataset_readers import DatasetReaderInput
from allennlp.data.fields import MetadataField

from attention_vat.common.lines import Line
from attention_vat.data.data_loaders.columns import CandidatesColumn, LabelColumn, NotFlat, TextColumn
from attention_vat.data.data_loaders.metadata import LineColumn, PickledColumn
from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader
from attention_vat.data.dataset_readers.json_lines import ALIKE, Example, as_strings

AnyColumn = Union[TextColumn, LabelColumn, CandidatesColumn, LineColumn, PickledColumn]
COLUMNS: Dict[Type[Field], Any] = {kind.field_type: kind for kind in (TextColumn, LabelColumn, CandidatesColumn)}

DIFFERENT = object()
"""Stands for a field that the first instance lacks or has with another type."""


class InstanceSource:
    """
    The instances of any reader, one at a time.

    # Parameters

    reader : `DatasetReader`
        Must yield the same instances in the same order each time.
    data_path : `DatasetReaderInput`
    fields : `List[str]`, optional (default = `None`)
        The wanted fields; `None` means all.
    """

    def __init__(self, reader: DatasetReader, data_path: DatasetReaderInput, fields: Optional[List[str]]) -> None:
        self.reader: Any = reader
        self.data_path = data_path
        self.fields = fields

    def items(self) -> Iterator[Any]:
        """Reads the instances one by one."""
        return self.reader.read(self.data_path)

    def instance(self, item: Any) -> Instance:
        """Returns the instance of an item."""
        self.reader.apply_token_indexers(item)
        return item

    def row(self, item: Any, columns: Dict[str, AnyColumn]) -> Dict[str, Any]:
        """
        Returns, for each wanted field of an item, what its column adds.
        """
        row = {}
        for name, field in item.fields.items():
            if self.wants(name):
                column: Any = columns.get(name)
                row[name] = column.values_of(field) if column and type(field) is column.field_type else DIFFERENT
        return row

    def columns(self, first: Instance) -> Dict[str, AnyColumn]:
        """
        Returns empty columns for the wanted fields of the first instance.  Raises `NotFlat` for a field that no column
        supports.
        """
        columns = {name: self._column(name, field) for name, field in first.fields.items() if self.wants(name)}
        if not columns:
            raise ConfigurationError(
                f"data_loader: fields are {self.fields}, but the reader gives {list(first.fields)}."
            )
        return columns

    def wants(self, name: str) -> bool:
        """Whether the loader gives this field to the model."""
        return self.fields is None or name in self.fields

    def _column(self, name: str, field: Any) -> AnyColumn:
        if type(field) is MetadataField:
            return self._metadata_column(name, field)
        if type(field) not in COLUMNS:
            raise NotFlat(f'"{name}" is a {type(field).__name__}')
        return COLUMNS[type(field)](name, field)

    def _metadata_column(self, name: str, field: MetadataField) -> AnyColumn:
        return PickledColumn(name, field)

    def place(self, item: Any, number: int) -> str:
        """
        Returns the place of an item for messages; `number` counts from 1.
        """
        return f"{self.data_path}, instance {number}"


class ExampleSource(InstanceSource):
    """
    The lines of a jsonl file, which become instances only on demand.
    """

    def items(self) -> Iterator[Tuple[Line, Example]]:
        return self.reader.read_examples(str(self.data_path), alike=[name for name in ALIKE if self.wants(name)])

    def instance(self, item: Tuple[Line, Example]) -> Instance:
        return super().instance(self.reader.make_instance(item[1]))

    def row(self, item: Tuple[Line, Example], columns: Dict[str, AnyColumn]) -> Dict[str, Any]:
        line, example = item
        row: Dict[str, Any] = {name: as_strings(words) for name, words in example.texts.items() if self.wants(name)}
        if example.label is not None and self.wants("label"):
            row["label"] = (example.label,)
        if example.candidates is not None and self.wants("candidates"):
            row["candidates"] = example.candidates
        if self.wants("metadata"):
            in_file = isinstance(columns["metadata"], LineColumn)
            row["metadata"] = line if in_file else self.reader.make_metadata(example)
        return row

    def _metadata_column(self, name: str, field: MetadataField) -> AnyColumn:
        with open_compressed(str(self.data_path), mode="rb", encoding=None) as file:
            is_packed = not isinstance(file, io.BufferedReader)
        if is_packed:
            return PickledColumn(name, field)
        return LineColumn(self.reader, str(cached_path(str(self.data_path))))

    def place(self, item: Tuple[Line, Example], number: int) -> str:
        return f"{self.data_path}:{item[0].number}"


def source_of(
    reader: DatasetReader, data_path: DatasetReaderInput, fields: Optional[List[str]] = None
) -> InstanceSource:
    """Returns the source for a reader: lines for `single_sequence` and `pair_sequence`, instances for all others."""
    # A subclass of these readers may read something else.
    has_examples = type(reader) in (SingleSequenceReader, PairSequenceReader)
    return (ExampleSource if has_examples else InstanceSource)(reader, data_path, fields)

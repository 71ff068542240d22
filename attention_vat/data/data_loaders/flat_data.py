from typing import Any, Dict

import numpy
from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict, Vocabulary

from attention_vat.data.data_loaders.columns import LabelColumn, TextColumn
from attention_vat.data.data_loaders.sources import DIFFERENT, AnyColumn


class FlatData:
    """
    Holds all instances, with a column for each field.
    """

    def __init__(self, columns: Dict[str, AnyColumn]) -> None:
        self.columns = columns
        self.size = 0

    def add(self, row: Dict[str, Any]) -> None:
        """
        Adds an instance.  Raises a `ValueError` if its fields differ from those of the first one.
        """
        if row.keys() != self.columns.keys() or any(values is DIFFERENT for values in row.values()):
            raise ValueError(
                f"the fields {list(row)} differ from the first instance's {list(self.columns)} in name or type, so "
                'both cannot be in one batch; if some are not needed, list the others in the data loader\'s "fields"'
            )
        for name, values in row.items():
            self.columns[name].add(values)
        self.size += 1

    def freeze(self) -> None:
        """Packs the values of all columns into arrays."""
        for column in self.columns.values():
            column.freeze()

    def index_with(self, vocab: Vocabulary) -> None:
        """Indexes all columns with a vocabulary."""
        for column in self.columns.values():
            column.index_with(vocab)

    def lengths(self, sorting_key: str) -> numpy.ndarray:
        """
        Returns the lengths of the texts in a field.

        Raises `ConfigurationError` if the field is not a text.
        """
        column = self.columns.get(sorting_key)
        if not isinstance(column, (TextColumn, LabelColumn)):
            texts = [name for name, column in self.columns.items() if isinstance(column, TextColumn)]
            raise ConfigurationError(f'batch_sampler: sorting_keys has "{sorting_key}", but the texts are {texts}.')
        return column.lengths()

    def batch(self, rows: numpy.ndarray) -> TensorDict:
        """Returns the tensors of some instances, by field name."""
        return {name: column.batch(rows) for name, column in self.columns.items()}

"""
Keeps the fields of all instances as arrays, one column per field.
"""

from array import array
from typing import Any, Dict, Iterable, List, Sequence, Type

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Field, TextFieldTensors, Vocabulary
from allennlp.data.fields import LabelField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer, TokenIndexer

from attention_vat.common.vocabulary import indices_of
from attention_vat.data.fields import CandidatesField


class NotFlat(ConfigurationError):
    """
    Raised for data or options that flat arrays do not support; the message says which and why.
    """


class Numbering(Dict[Any, int]):
    """
    Numbers values from 1 in the order of their first look-up.
    """

    def __missing__(self, value: Any) -> int:
        number = self[value] = len(self) + 1
        return number


class Column:
    """
    The values of one field in all instances.  Distinct values are numbered in the order in which they appear, so the
    arrays do not depend on a vocabulary: a small table maps these numbers to its indices.

    Add all values first, then call `freeze`, then `index_with` and `batch`.

    # Attributes

    values : `List[Any]`
        The distinct values; number 1 is the first of them.
    numbers : `numpy.ndarray`
        The numbers of all instances, concatenated, `int32`.  The first is 0, for padding.
    offsets : `numpy.ndarray`
        The numbers of instance `i` are `numbers[offsets[i]:offsets[i + 1]]`, `int64`.
    """

    field_type: Type[Field]

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: List[Any] = []
        self._numbering = Numbering()
        self._numbers = array("i", [0])
        self._offsets = array("q", [1])
        self.numbers = self.offsets = numpy.empty(0)

    def values_of(self, field: Any) -> Iterable[Any]:
        """Returns the values of the field in an instance."""
        raise NotImplementedError

    def add(self, values: Iterable[Any]) -> None:
        """Adds the values of one instance."""
        self._numbers.extend(map(self._numbering.__getitem__, values))
        self._offsets.append(len(self._numbers))

    def freeze(self) -> None:
        """Packs the values into arrays, after the last instance."""
        self.restore(
            list(self._numbering),
            numpy.frombuffer(self._numbers, dtype=numpy.int32),
            numpy.frombuffer(self._offsets, dtype=numpy.int64),
        )
        self._numbering = Numbering()

    def arrays(self) -> Dict[str, numpy.ndarray]:
        """Returns the arrays by name, for a cache."""
        return {"numbers": self.numbers, "offsets": self.offsets}

    def restore(self, values: List[Any], numbers: numpy.ndarray, offsets: numpy.ndarray) -> None:
        """
        Sets the final values and arrays; the arrays may be memory-mapped.
        """
        self.values, self.numbers, self.offsets = values, numbers, offsets

    def index_with(self, vocab: Vocabulary) -> None:
        """Maps the values to the indices of a vocabulary."""
        raise NotImplementedError

    def batch(self, rows: numpy.ndarray) -> Any:
        """
        Returns what the field's own `batch_tensors` gives for these instances.
        """
        raise NotImplementedError

    def lengths(self) -> numpy.ndarray:
        """Returns the number of words in each text, for samplers."""
        return numpy.diff(self.offsets)

    def padded(self, rows: numpy.ndarray) -> numpy.ndarray:
        """
        Returns the numbers of some instances, padded with 0, of shape `(len(rows), length of the longest)`.
        """
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        steps = numpy.arange(lengths.max(initial=0))
        positions = starts[:, None] + steps
        positions[steps >= lengths[:, None]] = 0
        return self.numbers[positions]

    def _indices(self, values: Iterable[str], vocab: Vocabulary, namespace: str) -> List[int]:
        known = indices_of(vocab, namespace)
        unknown = known.get(vocab._oov_token)
        indices = [known.get(value, unknown) for value in values]
        if None in indices:
            raise ConfigurationError(
                f'"{self.name}": "{self.values[indices.index(None)]}" is not in the vocabulary "{namespace}"; '
                f'leave "{self.name}" out of the data loader\'s "fields" if it is not needed'
            )
        return indices  # type: ignore[return-value]


class TextColumn(Column):
    """
    Texts with indexers of type `single_id`.  All indexers share the numbers; each has its own table.
    """

    field_type = TextField

    def __init__(self, name: str, field: TextField) -> None:
        super().__init__(name)
        self._indexers: Dict[str, TokenIndexer] = field.token_indexers
        for indexer in self._indexers.values():
            _check_indexer(name, indexer)

    def values_of(self, field: TextField) -> Iterable[str]:
        return [token.text for token in field.tokens]

    def index_with(self, vocab: Vocabulary) -> None:
        self._tables = {key: self._table(indexer, vocab) for key, indexer in self._indexers.items()}

    def _table(self, indexer: Any, vocab: Vocabulary) -> numpy.ndarray:
        words = map(str.lower, self.values) if indexer.lowercase_tokens else self.values
        return _as_array([0, *self._indices(words, vocab, indexer.namespace)])

    def batch(self, rows: numpy.ndarray) -> TextFieldTensors:
        numbers = self.padded(rows)
        return {
            key: {"tokens": _widened(table[numbers], self._indexers[key]._token_min_padding_length)}
            for key, table in self._tables.items()
        }


class LabelColumn(Column):
    """
    One label for each instance.
    """

    field_type = LabelField

    def __init__(self, name: str, field: LabelField) -> None:
        super().__init__(name)
        self._namespace = field._label_namespace
        self._skip_indexing = field._skip_indexing

    def values_of(self, field: LabelField) -> Iterable[Any]:
        if field._label_namespace != self._namespace or field._skip_indexing != self._skip_indexing:
            raise ValueError(f'"{self.name}" differs from the first instance in its namespace or skip_indexing')
        return (field.label,)

    def index_with(self, vocab: Vocabulary) -> None:
        indices = self.values if self._skip_indexing else self._indices(self.values, vocab, self._namespace)
        self._table = _as_array([0, *indices])

    def batch(self, rows: numpy.ndarray) -> torch.Tensor:
        return torch.from_numpy(self._table[self.numbers[self.offsets[rows]]])


class CandidatesColumn(Column):
    """
    A set of labels for each instance; labels that are not in the vocabulary are ignored.
    """

    field_type = CandidatesField

    def __init__(self, name: str, field: CandidatesField) -> None:
        super().__init__(name)
        self._namespace = field._label_namespace

    def values_of(self, field: CandidatesField) -> Sequence[Any]:
        return field.labels

    def index_with(self, vocab: Vocabulary) -> None:
        # Padding and unknown labels go to an extra column after the last label, which is then cut off.
        known = indices_of(vocab, self._namespace)
        self._num_labels = len(known)
        self._table = _as_array([self._num_labels, *(known.get(value, self._num_labels) for value in self.values)])

    def batch(self, rows: numpy.ndarray) -> torch.Tensor:
        tensor: numpy.ndarray = numpy.zeros((len(rows), self._num_labels + 1), dtype=numpy.int64)
        numpy.put_along_axis(tensor, self._table[self.padded(rows)], 1, axis=1)
        return torch.from_numpy(tensor[:, : self._num_labels])


def _check_indexer(name: str, indexer: TokenIndexer) -> None:
    problem = None
    if type(indexer) is not SingleIdTokenIndexer:
        problem = f"is indexed by {type(indexer).__name__}"
    elif indexer._feature_name != "text" or indexer.namespace is None:
        problem = "is not indexed by its words"
    elif indexer._start_tokens or indexer._end_tokens:
        problem = "has start_tokens or end_tokens"
    if problem:
        raise NotFlat(f'"{name}" {problem}')


def _as_array(indices: List[int]) -> numpy.ndarray:
    return numpy.array(indices, dtype=numpy.int64)


def _widened(indices: numpy.ndarray, width: int) -> torch.Tensor:
    tensor = torch.from_numpy(indices)
    missing = width - tensor.size(1)
    return torch.nn.functional.pad(tensor, (0, missing)) if missing > 0 else tensor

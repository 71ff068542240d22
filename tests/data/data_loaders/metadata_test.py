import json
import os
import threading

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Token
from allennlp.data.fields import MetadataField
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.data_loaders.columns import NotFlat
from attention_vat.data.data_loaders.metadata import LazyMetadata, LineColumn, PickledColumn
from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader
from tests.data.storable_test import storable


def rows(*numbers):
    return numpy.array(numbers, dtype=numpy.int64)


def line_column(reader, path):
    column = LineColumn(reader, str(path))
    for line, _ in reader.read_examples(str(path)):
        column.add(line)
    column.freeze()
    return column


def pickled_column(*values):
    column = PickledColumn("metadata", MetadataField(values[0]))
    for value in values:
        column.add(value)
    column.freeze()
    return column


def test_nothing_is_loaded_until_somebody_looks_and_then_only_once():
    loaded = []
    metadata = LazyMetadata(rows(3, 1, 2), lambda numbers: loaded.append(numbers) or [f"m{n}" for n in numbers])
    assert (len(metadata), repr(metadata)) == (3, "<metadata of 3 instances>")
    assert loaded == []
    assert list(metadata) == ["m3", "m1", "m2"]
    assert (metadata[-1], metadata[:2]) == ("m2", ["m3", "m1"])
    assert loaded == [[3, 1, 2]]


def test_the_metadata_of_nobody():
    metadata = LazyMetadata(rows(), lambda numbers: [])
    assert (len(metadata), list(metadata), metadata[:1]) == (0, [], [])
    with pytest.raises(IndexError):
        metadata[0]


@given(st.lists(st.tuples(storable, st.integers() | st.none() | st.text(max_size=4)), min_size=1, max_size=6))
def test_lines_are_found_again_in_any_order(tmp_path_factory, examples):
    path = tmp_path_factory.mktemp("lines") / "data.jsonl"
    lines = [json.dumps({"tokens": [word], "né": value}, ensure_ascii=False) for word, value in examples]
    path.write_bytes("\n\r\n".join(lines).encode())
    column = line_column(SingleSequenceReader(), path)
    order = list(range(len(examples)))[::-1]
    assert list(column.batch(rows(*order))) == [{"tokens": [examples[n][0]], "né": examples[n][1]} for n in order]


def test_a_line_costs_8_bytes_and_can_be_restored_from_them(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text("".join(f'{{"premise": "a", "hypothesis": "b", "candidates": ["{n}"]}}\n' for n in range(4)))
    column = line_column(PairSequenceReader(), path)
    assert column.arrays()["offsets"].nbytes == 4 * 8
    restored = LineColumn(PairSequenceReader(), str(path))
    restored.restore(column.values, **column.arrays())
    assert list(restored.batch(rows(3))) == [{"candidates": ["3"], "premise_tokens": ["a"], "hypothesis_tokens": ["b"]}]


def test_a_file_with_two_byte_order_marks(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes('\ufeff\ufeff{"tokens": ["é"]}\n'.encode())
    assert list(line_column(SingleSequenceReader(), path).batch(rows(0))) == [{"tokens": ["é"]}]


def written_again(path):
    path.write_text('{"text": "b"}\n')
    os.utime(path, ns=(0, 0))


def written_on(path):
    status = path.stat()
    with path.open("a") as file:
        file.write('{"text": ')
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("change", [written_again, written_on])
def test_a_file_that_changes_is_not_looked_into(tmp_path, change):
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "a"}\n')
    batch = line_column(SingleSequenceReader(), path).batch(rows(0))
    change(path)
    with pytest.raises(ConfigurationError, match="data.jsonl: has changed since it was read; start again$"):
        batch[0]


def test_any_metadata_can_be_pickled_and_comes_in_any_order():
    values = [("a", 10**40), {"x": {1: torch.tensor([1, 2])}}, None, Token("né"), "\ud800", {}]
    batch = pickled_column(*values).batch(rows(5, 4, 3, 2, 1, 0, 3))
    assert str(list(batch)) == str([*values[::-1], values[3]])


def test_pickled_metadata_is_that_of_the_moment_and_each_look_has_its_own():
    metadata = {"words": ["a"]}
    column = pickled_column(metadata)
    metadata["words"].append("b")
    column.batch(rows(0))[0]["words"].append("c")
    assert column.batch(rows(0))[0] == {"words": ["a"]}


def deep(depth=10**5):
    value = []
    for _ in range(depth):
        value = [value]
    return value


NOT_PICKLED = [lambda: 0, (lambda: lambda: 0)(), threading.Lock(), deep()]


@pytest.mark.parametrize("number", range(len(NOT_PICKLED)))
def test_metadata_that_cannot_be_pickled_is_not_flat(number):
    with pytest.raises(NotFlat, match=r'^"metadata" cannot be pickled \(.+\)$'):
        pickled_column({"value": NOT_PICKLED[number]})


@pytest.mark.parametrize("number", range(len(NOT_PICKLED)))
def test_a_later_instance_whose_metadata_cannot_be_pickled_leaves_no_trace(number):
    column = pickled_column("first")
    with pytest.raises(ValueError, match=r'^"metadata" cannot be pickled \(.+\)$'):
        column.add({"value": NOT_PICKLED[number]})
    column.add("second")
    assert list(column.batch(rows(0, 1))) == ["first", "second"]

"""Arrays on disk are used when they are the right ones and whole, and else made again."""

import json
import logging
import os
import shutil

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.data.tokenizers import WhitespaceTokenizer

from attention_vat.data.data_loaders import FlatDataLoader
from attention_vat.data.data_loaders import cache as cache_module
from attention_vat.data.data_loaders.flat_data import FlatData
from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader

PAIRS = "fixtures/pairs.jsonl"


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.jsonl"
    lines = [
        {"text": "b c é", "label": "x", "id": 4},
        {"tokens": ["A", "\u200d"], "label": "y"},
        {"text": "", "label": "x"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def batches(reader, path, cache_dir, **options):
    loader = FlatDataLoader(reader, path, batch_size=2, quiet=True, cache_dir=str(cache_dir), **options)
    loader.index_with(Vocabulary.from_instances(reader.read(path)))
    return [
        {name: list(value) if name == "metadata" else str(value) for name, value in batch.items()} for batch in loader
    ]


def entries(cache_dir):
    return sorted(path.name for path in cache_dir.iterdir())


@pytest.fixture
def reading(monkeypatch):
    """How many instances were added to flat data, that is, did not come from the cache."""
    count = []
    add = FlatData.add
    monkeypatch.setattr(FlatData, "add", lambda self, row: (count.append(1), add(self, row)))
    return count


@pytest.mark.parametrize("pairs", [False, True])
def test_a_second_run_reads_nothing(data, tmp_path, reading, pairs):
    reader, path = (PairSequenceReader(), PAIRS) if pairs else (SingleSequenceReader(), data)
    first = batches(reader, path, tmp_path / "cache")
    assert len(reading) == len(list(reader.read(path)))
    reading.clear()
    assert batches(reader, path, tmp_path / "cache") == first
    assert not reading
    assert len(entries(tmp_path / "cache")) == 1, "nothing else is left behind"


def test_the_arrays_stay_on_disk(data, tmp_path):
    batches(SingleSequenceReader(), data, tmp_path / "cache")
    loader = FlatDataLoader(SingleSequenceReader(), data, batch_size=2, cache_dir=str(tmp_path / "cache"))
    numbers = loader._data.columns["tokens"].numbers
    assert isinstance(numbers.base, numpy.memmap)


def test_an_entry_belongs_to_contents_and_not_to_a_path_or_a_vocabulary(data, tmp_path, reading):
    first = batches(SingleSequenceReader(), data, tmp_path / "cache")
    shutil.copy(data, tmp_path / "elsewhere.jsonl")
    reading.clear()
    assert batches(SingleSequenceReader(), str(tmp_path / "elsewhere.jsonl"), tmp_path / "cache") == first
    loader = FlatDataLoader(SingleSequenceReader(), data, batch_size=3, cache_dir=str(tmp_path / "cache"))
    loader.index_with(Vocabulary({"tokens": {"A": 1}, "labels": {"y": 1, "x": 1}}))
    (batch,) = loader
    assert batch["tokens"]["tokens"]["tokens"].tolist() == [[1, 1, 1], [2, 1, 0], [0, 0, 0]]
    assert not reading


@pytest.mark.parametrize(
    "other",
    [
        {"max_instances": 2},
        {"max_tokens": 1},
        {"min_tokens": 1},
        {"boundary_tokens": True},
        {"tokenizer": WhitespaceTokenizer()},
    ],
)
def test_other_parameters_make_another_entry(data, tmp_path, other):
    batches(SingleSequenceReader(), data, tmp_path / "cache")
    reader = SingleSequenceReader(**other)
    loaded = batches(reader, data, tmp_path / "cache")
    assert loaded == batches(reader, data, tmp_path / "empty")
    assert len(entries(tmp_path / "cache")) == 2


def test_other_contents_fields_and_versions_make_another_entry(data, tmp_path, monkeypatch, reading):
    cache = tmp_path / "cache"
    batches(SingleSequenceReader(), data, cache)
    assert "metadata" not in batches(SingleSequenceReader(), data, cache, fields=["tokens"])[0]
    status = os.stat(data)
    with open(data, "r+") as file:  # of the same size and age
        file.write('{"text": "d')
    os.utime(data, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert os.stat(data).st_size == status.st_size
    assert batches(SingleSequenceReader(), data, cache)[0]["metadata"][0]["tokens"][0] == "d"
    monkeypatch.setattr(cache_module, "VERSION", "another")
    batches(SingleSequenceReader(), data, cache)
    assert len(entries(cache)) == 4


def damages():
    def cut(path):
        os.truncate(path, os.path.getsize(path) - 1)

    def flip(path):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)

    return [cut, flip, os.remove]


@pytest.mark.parametrize("damage", damages(), ids=lambda damage: damage.__name__)
def test_a_damaged_entry_is_made_anew(data, tmp_path, damage, caplog, reading):
    cache = tmp_path / "cache"
    first = batches(SingleSequenceReader(), data, cache)
    (entry,) = cache.iterdir()
    for name in entries(entry):
        if name == "index.json" and damage.__name__ == "flip":
            continue  # white space at the end may change
        damage(entry / name)
        reading.clear()
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert batches(SingleSequenceReader(), data, cache) == first
        assert len(reading) == 3
        assert "is damaged and will be rebuilt" in caplog.text
        assert entries(cache) == [entry.name]


def test_a_process_that_is_killed_leaves_no_entry(data, tmp_path, monkeypatch):
    cache = tmp_path / "cache"

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cache_module.os, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            batches(SingleSequenceReader(), data, cache)
    assert entries(cache) == []


def test_two_processes_may_write_the_same_entry(data, tmp_path):
    cache = tmp_path / "cache"
    loaders = [FlatDataLoader(SingleSequenceReader(), data, batch_size=2, cache_dir=str(cache)) for _ in range(2)]
    assert [len(loader) for loader in loaders] == [2, 2]
    assert len(entries(cache)) == 1


def test_a_disk_that_is_full_does_not_stop_the_run(data, tmp_path, monkeypatch, caplog):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_module.numpy, "save", full)
    with caplog.at_level(logging.WARNING):
        assert len(batches(SingleSequenceReader(), data, tmp_path / "cache")) == 2
    assert "could not be written" in caplog.text
    assert entries(tmp_path / "cache") == []


def test_a_directory_that_cannot_be_written(data, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cache_dir: .*file cannot be written"):
        batches(SingleSequenceReader(), data, tmp_path / "file")


class OwnTokenizer(WhitespaceTokenizer):
    def _to_params(self):
        raise NotImplementedError


class OwnReader(SingleSequenceReader):
    pass


@pytest.mark.parametrize(
    ("reader", "packed", "message"),
    [
        (OwnReader(), False, "it does not know what OwnReader depends on"),
        (SingleSequenceReader(OwnTokenizer()), False, "does not implement to_params"),
        (SingleSequenceReader(), True, "metadata of compressed files is not cached"),
    ],
)
def test_what_is_not_cached(reader, packed, message, data, tmp_path, caplog):
    if packed:
        import gzip

        with open(data, "rb") as file, gzip.open(data + ".gz", "wb") as output:
            output.write(file.read())
        data += ".gz"
    with caplog.at_level(logging.WARNING):
        assert len(batches(reader, data, tmp_path / "cache")) == 2
    assert message in caplog.text
    assert not (tmp_path / "cache").exists()

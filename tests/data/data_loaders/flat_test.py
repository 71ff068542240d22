"""The same batches as AllenNLP's loader, for every option and every kind of data that both take."""

import copy
import gzip
import json
import logging
import random
from itertools import islice
from pathlib import Path

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DataLoader, DatasetReader, Instance, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers import TextClassificationJsonReader
from allennlp.data.fields import LabelField, ListField, MetadataField, TextField
from allennlp.data.samplers import BucketBatchSampler, MaxTokensBatchSampler
from allennlp.data.token_indexers import SingleIdTokenIndexer, TokenCharactersIndexer
from allennlp.data.tokenizers import Token, WhitespaceTokenizer
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.data_loaders import FlatDataLoader
from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader
from attention_vat.data.fields import CandidatesField

EXAMPLE = "fixtures/example/train.jsonl"
PAIRS = "fixtures/pairs.jsonl"


def bucket(**options):
    return {"batch_sampler": BucketBatchSampler(**{"batch_size": 5, "sorting_keys": ["tokens"], **options})}


def both(reader, path, vocab=None, **options):
    """A flat loader and AllenNLP's, which share nothing, not even a sampler."""
    loaders = [
        kind(reader, path, quiet=True, **copy.deepcopy(options)) for kind in (FlatDataLoader, MultiProcessDataLoader)
    ]
    for loader in loaders:
        loader.index_with(vocab or Vocabulary.from_instances(loader.iter_instances()))
    return loaders


def epochs(loader, count=3, seed=3):
    random.seed(seed)
    batches = [batch for _ in range(count) for batch in loader]
    return batches, random.random()


def assert_same(ours, theirs):
    assert type(theirs) is type(ours) or isinstance(theirs, list)
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key in theirs:
            assert_same(ours[key], theirs[key])
    elif isinstance(theirs, torch.Tensor):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        assert torch.equal(ours, theirs)
    else:
        assert list(ours) == theirs


def assert_same_epochs(loaders, **options):
    assert [len(loader) for loader in loaders] == [len(loaders[1])] * 2
    (ours, ours_then), (theirs, theirs_then) = (epochs(loader, **options) for loader in loaders)
    assert len(ours) == len(theirs) > 0
    for one, other in zip(ours, theirs):
        assert_same(one, other)
    assert ours_then == theirs_then, "the generator is somewhere else"


@pytest.mark.parametrize(
    "options",
    [
        bucket(),
        bucket(padding_noise=0.0),
        bucket(padding_noise=0.6, drop_last=True),
        bucket(shuffle=False),
        bucket(sorting_keys=None),
        bucket(sorting_keys=["label"]),
        bucket(sorting_keys=["tokens", "label"]),
        {"batch_size": 7},
        {"batch_size": 7, "shuffle": True},
        {"batch_size": 7, "shuffle": True, "drop_last": True},
        {"batch_size": 1000},
        {"batch_size": 7, "shuffle": True, "batches_per_epoch": 4},
        {"batches_per_epoch": 17, **bucket()},
    ],
)
def test_every_way_of_batching(options):
    assert_same_epochs(both(SingleSequenceReader(max_instances=53), EXAMPLE, **options))


def test_max_tokens_sampler():
    sampler = MaxTokensBatchSampler(max_tokens=60, sorting_keys=["tokens"])
    loaders = both(SingleSequenceReader(max_instances=53), EXAMPLE, batch_sampler=sampler)
    (ours, ours_then), (theirs, theirs_then) = map(epochs, loaders)
    for one, other in zip(ours, theirs):
        assert_same(one, other)
    assert len(ours) == len(theirs)
    assert ours_then == theirs_then
    random.seed(1)
    expected = len(loaders[1]), random.random()
    random.seed(1)
    assert (len(loaders[0]), random.random()) == expected, "AllenNLP draws to find the length"


@pytest.mark.parametrize(
    ("reader", "path"),
    [
        (SingleSequenceReader(), "fixtures/readers/single_sequence.jsonl"),
        (SingleSequenceReader(max_instances=40, min_tokens=6, max_tokens=9, boundary_tokens=True), EXAMPLE),
        (
            SingleSequenceReader(
                max_instances=20,
                token_indexers={
                    "tokens": SingleIdTokenIndexer(lowercase_tokens=True, token_min_padding_length=12),
                    "cased": SingleIdTokenIndexer(namespace="cased"),
                },
            ),
            EXAMPLE,
        ),
        (PairSequenceReader(), PAIRS),
        (
            PairSequenceReader(
                max_premise_tokens=4,
                max_hypothesis_tokens=2,
                boundary_tokens=True,
                hypothesis_token_indexers={"tokens": SingleIdTokenIndexer(namespace="hypothesis")},
            ),
            PAIRS,
        ),
    ],
    ids=["odd lines", "limits", "indexers", "pairs", "pairs with limits"],
)
def test_our_readers(reader, path, tmp_path):
    if "readers" in path:  # its third line has no label
        first, second, *_ = Path(path).read_text(encoding="utf-8").splitlines()
        path = str(tmp_path / "two.jsonl")
        Path(path).write_bytes(f"\ufeff\r\n{first}\r\n\n{second}".encode())
    key = "premise" if isinstance(reader, PairSequenceReader) else "tokens"
    assert_same_epochs(both(reader, path, **bucket(sorting_keys=[key])))


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_candidates_rationales_and_unknown_words(suffix, tmp_path):
    path = tmp_path / f"data.jsonl{suffix}"
    lines = [
        {"premise": "a b c", "hypothesis": "b", "label": "x", "candidates": ["x", "y"], "rationale": [1, 0, 0]},
        {"premise": ["", "né", "B"], "hypothesis": [], "label": 7, "candidates": ["7"]},
        {"premise": "", "hypothesis": "new", "label": "y", "candidates": ["never", "7", "y", "y"], "id": None},
    ]
    with (gzip.open if suffix else open)(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    vocab = Vocabulary({"tokens": {"a": 1, "b": 2}, "labels": {"x": 1, "y": 1, "7": 1}})
    assert_same_epochs(both(PairSequenceReader(), str(path), vocab, batch_size=2, shuffle=True))


def test_texts_without_words_and_without_padding(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"tokens": [], "label": 0}\n' * 3 + '{"tokens": ["a"], "label": 1}\n')
    reader = SingleSequenceReader(token_indexers={"tokens": SingleIdTokenIndexer()})
    loaders = both(reader, str(path), batch_size=3)
    assert_same_epochs(loaders)
    assert next(iter(loaders[0]))["tokens"]["tokens"]["tokens"].shape == (3, 0)


@pytest.mark.parametrize("skip_label_indexing", [False, True])
def test_a_reader_of_allennlp(skip_label_indexing, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps({"text": "a b " * n, "label": n % 3}) + "\n" for n in range(1, 20)))
    reader = TextClassificationJsonReader(
        tokenizer=WhitespaceTokenizer(), skip_label_indexing=skip_label_indexing, max_instances=17
    )
    assert_same_epochs(both(reader, str(path), **bucket()))


class AnyFields(DatasetReader):
    """Instances of fields that are given."""

    def __init__(self, *fields):
        super().__init__()
        self.fields = fields

    def _read(self, file_path):
        for fields in self.fields:
            yield Instance(dict(fields))


def text(words, indexers=None):
    return TextField([Token(word) for word in words.split()], indexers or {"tokens": SingleIdTokenIndexer()})


class OwnSampler(BucketBatchSampler):
    pass


@pytest.mark.parametrize(
    ("reader", "sampler", "message"),
    [
        (AnyFields({"x": ListField([LabelField("a")])}), None, '"x" is a ListField'),
        (
            AnyFields({"t": text("a", {"c": TokenCharactersIndexer()})}),
            None,
            '"t" is indexed by TokenCharactersIndexer',
        ),
        (AnyFields({"t": text("a", {"c": SingleIdTokenIndexer(feature_name="tag_")})}), None, "indexed by its words"),
        (AnyFields({"t": text("a", {"c": SingleIdTokenIndexer(end_tokens=["x"])})}), None, "start_tokens or end_tok"),
        (AnyFields({"t": text("a"), "m": MetadataField(lambda: 0)}), None, '"m" cannot be pickled'),
        (AnyFields({"t": text("a")}), OwnSampler(2, ["t"]), "the batch_sampler is a OwnSampler"),
    ],
)
def test_falls_back_with_a_message(reader, sampler, message, caplog):
    with caplog.at_level(logging.WARNING):
        loader = FlatDataLoader.build(reader, "", batch_size=None if sampler else 2, batch_sampler=sampler)
    assert isinstance(loader, MultiProcessDataLoader)
    assert message in caplog.text


def test_is_built_from_a_config():
    params = Params({"type": "flat", "batch_size": 3, "drop_last": True, "fields": ["tokens"]})
    loader = DataLoader.from_params(params, reader=SingleSequenceReader(max_instances=10), data_path=EXAMPLE)
    assert isinstance(loader, FlatDataLoader)
    loader.index_with(Vocabulary())
    assert [list(batch) for batch in loader] == [["tokens"]] * 3
    loader.set_target_device(torch.device("cpu"))
    assert len(list(loader)) == len(loader) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "batch_size is None"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2, "batches_per_epoch": 0}, "batches_per_epoch is 0"),
        ({**bucket(), "batch_size": 2}, "batch_sampler excludes"),
        ({"batch_size": 2, "fields": ["words"]}, r"fields are \['words'\], but the reader gives \['tokens', 'label'"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ConfigurationError, match=message):
        FlatDataLoader(SingleSequenceReader(), EXAMPLE, **options)


def indexed(*arguments, **options):
    loader = FlatDataLoader(*arguments, quiet=True, **options)
    loader.index_with(Vocabulary())
    return loader


@pytest.mark.parametrize(
    "lines", [['{"text": "a", "label": 1}', '{"text": "b"}'], ['{"text": "a"}', '{"text": "b", "label": 1}']]
)
def test_instances_that_differ(lines, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigurationError, match=r"data.jsonl:[12]: has no label, but line [12] has;"):
        indexed(SingleSequenceReader(), str(path), batch_size=1)
    assert len(indexed(SingleSequenceReader(), str(path), batch_size=1, fields=["tokens"])) == 2


def test_instances_of_any_reader_that_differ():
    reader = AnyFields({"x": LabelField("a")}, {"x": text("a")})
    with pytest.raises(ConfigurationError, match="instance 2: the fields"):
        indexed(reader, "", batch_size=1)


def test_broken_lines_are_named_before_training(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "a"}\n{"text": 3}\n')
    with pytest.raises(ConfigurationError, match='data.jsonl:2: "text" must be a string'):
        indexed(SingleSequenceReader(), str(path), batch_size=1)


def test_no_instances(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text("\n")
    with pytest.raises(ConfigurationError, match="data.jsonl: holds nothing to read"):
        FlatDataLoader(SingleSequenceReader(), str(path), batch_size=1)
    with pytest.raises(ConfigurationError, match="nowhere: the reader finds no instances in it"):
        FlatDataLoader(AnyFields(), "nowhere", batch_size=1)


def test_it_needs_a_vocabulary():
    with pytest.raises(ConfigurationError, match="call index_with first"):
        next(iter(FlatDataLoader(SingleSequenceReader(), EXAMPLE, batch_size=1)))


def test_a_second_vocabulary_replaces_the_first():
    loader = indexed(SingleSequenceReader(max_instances=4), "fixtures/example/unlabeled.jsonl", batch_size=4)
    (before,) = loader
    assert before["tokens"]["tokens"]["tokens"].max() == 1
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    (after,) = loader
    assert after["tokens"]["tokens"]["tokens"].max() > 1


class OfAnyKind(SingleSequenceReader):
    """Another type, so it is read as any reader is."""


@pytest.mark.parametrize("max_instances", [None, 11])
@pytest.mark.parametrize("kind", [SingleSequenceReader, OfAnyKind])
def test_each_process_keeps_its_share(kind, max_instances, monkeypatch, tmp_path):
    path = str(tmp_path / "data.jsonl")
    with open(EXAMPLE, encoding="utf-8") as example, open(path, "w", encoding="utf-8") as file:
        file.writelines(islice(example, 50))
    vocab = Vocabulary.from_instances(SingleSequenceReader().read(path))
    sizes = []
    monkeypatch.setattr("allennlp.common.util.is_distributed", lambda: True)
    monkeypatch.setattr("torch.distributed.get_world_size", lambda: 3)
    for rank in range(3):
        monkeypatch.setattr("torch.distributed.get_rank", lambda rank=rank: rank)
        for _ in range(2):  # the second time from the cache
            options = {"batch_size": 4, "shuffle": True}
            ours = FlatDataLoader(kind(max_instances=max_instances), path, cache_dir=str(tmp_path), **options)
            ours.index_with(vocab)
            theirs = MultiProcessDataLoader(kind(max_instances=max_instances), path, **options)
            theirs.index_with(vocab)
            assert_same_epochs([ours, theirs], count=1)
        sizes.append(ours._data.size)
    assert sum(sizes) == (max_instances or 50)
    assert max(sizes) - min(sizes) <= 1


class CountingReader(OfAnyKind):
    reads = 0

    def _read(self, file_path):
        CountingReader.reads += 1
        return super()._read(file_path)


def test_a_slow_reader_is_read_once_for_vocabulary_and_batches():
    CountingReader.reads = 0
    loader = FlatDataLoader(CountingReader(max_instances=9), EXAMPLE, batch_size=4)
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    assert len(list(loader)) == 3
    assert CountingReader.reads == 2, "once for the first instance alone"
    # An iteration that nobody finished does not count.
    loader = FlatDataLoader(CountingReader(max_instances=9), EXAMPLE, batch_size=4)
    assert len(list(islice(loader.iter_instances(), 2))) == 2
    assert len(loader) == 3


def test_iter_instances_gives_real_ones_and_indexes_them():
    reader = SingleSequenceReader(max_instances=5)
    expected = list(reader.read(EXAMPLE))
    loader = FlatDataLoader(reader, EXAMPLE, batch_size=2, fields=["tokens"])
    for _ in range(2):
        found = list(loader.iter_instances())
        assert [instance.human_readable_dict() for instance in found] == [i.human_readable_dict() for i in expected]
        assert not any(instance.indexed for instance in found)
        loader.index_with(Vocabulary({"labels": {"0": 1, "1": 1}}))
        assert all(instance.indexed for instance in loader.iter_instances())
        loader = FlatDataLoader(reader, EXAMPLE, batch_size=2)


@pytest.mark.parametrize("taken", [0, 1, 3, 4, 11])
def test_goes_on_where_it_was_with_batches_per_epoch(taken):
    """4 batches a pass and 3 an epoch, so that epochs begin in the middle of a pass."""
    options = {"batch_size": 3, "shuffle": True, "batches_per_epoch": 3, "fields": ["tokens", "metadata"]}
    reader = SingleSequenceReader(max_instances=10)

    def identities(loader, count):
        batches = (batch for _ in range(9) for batch in loader)
        return [[item["tokens"] for item in batch["metadata"]] for batch in islice(batches, count)]

    random.seed(5)
    loader = indexed(reader, EXAMPLE, **options)
    identities(loader, taken)
    state, now = json.loads(json.dumps(loader.state_dict())), random.getstate()
    expected = identities(loader, 9)
    recovered = indexed(reader, EXAMPLE, **options)
    random.seed(99)
    recovered.load_state_dict(state)
    random.setstate(now)
    assert identities(recovered, 9) == expected


WORDS = st.lists(st.sampled_from(["a", "b", "C", "é", "", " ", "\0", "😀"]), max_size=7)
FIELDS = st.fixed_dictionaries(
    {
        "tokens": WORDS,
        "label": st.sampled_from(["x", "y"]),
        "candidates": st.lists(st.sampled_from("xyz"), max_size=3).map(lambda others: ["x", "y", *others]),
    }
)


@given(
    rows=st.lists(FIELDS, min_size=1, max_size=30),
    size=st.integers(1, 8),
    noise=st.floats(0, 2),
    width=st.integers(0, 5),
    seed=st.integers(0, 10**9),
)
def test_any_data(rows, size, noise, width, seed):
    instances = [
        {
            "tokens": TextField([Token(word) for word in row["tokens"]]),
            "label": LabelField(row["label"]),
            "candidates": CandidatesField(row["candidates"]),
        }
        for row in rows
    ]

    class Reader(AnyFields):
        def apply_token_indexers(self, instance):
            instance["tokens"].token_indexers = {"tokens": SingleIdTokenIndexer(token_min_padding_length=width)}

    vocab = Vocabulary({"tokens": {"a": 2, "C": 1, "é": 1}, "labels": {"x": 1, "y": 1}})
    options = bucket(batch_size=size, padding_noise=noise)
    assert_same_epochs(both(Reader(*instances), "", vocab, **options), count=2, seed=seed)

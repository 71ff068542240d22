import json

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.selection import (
    BagOfWords,
    MeanEmbedding,
    NearestNeighbors,
    RandomSelection,
    SelectionStrategy,
    select_unlabeled,
)
from attention_vat.data.selection.select import summarize

TRAIN, POOL = "fixtures/example/train.jsonl", "fixtures/example/unlabeled.jsonl"


def sentences(path):
    with open(path, encoding="utf-8") as file:
        return [" ".join(json.loads(line)["tokens"]) for line in file]


@pytest.fixture
def vectors(tmp_path):
    words = sorted({word for path in (TRAIN, POOL) for sentence in sentences(path) for word in sentence.split()})
    values = numpy.random.default_rng(0).normal(size=(len(words), 16))
    numpy.savez(tmp_path / "v.npz", words=numpy.array(words), vectors=values)
    return str(tmp_path / "v.npz")


@pytest.fixture
def files(tmp_path):
    """100 labelled sentences; a pool with labelled sentences, repetitions and an empty line among the others."""
    with open(TRAIN, encoding="utf-8") as file:
        labeled = file.readlines()[:100]
    with open(POOL, encoding="utf-8") as file:
        pool = file.readlines()[:2500]
    pool = labeled[:7] + pool + pool[:5] + ['{"text": "!"}\n']
    (tmp_path / "labeled.jsonl").write_text("".join(labeled), encoding="utf-8")
    (tmp_path / "pool.jsonl").write_text("".join(pool), encoding="utf-8")
    return tmp_path / "labeled.jsonl", tmp_path / "pool.jsonl"


STRATEGIES = {
    "random": lambda vectors, seed: RandomSelection(seed),
    "bag_of_words": lambda vectors, seed: NearestNeighbors(BagOfWords(), seed=seed),
    "exact": lambda vectors, seed: NearestNeighbors(MeanEmbedding(vectors), exact=True, seed=seed),
    "index": lambda vectors, seed: NearestNeighbors(MeanEmbedding(vectors), seed=seed),
}


@pytest.mark.parametrize("name", list(STRATEGIES))
def test_each_strategy(name, files, vectors, tmp_path):
    if name == "index":
        pytest.importorskip("voyager")
    results = []
    for run in ("first", "again"):
        selection = select_unlabeled(*files, tmp_path / run, STRATEGIES[name](vectors, 5))
        assert sorted(path.name for path in (tmp_path / run).iterdir()) == ["selection.json", "unlabeled.jsonl"]
        assert json.loads((tmp_path / run / "selection.json").read_text(encoding="utf-8")) == selection
        results.append((tmp_path / run / "unlabeled.jsonl").read_text(encoding="utf-8"))
    assert results[0] == results[1]

    chosen = sentences(tmp_path / "first" / "unlabeled.jsonl")
    assert len(chosen) == len(set(chosen)) == 1000, "ten times the labelled ones, without repetition"
    assert not set(chosen) & set(sentences(files[0]))
    lines = files[1].read_text(encoding="utf-8").splitlines(keepends=True)
    written = set(results[0].splitlines(keepends=True))
    assert results[0] == "".join(line for line in dict.fromkeys(lines) if line in written)
    assert selection["counts"] == {
        "labeled": 100,
        "pool": 2513,
        "pool_without_words": 1,
        "pool_repeated": 5,
        "pool_labeled": 7,
        "selected": 1000,
    }
    assert selection["files"] == {"labeled": str(files[0]), "pool": str(files[1])}


def test_neighbours_are_nearer_than_the_pool(files, vectors, tmp_path):
    exact = STRATEGIES["exact"](vectors, 0)
    near = select_unlabeled(*files, tmp_path / "near", exact, count=200)["distances"]
    # With as many as there are, all distances are known.
    everything = select_unlabeled(*files, tmp_path / "all", exact, count=2500)["distances"]
    assert near["mean"] < everything["quantiles"]["0.25"]
    assert near["quantiles"]["0.0"] == everything["quantiles"]["0.0"]


def test_neighbors_and_count(files, tmp_path):
    three_each = select_unlabeled(*files, tmp_path / "a", RandomSelection(), neighbors=3)
    assert three_each["counts"]["selected"] == 300
    counted = select_unlabeled(*files, tmp_path / "b", RandomSelection(), neighbors=3, count=17)
    assert counted["counts"]["selected"] == 17
    for options in ({"count": 0}, {"neighbors": 0}):
        with pytest.raises(ConfigurationError, match="must be at least 1, not 0"):
            select_unlabeled(*files, tmp_path / "c", RandomSelection(), **options)


def test_pool_too_small(files, tmp_path):
    with pytest.raises(ConfigurationError, match="2501 sentences were asked for, but .* has only 2500 different ones"):
        select_unlabeled(*files, tmp_path / "out", RandomSelection(), count=2501)
    assert not (tmp_path / "out").exists()


def test_overwrites_only_when_forced(files, tmp_path):
    select_unlabeled(*files, tmp_path / "out", RandomSelection(), count=3)
    with pytest.raises(ConfigurationError, match="is not empty"):
        select_unlabeled(*files, tmp_path / "out", RandomSelection(), count=4)
    assert len(sentences(tmp_path / "out" / "unlabeled.jsonl")) == 3
    select_unlabeled(*files, tmp_path / "out", RandomSelection(), count=4, force=True)
    assert len(sentences(tmp_path / "out" / "unlabeled.jsonl")) == 4


@pytest.mark.parametrize("place", [".", "..", "../{name}/."])
def test_what_is_read_is_never_replaced(files, tmp_path, place):
    before = files[1].read_text(encoding="utf-8")
    output = tmp_path / place.format(name=tmp_path.name)
    with pytest.raises(ConfigurationError, match="holds the input file .*labeled.jsonl; choose another --output-dir"):
        select_unlabeled(*files, output, RandomSelection(), count=3, force=True)
    assert files[1].read_text(encoding="utf-8") == before


def test_what_is_missing_is_said_before_reading(files, tmp_path):
    files[0].write_text("broken")

    class Missing(SelectionStrategy):
        def check(self):
            raise ConfigurationError("first of all")

    with pytest.raises(ConfigurationError, match="first of all"):
        select_unlabeled(*files, tmp_path / "out", Missing())


def test_same_words_as_text_or_tokens_are_the_same_sentence(tmp_path):
    (tmp_path / "labeled.jsonl").write_text('{"text": "It\'s fine!", "label": "1"}\n')
    pool = ['{"tokens": ["it", "s", "fine"]}', '{"text": "Another one."}', '{"text": "another ONE"}', '{"text": "a b"}']
    (tmp_path / "pool.jsonl").write_text("\n".join(pool))
    arguments = (tmp_path / "labeled.jsonl", tmp_path / "pool.jsonl", tmp_path / "out", RandomSelection())
    counts = select_unlabeled(*arguments, count=2)["counts"]
    assert (counts["pool_labeled"], counts["pool_repeated"]) == (1, 1)
    assert (tmp_path / "out" / "unlabeled.jsonl").read_text().splitlines() == [pool[1], pool[3]]


def test_summary():
    summary = summarize(numpy.linspace(0, 1, 101, dtype=numpy.float32))
    assert summary["mean"] == 0.5
    assert summary["quantiles"] == {
        "0.0": 0.0,
        "0.05": 0.05,
        "0.25": 0.25,
        "0.5": 0.5,
        "0.75": 0.75,
        "0.95": 0.95,
        "1.0": 1.0,
    }

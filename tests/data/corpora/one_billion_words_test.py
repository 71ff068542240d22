import io
import tarfile
from collections import Counter

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import OneBillionWords
from attention_vat.data.corpora import one_billion_words as module
from attention_vat.data.corpora.one_billion_words import distinct, sample_of_distinct
from attention_vat.data.corpora.sources import Source

SHARDS = {
    "b/training-monolingual.tokenized.shuffled/news.en-00001-of-00100": "One , two .\nThree .\n\n",
    "b/training-monolingual.tokenized.shuffled/news.en-00002-of-00100": "three\n...\nFour .\n",
    "b/heldout-monolingual.tokenized.shuffled/news.en-00000-of-00100": "held out\n",
    "b/README": "read me\n",
}


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "benchmark.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in SHARDS.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


def texts(*sources, **options):
    corpus = OneBillionWords(sources=[str(source) for source in sources], **options)
    return [" ".join(example["tokens"]) for _, example in corpus.read()]


def test_training_shards_of_the_archive(archive):
    assert texts(archive) == ["one two", "three", "four"]


def test_directories_and_files(archive, tmp_path):
    folder = tmp_path / "shards"
    folder.mkdir()
    for name, text in SHARDS.items():
        (folder / name.rsplit("/", 1)[1]).write_text(text)
    assert texts(folder) == ["held out", "one two", "three", "four"], "all shards, and shards alone"
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.txt").write_text("Five .\n")
    assert texts(tmp_path / "plain", folder / "news.en-00001-of-00100") == ["five", "one two", "three"]


def test_sample_is_noted_and_complete(archive, tmp_path, capsys):
    statistics = OneBillionWords(sources=[str(archive)], sample=2, seed=5).make(tmp_path / "out")
    assert statistics["splits"]["unlabeled"]["sentences"] == 2
    assert (statistics["sample"], statistics["seed"]) == (2, 5)
    assert statistics["partial"]["unlabeled"]["read"] == 5
    with pytest.raises(ConfigurationError, match="the source holds only 3 sentences"):
        texts(archive, sample=4)


def test_downloads_without_a_source(archive, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "download", lambda *arguments: asked.append(arguments) or Source(archive))
    assert len(texts()) == 3
    assert asked == [(module.URL, module.SHA256)]


def sentences(numbers):
    return [[f"w{number}"] for number in numbers]


def test_distinct():
    assert list(distinct([["a"], [], ["b", "a"], ["a"], ["b a"]])) == [["a"], ["b", "a"]]


def test_sample_has_each_sentence_once_and_in_order():
    stream = sentences([*range(50), *range(50), *range(49, -1, -1)])
    drawn = sample_of_distinct(stream, 20, seed=1)
    assert drawn == sorted(drawn, key=lambda tokens: int(tokens[0][1:]))
    assert len({tokens[0] for tokens in drawn}) == 20
    assert sample_of_distinct(stream, 80, seed=1) == sentences(range(50))


def test_repetition_gives_no_better_chance():
    # w0 comes a hundred times.
    stream = sentences([*range(8), *[0] * 99])
    counts = Counter(tokens[0] for seed in range(2000) for tokens in sample_of_distinct(stream, 3, seed))
    assert set(counts) == {f"w{number}" for number in range(8)}
    # Binomial with mean 750 and standard deviation 21.7: five of them either way.
    assert all(abs(count - 750) < 110 for count in counts.values())


def test_sample_remembers_the_drawn_ones_only():
    import tracemalloc

    tracemalloc.start()
    sample_of_distinct(([f"w{number}"] for number in range(20000)), 10, seed=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000

import lzma

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import AgNews
from attention_vat.data.corpora import ag_news as module
from attention_vat.data.corpora.sources import Source

ORIGINAL = '"3","Title one","Shares fell by 3%."\n"2","Title","A ""match""."\n"1","Title two","Peace, at last"\n'
SUBSET = '"3","Title one . Shares fell by 3%.","here"\n"2","Title . A match.","there"\n"1","Peace, at last","here"\n'


def write(path, text):
    with (lzma.open if path.suffix == ".xz" else open)(path, "wt", encoding="utf-8") as file:
        file.write(text)


def test_original(tmp_path):
    write(tmp_path / "train.csv", ORIGINAL * 10)
    write(tmp_path / "test.csv", ORIGINAL)
    corpus = AgNews(sources=[str(tmp_path)])
    examples = list(corpus.read())
    assert [sum(split == wanted for split, _ in examples) for wanted in ("train", "validation", "test")] == [17, 3, 2]
    assert examples[-2:] == [
        ("test", {"id": "test-1", "tokens": ["shares", "fell", "by", "qqq", "%", "."], "label": "1"}),
        ("test", {"id": "test-3", "tokens": ["peace", ",", "at", "last"], "label": "0"}),
    ]
    assert corpus.found == {"train": 30, "test": 3}


def test_subset_has_the_text_in_the_second_column(tmp_path):
    write(tmp_path / "train_subset.csv.xz", SUBSET * 5)
    write(tmp_path / "test.csv.xz", ORIGINAL)
    examples = list(AgNews(sources=[str(tmp_path)]).read())
    train = {(" ".join(example["tokens"]), example["label"]) for split, example in examples if split != "test"}
    assert train == {("title one . shares fell by qqq % .", "1"), ("peace , at last", "0")}


def test_downloads_without_a_source(tmp_path, monkeypatch):
    asked = []

    def download(url, digest):
        asked.append((url, digest))
        path = tmp_path / ("0123-" + url.rsplit("/", 1)[1])
        write(path, ORIGINAL * 5)
        return Source(path)

    monkeypatch.setattr(module, "download", download)
    assert len(list(AgNews().read())) == 20
    assert [url.rsplit("/", 1)[1] for url, _ in asked] == ["train.csv", "test.csv"]
    assert [digest for _, digest in asked] == list(module.SHA256.values())


@pytest.mark.parametrize("row", ['"5","a","b"', '"World","a","b"', '"1","a"', '"1","a","b","c"'])
def test_a_broken_row_is_named(row, tmp_path):
    write(tmp_path / "train.csv", ORIGINAL + row)
    write(tmp_path / "test.csv", ORIGINAL)
    with pytest.raises(ConfigurationError, match="train.csv:4: a row must have a class from 1 to 4"):
        list(AgNews(sources=[str(tmp_path)]).read())


def test_a_broken_test_file_is_noticed_too(tmp_path):
    write(tmp_path / "train.csv", ORIGINAL * 5)
    with pytest.raises(ConfigurationError, match="holds no test.csv"):
        list(AgNews(sources=[str(tmp_path)]).read())

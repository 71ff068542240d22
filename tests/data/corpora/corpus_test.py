import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import Corpus


class Tiny(Corpus):
    published = {"train": 2, "test": 1, "vocabulary": 9}

    def read(self):
        yield "train", {"tokens": ["schön", "\u2028"], "label": "1"}
        yield "test", {"tokens": [], "label": "0", "id": 7}
        yield "train", {"tokens": ["x"], "label": "0"}
        yield "unlabeled", {"tokens": ["y"]}


def test_make_writes_what_was_read(tmp_path, capsys):
    statistics = Tiny().make(tmp_path / "tiny")
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "tiny").iterdir()}
    assert sorted(written) == ["statistics.json", "test.jsonl", "train.jsonl", "unlabeled.jsonl"]
    lines = [json.loads(line) for line in written["train.jsonl"].split("\n")[:-1]]
    assert lines == [{"tokens": ["schön", "\u2028"], "label": "1"}, {"tokens": ["x"], "label": "0"}]
    assert json.loads(written["statistics.json"]) == statistics
    assert statistics["vocabulary"] == 3
    assert "vocabulary          9    3          -6" in capsys.readouterr().out


def test_wrong_labelled_counts_are_refused(tmp_path, capsys):
    corpus = Tiny()
    corpus.published = {"train": 3}
    with pytest.raises(ConfigurationError, match="train has 2 sentences, but 3 were published"):
        corpus.make(tmp_path / "tiny")
    assert not (tmp_path / "tiny").exists()
    assert "-1" in capsys.readouterr().out, "the table helps to see what is wrong"


def test_sample_is_for_pools():
    with pytest.raises(ConfigurationError, match="--sample draws from a pool"):
        Tiny(sample=5)


class Pairs(Corpus):
    published = {"train": 2, "unlabeled": 3, "vocabulary": 9}
    rows = {"train": 5}
    half_unlabeled = True
    size = 5

    def read(self):
        for number in range(self.size):
            self.found["train"] += 1
            yield "train", {"premise": [f"p{number}"], "hypothesis": ["h"], "label": "yes"}

    def _write(self, directory):
        read, self.read = self.read, lambda: self.halved(read())
        return super()._write(directory)


def test_half_of_the_labels_is_taken(tmp_path):
    statistics = Pairs().make(tmp_path / "half")
    assert {name: split["sentences"] for name, split in statistics["splits"].items()} == {"train": 2, "unlabeled": 3}
    assert "classes" not in statistics["splits"]["unlabeled"]
    assert statistics["vocabulary"] == 6, "of all training texts"
    lines = [(tmp_path / "half" / f"{name}.jsonl").read_text().splitlines() for name in ("train", "unlabeled")]
    assert ["label" in json.loads(line) for line in lines[0] + lines[1]] == [True] * 2 + [False] * 3


def test_all_labels_can_be_kept(tmp_path):
    statistics = Pairs(all_labeled=True).make(tmp_path / "all")
    assert {name: split["sentences"] for name, split in statistics["splits"].items()} == {"train": 5}
    with pytest.raises(ConfigurationError, match="--all-labeled is for corpora that become half unlabelled"):
        Tiny(all_labeled=True)


def test_a_partial_source_is_used_and_said_to_be_one(tmp_path, capsys):
    corpus = Pairs()
    corpus.size = 3
    statistics = corpus.make(tmp_path / "partial")
    assert statistics["partial"] == {"train": {"read": 3, "published": 5}}
    assert json.loads((tmp_path / "partial" / "statistics.json").read_text()) == statistics
    assert "partial source: 3 of 5 rows of train" in capsys.readouterr().out


def test_a_complete_source_must_give_the_published_counts(tmp_path):
    corpus = Pairs()
    corpus.published = {"train": 2, "unlabeled": 2}
    with pytest.raises(ConfigurationError, match="unlabeled has 3 sentences, but 2 were published"):
        corpus.make(tmp_path / "pairs")
    corpus = Pairs()
    corpus.size = 6
    with pytest.raises(ConfigurationError, match="train has 3 sentences, but 2 were published"):
        corpus.make(tmp_path / "pairs")
    corpus = Pairs()
    corpus.size, corpus.exact = 6, False
    corpus.make(tmp_path / "pairs")


def test_one_source_only():
    with pytest.raises(ConfigurationError, match="give one --source"):
        Tiny(sources=["a", "b"]).source()
    assert Tiny().source() is None

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
    with pytest.raises(ConfigurationError, match="train has 2 sentences, published are 3"):
        corpus.make(tmp_path / "tiny")
    assert not (tmp_path / "tiny").exists()
    assert "-1" in capsys.readouterr().out, "the table helps to see what is wrong"


def test_sample_is_for_pools():
    with pytest.raises(ConfigurationError, match="--sample draws from a pool"):
        Tiny(sample=5)

import json
import zipfile

import pytest

from attention_vat.data.corpora import MultiGenreNaturalLanguageInference, multinli
from attention_vat.data.corpora.sources import Source

PAIR = {"sentence1": "Don't wake the 2 dogs!", "sentence2": "Dogs sleep."}


def lines(key, number):
    rows = [{**PAIR, key: label} for label in ("neutral", "-", "entailment")]
    return "".join(json.dumps(rows[place % 3]) + "\n" for place in range(number))


@pytest.fixture
def genres(tmp_path):
    path = tmp_path / "multinli_1.0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, number in (("train", 30), ("dev_matched", 3), ("dev_mismatched", 1)):
            archive.writestr(f"multinli_1.0/multinli_1.0_{name}.jsonl", lines("gold_label", number))
    return path


def test_keeps_its_tests_apart(genres, tmp_path):
    statistics = MultiGenreNaturalLanguageInference(sources=[str(genres)]).make(tmp_path / "out")
    assert {name: split["sentences"] for name, split in statistics["splits"].items()} == {
        "train": 8,
        "validation": 4,
        "test_matched": 2,
        "test_mismatched": 1,
        "unlabeled": 8,
    }
    assert statistics["partial"]["train"] == {"read": 20, "published": 392702}


def test_splits_by_seed(genres):
    def validation(seed):
        corpus = MultiGenreNaturalLanguageInference(sources=[str(genres)], seed=seed)
        return [example["id"] for split, example in corpus.read() if split == "validation"]

    assert validation(1) == validation(1) != validation(2)


def test_downloads_without_a_source(genres, monkeypatch):
    asked = []
    monkeypatch.setattr(multinli, "download", lambda *arguments: asked.append(arguments) or Source(genres))
    assert len(list(MultiGenreNaturalLanguageInference().read())) == 23
    assert asked == [(multinli.URL, multinli.SHA256)]

import json
import lzma
import zipfile

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import StanfordNaturalLanguageInference, snli
from attention_vat.data.corpora.sources import Source

PAIR = {"sentence1": "Don't wake the 2 dogs!", "sentence2": "Dogs sleep."}


def lines(key, number):
    rows = [{**PAIR, key: label} for label in ("neutral", "-", "entailment")]
    return "".join(json.dumps(rows[place % 3]) + "\n" for place in range(number))


@pytest.fixture
def original(tmp_path):
    """SNLI as published, and as Macs pack it."""
    path = tmp_path / "snli_1.0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, number in (("train", 6), ("dev", 3), ("test", 1)):
            archive.writestr(f"snli_1.0/snli_1.0_{name}.jsonl", lines("gold_label", number))
            archive.writestr(f"__MACOSX/snli_1.0/._snli_1.0_{name}.jsonl", "shadow")
    return path


def test_original(original):
    corpus = StanfordNaturalLanguageInference(sources=[str(original)])
    examples = list(corpus.read())
    # Of six training pairs two have no label, of the others half are to lose it.
    assert sorted(split for split, _ in examples) == ["test"] + ["train"] * 2 + ["unlabeled"] * 2 + ["validation"] * 2
    assert next(example for split, example in examples if split == "test") == {
        "id": "test-1",
        "premise": ["do", "n't", "wake", "the", "qqq", "dogs", "!"],
        "hypothesis": ["dogs", "sleep", "."],
        "label": "neutral",
    }
    assert corpus.found == {"train": 4, "validation": 2, "test": 1}


def test_shared_form(tmp_path):
    for name, number in (("train_subset", 4), ("dev", 1), ("test", 1)):
        with lzma.open(tmp_path / f"{name}.jsonl.xz", "wt") as file:
            file.write(lines("label", number))
    examples = list(StanfordNaturalLanguageInference(sources=[str(tmp_path)], all_labeled=True).read())
    assert [example["label"] for split, example in examples if split == "train"] == ["neutral", "entailment", "neutral"]


def test_downloads_without_a_source(original, monkeypatch):
    asked = []
    monkeypatch.setattr(snli, "download", lambda *arguments: asked.append(arguments) or Source(original))
    assert len(list(StanfordNaturalLanguageInference().read())) == 7
    assert asked == [(snli.URL, snli.SHA256)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"sentence1": "a", "sentence2": "b"}, 'has no "gold_label"'),
        ({"sentence1": "a", "label": "neutral"}, 'has no "sentence2"'),
        ({"sentence1": 3, "sentence2": "b", "label": "neutral"}, '"sentence1" has the wrong type: 3'),
        ({"sentence1": "a", "sentence2": "b", "label": None}, '"label" has the wrong type: None'),
        ({"sentence1": "a", "sentence2": "b", "label": "x"}, "the label must be entailment, .* or -, not 'x'"),
    ],
)
def test_a_broken_line_is_named(row, problem, tmp_path):
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.jsonl").write_text(lines("label", 1) + json.dumps(row))
    with pytest.raises(ConfigurationError, match=f"train.jsonl:2: {problem}"):
        list(StanfordNaturalLanguageInference(sources=[str(tmp_path)]).read())

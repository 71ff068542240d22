import json
import random
from collections import Counter
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from attention_vat.data.corpora import EmbeddedExample
from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.corpora.example import NEGATIVE, POSITIVE

FOLDER = Path("fixtures/example")
NAMES = ("train", "validation", "test", "unlabeled")


@pytest.fixture(scope="module")
def splits():
    return {
        name: [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        for name in NAMES
    }


def test_the_generator_makes_the_committed_files(tmp_path):
    random.seed(1)
    EmbeddedExample().make(tmp_path / "first")
    random.seed(2)
    for path in FOLDER.iterdir():
        assert (tmp_path / "first" / path.name).read_bytes() == path.read_bytes(), path.name
    assert len(list((tmp_path / "first").iterdir())) == len(list(FOLDER.iterdir())) == 5


def test_another_seed_makes_another_corpus(splits):
    _, example = next(EmbeddedExample(seed=1).read())
    assert example["tokens"] != splits["train"][0]["tokens"]


def test_sizes_and_balance(splits):
    assert {name: len(examples) for name, examples in splits.items()} == {
        "train": 1000,
        "validation": 200,
        "test": 300,
        "unlabeled": 4500,
    }
    for name in NAMES[:3]:
        counts = Counter(example["label"] for example in splits[name])
        assert counts["0"] == counts["1"], name
    assert not any({"label", "rationale"} & set(example) for example in splits["unlabeled"])


def test_no_sentence_occurs_twice(splits):
    sentences = [tuple(example["tokens"]) for examples in splits.values() for example in examples]
    assert len(set(sentences)) == len(sentences) == 6000


def test_sentences_are_clean_and_of_natural_length(splits):
    for examples in splits.values():
        for example in examples:
            assert 6 <= len(example["tokens"]) <= 25
            assert clean_words(" ".join(example["tokens"])) == example["tokens"]


NEGATED = {"not", "never", "hardly", "far from", "anything but", "in no way"}
VERDICTS = {"right": 1, "correct": 1, "wrong": 0, "mistaken": 0}


def test_the_rationale_alone_gives_the_label(splits):
    """Read independently of the grammar: opinion words, each turned by the negation before it, or by the verdict."""
    for example in splits["train"] + splits["validation"] + splits["test"]:
        tokens, marks = example["tokens"], example["rationale"]
        assert len(tokens) == len(marks)
        chosen = [token for token, mark in zip(tokens, marks) if mark]
        polarities, before = [], []
        for token in chosen:
            if token in POSITIVE or token in NEGATIVE:
                assert not before or " ".join(before) in NEGATED
                polarities.append((token in POSITIVE) != bool(before))
                before = []
            elif token in VERDICTS:
                polarities[-1] = polarities[-1] == bool(VERDICTS[token])
            else:
                before.append(token)
        assert polarities
        assert set(polarities) == {example["label"] == "1"}, " ".join(tokens)


def test_rare_opinion_words_are_frequent_without_labels(splits):
    count = {
        name: Counter(token for example in splits[name] for token in example["tokens"])
        for name in ("train", "unlabeled")
    }
    rare = [word for word in POSITIVE + NEGATIVE if count["train"][word] <= 5]
    assert len(rare) >= 20
    assert min(count["unlabeled"][word] for word in rare) >= 40


@pytest.mark.parametrize("ngrams", [1, 2])
def test_a_bag_of_words_is_not_enough(splits, ngrams):
    def text_and_label(name):
        return zip(*((" ".join(example["tokens"]), example["label"]) for example in splits[name]))

    texts, labels = text_and_label("train")
    vectorizer = CountVectorizer(ngram_range=(1, ngrams), token_pattern=r"\S+")
    classifier = LogisticRegression(max_iter=1000).fit(vectorizer.fit_transform(texts), labels)
    texts, labels = text_and_label("test")
    assert 0.6 < classifier.score(vectorizer.transform(texts), labels) < 0.85


def test_takes_no_source():
    with pytest.raises(ConfigurationError, match="takes no --source"):
        next(EmbeddedExample(sources=["x"]).read())

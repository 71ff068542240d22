import json

import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.corpora import StanfordSentimentPhrases, StanfordSentimentTreebank
from attention_vat.data.corpora import sst as module
from attention_vat.data.corpora.sources import Source
from attention_vat.data.corpora.sst import read_nodes, read_tree


def test_reads_the_fixture():
    examples = list(StanfordSentimentTreebank(sources=["fixtures/sst_trees"]).read())
    assert [(split, e["id"], e["label"], " ".join(e["tokens"])) for split, e in examples] == [
        ("train", "train-1", "1", "a fine film"),
        ("train", "train-3", "0", "they do n t make it well made"),
        ("train", "train-4", "1", "truly moving"),
        ("validation", "validation-1", "0", "not funny"),
        ("validation", "validation-2", "1", "superb"),
        ("test", "test-1", "0", "too long"),
        ("test", "test-3", "1", "worth seeing"),
    ]


def test_downloads_without_a_source(monkeypatch):
    asked = []

    def download(url, sha256):
        asked.append((url, sha256))
        return Source("fixtures/sst_trees")

    monkeypatch.setattr(module, "download", download)
    assert len(list(StanfordSentimentTreebank().read())) == 7
    assert asked == [(module.URL, module.SHA256)]


def test_a_small_source_is_not_the_published_corpus(tmp_path):
    with pytest.raises(ConfigurationError, match="train has 3 sentences, but 6,920 were published"):
        StanfordSentimentTreebank(sources=["fixtures/sst_trees"]).make(tmp_path / "sst")
    assert not (tmp_path / "sst").exists()


def test_the_published_counts_are_accepted(tmp_path, capsys):
    for name, size in {"train": 6920, "dev": 872, "test": 1821}.items():
        lines = ["(2 (2 Neutral) (2 one))"] * 3 + ["(3 (3 Fine) (2 film))", "(1 (2 Not) (1 fun))"] * size
        (tmp_path / f"{name}.txt").write_text("\n".join(lines[: size + 3]))
    statistics = StanfordSentimentTreebank(sources=[str(tmp_path)]).make(tmp_path / "sst")
    assert statistics["splits"]["train"]["classes"] == {"0": 3460, "1": 3460}
    with open(tmp_path / "sst" / "validation.jsonl") as file:
        assert json.loads(next(file)) == {"id": "validation-4", "tokens": ["fine", "film"], "label": "1"}
    table = capsys.readouterr().out.splitlines()
    assert table[1].split() == ["train", "6,920", "6,920", "0"]
    assert table[4].split() == ["vocabulary", "13,723", "4", "-13,719"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("(3 (2 A) (3 film)", "the tree is cut off: 1 of its brackets are not closed"),
        ("(3 (2 A) (3 fi", "the tree is cut off: 2 of its brackets"),
        ("(3", "a bracket closes without|the tree is cut off"),
        ("(7 (2 A) (3 film))", "a label from 0 to 4, not by '7'"),
        ("(3 (2 A) ((3 film)))", r"a label from 0 to 4, not by '\('"),
        ("(3 (2 A) (3 ))", "a bracket closes without a word inside"),
        ("(3 (2 A) (3 film))) more", r"something follows the end of the tree: '\)'"),
        ("(3 A) (2 film)", r"something follows the end of the tree: '\('"),
        ("A film", "a tree must start with a bracket, not with 'A'"),
        (")", "a bracket closes without"),
        ("A" * 1000, "a tree must start with a bracket, not with 'A{98}…$"),
    ],
)
def test_broken_trees_are_named_by_line(line, problem, tmp_path):
    for name in ("train.txt", "dev.txt", "test.txt"):
        (tmp_path / name).write_text(f"(3 (2 A) (3 film))\n\n{line}\n")
    with pytest.raises(ConfigurationError, match=f"train.txt:3: .*({problem})"):
        list(StanfordSentimentTreebank(sources=[str(tmp_path)]).read())


def test_one_source_only():
    with pytest.raises(ConfigurationError, match="one --source"):
        list(StanfordSentimentTreebank(sources=["a", "b"]).read())


def test_escapes_are_undone():
    assert read_tree(r"(2 (2 -LRB-) (2 (2 and\/or) (2 -RRB-)))") == (2, ["(", "and/or", ")"])
    assert read_tree("(4 moving)") == (4, ["moving"])


words = st.text(alphabet=st.characters(blacklist_categories=("Z", "C"), blacklist_characters="()\\"), min_size=1)
labels = st.integers(min_value=0, max_value=4)
leaves = st.tuples(labels, words)
trees = st.recursive(leaves, lambda children: st.tuples(labels, children, children), max_leaves=20)


def written(tree):
    return f"({' '.join(str(part) if not isinstance(part, tuple) else written(part) for part in tree)})"


def words_of(tree):
    return [tree[1]] if len(tree) == 2 else [word for child in tree[1:] for word in words_of(child)]


@given(trees)
def test_any_tree_is_read_back(tree):
    expected = [{"-LRB-": "(", "-RRB-": ")"}.get(word, word) for word in words_of(tree)]
    assert read_tree(written(tree)) == (tree[0], expected)


@given(trees, st.data())
def test_no_part_of_a_tree_is_a_tree(tree, data):
    line = written(tree)
    cut = data.draw(st.integers(min_value=0, max_value=len(line) - 1))
    with pytest.raises(ValueError):
        read_tree(line[:cut])


def test_phrases_are_those_of_the_training_sentences_each_once(tmp_path):
    (tmp_path / "train.txt").write_text(
        "(3 (2 A) (3 (4 Fine) (2 film)))\n(1 (1 Not) (3 (4 fine) (2 film)))\n(2 (2 It) (2 is))\n"
    )
    for name in ("dev.txt", "test.txt"):
        (tmp_path / name).write_text("(4 (4 Fine) (2 !))\n(4 (4 Fine) (2 !))\n(2 (4 Fine) (1 not))\n")
    examples = list(StanfordSentimentPhrases(sources=[str(tmp_path)]).read())
    assert [(split, " ".join(e["tokens"]), e["label"]) for split, e in examples] == [
        ("train", "fine", "1"),
        ("train", "fine film", "1"),
        ("train", "a fine film", "1"),
        ("train", "not", "0"),
        ("train", "not fine film", "0"),
        ("validation", "fine !", "1"),
        ("validation", "fine !", "1"),
        ("test", "fine !", "1"),
        ("test", "fine !", "1"),
    ]
    assert len({(split, e["id"]) for split, e in examples}) == 9


def test_nodes_are_places_in_the_sentence():
    nodes, words = read_nodes("(3 (2 A) (4 (1 fine) (2 film)))")
    assert words == ["A", "fine", "film"]
    assert nodes == [(2, 0, 1), (1, 1, 2), (2, 2, 3), (4, 1, 3), (3, 0, 3)]

import json

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data.token_indexers import SingleIdTokenIndexer

from attention_vat.data.dataset_readers.word_tags import WordTagsReader


def reader():
    return WordTagsReader({"tokens": SingleIdTokenIndexer()})


def read(tmp_path, *lines):
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return list(reader().read(str(path)))


def test_each_word_has_its_tag(tmp_path):
    line = {"id": "a", "tokens": ["New", "York", "!"], "tags": ["B-location", "I-location", "O"]}
    (instance,) = read(tmp_path, line)
    assert [token.text for token in instance["tokens"]] == line["tokens"]
    assert instance["tags"].labels == line["tags"]
    assert instance["metadata"].metadata == {"id": "a", "words": line["tokens"]}


def test_a_file_and_a_call_make_the_same_instance(tmp_path):
    (first,) = read(tmp_path, {"tokens": ["New", "York"], "tags": ["O", "O"], "id": "a"})
    second = reader().text_to_instance(["New", "York"], ["O", "O"], id="a")
    assert first["tokens"].tokens == second["tokens"].tokens
    assert first["tags"].labels == second["tags"].labels
    assert first["metadata"].metadata == second["metadata"].metadata


def test_without_tags_there_is_no_such_field(tmp_path):
    (instance,) = read(tmp_path, {"tokens": ["New"], "label": "kept", "tag": 3})
    assert set(instance.fields) == {"tokens", "metadata"}
    assert instance["metadata"].metadata == {"words": ["New"], "label": "kept", "tag": 3}
    assert set(reader().text_to_instance("New York").fields) == {"tokens", "metadata"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"tokens": ["a", "b"], "tags": ["O"]}, '"tags" must be a list of strings, one for each of "tokens"'),
        ({"tokens": ["a"], "tags": ["O", "O"]}, "one for each"),
        ({"tokens": ["a"], "tags": "O"}, "one for each"),
        ({"tokens": ["a"], "tags": [1]}, "one for each"),
        ({"tokens": [1], "tags": ["O"]}, '"tokens" must be a list of strings'),
        ({"tokens": ["a"], "tags": ["O\n"]}, "tags"),
        ({"tokens": ["a\nb"], "tags": ["O"]}, "token"),
    ],
)
def test_broken_lines_are_named(line, problem, tmp_path):
    with pytest.raises(ConfigurationError, match=f"data.jsonl:2: .*{problem}"):
        read(tmp_path, {"tokens": ["a"], "tags": ["O"]}, line)
    with pytest.raises(ConfigurationError, match=problem):
        reader().text_to_instance(**line)


def test_tags_on_some_lines_only_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="data.jsonl:2: has no tags, but line 1 has"):
        read(tmp_path, {"tokens": ["a"], "tags": ["O"]}, {"tokens": ["b"]})


def test_a_sentence_without_words_has_no_tags(tmp_path):
    with pytest.raises(ConfigurationError, match="no words"):
        read(tmp_path, {"tokens": [], "tags": []})

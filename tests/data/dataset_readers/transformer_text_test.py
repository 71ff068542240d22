import json

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader

from attention_vat.data.dataset_readers import TransformerTextReader
from attention_vat.data.token_indexers import TransformerWordsIndexer


@pytest.fixture(params=[False, True], ids=["labels", "scores"])
def reader(request):
    return TransformerTextReader({"tokens": TransformerWordsIndexer("fixtures/tiny_bert")}, regression=request.param)


@pytest.fixture
def labels():
    return TransformerTextReader({"tokens": TransformerWordsIndexer("fixtures/tiny_bert")})


@pytest.fixture
def scores():
    return TransformerTextReader({"tokens": TransformerWordsIndexer("fixtures/tiny_bert")}, regression=True)


def written(tmp_path, *lines):
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return str(path)


def test_a_string_is_split_at_spaces(reader):
    instance = reader.text_to_instance("The film, is\tgood", id="s1")
    assert [token.text for token in instance["tokens"]] == ["The", "film,", "is", "good"]
    assert {token.type_id for token in instance["tokens"]} == {0}
    assert instance["metadata"].metadata == {"id": "s1", "tokens": ["The", "film,", "is", "good"]}


def test_words_of_a_second_text_are_known_by_their_type(reader):
    instance = reader.text_to_instance("the film", ["is", "good"], rationale=[0, 1])
    assert [(token.text, token.type_id) for token in instance["tokens"]] == [
        ("the", 0),
        ("film", 0),
        ("is", 1),
        ("good", 1),
    ]
    assert instance["metadata"]["premise_tokens"] == ["the", "film"]
    assert instance["metadata"]["hypothesis_tokens"] == ["is", "good"]
    assert instance["metadata"]["rationale"] == [0, 1, 0, 0]


def test_files_of_texts_of_pairs_and_of_scores(labels, scores, tmp_path):
    single = list(labels.read(written(tmp_path, {"text": "the film", "label": 1}, {"tokens": ["a"], "label": 0})))
    assert [instance["label"].label for instance in single] == ["1", "0"]
    pair = {"premise": "the film", "hypothesis": ["is"]}
    pairs = list(labels.read(written(tmp_path, {**pair, "label": "-"}, {**pair, "label": "neutral", "score": 1})))
    assert [instance["label"].label for instance in pairs] == ["neutral"]
    assert pairs[0]["metadata"]["score"] == 1, "without regression it is like any other key"
    (instance,) = scores.read(written(tmp_path, {**pair, "score": 3.5}))
    assert instance["label"].tensor.item() == 3.5


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([{"premise": "a"}], 'lines.jsonl:1: needs a "hypothesis"'),
        ([{"tokens": ["a"], "text": "a"}], "lines.jsonl:1: needs either"),
        ([{"text": "a", "score": "much"}], 'lines.jsonl:1: "score" must be a number'),
        ([{"text": "a", "score": 1}, {"text": "b"}], "lines.jsonl:2: has no score, but line 1 has"),
        ([{"text": "a b", "score": 1, "rationale": [1]}], 'lines.jsonl:1: "rationale" has 1 values for 2 tokens'),
    ],
)
def test_what_is_wrong_with_a_line(scores, tmp_path, lines, problem):
    with pytest.raises(ConfigurationError, match=problem):
        list(scores.read(written(tmp_path, *lines)))


def test_is_built_from_a_config():
    indexers = {"tokens": {"type": "transformer_words", "model_name": "fixtures/tiny_bert"}}
    params = Params({"type": "transformer_text", "token_indexers": indexers, "regression": True})
    reader = DatasetReader.from_params(params)
    assert isinstance(reader, TransformerTextReader)
    assert reader.text_to_instance("a", score=2)["label"].tensor.item() == 2.0

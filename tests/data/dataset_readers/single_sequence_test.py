import json
import random

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers.dataset_reader import WorkerInfo
from allennlp.data.dataset_readers.text_classification_json import TextClassificationJsonReader
from allennlp.data.tokenizers import CharacterTokenizer, WhitespaceTokenizer
from allennlp.nn.util import get_text_field_mask
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.dataset_readers.single_sequence import SingleSequenceReader
from tests.data.storable_test import storable, storable_characters

FIXTURE = "fixtures/readers/single_sequence.jsonl"


def words(instance):
    return [token.text for token in instance["tokens"]]


def write(path, *examples):
    path.write_text("".join(json.dumps(example) + "\n" for example in examples), encoding="utf-8")
    return str(path)


def test_reads_the_fixture():
    first, second, third = SingleSequenceReader().read(FIXTURE)
    assert words(first) == ["it", "is", "not", "a", "dull", "film"]
    assert first["label"].label == "1"
    assert first["metadata"].metadata == {"tokens": words(first), "id": "first"}
    assert words(second) == ["Not", "cleaned", "!"], "tokens are taken as they are"
    assert second["label"].label == "0", "an integer becomes a string"
    assert second["metadata"].metadata == {"tokens": words(second), "rationale": [1, 0, 0], "source": "hand"}
    assert words(third) == ["a", "label", "here"]


def test_is_built_from_a_config():
    reader = DatasetReader.from_params(
        Params(
            {
                "type": "single_sequence",
                "tokenizer": {"type": "whitespace"},
                "token_indexers": {"words": {"type": "single_id", "lowercase_tokens": True}},
                "max_tokens": 2,
                "max_instances": 1,
            }
        )
    )
    (instance,) = reader.read(FIXTURE)
    assert words(instance) == ["It", "is"]
    assert list(instance["tokens"].token_indexers) == ["words"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "cut off', "is not JSON"),
        ('{"label": "1"}', 'needs either "text" or "tokens"$'),
        ('{"text": "a", "tokens": ["a"]}', 'needs either "text" or "tokens", not both'),
        ('{"text": 3}', '"text" must be a string'),
        ('{"tokens": "a b"}', '"tokens" must be a list of strings'),
        ('{"tokens": ["a", 1]}', '"tokens" must be a list of strings'),
        ('{"tokens": ["a", "b"], "rationale": [1]}', '"rationale" has 1 values for 2 tokens'),
    ],
)
def test_a_broken_line_is_named(line, problem, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(f'{{"text": "fine"}}\n\n{line}\n')
    with pytest.raises(ConfigurationError, match=f"data.jsonl:3: {problem}"):
        list(SingleSequenceReader().read(str(path)))


def test_any_other_key_is_metadata(tmp_path):
    line = {"text": "a", "self": 1, "text_or_tokens": 2, "metadata": {"b": 3}}
    (instance,) = SingleSequenceReader().read(write(tmp_path / "data.jsonl", line))
    assert instance["metadata"].metadata == {"tokens": ["a"], "self": 1, "text_or_tokens": 2, "metadata": {"b": 3}}


def test_null_is_the_same_as_missing(tmp_path):
    path = write(tmp_path / "data.jsonl", {"text": None, "tokens": ["a"], "label": None, "id": None})
    (instance,) = SingleSequenceReader().read(path)
    assert words(instance) == ["a"]
    assert "label" not in instance.fields


ODD = {
    "empty": ("", []),
    "punctuation": ("... !?", []),
    "one word": ("Superb!", ["superb"]),
    "long": ("not dull " * 2500, ["not", "dull"] * 2500),
    "NUL": ("zero\0byte\0", ["zero", "byte"]),
    "emoji": ("so 😀 good 👨‍👩‍👧", ["so", "good"]),
    "right to left": ("הסרט \u200fטוב", ["הסרט", "טוב"]),
    "line separator": ("one\u2028two\u0085three", ["one", "two", "three"]),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_texts(name, tmp_path):
    text, expected = ODD[name]
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps({"text": text, "label": "1"}, ensure_ascii=False) + "\n", encoding="utf-8")
    (instance,) = SingleSequenceReader().read(str(path))
    assert words(instance) == expected
    assert instance["metadata"]["tokens"] == expected


def test_odd_tokens_stay(tmp_path):
    tokens = ["", "\0", "😀", "ט\u05d5ב", " ", "@start@", "@@", "फिल्म"]
    (instance,) = SingleSequenceReader().read(write(tmp_path / "data.jsonl", {"tokens": tokens}))
    assert words(instance) == tokens


@pytest.mark.parametrize("others", [[], ["a fine film"]])
def test_empty_sentences_can_be_batched(others):
    reader = SingleSequenceReader()
    batch = Batch([reader.text_to_instance(text) for text in ["", "...", *others]])
    for instance in batch.instances:
        reader.apply_token_indexers(instance)
    batch.index_instances(Vocabulary.from_instances(batch.instances))
    mask = get_text_field_mask(batch.as_tensor_dict()["tokens"])
    assert mask.shape == (2 + len(others), 3 if others else 1)
    assert mask.sum(dim=1).tolist() == [0, 0] + [3] * len(others)


def test_lengths_and_boundaries(tmp_path):
    path = write(
        tmp_path / "data.jsonl",
        {"tokens": [], "rationale": []},
        {"tokens": ["one"], "rationale": [1]},
        {"tokens": ["one", "two", "three"], "rationale": [0, 1, 1]},
    )

    def read(**options):
        return [
            (" ".join(words(instance)), instance["metadata"]["rationale"])
            for instance in SingleSequenceReader(**options).read(path)
        ]

    assert read(max_tokens=2) == [("", []), ("one", [1]), ("one two", [0, 1])]
    assert read(min_tokens=1) == [("one", [1]), ("one two three", [0, 1, 1])]
    assert read(min_tokens=2, max_tokens=2, boundary_tokens=True) == [("@start@ one two @end@", [0, 0, 1, 0])]
    assert read(boundary_tokens=True)[0] == ("@start@ @end@", [0, 0])
    with pytest.raises(ConfigurationError, match="max_tokens"):
        SingleSequenceReader(max_tokens=0)
    with pytest.raises(ConfigurationError, match="max_tokens"):
        SingleSequenceReader(min_tokens=6, max_tokens=5)


def test_text_to_instance_takes_text_or_tokens():
    reader = SingleSequenceReader(tokenizer=CharacterTokenizer())
    assert words(reader.text_to_instance("ab", label="0", id=3)) == ["a", "b"]
    instance = reader.text_to_instance(["ab"], label="0", id=3)
    assert words(instance) == ["ab"]
    assert instance["metadata"].metadata == {"tokens": ["ab"], "id": 3}


def test_workers_share_the_lines(tmp_path):
    path = write(tmp_path / "data.jsonl", *({"text": f"w{number}"} for number in range(7)))
    shares = []
    for worker in range(2):
        reader = SingleSequenceReader()
        reader._set_worker_info(WorkerInfo(num_workers=2, id=worker))
        instances = list(reader.read(path))
        assert all(instance["tokens"]._token_indexers is None for instance in instances), "not sent between processes"
        shares.append([words(instance)[0] for instance in instances])
    assert shares == [["w0", "w2", "w4", "w6"], ["w1", "w3", "w5"]]


def test_two_real_workers(tmp_path):
    path = write(tmp_path / "data.jsonl", *({"text": f"w{number}", "label": number % 2} for number in range(9)))
    loader = MultiProcessDataLoader(SingleSequenceReader(), path, batch_size=2, num_workers=2)
    instances = list(loader.iter_instances())
    assert sorted(words(instance)[0] for instance in instances) == [f"w{number}" for number in range(9)]
    loader.index_with(Vocabulary.from_instances(instances))
    assert sum(len(batch["label"]) for batch in loader) == 9


def test_global_random_state_is_left_alone():
    state = random.getstate()
    list(SingleSequenceReader().read(FIXTURE))
    assert random.getstate() == state


@given(
    st.lists(
        st.tuples(st.lists(storable, max_size=6), st.text(storable_characters, min_size=1, max_size=3) | st.integers()),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_is_read(tmp_path_factory, examples):
    path = tmp_path_factory.mktemp("round_trip") / "data.jsonl"
    with open(path, "w", encoding="utf-8", errors="surrogatepass", newline="\n") as file:
        for tokens, label in examples:
            file.write(json.dumps({"tokens": tokens, "label": label}) + "\n")
    instances = list(SingleSequenceReader().read(str(path)))
    assert [words(instance) for instance in instances] == [tokens for tokens, _ in examples]
    assert [instance["label"].label for instance in instances] == [str(label) for _, label in examples]


def test_fields_are_named_as_by_the_readers_of_allennlp(tmp_path):
    ours = SingleSequenceReader().text_to_instance("a fine film", label="1")
    theirs = TextClassificationJsonReader(tokenizer=WhitespaceTokenizer()).text_to_instance("a fine film", label="1")
    assert set(ours.fields) - {"metadata"} == set(theirs.fields) == {"tokens", "label"}
    for name in theirs.fields:
        assert type(ours[name]) is type(theirs[name])
    assert words(ours) == words(theirs)


def test_fields_are_named_as_by_the_sst_reader_of_allennlp_models():
    sst = pytest.importorskip("allennlp_models.classification.dataset_readers.stanford_sentiment_tree_bank")
    reader = sst.StanfordSentimentTreeBankDatasetReader(granularity="2-class")
    instances = [instance for instance in reader.read("fixtures/sst_trees/train.txt") if instance is not None]
    assert [instance["label"].label for instance in instances] == ["1", "0", "1"]
    assert all(set(instance.fields) == {"tokens", "label"} for instance in instances)


@pytest.mark.parametrize("words", [[1, "a"], [None], None, 3])
def test_words_that_are_no_strings(words):
    with pytest.raises(ConfigurationError, match='"tokens" must be a text or a list of strings'):
        SingleSequenceReader().text_to_instance(words)

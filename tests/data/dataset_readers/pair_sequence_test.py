import json
import lzma

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers.dataset_reader import WorkerInfo
from allennlp.data.tokenizers import WhitespaceTokenizer
from allennlp.nn.util import get_text_field_mask
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.dataset_readers.pair_sequence import PairSequenceReader
from tests.data.storable_test import storable, storable_characters

FIXTURE = "fixtures/readers/pair_sequence.jsonl"


def words(instance, name):
    return [token.text for token in instance[name]]


def write(path, *examples):
    path.write_text("".join(json.dumps(example) + "\n" for example in examples), encoding="utf-8")
    return str(path)


def tensors(reader, instances, vocab=None):
    batch = Batch(instances)
    for instance in batch.instances:
        reader.apply_token_indexers(instance)
    batch.index_instances(vocab or Vocabulary.from_instances(batch.instances))
    return batch.as_tensor_dict()


def test_reads_the_fixture():
    first, second, third = PairSequenceReader().read(FIXTURE)
    assert words(first, "premise") == ["a", "man", "is", "n", "t", "asleep"]
    assert words(first, "hypothesis") == ["somebody", "is", "awake"]
    assert first["label"].label == "entailment"
    assert first["metadata"].metadata == {
        "premise_tokens": words(first, "premise"),
        "hypothesis_tokens": words(first, "hypothesis"),
        "id": "first",
        "candidates": ["entailment", "neutral"],
    }
    assert words(second, "premise") == ["Not", "cleaned", "!"], "tokens are taken as they are"
    assert second["label"].label == "0", "an integer becomes a string"
    assert second["candidates"].labels == ["0", "attic"]
    assert second["metadata"]["candidates"] == ["0", "attic"]
    assert (second["metadata"]["rationale"], second["metadata"]["source"]) == ([1, 0, 0], "hand")
    assert (words(third, "premise"), words(third, "hypothesis")) == (["one", "label"], ["here"])


def test_is_built_from_a_config():
    reader = DatasetReader.from_params(
        Params(
            {
                "type": "pair_sequence",
                "tokenizer": {"type": "whitespace"},
                "token_indexers": {"words": {"type": "single_id"}},
                "hypothesis_token_indexers": {"words": {"type": "single_id", "namespace": "question_words"}},
                "max_premise_tokens": 2,
                "max_hypothesis_tokens": 1,
                "max_instances": 1,
            }
        )
    )
    (instance,) = reader.read(FIXTURE)
    assert words(instance, "premise") == ["A", "man"]
    assert words(instance, "hypothesis") == ["Somebody"]
    vocab = Vocabulary.from_instances([instance])
    assert vocab.get_vocab_size("tokens") == 4
    assert vocab.get_vocab_size("question_words") == 3


def test_one_vocabulary_unless_told_otherwise():
    (instance, *_) = PairSequenceReader().read(FIXTURE)
    assert set(Vocabulary.from_instances([instance]).get_namespaces()) == {"tokens", "labels"}


def test_packed_files(tmp_path):
    path = tmp_path / "data.jsonl.xz"
    with lzma.open(path, "wb") as file:
        file.write(b'\xef\xbb\xbf{"premise": "a", "hypothesis": "b"}\r\n\r\n')
    assert [words(instance, "premise") for instance in PairSequenceReader().read(str(path))] == [["a"]]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"premise": "cut off', "is not JSON"),
        ('{"hypothesis": "b"}', 'needs a "premise"'),
        ('{"premise": "a"}', 'needs a "hypothesis"'),
        ('{"premise": null, "hypothesis": "b"}', 'needs a "premise"'),
        ('{"premise": 3, "hypothesis": "b"}', '"premise" must be a string or a list of strings'),
        ('{"premise": "a", "hypothesis": ["b", 1]}', '"hypothesis" must be a string or a list of strings'),
        ('{"premise": "a", "hypothesis": "b", "candidates": "a"}', '"candidates" must be a non-empty list of strings'),
        ('{"premise": "a", "hypothesis": "b", "candidates": [1]}', '"candidates" must be a non-empty list of strings'),
        ('{"premise": ["a"], "hypothesis": ["b"], "rationale": [1, 0]}', '"rationale" has 2 values for 1 tokens'),
    ],
)
def test_a_broken_line_is_named(line, problem, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(f'{{"premise": "a", "hypothesis": "b"}}\n\n{line}\n')
    with pytest.raises(ConfigurationError, match=f"data.jsonl:3: {problem}"):
        list(PairSequenceReader().read(str(path)))


def test_any_other_key_is_metadata(tmp_path):
    line = {"premise": "a", "hypothesis": "b", "self": 1, "metadata": {"c": 3}, "label": None, "candidates": None}
    (instance,) = PairSequenceReader().read(write(tmp_path / "data.jsonl", line))
    assert instance["metadata"].metadata == {
        "premise_tokens": ["a"],
        "hypothesis_tokens": ["b"],
        "self": 1,
        "metadata": {"c": 3},
    }
    assert set(instance.fields) == {"premise", "hypothesis", "metadata"}


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
    line = {"premise": text, "hypothesis": text, "label": "1"}
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    (instance,) = PairSequenceReader().read(str(path))
    assert words(instance, "premise") == words(instance, "hypothesis") == expected
    assert instance["metadata"]["premise_tokens"] == instance["metadata"]["hypothesis_tokens"] == expected


@pytest.mark.parametrize("others", [[], [("a fine film", "is it")]])
def test_empty_texts_can_be_batched(others):
    reader = PairSequenceReader()
    batch = tensors(reader, [reader.text_to_instance(*pair) for pair in [("", ""), ("...", "why"), *others]])
    assert get_text_field_mask(batch["premise"]).sum(dim=1).tolist() == [0, 0] + [3] * len(others)
    assert get_text_field_mask(batch["hypothesis"]).sum(dim=1).tolist() == [0, 1] + [2] * len(others)


def test_limits_and_boundaries():
    def read(**options):
        instance = PairSequenceReader(**options).text_to_instance(["a", "b", "c"], ["d", "e"], rationale=[0, 1, 1])
        return [" ".join(words(instance, name)) for name in ("premise", "hypothesis")], instance["metadata"][
            "rationale"
        ]

    assert read() == (["a b c", "d e"], [0, 1, 1])
    assert read(max_premise_tokens=2) == (["a b", "d e"], [0, 1])
    assert read(max_hypothesis_tokens=1) == (["a b c", "d"], [0, 1, 1])
    assert read(max_premise_tokens=2, boundary_tokens=True) == (
        ["@start@ a b @end@", "@start@ d e @end@"],
        [0, 0, 1, 0],
    )
    for name in ("max_premise_tokens", "max_hypothesis_tokens"):
        with pytest.raises(ConfigurationError, match=f"{name} must be at least 1, not 0"):
            PairSequenceReader(**{name: 0})


def test_candidates_that_no_training_example_has():
    reader = PairSequenceReader()
    train = reader.text_to_instance("a", "b", label="x", candidates=["x", "y"])
    reader.apply_token_indexers(train)
    vocab = Vocabulary.from_instances([train])
    test = [
        reader.text_to_instance("a", "b", label="y", candidates=["y", "never"]),
        reader.text_to_instance("a", "b", candidates=["never"]),
    ]
    marks = tensors(reader, test[:1], vocab)["candidates"].tolist()
    assert marks == [[int(vocab.get_token_from_index(index, "labels") == "y") for index in range(2)]]
    assert tensors(reader, test[1:], vocab)["candidates"].tolist() == [[0, 0]]


def test_workers_share_the_lines(tmp_path):
    path = write(tmp_path / "data.jsonl", *({"premise": f"w{number}", "hypothesis": "h"} for number in range(5)))
    shares = []
    for worker in range(2):
        reader = PairSequenceReader()
        reader._set_worker_info(WorkerInfo(num_workers=2, id=worker))
        instances = list(reader.read(path))
        assert all(instance["premise"]._token_indexers is None for instance in instances), "not sent between processes"
        shares.append([words(instance, "premise")[0] for instance in instances])
    assert shares == [["w0", "w2", "w4"], ["w1", "w3"]]


def test_two_real_workers(tmp_path):
    examples = [{"premise": f"w{n}", "hypothesis": "h", "label": n % 2, "candidates": ["0", "1"]} for n in range(9)]
    path = write(tmp_path / "data.jsonl", *examples)
    loader = MultiProcessDataLoader(PairSequenceReader(), path, batch_size=2, num_workers=2)
    instances = list(loader.iter_instances())
    assert sorted(words(instance, "premise")[0] for instance in instances) == [f"w{number}" for number in range(9)]
    loader.index_with(Vocabulary.from_instances(instances))
    assert sum(len(batch["candidates"]) for batch in loader) == 9


texts = st.lists(storable, max_size=6)
labels = st.text(storable_characters, min_size=1, max_size=3) | st.integers(min_value=0)


@given(st.lists(st.tuples(texts, texts, labels.filter(lambda label: label != "-")), min_size=1, max_size=5))
def test_what_is_written_is_read(tmp_path_factory, examples):
    path = tmp_path_factory.mktemp("round_trip") / "data.jsonl"
    with open(path, "w", encoding="utf-8", errors="surrogatepass", newline="\n") as file:
        for premise, hypothesis, label in examples:
            file.write(json.dumps({"premise": premise, "hypothesis": hypothesis, "label": label}) + "\n")
    instances = list(PairSequenceReader().read(str(path)))
    assert [(words(instance, "premise"), words(instance, "hypothesis")) for instance in instances] == [
        (premise, hypothesis) for premise, hypothesis, _ in examples
    ]
    assert [instance["label"].label for instance in instances] == [str(label) for *_, label in examples]


def test_fields_are_those_of_the_snli_reader_of_allennlp_models(tmp_path):
    snli = pytest.importorskip("allennlp_models.pair_classification.dataset_readers.snli")
    pair = ("a man sleeps", "nobody sleeps")
    theirs = snli.SnliReader(tokenizer=WhitespaceTokenizer()).text_to_instance(*pair, "contradiction")
    ours = PairSequenceReader(tokenizer=WhitespaceTokenizer()).text_to_instance(*pair, "contradiction")
    assert set(ours.fields) == set(theirs.fields)
    for name in theirs.fields:
        assert type(ours[name]) is type(theirs[name])
    assert ours["metadata"].metadata == theirs["metadata"].metadata
    assert words(ours, "premise") == words(theirs, "premise")

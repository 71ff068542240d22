import bz2
import gzip
import json
import lzma

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import Token, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers.dataset_reader import WorkerInfo
from allennlp.data.tokenizers import CharacterTokenizer, WhitespaceTokenizer
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.data_loaders import FlatDataLoader
from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader
from attention_vat.data.dataset_readers.json_lines import Example, are_strings, as_strings, parse_object


def read(path, reader=None):
    return list((reader or SingleSequenceReader()).read_examples(str(path)))


def words(examples):
    return [as_strings(example.texts["tokens"]) for _, example in examples]


def test_lines_have_their_number_and_their_place_in_bytes(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes('\ufeff\r\n{"text": "é"}\r\n \t\n{"text": "b"}'.encode())
    (first, second) = (line for line, _ in read(path))
    assert first == (2, 5, '{"text": "é"}\r\n')
    assert second == (4, 24, '{"text": "b"}')


@given(
    st.lists(st.none() | st.text(max_size=5), max_size=8).map(lambda texts: [*texts, "last"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_line_begins_where_it_says(tmp_path_factory, texts, end):
    path = tmp_path_factory.mktemp("lines") / "data.jsonl"
    lines = ["" if text is None else json.dumps({"text": text, "id": text}, ensure_ascii=False) for text in texts]
    path.write_bytes("".join(line + end for line in lines).encode())
    found = read(path)
    assert [example.metadata["id"] for _, example in found] == [text for text in texts if text is not None]
    content = path.read_bytes()
    for line, example in found:
        assert json.loads(content[line.offset :].splitlines()[0])["id"] == example.metadata["id"]
        assert texts[line.number - 1] == example.metadata["id"]


@pytest.mark.parametrize(("opener", "suffix"), [(open, ""), (gzip.open, ".gz"), (lzma.open, ".xz")])
def test_packed_files_byte_order_mark_and_windows_lines(opener, suffix, tmp_path):
    path = tmp_path / f"data.jsonl{suffix}"
    with opener(path, "wb") as file:
        file.write(b'\xef\xbb\xbf{"text": "one"}\r\n\r\n  \n{"text": "two"}')
    found = read(path)
    assert words(found) == [["one"], ["two"]]
    assert [(line.number, line.offset) for line, _ in found] == [(1, 0), (4, 25)], "of what is unpacked"


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff", "\ufeff\r\n"])
def test_a_file_without_objects(content, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(content.encode())
    with pytest.raises(ConfigurationError, match="data.jsonl: holds nothing to read$"):
        read(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"text": "zwölf"}\n'.encode("latin-1"), r":1: is not UTF-8 text \(invalid start byte\)"),
        ('{"text": "é"}\n\n{"text": "é'.encode()[:-1], r":3: is not UTF-8 text \(unexpected end of data\)"),
        (b'{"text": "a"}\n\n{"text": "b', r":3: is not JSON \(Unterminated string"),
        (b'{"text": "a"}\n\xef\xbb\xbf{"text": "b"}', r":2: is not JSON \(Expecting value"),
    ],
    ids=["another encoding", "cut within a letter", "cut within a line", "two files in one"],
)
def test_a_file_that_is_broken_is_named_with_the_line(content, problem, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"data.jsonl{problem}"):
        read(path)


@pytest.mark.parametrize(("opener", "suffix"), [(gzip.open, ".gz"), (lzma.open, ".xz"), (bz2.open, ".bz2")])
@pytest.mark.parametrize("damage", ["cut", "not packed at all"])
def test_a_packed_file_that_is_broken_is_named(opener, suffix, damage, tmp_path):
    path = tmp_path / f"data.jsonl{suffix}"
    with opener(path, "wb") as file:
        file.write(b'{"text": "a"}\n' * 3)
    path.write_bytes(path.read_bytes()[:-9] if damage == "cut" else b'{"text": "a"}\n')
    with pytest.raises(
        ConfigurationError, match=rf"data.jsonl{suffix}: cannot be read after line \d \(.+\); create or download"
    ):
        read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.jsonl"):
        read(tmp_path / "nowhere.jsonl")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "cut off', "is not JSON"),
        ("", "is not JSON"),
        ("[" * 100000, "is not JSON"),
        ('["a", "list"]', "is not a JSON object such as"),
        ('"a"', "is not a JSON object such as"),
        ("null", "is not a JSON object such as"),
        ('{"label": 0.5}', '"label" must be a string or an integer'),
        ('{"label": ""}', "\"label\" has the label '', which is empty"),
        ('{"label": "@@UNKNOWN@@"}', "\"label\" has the label '@@UNKNOWN@@', which is reserved"),
        (r'{"label": "a\n"}', '"label" has the label .*, which contains a line end'),
        (r'{"label": "a\ud83d"}', '"label" has the label .*, which contains half a character'),
        ('{"label": NaN}', r"is not JSON \(NaN is not a JSON number\)"),
        ('{"id": [{"a": -Infinity}]}', r"is not JSON \(-Infinity is not a JSON number\)"),
        ('{"id": 1e999}', r"is not JSON \(the number 1e999 is too large\)"),
        (f'{{"id": {"9" * 100000}.0}}', r"is not JSON \(the number 9{20} is too large\)"),
        ('{"label": "1", "label": "1"}', r"is not JSON \(the key 'label' occurs more than once\)"),
        ('{"id": {"a": 1, "b": 2, "a": 3}}', r"is not JSON \(the key 'a' occurs more than once\)"),
        ('{"label": true}', '"label" must be a string or an integer'),
        ('{"label": ["1"]}', '"label" must be a string or an integer'),
        ('{"rationale": "1"}', '"rationale" must be a list of 0 and 1'),
        ('{"rationale": [2]}', '"rationale" must be a list of 0 and 1'),
        ('{"rationale": [null]}', '"rationale" must be a list of 0 and 1'),
        ('{"rationale": [[1]]}', '"rationale" must be a list of 0 and 1'),
        ('{"rationale": 0}', '"rationale" must be a list of 0 and 1'),
    ],
)
def test_what_is_wrong_with_a_line(line, problem):
    with pytest.raises(ValueError, match=f"^{problem}"):
        parse_object(line)


@pytest.mark.parametrize(
    ("label", "expected"),
    [("7", "7"), ("-3", "-3"), ("0", "0"), (str(10**300), str(10**300)), ("null", None)],
)
def test_a_label_is_the_string_of_its_number(label, expected):
    assert parse_object(f'{{"label": {label}}}')["label"] == expected


def test_an_object_is_otherwise_left_as_it_is():
    line = '{"id": null, "né": [{"a": 1e3}], "rationale": [true, 0]}'
    assert parse_object(line) == {"id": None, "né": [{"a": 1000.0}], "rationale": [True, 0]}
    assert parse_object("{}") == {}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], True),
        (["a", ""], True),
        (["a", 1], False),
        ([None], False),
        (None, False),
        ("ab", False),
        ({"a": 1}, False),
    ],
)
def test_only_a_list_of_strings_is_one(values, expected):
    assert are_strings(values) is expected


def test_words_become_strings_whoever_made_them():
    assert as_strings(["né", Token("b"), ""]) == ["né", "b", ""]
    assert as_strings([]) == []


@pytest.mark.parametrize(
    ("label", "candidates", "names"),
    [
        (None, None, ["premise", "hypothesis", "metadata"]),
        ("", None, ["premise", "hypothesis", "label", "metadata"]),
        (None, [], ["premise", "hypothesis", "candidates", "metadata"]),
    ],
)
def test_an_instance_has_fields_for_what_is_known(label, candidates, names):
    instance = PairSequenceReader().make_instance(Example({"premise": [], "hypothesis": ["a"]}, label, candidates, {}))
    assert list(instance.fields) == names
    assert [token.text for token in instance["hypothesis"].tokens] == ["a"]
    assert instance["metadata"].metadata.get("candidates") == candidates


def test_the_words_of_the_text_stand_for_what_the_line_says_under_their_name():
    metadata = {"premise_tokens": "of the line", "id": 10**30}
    example = Example({"premise": [Token("né")], "hypothesis": []}, None, None, metadata)
    made = PairSequenceReader().make_metadata(example)
    assert made == {"premise_tokens": ["né"], "hypothesis_tokens": [], "id": 10**30}
    assert metadata == {"premise_tokens": "of the line", "id": 10**30}


PAIR = '"premise": "a", "hypothesis": "b"'


@pytest.mark.parametrize(
    ("reader", "lines", "problem"),
    [
        (
            SingleSequenceReader,
            ['{"text": "a", "label": 1}', "", '{"text": "b"}'],
            ":3: has no label, but line 1 has; a file must have labels on all of its lines or on none$",
        ),
        (SingleSequenceReader, ['{"text": "a"}', '{"text": "b", "label": "1"}'], ":1: has no label, but line 2 has;"),
        (
            PairSequenceReader,
            [f"{{{PAIR}}}", f'{{{PAIR}, "candidates": ["x"]}}'],
            ":1: has no candidates, but line 2 has; a file must have candidates on all",
        ),
        (PairSequenceReader, [f'{{{PAIR}, "label": "-"}}'] * 2, r": holds nothing to read \(pairs labelled"),
        (PairSequenceReader, [f'{{{PAIR}, "label": "2", "candidates": ["0", "1"]}}'], ":1: the label '2' is not among"),
        (
            PairSequenceReader,
            [f'{{{PAIR}, "candidates": [""]}}'],
            ":1: \"candidates\" has the label '', which is empty",
        ),
        (PairSequenceReader, [f'{{{PAIR}, "candidates": []}}'], ':1: "candidates" must be a non-empty list'),
        (PairSequenceReader, ['{"premise": ["a"], "hypothesis": ["b\\r"]}'], ':1: "hypothesis" has the word \'b'),
    ],
)
def test_a_file_that_could_not_be_trained_on_is_refused(reader, lines, problem, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigurationError, match=f"data.jsonl{problem}"):
        list(reader().read(str(path)))
    with pytest.raises(ConfigurationError, match=f"data.jsonl{problem}"):
        MultiProcessDataLoader(reader(), str(path), batch_size=1)
    with pytest.raises(ConfigurationError, match=f"data.jsonl{problem}"):
        FlatDataLoader(reader(), str(path), batch_size=1, quiet=True).index_with(Vocabulary())


def test_a_filter_that_leaves_nothing_is_named(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "too short"}\n')
    with pytest.raises(
        ConfigurationError, match=r"holds nothing to read \(sentences of fewer than 3 words are left out"
    ):
        list(SingleSequenceReader(min_tokens=3).read(str(path)))


def test_each_worker_knows_what_the_first_line_has(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "short"}\n{"text": "a b", "label": "1"}\n{"text": "c d", "label": "1"}\n{"text": "e f"}')
    for worker, expected in ((0, ["c d"]), (1, ["a b", "e f"])):
        reader = SingleSequenceReader(min_tokens=2)
        reader._set_worker_info(WorkerInfo(num_workers=2, id=worker))
        examples = reader.read_examples(str(path), alike=[])
        found = [" ".join(as_strings(example.texts["tokens"])) for _, example in examples]
        assert found == expected
    with pytest.raises(ConfigurationError, match="data.jsonl:4: has no label, but line 2 has"):
        list(reader.read(str(path)))


def test_pairs_without_a_gold_label_are_left_out(tmp_path):
    path = tmp_path / "data.jsonl"
    labels = ('"-"', "-1", '"-1"', "0", "1")
    path.write_text("\n".join(f'{{{PAIR}, "label": {label}, "candidates": ["0", "1"]}}' for label in labels))
    assert [instance["label"].label for instance in PairSequenceReader().read(str(path))] == ["0", "1"]
    assert "label" not in PairSequenceReader().text_to_instance("a", "b", label="-").fields
    path.write_text('{"text": "a", "label": -1}\n{"text": "b", "label": 1}')
    assert [instance["label"].label for instance in SingleSequenceReader().read(str(path))] == ["-1", "1"]


@pytest.mark.parametrize("tokenizer", [None, WhitespaceTokenizer(), CharacterTokenizer()])
def test_half_an_emoji_and_line_ends_disappear_from_raw_text(tokenizer, tmp_path):
    path = tmp_path / "data.jsonl"
    text = r"so good \ud83d\r\n\u2028really\ud83d"
    path.write_text(f'{{"text": "{text}", "id": "x\\ud83d"}}\n{{"text": "b"}}')
    first, _ = SingleSequenceReader(tokenizer=tokenizer).read(str(path))
    assert "".join(token.text for token in first["tokens"]).replace(" ", "") == "sogoodreally"
    assert first["metadata"]["id"] == "x"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((["a", "\ud83d"], "b"), '"premise" has the word .*half a character'),
        (("a", ["@@PADDING@@"]), '"hypothesis" has the word'),
        (("a", "b", "x\n"), '"label" has the label'),
        (("a", "b", 0.5), '"label" must be a string or an integer'),
        (("a", "b", None, [1, 2]), '"candidates" must be a non-empty list of strings'),
        (("a", "b", "2", ["0", "1"]), "the label '2' is not among the candidates"),
    ],
)
def test_a_prediction_is_checked_as_a_line(arguments, problem):
    with pytest.raises(ConfigurationError, match=f"^Invalid input: {problem}"):
        PairSequenceReader().text_to_instance(*arguments)


def test_the_words_of_any_tokenizer_are_checked():
    with pytest.raises(ConfigurationError, match="^Invalid input: \"tokens\" has the word '@@UNKNOWN@@'"):
        SingleSequenceReader(tokenizer=WhitespaceTokenizer()).text_to_instance("an @@UNKNOWN@@ word")
    assert "unknown" in SingleSequenceReader().text_to_instance("an @@UNKNOWN@@ word")["metadata"]["tokens"]

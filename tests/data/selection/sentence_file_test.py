import gzip
import io
import json

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.selection.sentence_file import SentenceFile, new_vocabulary


def write(path, *examples):
    path.write_text("".join(json.dumps(example) + "\n" for example in examples), encoding="utf-8")
    return path


def test_words_become_numbers(tmp_path):
    path = write(tmp_path / "pool.jsonl", {"tokens": ["a", "b", "a"]}, {"text": "B, c!"}, {"tokens": []}, {"text": "?"})
    sentences = SentenceFile(path, new_vocabulary())
    assert dict(sentences.vocabulary) == {"a": 0, "b": 1, "c": 2}
    assert sentences.word_ids.tolist() == [0, 1, 0, 1, 2]
    assert sentences.starts.tolist() == [0, 3, 5]
    assert len(sentences) == 2
    assert sentences.empty == 2
    assert sentences.word_counts(numpy.array([1, 0])).toarray().tolist() == [[0, 1, 1], [2, 1, 0]]


def test_two_files_share_a_vocabulary(tmp_path):
    vocabulary = new_vocabulary()
    SentenceFile(write(tmp_path / "a.jsonl", {"tokens": ["x", "y"]}), vocabulary)
    second = SentenceFile(write(tmp_path / "b.jsonl", {"tokens": ["z", "y"]}), vocabulary)
    assert second.word_ids.tolist() == [2, 1]


def test_hashes_tell_order_and_repetition_apart(tmp_path):
    rng = numpy.random.default_rng(0)
    sentences = [[str(word) for word in rng.integers(0, 3, size=rng.integers(1, 8))] for _ in range(3000)]
    vocabulary = new_vocabulary()
    file = SentenceFile(write(tmp_path / "a.jsonl", *({"tokens": words} for words in sentences)), vocabulary)
    names = {}
    for words, number in zip(sentences, file.hashes().tolist()):
        assert names.setdefault(number, words) == words
    assert len(names) == len({tuple(words) for words in sentences})
    # The same sentence has the same hash at another place, also where blocks meet.
    other = SentenceFile(write(tmp_path / "b.jsonl", *({"tokens": words} for words in sentences[::-1])), vocabulary)
    assert other.hashes().tolist() == file.hashes().tolist()[::-1]


def test_hashes_of_several_blocks(tmp_path):
    sentences = [{"tokens": [str(number % 7), str(number % 11)]} for number in range(2**16 + 50)]
    hashes = SentenceFile(write(tmp_path / "a.jsonl", *sentences), new_vocabulary()).hashes()
    assert len(numpy.unique(hashes)) == 77
    assert (hashes[77:] == hashes[:-77]).all()


def test_lines_are_copied_unchanged(tmp_path):
    lines = ['{"text": "One."}', "", '{"tokens":[]}', '{"tokens": ["é"],  "x": 1}', '{"text": "last"}']
    with gzip.open(tmp_path / "pool.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\ufeff" + "\r\n".join(lines))
    sentences = SentenceFile(tmp_path / "pool.jsonl.gz", new_vocabulary())
    output = io.StringIO()
    sentences.copy_lines(numpy.array([2, 0]), output)
    assert output.getvalue() == '{"text": "One."}\n{"text": "last"}\n'
    output = io.StringIO()
    sentences.copy_lines(numpy.array([1]), output)
    assert output.getvalue() == '{"tokens": ["é"],  "x": 1}\n'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"text": "fine"}\n{"text": 3}\n', 'pool.jsonl:2: "text" must be a string'),
        (b'\n{"tex', "pool.jsonl:2: is not JSON"),
        (rb'{"text": "\ud83d", "label": NaN}', "pool.jsonl:1: is not JSON"),
        (
            rb'{"text": "fine"}' + b"\n\n" + rb'{"tokens": ["a", "film\r"]}',
            "pool.jsonl:3: \"tokens\" has the word 'film\\r', which contains a line end",
        ),
        (b'{"text": "fine"}\n\xff\n', "pool.jsonl:2: is not UTF-8 text"),
        (b'{"text": "..."}\n', "pool.jsonl: holds no sentence with a word"),
        (b"", "pool.jsonl: holds no sentence with a word"),
    ],
)
def test_broken_files(tmp_path, content, problem):
    (tmp_path / "pool.jsonl").write_bytes(content)
    with pytest.raises(ConfigurationError) as error:
        SentenceFile(tmp_path / "pool.jsonl", new_vocabulary())
    assert problem in str(error.value)


def test_missing_and_cut_off_files(tmp_path):
    with pytest.raises(ConfigurationError, match="nowhere.jsonl: no such file"):
        SentenceFile(tmp_path / "nowhere.jsonl", new_vocabulary())
    whole = gzip.compress(b'{"text": "fine"}\n' * 1000)
    (tmp_path / "pool.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigurationError, match="cannot be read after line"):
        SentenceFile(tmp_path / "pool.jsonl.gz", new_vocabulary())

import json
import os
import pickle

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.keras_imdb import read_keras_reviews
from attention_vat.data.corpora.sources import Source

INDEX = {"fine": 1, "film": 2, "br": 3}


def read(folder, content, index=INDEX):
    (folder / "imdb_full.pkl").write_bytes(content)
    (folder / "imdb_word_index.json").write_text(json.dumps(index))
    source = Source(folder)
    return list(read_keras_reviews(source, "imdb_full.pkl", source, "imdb_word_index.json"))


def reviews(kind, label=list):
    return ((kind([[1, 2], [2]]), label([1, 0])), (kind([[1, 3, 2]]), label([0])))


def ragged(rows):
    array = numpy.empty(len(rows), dtype=object)
    array[:] = rows
    return array


def numbers(rows):
    return [numpy.array(row) for row in rows]


EVERY_PROTOCOL = range(pickle.HIGHEST_PROTOCOL + 1)
# With others, the numpy of today writes names that the file of 2015 does not need.
KINDS = [(kind, protocol) for kind in (list, tuple) for protocol in EVERY_PROTOCOL]
KINDS += [(kind, protocol) for kind in (ragged, numbers) for protocol in (3, 4)]


@pytest.mark.parametrize(("kind", "protocol"), KINDS)
def test_lists_tuples_and_arrays_are_read(kind, protocol, tmp_path):
    labels = list if kind in (list, tuple) else numpy.array
    examples = read(tmp_path, pickle.dumps(reviews(kind, labels), protocol=protocol))
    assert examples == [
        ("train", {"id": "train-1", "text": "fine film", "label": "1"}),
        ("train", {"id": "train-2", "text": "film", "label": "0"}),
        ("test", {"id": "test-1", "text": "fine <br /> film", "label": "0"}),
    ]


def test_numbers_of_python_2(tmp_path):
    """Its `cPickle` wrote long integers and marks in other ways."""
    written = b"((((lp1\n(lp2\nI1\naL2L\naa(lp3\nI1\natp4\n((lp5\n(lp6\nI2\naa(lp7\nI0\nattp8\n."
    assert read(tmp_path, written) == [
        ("train", {"id": "train-1", "text": "fine film", "label": "1"}),
        ("test", {"id": "test-1", "text": "film", "label": "0"}),
    ]


def test_arrays_of_python_2(tmp_path):
    labels = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1\ntcnumpy\ndtype\n"
        b"(S'i1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x01'\ntb"
    )
    written = b"(((lp1\n(lp2\nI1\naa" + labels + b"t((lp5\n(lp6\nI2\naa" + labels + b"tt."
    assert [(example["text"], example["label"]) for _, example in read(tmp_path, written)] == [
        ("fine", "1"),
        ("film", "1"),
    ]


class Malicious:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", EVERY_PROTOCOL)
@pytest.mark.parametrize("place", ["outside", "inside"])
def test_a_malicious_pickle_runs_nothing(place, protocol, tmp_path):
    target = tmp_path / "harmed"
    attack = Malicious(os.mkdir, str(target))
    content = attack if place == "outside" else (([attack], [1]), ([[1]], [0]))
    with pytest.raises(ConfigurationError, match="imdb_full.pkl of Keras .it asks for (posix|nt).mkdir"):
        read(tmp_path, pickle.dumps(content, protocol=protocol))
    assert not target.exists()


@pytest.mark.parametrize(
    "attack",
    [
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"c__builtin__\neval\n(S'1'\ntR.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"(S'true'\nios\nsystem\n.",  # the old opcode that imports and calls at once
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\nfromfile\n.",
        b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.dumps\x93.",  # an attribute of what is admitted
        b"\x82\x01.",  # a registered extension
        b"Pname\n.",  # something kept elsewhere
    ],
)
def test_nothing_else_is_admitted(attack, tmp_path):
    with pytest.raises(ConfigurationError, match="is not the imdb_full.pkl of Keras"):
        read(tmp_path, attack)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([1, 2], "is not the imdb_full.pkl of Keras"),
        (((1, 2), (3, 4)), "is not the imdb_full.pkl of Keras"),
        ((([[1]], [1, 0]), ([[1]], [0])), "the numbers of reviews and labels differ"),
        ((([[1]], [1]), ([[1], [9]], [0, 1])), "review 2 of test does not match"),
        ((([[1]], [7]), ([[1]], [0])), "review 1 of train does not match"),
        ((([[1]], [-1]), ([[1]], [0])), "review 1 of train does not match"),
        ((([["fine"]], [1]), ([[1]], [0])), "review 1 of train does not match"),
        ((([5], [1]), ([[1]], [0])), "review 1 of train does not match"),
    ],
)
def test_other_contents(content, problem, tmp_path):
    with pytest.raises(ConfigurationError, match=problem):
        read(tmp_path, pickle.dumps(content))


def test_broken_files(tmp_path):
    whole = pickle.dumps(reviews(list))
    with pytest.raises(ConfigurationError, match="is not the imdb_full.pkl of Keras"):
        read(tmp_path, whole[:-10])
    with pytest.raises(ConfigurationError, match="imdb_word_index.json: is not a word index"):
        read(tmp_path, whole, index=["fine"])

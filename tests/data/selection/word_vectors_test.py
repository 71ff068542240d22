import gzip

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.selection.word_vectors import read_word_vectors

VOCABULARY = {"good": 0, "new york": 1, "unknown": 2, "bad": 3}
TEXT = "good 1 2\nother 5 5\nnew york 3 4\nbad -1 0.5\n"
EXPECTED = [[1, 2], [3, 4], [0, 0], [-1, 0.5]]


def test_text(tmp_path):
    (tmp_path / "plain.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "counted.vec").write_text("4 2\n" + TEXT, encoding="utf-8")
    with gzip.open(tmp_path / "packed.txt.gz", "wt", encoding="utf-8") as file:
        file.write(TEXT)
    for name in ("plain.txt", "counted.vec", "packed.txt.gz"):
        vectors = read_word_vectors(tmp_path / name, VOCABULARY)
        assert vectors.dtype == numpy.float32
        assert vectors.tolist() == EXPECTED, name


def test_npz(tmp_path):
    words = numpy.array(["bad", "other", "good", "new york"])
    vectors = numpy.array([[-1, 0.5], [5, 5], [1, 2], [3, 4]], dtype=numpy.float16)
    numpy.savez(tmp_path / "v.npz", words=words, vectors=vectors)
    found = read_word_vectors(tmp_path / "v.npz", VOCABULARY)
    assert found.dtype == numpy.float32
    assert found.tolist() == EXPECTED


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("good 1 2\nbad 1\n", "v.txt:2: is not a word and its numbers (there are 1, not 2)"),
        ("good 1 2\nbad 1 x\n", "v.txt:2: is not a word and its numbers (could not convert"),
        ("3 2\ngood 1 2\nbad 1 x\n", "v.txt:3: is not a word and its numbers (could not convert"),
        ("good\n", "v.txt:1: is not a word and its numbers (there are none)"),
        ("4 2\n", "v.txt: holds no word vectors"),
        ("", "v.txt: word vectors cannot be read"),
        ("good 1 nan\n", "v.txt:1: is not a word and its numbers (they are not finite)"),
        ("2 2\nother 1 nan\nbad 1e39 1\n", "v.txt:3: is not a word and its numbers (they are not finite)"),
    ],
)
def test_broken_text(tmp_path, content, problem):
    (tmp_path / "v.txt").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        read_word_vectors(tmp_path / "v.txt", VOCABULARY)
    assert problem in str(error.value)


def test_broken_npz(tmp_path):
    path = tmp_path / "v.npz"
    with pytest.raises(ConfigurationError, match="no such file"):
        read_word_vectors(path, VOCABULARY)
    path.write_bytes(b"PK not a zip")
    with pytest.raises(ConfigurationError, match='must hold the arrays "words" and "vectors"'):
        read_word_vectors(path, VOCABULARY)
    numpy.savez(path, words=numpy.array(["a"]))
    with pytest.raises(ConfigurationError, match='must hold the arrays "words" and "vectors"'):
        read_word_vectors(path, VOCABULARY)
    numpy.savez(path, words=numpy.array(["a"]), vectors=numpy.ones((2, 3)))
    with pytest.raises(ConfigurationError, match=r"has 1 words but vectors of shape \(2, 3\)"):
        read_word_vectors(path, VOCABULARY)


def test_a_pickle_is_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was loaded",))

    numpy.savez(tmp_path / "v.npz", words=numpy.array([Trap()], dtype=object), vectors=numpy.ones((1, 3)))
    with pytest.raises(ConfigurationError, match="without pickles"):
        read_word_vectors(tmp_path / "v.npz", VOCABULARY)


def test_arrays_of_something_else(tmp_path):
    path = tmp_path / "v.npz"
    numpy.savez(path, words=numpy.array(["good", "bad"]), vectors=numpy.array([[1.0], [numpy.inf]]))
    with pytest.raises(ConfigurationError, match="the vector of 'bad' is not finite"):
        read_word_vectors(path, VOCABULARY)
    numpy.savez(path, words=numpy.array([["good"], ["bad"]]), vectors=numpy.ones((2, 1)))
    with pytest.raises(ConfigurationError, match="words that are not strings"):
        read_word_vectors(path, VOCABULARY)
    numpy.savez(path, words=numpy.array("good"), vectors=numpy.ones((1, 1)))
    with pytest.raises(ConfigurationError, match="has no words"):
        read_word_vectors(path, VOCABULARY)

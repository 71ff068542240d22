import json
import math

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.selection import BagOfWords, MeanEmbedding
from attention_vat.data.selection.sentence_file import SentenceFile, new_vocabulary


def files(tmp_path, labeled, pool):
    vocabulary = new_vocabulary()
    for name, sentences in (("labeled", labeled), ("pool", pool)):
        lines = (json.dumps({"tokens": sentence.split()}) + "\n" for sentence in sentences)
        (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return tuple(SentenceFile(tmp_path / f"{name}.jsonl", vocabulary) for name in ("labeled", "pool"))


def test_bag_of_words_by_hand(tmp_path):
    labeled, pool = files(tmp_path, ["a b b"], ["a c", "left out", "a"])
    queries, vectors = BagOfWords().vectors(labeled, pool, numpy.array([0, 2]))
    # Over the two candidates: a is in both, b in none, c in one.
    a, b, c = 1 + math.log(3 / 3), 1 + math.log(3 / 1), 1 + math.log(3 / 2)
    numbers = [pool.vocabulary[word] for word in "abc"]
    query = numpy.array([a, 2 * b, 0]) / math.hypot(a, 2 * b)
    numpy.testing.assert_allclose(queries.toarray()[:, numbers], [query], rtol=1e-6)
    expected = [numpy.array([a, 0, c]) / math.hypot(a, c), [1, 0, 0]]
    numpy.testing.assert_allclose(vectors.toarray()[:, numbers], expected, rtol=1e-6)
    assert queries.dtype == vectors.dtype == numpy.float32


def test_mean_embedding_by_hand(tmp_path):
    labeled, pool = files(tmp_path, ["a b b", "x"], ["a x x", "left out", "x", "b a"])
    (tmp_path / "v.txt").write_text("a 3 0\nb 0 2\n", encoding="utf-8")
    queries, vectors = MeanEmbedding(str(tmp_path / "v.txt")).vectors(labeled, pool, numpy.array([0, 2, 3]))
    # x has no vector: it does not pull the mean anywhere.
    numpy.testing.assert_allclose(queries, [[0.6, 0.8], [0, 0]], rtol=1e-6)
    numpy.testing.assert_allclose(vectors, [[1, 0], [0, 0], numpy.array([3, 2]) / math.sqrt(13)], rtol=1e-6)


def test_nothing_in_common(tmp_path):
    labeled, pool = files(tmp_path, ["a b"], ["c d"])
    with pytest.raises(ConfigurationError, match=r"no word of .*labeled.jsonl occurs in .*pool.jsonl"):
        BagOfWords().vectors(labeled, pool, numpy.array([0]))
    for word, name in (("c", "labeled"), ("a", "pool")):
        (tmp_path / "v.txt").write_text(f"{word} 1 2\n", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=rf"no word of .*{name}.jsonl has a vector in .*v.txt"):
            MeanEmbedding(str(tmp_path / "v.txt")).vectors(labeled, pool, numpy.array([0]))


def test_missing_vectors_are_noticed_early():
    with pytest.raises(ConfigurationError, match="nowhere.txt: no such file; check --vectors"):
        MeanEmbedding("nowhere.txt").check()
    MeanEmbedding("https://example.com/glove.6B.zip").check()
    MeanEmbedding("(glove.zip)#glove.6B.50d.txt").check()

"""
Turns sentences into vectors, whose cosine says how near two sentences are.
"""

from pathlib import Path
from typing import Any, Dict, Tuple

import numpy
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.data.selection.sentence_file import SentenceFile
from attention_vat.data.selection.word_vectors import read_word_vectors

BLOCK = 2**16


class Representation(Registrable):
    """
    Turns sentences into vectors of length 1, or into zeros if it knows nothing about them.
    """

    default_implementation = "bag_of_words"

    sparse: bool = False
    """Whether `vectors` returns sparse matrices, which no index accepts."""

    def check(self) -> None:
        """
        Raises a `ConfigurationError` if a requirement is missing, before any file is read.
        """

    def describe(self) -> Dict[str, Any]:
        """
        Returns name and parameters, for `selection.json`.
        """
        raise NotImplementedError

    def vectors(self, labeled: SentenceFile, pool: SentenceFile, candidates: numpy.ndarray) -> Tuple[Any, Any]:
        """
        # Parameters

        labeled : `SentenceFile`
        pool : `SentenceFile`
            A pool with the same vocabulary.
        candidates : `numpy.ndarray`
            Indices into the pool (int).

        # Returns

        labeled_vectors, candidate_vectors : `Tuple[Any, Any]`
            Shapes `(len(labeled), dimension)` and `(len(candidates), dimension)`, float32, a `numpy.ndarray` each, or
            a `scipy.sparse.csr_matrix` if `sparse`.
        """
        raise NotImplementedError


@Representation.register("bag_of_words")
class BagOfWords(Representation):
    """
    Represents a sentence by its words, in any order: two sentences are near if they share rare words.

    `x_w = tf_w · idf_w` with `idf_w = 1 + ln((1 + N) / (1 + df_w))`, over the N candidates; `x` is then divided by its
    length.

    The vectors are sparse, so they are never indexed but always compared exactly.

    Registered as a `Representation` with name "bag_of_words".
    """

    sparse = True

    def describe(self) -> Dict[str, Any]:
        return {"type": "bag_of_words"}

    def vectors(self, labeled: SentenceFile, pool: SentenceFile, candidates: numpy.ndarray) -> Tuple[Any, Any]:
        labeled_counts = labeled.word_counts(numpy.arange(len(labeled)))
        pool_counts = pool.word_counts(candidates)
        sentences_with = numpy.bincount(pool_counts.indices, minlength=len(pool.vocabulary))
        if not sentences_with[labeled_counts.indices].any():
            raise ConfigurationError(f"no word of {labeled.path} occurs in {pool.path}")
        idf = 1 + numpy.log((1 + len(candidates)) / (1 + sentences_with))
        for counts in (labeled_counts, pool_counts):
            counts.data *= idf[counts.indices].astype(numpy.float32)
            # Every sentence has words, so no length is 0.
            lengths = numpy.sqrt(numpy.add.reduceat(counts.data**2, counts.indptr[:-1]))
            counts.data /= numpy.repeat(lengths, numpy.diff(counts.indptr))
        return labeled_counts, pool_counts


@Representation.register("mean_embedding")
class MeanEmbedding(Representation):
    """
    Represents what a sentence is about: the mean of its word vectors, over the words that have one, divided by its
    length.

    Registered as a `Representation` with name "mean_embedding".

    # Parameters

    vectors : `str`
        A file of word vectors, see `read_word_vectors`.  Words are looked up unchanged; those of `make-dataset` are
        lower case.
    """

    def __init__(self, vectors: str) -> None:
        self.vectors_file = vectors

    def check(self) -> None:
        # Anything else is a URL, or a file inside an archive.
        is_path = "://" not in self.vectors_file and not self.vectors_file.startswith("(")
        if is_path and not Path(self.vectors_file).is_file():
            raise ConfigurationError(f"{self.vectors_file}: no such file; check --vectors")

    def describe(self) -> Dict[str, Any]:
        return {"type": "mean_embedding", "vectors": self.vectors_file}

    def vectors(self, labeled: SentenceFile, pool: SentenceFile, candidates: numpy.ndarray) -> Tuple[Any, Any]:
        word_vectors = read_word_vectors(self.vectors_file, pool.vocabulary)
        everything = numpy.arange(len(labeled))
        labeled_means = self._means(labeled, everything, word_vectors)
        candidate_means = self._means(pool, candidates, word_vectors)
        for path, means in ((labeled.path, labeled_means), (pool.path, candidate_means)):
            if not means.any():
                raise ConfigurationError(f"no word of {path} has a vector in {self.vectors_file}")
        return labeled_means, candidate_means

    @staticmethod
    def _means(sentences: SentenceFile, chosen: numpy.ndarray, word_vectors: numpy.ndarray) -> numpy.ndarray:
        counts = sentences.word_counts(chosen)
        means = numpy.empty((len(chosen), word_vectors.shape[1]), dtype=numpy.float32)
        for start in range(0, len(chosen), BLOCK):
            # Divided by their lengths, the sum and the mean are equal.
            block = counts[start : start + BLOCK] @ word_vectors
            lengths = numpy.linalg.norm(block, axis=1, keepdims=True)
            means[start : start + BLOCK] = block / numpy.where(lengths == 0, 1, lengths)
        return means

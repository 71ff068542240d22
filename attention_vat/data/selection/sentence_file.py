"""
Holds a file of sentences as arrays of word numbers: a million sentences take about 100 MB, and their text stays on
disk.
"""

from array import array
from collections import defaultdict
from os import PathLike
from pathlib import Path
from typing import IO, Any, Dict, List, Union

import numpy
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import open_compressed

from attention_vat.common.lines import numbered_lines
from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.dataset_readers.single_sequence import parse_line
from attention_vat.data.storable import check_words, mend


def new_vocabulary() -> Dict[str, int]:
    """
    Returns a dictionary that numbers words from 0 in the order of their first look-up.
    """
    vocabulary: Dict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__  # type: ignore[attr-defined]
    return vocabulary


class SentenceFile:
    """
    The sentences of a jsonl file in the format of the `single_sequence` reader, held as word numbers.

    `tokens` are used unchanged, if a vocabulary can store them; a `text` is cleaned as in `allennlp make-dataset`.
    Sentences without words are counted in `empty` and left out.

    # Parameters

    path : `Union[str, PathLike]`
        Plain or compressed (`.gz`, `.xz`, `.bz2`), read line by line.  Raises a `ConfigurationError` with `file:line`
        for a broken line, and if the file is missing or holds no sentence.
    vocabulary : `Dict[str, int]`
        A result of `new_vocabulary`, shared by all files that are compared; words are added to it.

    # Attributes

    word_ids : `numpy.ndarray`
        Shape `(words,)`, int32: all sentences, concatenated.
    starts : `numpy.ndarray`
        Shape `(sentences + 1,)`, int64: where each sentence starts in `word_ids`, and the end.
    lines : `numpy.ndarray`
        Shape `(sentences,)`, int64: line numbers, from 1.
    """

    def __init__(self, path: Union[str, PathLike], vocabulary: Dict[str, int]) -> None:
        self.path = Path(path)
        self.vocabulary = vocabulary
        self.empty = 0
        if not self.path.is_file():
            raise ConfigurationError(f"{self.path}: no such file")
        word_ids, starts, lines = array("i"), array("q", [0]), array("q")
        with open_compressed(str(self.path), mode="rb", encoding=None) as file:
            in_file = numbered_lines(file, str(self.path))
            for line in Tqdm.tqdm(in_file, desc=self.path.name, unit=" lines"):
                if not line.text.strip():
                    continue
                try:
                    words = _words_of(line.text)
                except ValueError as error:
                    raise ConfigurationError(f"{self.path}:{line.number}: {error}") from error
                if not words:
                    self.empty += 1
                    continue
                word_ids.extend(map(vocabulary.__getitem__, words))
                starts.append(len(word_ids))
                lines.append(line.number)
        if not lines:
            raise ConfigurationError(f"{self.path}: holds no sentence with a word")
        self.word_ids = numpy.frombuffer(word_ids, dtype=numpy.int32)
        self.starts = numpy.frombuffer(starts, dtype=numpy.int64)
        self.lines = numpy.frombuffer(lines, dtype=numpy.int64)

    def __len__(self) -> int:
        return len(self.lines)

    def hashes(self) -> numpy.ndarray:
        """
        Returns a 64-bit hash of the words of each sentence in order, the same for all files with this vocabulary; shape
        `(sentences,)`.  Among a million sentences, the probability of a collision is below 1e-6.
        """
        values = numpy.random.default_rng(0).integers(0, 2**64, size=len(self.vocabulary), dtype=numpy.uint64)
        lengths = numpy.diff(self.starts)
        # h = Σ_t value(word_t) · a^t modulo 2^64, with a odd.
        powers = numpy.cumprod(numpy.full(lengths.max(), 0x9E3779B97F4A7C15, dtype=numpy.uint64))
        hashes: numpy.ndarray = numpy.empty(len(self), dtype=numpy.uint64)
        for first in range(0, len(self), 2**16):
            last = min(first + 2**16, len(self))
            start, end = self.starts[first], self.starts[last]
            begins = self.starts[first:last] - start
            position = numpy.arange(end - start) - numpy.repeat(begins, lengths[first:last])
            terms = values[self.word_ids[start:end]] * powers[position]
            hashes[first:last] = numpy.add.reduceat(terms, begins)
        return hashes

    def word_counts(self, chosen: numpy.ndarray) -> Any:
        """
        Counts each word in each of the `chosen` sentences (int array).  Returns a `scipy.sparse.csr_matrix` of shape
        `(len(chosen), len(vocabulary))`, float32.
        """
        from scipy.sparse import csr_matrix

        shape = (len(self), len(self.vocabulary))
        ones: numpy.ndarray = numpy.ones(len(self.word_ids), dtype=numpy.float32)
        counts = csr_matrix((ones, self.word_ids, self.starts), shape=shape)[chosen]
        counts.sum_duplicates()
        return counts

    def copy_lines(self, chosen: numpy.ndarray, output: IO[str]) -> None:
        """
        Reads the file a second time and writes the lines of the `chosen` sentences (int array), in the file's order.
        """
        wanted: numpy.ndarray = numpy.zeros(int(self.lines[-1]) + 1, dtype=bool)
        wanted[self.lines[chosen]] = True
        with open_compressed(str(self.path), mode="rb", encoding=None) as file:
            in_file = numbered_lines(file, str(self.path))
            for keep, line in zip(wanted[1:], Tqdm.tqdm(in_file, desc="writing", unit=" lines", total=len(wanted) - 1)):
                if keep:
                    output.write(line.text.rstrip("\r\n") + "\n")


def _words_of(line: str) -> List[str]:
    text_or_tokens, _, _ = parse_line(line)
    if isinstance(text_or_tokens, str):
        return clean_words(mend(text_or_tokens))
    check_words("tokens", text_or_tokens)
    return text_or_tokens

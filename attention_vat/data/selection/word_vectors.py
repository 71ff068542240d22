"""
Reads the word vectors of a vocabulary from a text file or a `.npz`.
"""

from os import PathLike
from pathlib import Path
from typing import Dict, Optional, Union

import numpy
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import one_line, quoted
from attention_vat.data.dataset_readers.json_lines import are_strings


def read_word_vectors(path: Union[str, PathLike], vocabulary: Dict[str, int]) -> numpy.ndarray:
    """
    Returns the vector of each word of a vocabulary, with zeros for words without a vector.

    # Parameters

    path : `Union[str, PathLike]`
        A text file in the format of GloVe or fastText, plain or compressed: a word and its numbers on each line,
        separated by single spaces, with or without a first line of counts.  It can be anything that AllenNLP's
        `embedding` accepts as `pretrained_file`, such as a URL or `(archive.zip)#file.txt`.  Or a `.npz` with the
        arrays `words` and `vectors`.  Raises a `ConfigurationError` if it cannot be read, and with `file:line` for a
        broken line.
    vocabulary : `Dict[str, int]`

    # Returns

    vectors : `numpy.ndarray`
        Shape `(len(vocabulary), dimension)`, float32.
    """
    if Path(path).suffix == ".npz":
        return _from_npz(Path(path), vocabulary)
    return _from_text(str(path), vocabulary)


def _from_npz(path: Path, vocabulary: Dict[str, int]) -> numpy.ndarray:
    if not path.is_file():
        raise ConfigurationError(f"{path}: no such file; check --vectors")
    try:
        with numpy.load(path, allow_pickle=False) as arrays:
            words, vectors = arrays["words"].tolist(), arrays["vectors"]
    except Exception as error:  # from zip, or from the header or size of an array
        raise ConfigurationError(f'{path}: must hold the arrays "words" and "vectors", without pickles') from error
    if not isinstance(words, list) or vectors.ndim != 2 or len(words) != len(vectors):
        number = len(words) if isinstance(words, list) else "no"
        raise ConfigurationError(f"{path}: has {number} words but vectors of shape {vectors.shape}")
    if not are_strings(words) or vectors.dtype.kind not in "fiu":
        raise ConfigurationError(f"{path}: has words that are not strings, or vectors that are not numbers")
    found = numpy.zeros((len(vocabulary), vectors.shape[1]), dtype=numpy.float32)
    rows = [(vocabulary[word], row) for row, word in enumerate(words) if word in vocabulary]
    if rows:
        to, of = (list(column) for column in zip(*rows))
        found[to] = vectors[of]
        broken = numpy.flatnonzero(~numpy.isfinite(found[to]).all(axis=1))
        if len(broken):
            raise ConfigurationError(f"{path}: the vector of {quoted(words[of[broken[0]]])} is not finite")
    return found


def _from_text(path: str, vocabulary: Dict[str, int]) -> numpy.ndarray:
    # Imported here because it loads all of AllenNLP's embedders.
    from allennlp.modules.token_embedders.embedding import EmbeddingsTextFile

    try:
        file = EmbeddingsTextFile(path)
    except Exception as error:  # from the disk, the network, an archive or the encoding
        raise ConfigurationError(
            f"{path}: word vectors cannot be read ({one_line(error)[:100] or 'it is empty'}); check the file"
        ) from error
    found: Optional[numpy.ndarray] = None
    # A first line of counts is skipped.
    number = 1 if file.num_tokens else 0
    try:
        with file, numpy.errstate(over="ignore"):
            for line in Tqdm.tqdm(file, desc=Path(path).name, unit=" words"):
                number += 1
                fields = line.rstrip().split(" ")
                if found is None:
                    if len(fields) < 2:
                        raise ValueError("there are none")
                    found = numpy.zeros((len(vocabulary), len(fields) - 1), dtype=numpy.float32)
                # From the right: words of some files contain spaces.
                dimension = found.shape[1]
                word = " ".join(fields[:-dimension])
                if not word:
                    raise ValueError(f"there are {len(fields) - 1}, not {dimension}")
                if word in vocabulary:
                    vector = found[vocabulary[word]]
                    vector[:] = [float(field) for field in fields[-dimension:]]
                    if not numpy.isfinite(vector).all():
                        raise ValueError("they are not finite")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 text after line {number} ({error.reason})") from error
    except ValueError as error:
        raise ConfigurationError(f"{path}:{number}: is not a word and its numbers ({one_line(error)[:100]})") from error
    except Exception as error:  # from an archive or the memory
        raise ConfigurationError(f"{path}: cannot be read after line {number} ({one_line(error)[:100]})") from error
    if found is None:
        raise ConfigurationError(f"{path}: holds no word vectors")
    return found

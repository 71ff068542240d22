"""
Reads the reviews of Keras' `imdb_full.pkl`, a pickle, without running any code that it may contain.
"""

import json
import pickle
from contextlib import ExitStack
from typing import IO, Any, Iterator, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import one_line
from attention_vat.data.corpora.corpus import Example
from attention_vat.data.corpora.sources import Source

# The names in a pickled array of numbers; lists, tuples and numbers need none.
ADMITTED = {
    *((f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}


class NumbersUnpickler(pickle.Unpickler):
    """
    Reads a pickle of lists, tuples and arrays of numbers.  Raises a `pickle.UnpicklingError` for a pickle that names
    anything else, before importing or calling it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding="latin1")  # written by Python 2

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no list of numbers needs")
        return super().find_class(module, name)


def read_keras_reviews(
    source: Source, name: str, index_source: Source, index_name: str
) -> Iterator[Tuple[str, Example]]:
    """
    Yields the reviews of Keras as texts: lower-case words separated by spaces.

    # Parameters

    source, name : `Source`, `str`
        `imdb_full.pkl`: the training and test reviews, as word numbers with labels.
    index_source, index_name : `Source`, `str`
        `imdb_word_index.json`: the number of each word.

    Raises a `ConfigurationError` if they hold anything else.
    """
    try:
        with ExitStack() as stack:
            index = json.load(index_source.open(index_name, stack))
        word_of = {number: word for word, number in index.items()}
    except Exception as error:  # from JSON, its content or its compression
        why = one_line(error)[:100]
        raise ConfigurationError(f"{index_source.where(index_name)}: is not a word index ({why})") from error
    where = source.where(name)
    try:
        with ExitStack() as stack:
            (train, train_labels), (test, test_labels) = NumbersUnpickler(source.open(name, stack)).load()
        splits = (("train", train, train_labels), ("test", test, test_labels))
        if any(len(reviews) != len(labels) for _, reviews, labels in splits):
            raise ValueError("the numbers of reviews and labels differ")
    except Exception as error:  # a pickle can fail in any way
        raise ConfigurationError(f"{where}: is not the imdb_full.pkl of Keras ({one_line(error)[:100]})") from error
    for split, reviews, labels in splits:
        for number, (review, label) in enumerate(zip(reviews, labels), start=1):
            try:
                # "br" is the rest of the tag.
                text = " ".join("<br />" if word_of[word] == "br" else word_of[word] for word in review)
                label = {0: "0", 1: "1"}[label]
            except (TypeError, KeyError) as error:
                raise ConfigurationError(
                    f"{where}: review {number} of {split} does not match {index_source.where(index_name)} "
                    f"({one_line(error)[:100]})"
                ) from error
            yield split, {"id": f"{split}-{number}", "text": text, "label": label}

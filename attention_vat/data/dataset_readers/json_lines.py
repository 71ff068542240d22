"""
Shared code of the readers of jsonl files: lines with their numbers, checked values, words with boundaries.
"""

import json
import logging
import math
import re
from itertools import chain
from typing import Any, ClassVar, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import open_compressed
from allennlp.common.util import END_SYMBOL, START_SYMBOL
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.fields import LabelField, MetadataField, TextField
from allennlp.data.tokenizers import Token, Tokenizer

from attention_vat.common.lines import Line, numbered_lines
from attention_vat.common.texts import quoted
from attention_vat.data.fields import CandidatesField
from attention_vat.data.storable import check_label, check_words, mend, mend_halves
from attention_vat.data.tokenizers.words import WordsTokenizer

logger = logging.getLogger(__name__)

Words = Union[str, List[str]]

ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")

ALIKE = ("label", "candidates")
"""What all lines of a file must have if one line has it, since they share batches."""


class Example(NamedTuple):
    """
    The content of a line, before it becomes the fields of an instance.  Words are strings if the file gives them, and
    tokens if a tokenizer made them.
    """

    texts: Dict[str, List[Union[str, Token]]]
    label: Optional[str]
    candidates: Optional[List[str]]
    metadata: Dict[str, Any]


class JsonLinesReader(DatasetReader):
    """
    Reads a jsonl file with one object per line: UTF-8, plain or compressed (`.gz`, `.xz`, `.bz2`), with or without a
    byte order mark.  Blank lines are skipped.  Raises a `ConfigurationError` with `file:line: what is wrong` for a
    broken line, and for a file that holds nothing to read or has labels or candidates on only some of its lines.

    # Parameters

    tokenizer : `Tokenizer`, optional (default = `WordsTokenizer()`)
        Splits texts that are not lists of words.
    boundary_tokens : `bool`, optional (default = `False`)
        Put `@start@` before and `@end@` after the words of each text.
    """

    words_keys: ClassVar[Dict[str, str]]
    """The metadata key of the words, for each text field."""

    label_key = "label"
    """The key of the label in a line."""

    def __init__(self, tokenizer: Optional[Tokenizer] = None, boundary_tokens: bool = False, **kwargs: Any) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._tokenizer = tokenizer or WordsTokenizer()
        self._boundary_tokens = boundary_tokens

    def _read(self, file_path: str) -> Iterable[Instance]:
        logger.info("Reading lines of %s", file_path)
        for _, example in self._read_examples(file_path, ALIKE):
            yield self.make_instance(example)

    def read_examples(self, file_path: str, alike: Sequence[str] = ALIKE) -> Iterator[Tuple[Line, Example]]:
        """
        Yields the examples that `read` turns into instances, each with its line.  It is much faster than `read`.

        # Parameters

        file_path : `str`
        alike : `Sequence[str]`, optional (default = `("label", "candidates")`)
            Which of these all lines must have if one line has it.
        """
        return self._multi_worker_islice(self._read_examples(file_path, alike))

    def _read_examples(self, file_path: str, alike: Sequence[str]) -> Iterator[Tuple[Line, Example]]:
        lines = _lines(file_path)
        # The first example decides what the others must have, even in a worker whose share does not contain it.
        looked_at: List[Line] = []
        first = next(self._examples_of(file_path, _remembered(lines, looked_at)), None)
        if first is None:
            raise ConfigurationError(f"{file_path}: holds nothing to read{self.left_out()}")
        missing = {name: getattr(first[1], name) is None for name in alike}
        for line, example in self._examples_of(file_path, self.shard_iterable(chain(looked_at, lines))):
            for name, is_missing in missing.items():
                if (getattr(example, name) is None) is not is_missing:
                    without, having = (first[0], line) if is_missing else (line, first[0])
                    key = self.label_key if name == "label" else name
                    raise ConfigurationError(
                        f"{file_path}:{without.number}: has no {key}, but line {having.number} has; a file must have "
                        f"{key.rstrip('s')}s on all of its lines or on none"
                    )
            yield line, example

    def _examples_of(self, file_path: str, lines: Iterable[Line]) -> Iterator[Tuple[Line, Example]]:
        for line in lines:
            try:
                example = self.parse(line.text)
            except ValueError as error:
                raise ConfigurationError(f"{file_path}:{line.number}: {error}") from error
            if example is not None:
                yield line, example

    def left_out(self) -> str:
        """
        Says which lines `parse` leaves out, for the message about a file without any other lines.
        """
        return ""

    def parse(self, line: str) -> Optional[Example]:
        """
        Parses a line, or returns `None` to leave it out.  Raises a `ValueError` that says what is wrong.
        """
        raise NotImplementedError

    def instance_of(self, *parts: Any) -> Instance:
        """
        Makes the instance for the arguments of `text_to_instance`.  Raises a `ConfigurationError` for input that would
        also be invalid in a file.
        """
        try:
            return self.make_instance(self.make_example(*parts))
        except ValueError as error:
            raise ConfigurationError(f"Invalid input: {error}.") from error

    def make_example(self, *parts: Any) -> Example:
        """
        Makes an example, with cut and checked words, from the texts, the label and the other parts of a line.  Raises a
        `ValueError` that says what is wrong.
        """
        raise NotImplementedError

    def make_instance(self, example: Example) -> Instance:
        fields: Dict[str, Field] = {
            name: TextField([Token(word) if isinstance(word, str) else word for word in words])
            for name, words in example.texts.items()
        }
        if example.label is not None:
            fields["label"] = LabelField(example.label)
        if example.candidates is not None:
            fields["candidates"] = CandidatesField(example.candidates)
        fields["metadata"] = MetadataField(self.make_metadata(example))
        return Instance(fields)

    def make_metadata(self, example: Example) -> Dict[str, Any]:
        metadata = dict(example.metadata)
        if example.candidates is not None:
            metadata["candidates"] = example.candidates
        for name, words in example.texts.items():
            metadata[self.words_keys[name]] = as_strings(words)
        return metadata

    def _to_params(self) -> Dict[str, Any]:
        return {
            "tokenizer": self._tokenizer,
            "boundary_tokens": self._boundary_tokens,
            "max_instances": self.max_instances,
        }

    def _words(self, name: str, text_or_tokens: Words) -> List[Union[str, Token]]:
        if not isinstance(text_or_tokens, str):
            check_words(name, text_or_tokens)
            return list(text_or_tokens)
        words = self._tokenizer.tokenize(mend(text_or_tokens))
        check_words(name, [word.text for word in words])
        return list(words)

    def _cut(
        self, words: List[Union[str, Token]], max_tokens: Optional[int], metadata: Dict[str, Any]
    ) -> Tuple[List[Union[str, Token]], Dict[str, Any]]:
        """
        Cuts the words to the limit, adds boundary tokens, and makes the `rationale` in the metadata match.
        """
        rationale = metadata.get("rationale")
        if rationale is not None:
            if len(rationale) != len(words):
                raise ValueError(f'"rationale" has {len(rationale)} values for {len(words)} tokens')
            rationale = list(rationale[:max_tokens])
            metadata = {**metadata, "rationale": [0, *rationale, 0] if self._boundary_tokens else rationale}
        words = words[:max_tokens]
        if self._boundary_tokens:
            words = [START_SYMBOL, *words, END_SYMBOL]
        return words, metadata


def _lines(file_path: str) -> Iterator[Line]:
    """
    Yields the lines that are not blank.
    """
    with open_compressed(file_path, mode="rb", encoding=None) as file:
        yield from (line for line in numbered_lines(file, file_path) if line.text.strip())


def _remembered(lines: Iterable[Line], seen: List[Line]) -> Iterator[Line]:
    for line in lines:
        seen.append(line)
        yield line


def as_strings(words: List[Union[str, Token]]) -> List[str]:
    """Returns the words of a text as strings."""
    return [word if isinstance(word, str) else word.text for word in words]


def parse_object(line: str) -> Dict[str, Any]:
    """
    Parses the JSON object of a line and checks its `label` and `rationale`.  Raises a `ValueError` that says what is
    wrong.
    """
    try:
        example = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from error
    if not isinstance(example, dict):
        raise ValueError('is not a JSON object such as {"text": "…", "label": "1"}')
    if "label" in example:
        example["label"] = as_label(example["label"])
    rationale = example.get("rationale")
    if rationale is not None and not (isinstance(rationale, list) and all(value in (0, 1) for value in rationale)):
        raise ValueError('"rationale" must be a list of 0 and 1')
    return example


def as_label(label: Any) -> Optional[str]:
    """
    Returns a label as a string.  Raises a `ValueError` if it is not a valid label.
    """
    if label is None:
        return None
    if isinstance(label, bool) or not isinstance(label, (str, int)):
        raise ValueError('"label" must be a string or an integer')
    check_label("label", str(label))
    return str(label)


def check_candidates(candidates: Any, label: Optional[str]) -> None:
    """
    Raises a `ValueError` if the candidates are not valid labels, or if the label is not among them.
    """
    if not are_strings(candidates) or not candidates:
        raise ValueError('"candidates" must be a non-empty list of strings')
    for candidate in candidates:
        check_label("candidates", candidate)
    if label is not None and label not in candidates:
        raise ValueError(f"the label {quoted(label)} is not among the candidates")


def as_metadata(line: str, others: Dict[str, Any]) -> Dict[str, Any]:
    """
    Returns the keys that the reader does not use, without halves of emoji, which no report could show.

    Raises `ValueError` if they are nested too deeply.
    """
    # A UTF-8 file can contain them only as escapes.
    if not ESCAPED_HALF.search(line):
        return others
    try:
        return mend_halves(others)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def _unique(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {quoted(twice)} occurs more than once")
    return value


def _finite(number: str) -> float:
    if math.isinf(float(number)):
        raise ValueError(f"the number {number:.20} is too large")
    return float(number)


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_number)


def are_strings(values: Any) -> bool:
    """Says whether this is a list of strings."""
    return isinstance(values, list) and set(map(type, values)) <= {str}

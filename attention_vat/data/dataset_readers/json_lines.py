"""
What the readers of jsonl files share: lines with their place, checked values, words with their boundaries.
"""

import json
import logging
import lzma
import zlib
from typing import Any, ClassVar, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import open_compressed
from allennlp.common.util import END_SYMBOL, START_SYMBOL
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.fields import LabelField, MetadataField, TextField
from allennlp.data.tokenizers import Token, Tokenizer

from attention_vat.data.fields import CandidatesField
from attention_vat.data.tokenizers.words import WordsTokenizer

logger = logging.getLogger(__name__)

Words = Union[str, List[str]]

BYTE_ORDER_MARK = "\ufeff"

BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)


class Line(NamedTuple):
    """
    A line of a file, with its number from 1 and its offset in bytes (of what is unpacked, if the file is packed).
    """

    number: int
    offset: int
    text: str


class Example(NamedTuple):
    """
    What a line says, before it becomes the fields of an instance.  Words are strings where the file has them, and
    tokens where a tokenizer made them.
    """

    texts: Dict[str, List[Union[str, Token]]]
    label: Optional[str]
    candidates: Optional[List[str]]
    metadata: Dict[str, Any]


class JsonLinesReader(DatasetReader):
    """
    Reads a jsonl file, one object a line: UTF-8, plain or packed (`.gz`, `.xz`, `.bz2`), with or without a byte order
    mark.  Blank lines are skipped; a broken line raises a `ConfigurationError` with `file:line: what is wrong`.

    # Parameters

    tokenizer : `Tokenizer`, optional (default = `WordsTokenizer()`)
        For texts that are not split into words.
    boundary_tokens : `bool`, optional (default = `False`)
        Put `@start@` before and `@end@` after the words of each text.
    """

    words_keys: ClassVar[Dict[str, str]]
    """For each text field, the key of its words in the metadata."""

    def __init__(self, tokenizer: Optional[Tokenizer] = None, boundary_tokens: bool = False, **kwargs: Any) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._tokenizer = tokenizer or WordsTokenizer()
        self._boundary_tokens = boundary_tokens

    def _read(self, file_path: str) -> Iterable[Instance]:
        logger.info("Reading lines of %s", file_path)
        for _, example in self._read_examples(file_path):
            yield self.make_instance(example)

    def read_examples(self, file_path: str) -> Iterator[Tuple[Line, Example]]:
        """
        What `read` makes instances of, each with its line.  Much faster than `read`, for those who need no instances.
        """
        return self._multi_worker_islice(self._read_examples(file_path))

    def _read_examples(self, file_path: str) -> Iterator[Tuple[Line, Example]]:
        for line in self.shard_iterable(_lines(file_path)):
            try:
                example = self.parse(line.text)
            except ValueError as error:
                raise ConfigurationError(f"{file_path}:{line.number}: {error}") from error
            if example is not None:
                yield line, example

    def parse(self, line: str) -> Optional[Example]:
        """
        What a line says, or `None` if it is to be left out.  Raises a `ValueError` that says what is wrong.
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

    def _words(self, text_or_tokens: Words) -> List[Union[str, Token]]:
        if isinstance(text_or_tokens, str):
            return list(self._tokenizer.tokenize(text_or_tokens))
        return list(text_or_tokens)

    def _cut(
        self, words: List[Union[str, Token]], max_tokens: Optional[int], metadata: Dict[str, Any]
    ) -> Tuple[List[Union[str, Token]], Dict[str, Any]]:
        """
        The words up to the limit, within their boundaries, and the metadata with a `rationale` to match.
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
    The lines that are not blank.
    """
    number, offset = 0, 0
    with open_compressed(file_path, mode="rb", encoding=None) as file:
        try:
            for number, line in enumerate(file, start=1):
                text = line.decode("utf-8")
                if number == 1:
                    text = text.lstrip(BYTE_ORDER_MARK)
                if text.strip():
                    yield Line(number, offset, text)
                offset += len(line)
        except UnicodeDecodeError as error:
            raise ConfigurationError(
                f"{file_path}: is no UTF-8 text after line {number - 1} ({error.reason})"
            ) from error
        except BROKEN as error:
            raise ConfigurationError(
                f"{file_path}: cannot be read after line {number} ({error}); make or get it again"
            ) from error


def as_strings(words: List[Union[str, Token]]) -> List[str]:
    return [word if isinstance(word, str) else word.text for word in words]


def parse_object(line: str) -> Dict[str, Any]:
    """
    The JSON object of a line, with a `label` and a `rationale` that are as they should be.  Raises a `ValueError` that
    says what is wrong.
    """
    try:
        example = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from error
    if not isinstance(example, dict):
        raise ValueError('is not a JSON object such as {"text": "…", "label": "1"}')
    label = example.get("label")
    if isinstance(label, bool) or not isinstance(label, (str, int, type(None))):
        raise ValueError('"label" must be a string or an integer')
    if label is not None:
        example["label"] = str(label)
    rationale = example.get("rationale")
    if rationale is not None and not (isinstance(rationale, list) and all(value in (0, 1) for value in rationale)):
        raise ValueError('"rationale" must be a list of 0 and 1')
    return example


def are_strings(values: Any) -> bool:
    return isinstance(values, list) and set(map(type, values)) <= {str}

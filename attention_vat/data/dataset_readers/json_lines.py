"""
What the readers of jsonl files share: lines with their place, checked values, words with their boundaries.
"""

import json
import logging
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import open_compressed
from allennlp.common.util import END_SYMBOL, START_SYMBOL
from allennlp.data import DatasetReader, Instance
from allennlp.data.tokenizers import Token, Tokenizer

from attention_vat.data.tokenizers.words import WordsTokenizer

logger = logging.getLogger(__name__)

Words = Union[str, List[str]]


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

    def __init__(self, tokenizer: Optional[Tokenizer] = None, boundary_tokens: bool = False, **kwargs: Any) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._tokenizer = tokenizer or WordsTokenizer()
        self._boundary_tokens = boundary_tokens

    def _read(self, file_path: str) -> Iterable[Instance]:
        logger.info("Reading lines of %s", file_path)
        for where, line in self.shard_iterable(_lines(file_path)):
            try:
                instance = self._read_line(line)
            except ValueError as error:
                raise ConfigurationError(f"{where}: {error}") from error
            if instance is not None:
                yield instance

    def _read_line(self, line: str) -> Optional[Instance]:
        """
        The instance of a line, or `None` if it is to be left out.  Raises a `ValueError` that says what is wrong.
        """
        raise NotImplementedError

    def _tokens(self, text_or_tokens: Words) -> List[Token]:
        if isinstance(text_or_tokens, str):
            return self._tokenizer.tokenize(text_or_tokens)
        return [Token(word) for word in text_or_tokens]

    def _cut(
        self, tokens: List[Token], max_tokens: Optional[int], metadata: Dict[str, Any]
    ) -> Tuple[List[Token], Dict[str, Any]]:
        """
        The tokens up to the limit, within their boundaries, and the metadata with a `rationale` to match.
        """
        rationale = metadata.get("rationale")
        if rationale is not None:
            if len(rationale) != len(tokens):
                raise ValueError(f'"rationale" has {len(rationale)} values for {len(tokens)} tokens')
            rationale = list(rationale[:max_tokens])
            metadata = {**metadata, "rationale": [0, *rationale, 0] if self._boundary_tokens else rationale}
        tokens = tokens[:max_tokens]
        if self._boundary_tokens:
            tokens = [Token(START_SYMBOL), *tokens, Token(END_SYMBOL)]
        return tokens, metadata


def _lines(file_path: str) -> Iterator[Tuple[str, str]]:
    """
    The lines that are not blank, each with its `file:line`.
    """
    number = 0
    # "utf-8-sig" is UTF-8 with or without a byte order mark.
    with open_compressed(file_path, encoding="utf-8-sig") as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{file_path}:{number}", line
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{file_path}: is no UTF-8 text after line {number} ({error.reason})") from error


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
    return isinstance(values, list) and all(isinstance(value, str) for value in values)

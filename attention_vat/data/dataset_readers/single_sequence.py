import json
import logging
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import open_compressed
from allennlp.common.util import END_SYMBOL, START_SYMBOL
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.fields import LabelField, MetadataField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer, TokenIndexer
from allennlp.data.tokenizers import Token, Tokenizer

from attention_vat.data.tokenizers.words import WordsTokenizer

logger = logging.getLogger(__name__)


@DatasetReader.register("single_sequence")
class SingleSequenceReader(DatasetReader):
    """
    Reads sentences with or without labels from a jsonl file, as `allennlp make-dataset` writes them: one object a
    line, with `text` (a string, to be tokenised) or `tokens` (a list of strings, taken as they are), and `label` (a
    string or an integer) where it is known.  All other keys are kept as metadata; a `rationale` must have a 0 or 1 for
    each token.

    The instances have the fields `tokens` (`TextField`), `label` (`LabelField`, if there is one) and `metadata`
    (`MetadataField`: a dictionary with `tokens`, the words of the text field as strings, and the other keys of the
    line).

    The file is UTF-8, plain or packed (`.gz`, `.xz`, `.bz2`); a byte order mark and `\\r\\n` are understood and blank
    lines skipped.  A broken line raises a `ConfigurationError` with `file:line: what is wrong`.

    Nothing is too odd to be read.  With the default tokenizer, characters that belong to no word (punctuation, emoji,
    NUL and other control characters) separate words and disappear, and words of any script are kept, those written
    from right to left in the order of reading; given as `tokens`, all of them stay.  A sentence without words gives a
    text field without tokens, which is padded to one position, so that a batch of such sentences has a shape.

    Registered as a `DatasetReader` with name "single_sequence".

    # Parameters

    tokenizer : `Tokenizer`, optional (default = `WordsTokenizer()`)
        For `text`.
    token_indexers : `Dict[str, TokenIndexer]`, optional
        (default = `{"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}`)
    min_tokens : `int`, optional (default = `0`)
        Sentences with fewer words are left out of files (`max_instances` counts them all the same).
        Jain & Wallace use 6 for the Stanford Sentiment Treebank.
    max_tokens : `int`, optional (default = `None`)
        Longer sentences are cut after this many words.
    boundary_tokens : `bool`, optional (default = `False`)
        Put `@start@` before and `@end@` after the words, as Jain & Wallace do.  They do not count for `min_tokens`
        and `max_tokens`; a `rationale` gets a 0 for each.

    # Example

    ```python
    reader = SingleSequenceReader()
    instances = list(reader.read("fixtures/example/train.jsonl"))
    instance = reader.text_to_instance("A film that is anything but dull.", label="1")
    ```
    """

    def __init__(
        self,
        tokenizer: Optional[Tokenizer] = None,
        token_indexers: Optional[Dict[str, TokenIndexer]] = None,
        min_tokens: int = 0,
        max_tokens: Optional[int] = None,
        boundary_tokens: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        if max_tokens is not None and max_tokens < max(min_tokens, 1):
            raise ConfigurationError(f"max_tokens must be at least 1 and not below min_tokens, not {max_tokens}")
        self._tokenizer = tokenizer or WordsTokenizer()
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}
        self._min_tokens = min_tokens
        self._max_tokens = max_tokens
        self._boundary_tokens = boundary_tokens

    def _read(self, file_path: str) -> Iterable[Instance]:
        logger.info("Reading sentences from %s", file_path)
        boundaries = 2 if self._boundary_tokens else 0
        for where, line in self.shard_iterable(_lines(file_path)):
            try:
                instance = self._make_instance(*parse_line(line))
            except ValueError as error:
                raise ConfigurationError(f"{where}: {error}") from error
            if len(instance["metadata"]["tokens"]) - boundaries >= self._min_tokens:
                yield instance

    def text_to_instance(  # type: ignore[override]
        self,
        text_or_tokens: Union[str, List[str]],
        label: Optional[str] = None,
        **metadata: Any,
    ) -> Instance:
        """
        # Parameters

        text_or_tokens : `Union[str, List[str]]`
            A text to be tokenised, or words that are taken as they are.
        label : `str`, optional (default = `None`)
        metadata : `Any`
            Kept in the instance's metadata.  Raises a `ValueError` if there is a `rationale` that does not have one
            value for each token.
        """
        return self._make_instance(text_or_tokens, label, metadata)

    def _make_instance(
        self, text_or_tokens: Union[str, List[str]], label: Optional[str], metadata: Dict[str, Any]
    ) -> Instance:
        if isinstance(text_or_tokens, str):
            tokens = self._tokenizer.tokenize(text_or_tokens)
        else:
            tokens = [Token(word) for word in text_or_tokens]
        rationale = metadata.get("rationale")
        if rationale is not None and len(rationale) != len(tokens):
            raise ValueError(f'"rationale" has {len(rationale)} values for {len(tokens)} tokens')

        tokens = tokens[: self._max_tokens]
        if self._boundary_tokens:
            tokens = [Token(START_SYMBOL), *tokens, Token(END_SYMBOL)]
        if rationale is not None:
            rationale = list(rationale[: self._max_tokens])
            metadata = {**metadata, "rationale": [0, *rationale, 0] if self._boundary_tokens else rationale}

        fields: Dict[str, Field] = {"tokens": TextField(tokens)}
        if label is not None:
            fields["label"] = LabelField(label)
        fields["metadata"] = MetadataField({**metadata, "tokens": [token.text for token in tokens]})
        return Instance(fields)

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._token_indexers


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


def parse_line(line: str) -> Tuple[Union[str, List[str]], Optional[str], Dict[str, Any]]:
    """
    Text or tokens, label and metadata from one line of a jsonl file.  Raises a `ValueError` that says what is wrong.
    """
    try:
        example = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from error
    if not isinstance(example, dict):
        raise ValueError('is not a JSON object such as {"text": "…", "label": "1"}')
    text, tokens, label = (example.pop(key, None) for key in ("text", "tokens", "label"))
    text_or_tokens = text if tokens is None else tokens

    if (text is None) == (tokens is None):
        raise ValueError('needs either "text" or "tokens"' + (", not both" if text is not None else ""))
    if text is not None and not isinstance(text, str):
        raise ValueError('"text" must be a string')
    if tokens is not None and not (isinstance(tokens, list) and all(isinstance(token, str) for token in tokens)):
        raise ValueError('"tokens" must be a list of strings')
    if isinstance(label, bool) or not isinstance(label, (str, int, type(None))):
        raise ValueError('"label" must be a string or an integer')
    rationale = example.get("rationale")
    if rationale is not None and not (isinstance(rationale, list) and all(value in (0, 1) for value in rationale)):
        raise ValueError('"rationale" must be a list of 0 and 1')

    return text_or_tokens, None if label is None else str(label), example

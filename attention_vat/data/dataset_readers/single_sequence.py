from typing import Any, Dict, Optional, Tuple

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.data.token_indexers import SingleIdTokenIndexer, TokenIndexer
from allennlp.data.tokenizers import Tokenizer

from attention_vat.data.dataset_readers.json_lines import (
    Example,
    JsonLinesReader,
    Words,
    are_strings,
    as_label,
    as_metadata,
    parse_object,
)


@DatasetReader.register("single_sequence")
class SingleSequenceReader(JsonLinesReader):
    """
    Reads sentences with or without labels from a jsonl file, as `allennlp make-dataset` writes them: one object per
    line, with `text` (a string, which is tokenised) or `tokens` (a list of strings, used unchanged), and `label` (a
    string or an integer) if it is known.  All other keys are kept as metadata; a `rationale` must have a 0 or 1 for
    each token.

    The instances have the fields `tokens` (`TextField`), `label` (`LabelField`, if there is one) and `metadata`
    (`MetadataField`: a dictionary with `tokens`, the words of the text field as strings, and the other keys of the
    line).  A file must have labels on all of its lines or on none.

    The file is UTF-8, plain or compressed (`.gz`, `.xz`, `.bz2`); a byte order mark and `\\r\\n` are accepted and blank
    lines skipped.  A broken line raises a `ConfigurationError` with `file:line: what is wrong`.

    Any `text` can be read.  With the default tokenizer, non-word characters (punctuation, emoji, NUL and other control
    characters) separate words and disappear, and words of any script are kept, right-to-left scripts in reading order.
    Words given as `tokens` are not changed; those that a vocabulary file cannot store (with a line end or half an
    emoji, `@@PADDING@@`, `@@UNKNOWN@@`) are rejected.  A sentence without words gives a text field without tokens,
    which is padded to one position so that a batch of such sentences has a shape.

    Registered as a `DatasetReader` with name "single_sequence".

    # Parameters

    tokenizer : `Tokenizer`, optional (default = `WordsTokenizer()`)
        Splits `text` into words.
    token_indexers : `Dict[str, TokenIndexer]`, optional
        (default = `{"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}`)
    min_tokens : `int`, optional (default = `0`)
        Sentences with fewer words are skipped when a file is read (but `max_instances` counts them). Jain & Wallace use
        6 for the Stanford Sentiment Treebank.
    max_tokens : `int`, optional (default = `None`)
        Longer sentences are cut after this many words.
    boundary_tokens : `bool`, optional (default = `False`)
        Put `@start@` before and `@end@` after the words, as Jain & Wallace do.  They do not count towards `min_tokens`
        and `max_tokens`; a `rationale` gets a 0 for each.

    # Example

    ```python
    reader = SingleSequenceReader()
    instances = list(reader.read("fixtures/example/train.jsonl"))
    instance = reader.text_to_instance("A film that is anything but dull.", label="1")
    ```
    """

    words_keys = {"tokens": "tokens"}

    def __init__(
        self,
        tokenizer: Optional[Tokenizer] = None,
        token_indexers: Optional[Dict[str, TokenIndexer]] = None,
        min_tokens: int = 0,
        max_tokens: Optional[int] = None,
        boundary_tokens: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(tokenizer, boundary_tokens, **kwargs)
        if max_tokens is not None and max_tokens < max(min_tokens, 1):
            raise ConfigurationError(f"max_tokens must be at least 1 and not below min_tokens, not {max_tokens}")
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}
        self._min_tokens = min_tokens
        self._max_tokens = max_tokens

    def parse(self, line: str) -> Optional[Example]:
        example = self.make_example(*parse_line(line))
        boundaries = 2 if self._boundary_tokens else 0
        return example if len(example.texts["tokens"]) - boundaries >= self._min_tokens else None

    def text_to_instance(  # type: ignore[override]
        self,
        text_or_tokens: Words,
        label: Optional[str] = None,
        **metadata: Any,
    ) -> Instance:
        """
        # Parameters

        text_or_tokens : `Union[str, List[str]]`
            A text, which is tokenised, or words, which are used unchanged.
        label : `str`, optional (default = `None`)
        metadata : `Any`
            Kept in the instance's metadata; a `rationale` must have one value for each token.

        Raises a `ConfigurationError` for input that would also be invalid in a file.
        """
        return self.instance_of(text_or_tokens, label, metadata)

    def make_example(  # type: ignore[override]
        self, text_or_tokens: Words, label: Optional[str], metadata: Dict[str, Any]
    ) -> Example:
        words, metadata = self._cut(self._words("tokens", text_or_tokens), self._max_tokens, metadata)
        return Example({"tokens": words}, as_label(label), None, metadata)

    def left_out(self) -> str:
        return f" (sentences of fewer than {self._min_tokens} words are left out)" if self._min_tokens else ""

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._token_indexers

    def _to_params(self) -> Dict[str, Any]:
        return {
            **super()._to_params(),
            "type": "single_sequence",
            "token_indexers": self._token_indexers,
            "min_tokens": self._min_tokens,
            "max_tokens": self._max_tokens,
        }


def parse_line(line: str) -> Tuple[Words, Optional[str], Dict[str, Any]]:
    """
    Parses text or tokens, label and metadata from one line of a jsonl file.  Raises a `ValueError` that says what is
    wrong.
    """
    example = parse_object(line)
    text, tokens, label = (example.pop(key, None) for key in ("text", "tokens", "label"))
    text_or_tokens: Words = text if tokens is None else tokens  # type: ignore[assignment]
    if (text is None) == (tokens is None):
        raise ValueError('needs either "text" or "tokens"' + (", not both" if text is not None else ""))
    if text is not None and not isinstance(text, str):
        raise ValueError('"text" must be a string')
    if tokens is not None and not are_strings(tokens):
        raise ValueError('"tokens" must be a list of strings')
    return text_or_tokens, label, as_metadata(line, example)

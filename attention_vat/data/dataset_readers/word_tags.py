from typing import Any, Dict, List, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.fields import MetadataField, SequenceLabelField, TextField
from allennlp.data.token_indexers import TokenIndexer
from allennlp.data.tokenizers import Token

from attention_vat.data.dataset_readers.json_lines import Example, JsonLinesReader, Words, are_strings, as_strings
from attention_vat.data.dataset_readers.single_sequence import parse_line
from attention_vat.data.storable import check_label


@DatasetReader.register("word_tags")
class WordTagsReader(JsonLinesReader):
    """
    Reads sentences with a tag for each word from a jsonl file, as `allennlp make-dataset wnut17` writes them:
    `{"tokens": ["New", "York"], "tags": ["B-location", "I-location"]}`.

    The instances have the fields of AllenNLP's taggers: `tokens` (a `TextField`), `tags` (a `SequenceLabelField`, if
    there are any; on all lines of a file or on none), and `metadata` with `words` and all other keys.

    Registered as a `DatasetReader` with name "word_tags".

    # Parameters

    token_indexers : `Dict[str, TokenIndexer]`, required.
        For a Transformer, an indexer of type `pretrained_transformer_mismatched`.

    # Example

    ```python
    reader = WordTagsReader({"tokens": SingleIdTokenIndexer()})
    instance = reader.text_to_instance(["New", "York"], ["B-location", "I-location"])
    ```
    """

    words_keys = {"tokens": "words"}
    label_key = "tags"

    def __init__(self, token_indexers: Dict[str, TokenIndexer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._token_indexers = token_indexers

    def parse(self, line: str) -> Optional[Example]:
        words, label, metadata = parse_line(line)
        if label is not None:
            metadata = {"label": label, **metadata}
        return self.make_example(words, metadata.pop("tags", None), metadata)

    def text_to_instance(  # type: ignore[override]
        self, tokens: Words, tags: Optional[List[str]] = None, **metadata: Any
    ) -> Instance:
        """
        # Parameters

        tokens : `Union[str, List[str]]`
            The words, or a text that is split at spaces.
        tags : `List[str]`, optional (default = `None`)
        metadata : `Any`

        Raises a `ConfigurationError` for input that would also be invalid in a file.
        """
        return self.instance_of(tokens, tags, metadata)

    def make_example(  # type: ignore[override]
        self, tokens: Words, tags: Optional[List[str]], metadata: Dict[str, Any]
    ) -> Example:
        if not isinstance(tokens, str) and not are_strings(tokens):
            raise ValueError('"tokens" must be a list of strings')
        words = self._words("tokens", tokens.split() if isinstance(tokens, str) else tokens)
        if tags is None:
            return Example({"tokens": words}, None, None, metadata)
        if isinstance(tokens, str) or not are_strings(tags) or len(tags) != len(words):
            raise ValueError('"tags" must be a list of strings, one for each of "tokens"')
        for tag in tags:
            check_label("tags", tag)
        # The label stands for the tags, which all lines must have if one line has them.
        return Example({"tokens": words}, "tags", None, {**metadata, "tags": tags})

    def make_instance(self, example: Example) -> Instance:
        text = TextField([Token(word) for word in as_strings(example.texts["tokens"])])
        metadata = self.make_metadata(example)
        fields: Dict[str, Field] = {"tokens": text}
        if example.label is not None:
            if not len(text):
                raise ConfigurationError("A sentence with tags has no words; leave it out.")
            fields["tags"] = SequenceLabelField(metadata.pop("tags"), text)
        fields["metadata"] = MetadataField(metadata)
        return Instance(fields)

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._token_indexers

    def _to_params(self) -> Dict[str, Any]:
        return {"type": "word_tags", "token_indexers": self._token_indexers, "max_instances": self.max_instances}

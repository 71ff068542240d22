from typing import Any, Dict, List, Optional, Union

from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.fields import LabelField, MetadataField, TensorField, TextField
from allennlp.data.token_indexers import TokenIndexer
from allennlp.data.tokenizers import Token
from torch import tensor

from attention_vat.data.dataset_readers.json_lines import Example, JsonLinesReader, Words, as_label, as_strings
from attention_vat.data.dataset_readers.pair_sequence import NO_LABEL, parse_pair
from attention_vat.data.dataset_readers.single_sequence import parse_line
from attention_vat.data.storable import mend


@DatasetReader.register("transformer_text")
class TransformerTextReader(JsonLinesReader):
    """
    Reads texts and pairs of texts for a Transformer, which reads both texts of a pair at once. The files are those of
    `single_sequence` and `pair_sequence`. A string is split at spaces only, which leaves punctuation attached to words;
    the Transformer splits words into word pieces itself.

    The instances have `tokens` (a `TextField` of words, those of the second text with `type_id` 1), `label` (a
    `LabelField`, if there is one; with `regression` a `TensorField`, the `score` of the line), and `metadata` with
    `tokens` (the words), for pairs `premise_tokens` and `hypothesis_tokens`, and all other keys of the line. Lines of
    pairs with the label `-` or `-1` are left out. A `rationale` has a 0 or 1 for each word of the (first) text.

    Registered as a `DatasetReader` with name "transformer_text".

    # Parameters

    token_indexers : `Dict[str, TokenIndexer]`, required.
        An indexer of type `transformer_words`.
    regression : `bool`, optional (default = `False`)
        Read a number `score` instead of `label`.

    # Example

    ```python
    indexer = TransformerWordsIndexer("fixtures/tiny_bert")
    reader = TransformerTextReader({"tokens": indexer})
    instance = reader.text_to_instance("A man sleeps.", "Somebody is awake.", label="contradiction")
    ```
    """

    words_keys = {"tokens": "tokens", "premise": "premise_tokens", "hypothesis": "hypothesis_tokens"}

    def __init__(self, token_indexers: Dict[str, TokenIndexer], regression: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._token_indexers = token_indexers
        self._regression = regression
        self.label_key = "score" if regression else "label"

    def parse(self, line: str) -> Optional[Example]:
        hypothesis: Optional[Words] = None
        try:
            text, label, metadata = parse_line(line)
        except ValueError:
            if '"premise"' not in line:
                raise
            text, hypothesis, label, _, metadata = parse_pair(line)
        if hypothesis is not None and label in NO_LABEL:
            return None
        return self.make_example(text, hypothesis, label, metadata.pop("score", None), metadata)

    def text_to_instance(  # type: ignore[override]
        self,
        text_or_tokens: Words,
        hypothesis: Optional[Words] = None,
        label: Optional[str] = None,
        score: Optional[float] = None,
        **metadata: Any,
    ) -> Instance:
        """
        # Parameters

        text_or_tokens : `Union[str, List[str]]`
            A text or its words; for a pair, the first text.
        hypothesis : `Union[str, List[str]]`, optional (default = `None`)
            The second text.
        label : `str`, optional (default = `None`)
        score : `float`, optional (default = `None`)
            The target of a regression.
        metadata : `Any`

        Raises a `ConfigurationError` for input that would also be invalid in a file.
        """
        return self.instance_of(text_or_tokens, hypothesis, label, score, metadata)

    def make_example(  # type: ignore[override]
        self,
        text: Words,
        hypothesis: Optional[Words],
        label: Optional[str],
        score: Optional[float],
        metadata: Dict[str, Any],
    ) -> Example:
        if self._regression:
            if score is not None and (isinstance(score, bool) or not isinstance(score, (int, float))):
                raise ValueError('"score" must be a number')
            label = None if score is None else repr(float(score))
        else:
            label = as_label(label)
            metadata = metadata if score is None else {**metadata, "score": score}
        first, metadata = self._cut(self._words("tokens", text), None, metadata)
        if hypothesis is None:
            return Example({"tokens": first}, label, None, metadata)
        second = self._words("hypothesis", hypothesis)
        if "rationale" in metadata:
            metadata = {**metadata, "rationale": [*metadata["rationale"], *[0] * len(second)]}
        return Example({"premise": first, "hypothesis": second}, label, None, metadata)

    def _words(self, name: str, text_or_tokens: Words) -> List[Union[str, Token]]:
        return super()._words(name, mend(text_or_tokens).split() if isinstance(text_or_tokens, str) else text_or_tokens)

    def make_instance(self, example: Example) -> Instance:
        texts = list(map(as_strings, example.texts.values()))
        words = [Token(word, type_id=number) for number, text in enumerate(texts) for word in text]
        fields: Dict[str, Field] = {"tokens": TextField(words)}
        if example.label is not None:
            number = self._regression
            fields["label"] = TensorField(tensor(float(example.label))) if number else LabelField(example.label)
        fields["metadata"] = MetadataField({**self.make_metadata(example), "tokens": sum(texts, [])})
        return Instance(fields)

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._token_indexers

    def _to_params(self) -> Dict[str, Any]:
        return {
            "type": "transformer_text",
            "token_indexers": self._token_indexers,
            "regression": self._regression,
            "max_instances": self.max_instances,
        }

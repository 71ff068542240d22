from typing import Any, Dict, List, Optional, Tuple

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
    check_candidates,
    parse_object,
)

NO_LABEL = ("-", "-1")
"""The labels, in SNLI and other data, of pairs without annotator agreement or with a secret label."""


@DatasetReader.register("pair_sequence")
class PairSequenceReader(JsonLinesReader):
    """
    Reads pairs of texts with or without labels from a jsonl file, as `allennlp make-dataset` writes them: one object
    per line, with `premise`, the text that receives attention (a passage, a story, the premise of an inference),
    `hypothesis` (a question, a hypothesis), and `label` (a string or an integer) if it is known.  Both texts are
    strings, which are tokenised, or lists of strings, which are used unchanged.  `candidates`, a list of strings,
    restricts the labels that may be the answer.  All other keys are kept as metadata; a `rationale` must have a 0 or 1
    for each token of the premise.

    The instances have the fields of allennlp-models' `snli` reader: `premise` and `hypothesis` (`TextField`s), `label`
    (`LabelField`, if there is one) and `metadata` (`MetadataField`: a dictionary with `premise_tokens` and
    `hypothesis_tokens`, the words of the text fields as strings, and the other keys of the line); and `candidates`
    (`CandidatesField`), if there are any.  Candidates use the same vocabulary as `label`; those that are not in it are
    ignored.  A file must have labels on all of its lines or on none, and likewise candidates; otherwise its instances
    cannot share a batch.  A label must be among its candidates.  Lines with the label `-` or `-1` are left out: SNLI
    marks pairs without annotator agreement in this way.

    Files and unusual texts are treated as in the `single_sequence` reader; a broken line raises a `ConfigurationError`
    with `file:line: what is wrong`.

    Registered as a `DatasetReader` with name "pair_sequence".

    # Parameters

    tokenizer : `Tokenizer`, optional (default = `WordsTokenizer()`)
        Splits texts that are not lists of words.
    token_indexers : `Dict[str, TokenIndexer]`, optional
        (default = `{"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}`)
    hypothesis_token_indexers : `Dict[str, TokenIndexer]`, optional (default = `token_indexers`)
        The indexers of the hypothesis, if it has a separate vocabulary.
    max_premise_tokens : `int`, optional (default = `None`)
        Longer premises are cut after this many words.
    max_hypothesis_tokens : `int`, optional (default = `None`)
        Longer hypotheses are cut after this many words.
    boundary_tokens : `bool`, optional (default = `False`)
        Put `@start@` before and `@end@` after the words of both texts, as Jain & Wallace do.  They do not count towards
        the limits; a `rationale` gets a 0 for each.

    # Example

    ```python
    reader = PairSequenceReader()
    instance = reader.text_to_instance("A man sleeps in a park.", "Somebody is awake.", label="contradiction")
    ```
    """

    words_keys = {"premise": "premise_tokens", "hypothesis": "hypothesis_tokens"}

    def __init__(
        self,
        tokenizer: Optional[Tokenizer] = None,
        token_indexers: Optional[Dict[str, TokenIndexer]] = None,
        hypothesis_token_indexers: Optional[Dict[str, TokenIndexer]] = None,
        max_premise_tokens: Optional[int] = None,
        max_hypothesis_tokens: Optional[int] = None,
        boundary_tokens: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(tokenizer, boundary_tokens, **kwargs)
        for name, limit in (("premise", max_premise_tokens), ("hypothesis", max_hypothesis_tokens)):
            if limit is not None and limit < 1:
                raise ConfigurationError(f"max_{name}_tokens must be at least 1, not {limit}")
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}
        self._hypothesis_token_indexers = hypothesis_token_indexers or self._token_indexers
        self._max_premise_tokens = max_premise_tokens
        self._max_hypothesis_tokens = max_hypothesis_tokens

    def parse(self, line: str) -> Optional[Example]:
        parts = parse_pair(line)
        example = self.make_example(*parts)
        return example if parts[2] == example.label else None

    def text_to_instance(  # type: ignore[override]
        self,
        premise: Words,
        hypothesis: Words,
        label: Optional[str] = None,
        candidates: Optional[List[str]] = None,
        **metadata: Any,
    ) -> Instance:
        """
        # Parameters

        premise, hypothesis : `Union[str, List[str]]`
            Texts, which are tokenised, or words, which are used unchanged.
        label : `str`, optional (default = `None`)
        candidates : `List[str]`, optional (default = `None`)
            The labels that may be the answer; by default, all may.
        metadata : `Any`
            Kept in the instance's metadata; a `rationale` must have one value for each token of the premise.

        Raises a `ConfigurationError` for input that would also be invalid in a file.
        """
        return self.instance_of(premise, hypothesis, label, candidates, metadata)

    def make_example(  # type: ignore[override]
        self,
        premise: Words,
        hypothesis: Words,
        label: Optional[str],
        candidates: Optional[List[str]],
        metadata: Dict[str, Any],
    ) -> Example:
        label = None if as_label(label) in NO_LABEL else as_label(label)
        if candidates is not None:
            check_candidates(candidates, label)
        premise_words, metadata = self._cut(self._words("premise", premise), self._max_premise_tokens, metadata)
        hypothesis_words, _ = self._cut(self._words("hypothesis", hypothesis), self._max_hypothesis_tokens, {})
        return Example({"premise": premise_words, "hypothesis": hypothesis_words}, label, candidates, metadata)

    def left_out(self) -> str:
        return ' (pairs labelled "-" or -1, which means no label, are left out)'

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["premise"].token_indexers = self._token_indexers
        instance["hypothesis"].token_indexers = self._hypothesis_token_indexers

    def _to_params(self) -> Dict[str, Any]:
        return {
            **super()._to_params(),
            "type": "pair_sequence",
            "token_indexers": self._token_indexers,
            "hypothesis_token_indexers": self._hypothesis_token_indexers,
            "max_premise_tokens": self._max_premise_tokens,
            "max_hypothesis_tokens": self._max_hypothesis_tokens,
        }


def parse_pair(line: str) -> Tuple[Words, Words, Optional[str], Optional[List[str]], Dict[str, Any]]:
    """
    Parses both texts, label, candidates and metadata from one line of a jsonl file.  Raises a `ValueError` that says
    what is wrong.
    """
    example = parse_object(line)
    premise, hypothesis, label, candidates = (
        example.pop(key, None) for key in ("premise", "hypothesis", "label", "candidates")
    )
    for key, text in (("premise", premise), ("hypothesis", hypothesis)):
        if text is None:
            raise ValueError(f'needs a "{key}"')
        if not isinstance(text, str) and not are_strings(text):
            raise ValueError(f'"{key}" must be a string or a list of strings')
    return premise, hypothesis, label, candidates, as_metadata(line, example)
